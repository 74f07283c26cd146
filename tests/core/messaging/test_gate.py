"""The gate of two workers, as they really are: two connections to one row."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import Engine, event, select, text

from core.database.shared import channel_states
from core.messaging.breaker import FAILURES, Breaker, Heard, Verdict
from core.messaging.channel import ChannelProfile, Rate
from core.messaging.fairness import Due, Grant
from core.messaging.gate import Gate, read

PLAIN = ChannelProfile(name="phone", sms=True, max_text=1600)
SLOW = ChannelProfile(name="phone", sms=True, max_text=1600, rate=Rate(1, 4))
"""A part a second, four at once, of which one is kept for replies."""
LEASE = timedelta(seconds=30)
AWAY, ANSWERED = Heard(Verdict.AWAY, "503"), Heard(Verdict.ANSWERED)


def gate(engine: Engine, profile: ChannelProfile = PLAIN) -> Gate:
    opened = Gate(engine, profile, LEASE)
    opened.hear([])
    return opened


def due(*parts: int, priority: int = 1) -> list[Due]:
    return [Due(uuid4(), priority, each) for each in parts]


def send(through: Gate, line: Sequence[Due]) -> int:
    """How many leave, as they were reserved."""
    grant = through.admit(line)
    through.settle(line, grant, [each.parts for each in line[: grant.messages]])
    return grant.messages


def pass_(engine: Engine, seconds: float) -> None:
    """Time goes on."""
    moved = text(
        "UPDATE shared.channel_states SET next_at = next_at - :s * interval '1 second',"
        " open_until = open_until - :s * interval '1 second'"
    )
    with engine.begin() as connection:
        connection.execute(moved, {"s": seconds})


def opened(engine: Engine, *, for_: float = 10.0) -> None:
    """It fails until it is left alone."""
    gate(engine).hear([Heard(Verdict.SHUT, "429", timedelta(seconds=for_))])


def breaker(engine: Engine) -> Breaker:
    with engine.connect() as connection:
        return read(connection, "phone").breaker


# --- the rate ---


def test_all_workers_share_a_rate(engine: Engine) -> None:
    one, two = gate(engine, SLOW), gate(engine, SLOW)
    assert (send(one, due(1, 1, 1)), send(two, due(1, 1, 1)), send(one, due(1))) == (3, 1, 0)
    pass_(engine, 2)
    assert (send(two, due(1, 1, 1)), send(one, due(1))) == (2, 0)


def test_after_a_rest_no_more_than_a_burst_leaves(engine: Engine) -> None:
    one = gate(engine, SLOW)
    assert send(one, due(1)) == 1
    pass_(engine, 3600)
    assert send(one, due(*[1] * 9)) == 4


def test_parts_cost(engine: Engine) -> None:
    one = gate(engine, SLOW)
    assert (send(one, due(3, 1, 1)), send(one, due(1))) == (2, 0)
    pass_(engine, 3)
    assert (send(one, due(3)), send(one, due(1))) == (1, 0)


def test_what_costs_more_than_a_burst_leaves_and_the_rest_is_owed(engine: Engine) -> None:
    one = gate(engine, SLOW)
    assert send(one, due(10)) == 1
    pass_(engine, 6.5)
    assert send(one, due(1)) == 0
    pass_(engine, 1)
    assert send(one, due(1)) == 1


@pytest.mark.parametrize(("parts", "leave"), [([1], 3), ([], 4), ([5], 0)])
def test_what_was_claimed_may_cost_other_than_what_was_reserved(engine: Engine, parts: list[int], leave: int) -> None:
    one = gate(engine, SLOW)
    line = due(2)
    one.settle(line, one.admit(line), parts)
    one.give_back()
    assert send(gate(engine, SLOW), due(*[1] * 9)) == leave


def test_the_difference_counts_at_the_next_turn_also_without_giving_back(engine: Engine) -> None:
    one = gate(engine, SLOW)
    line = due(3)
    one.settle(line, one.admit(line), [1])
    assert send(one, due(*[1] * 9)) == 3


def test_what_we_start_leaves_the_last_quarter(engine: Engine) -> None:
    one = gate(engine, SLOW)
    assert send(one, due(1, 1, 1, 1, priority=2)) == 3
    assert send(one, due(1)) == 1


def test_channels_have_a_rate_each(engine: Engine) -> None:
    second = ChannelProfile(name="second", sms=True, max_text=1600, rate=Rate(1, 2))
    assert send(gate(engine, SLOW), due(*[1] * 9)) == 4
    assert send(gate(engine, second), due(*[1] * 9)) == 2


def test_many_at_once_get_no_more_than_there_is(engine: Engine) -> None:
    gates = [gate(engine, SLOW) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(lambda each: send(each, due(1, 1)), gates)) == 4


# --- what it costs us ---


def test_an_idle_channel_writes_nothing_and_looks_once_a_second(engine: Engine) -> None:
    one, plain = gate(engine, SLOW), gate(engine)
    said: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *given: said.append(given[2]))
    for each in (one, plain) * 5:
        each.hear([])
        assert each.admit([]) == Grant()
        each.give_back()
    plain.hear([ANSWERED] * 3)
    assert said == []
    assert plain.free
    assert not one.free


def test_what_is_in_vain_is_not_asked_for_at_every_turn(engine: Engine) -> None:
    one, line = gate(engine, SLOW), due(4)
    assert send(one, due(1, 1, 1, 1)) == 4
    assert send(one, line) == 0
    said: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *given: said.append(given[2]))
    assert send(one, line) == 0
    assert said == []
    pass_(engine, 60)
    assert send(one, [*due(1), *line]) == 1  # what is new is asked for at once


# --- the breaker ---


def test_failures_of_all_workers_count_together(engine: Engine) -> None:
    one, two = gate(engine), gate(engine)
    one.hear([AWAY] * (FAILURES - 1))
    assert not one.shut
    two.hear([AWAY])
    assert two.shut
    assert (breaker(engine).openings, breaker(engine).reason) == (1, "503")


def test_another_worker_sees_it_within_a_second(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    one = gate(engine)
    opened(engine)
    monkeypatch.setattr("core.messaging.gate.FRESH", 0.0)
    one.hear([])
    assert one.shut
    assert not one.free


def test_an_answer_between_failures_starts_the_count_anew(engine: Engine) -> None:
    one = gate(engine)
    one.hear([AWAY] * (FAILURES - 1))
    one.hear([ANSWERED])
    one.hear([AWAY])
    assert (one.shut, breaker(engine).failures) == (False, 1)


def test_exactly_one_of_all_workers_tries(engine: Engine) -> None:
    opened(engine)
    pass_(engine, 10)
    gates = [gate(engine) for _ in range(4)]
    assert [each.tries for each in gates] == [True] * 4
    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(lambda each: send(each, due(1, 1)), gates)) == [0, 0, 0, 1]
    assert [gate(engine).shut, gate(engine).tries] == [True, False]


def test_who_tried_and_was_answered_closes_it(engine: Engine) -> None:
    other = gate(engine)
    opened(engine)
    pass_(engine, 10)
    one = gate(engine)
    assert send(one, due(1, 1)) == 1
    one.hear([Heard(Verdict.ANSWERED, probe=True)])
    assert (one.free, one.reopened, breaker(engine)) == (True, True, Breaker())
    assert not other.reopened  # it never saw it open


def test_who_tried_and_failed_opens_it_for_longer(engine: Engine) -> None:
    opened(engine)
    pass_(engine, 10)
    one = gate(engine)
    assert send(one, due(1)) == 1
    one.hear([Heard(Verdict.AWAY, "502", probe=True)])
    assert one.shut
    state = breaker(engine)
    assert state.openings == 2
    assert timedelta(seconds=19) < state.rest <= timedelta(seconds=20)


def test_if_who_tried_died_another_one_may(engine: Engine) -> None:
    opened(engine)
    pass_(engine, 10)
    assert send(gate(engine), due(1)) == 1
    assert send(gate(engine), due(1)) == 0
    pass_(engine, LEASE.total_seconds())
    assert send(gate(engine), due(1)) == 1


def test_a_try_without_a_message_is_given_to_others_at_once(engine: Engine) -> None:
    opened(engine)
    pass_(engine, 10)
    one, line = gate(engine), due(1)
    one.settle(line, one.admit(line), [])
    assert send(gate(engine), due(1)) == 1


def test_what_tries_obeys_the_rate(engine: Engine) -> None:
    send(gate(engine, SLOW), due(1, 1, 1, 1))
    opened(engine, for_=0.01)
    pass_(engine, 0.02)
    assert send(gate(engine, SLOW), due(1)) == 0
    pass_(engine, 1)
    assert send(gate(engine, SLOW), due(1, 1)) == 1


def test_others_see_that_it_closed(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.messaging.gate.FRESH", 0.0)
    opened(engine)
    pass_(engine, 10)
    one, two = gate(engine), gate(engine)
    send(one, due(1))
    one.hear([Heard(Verdict.ANSWERED, probe=True)])
    two.hear([])
    assert two.reopened


def test_two_workers_that_see_it_at_once_open_it_once(engine: Engine) -> None:
    gates = [gate(engine) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda each: each.hear([AWAY] * FAILURES), gates))
    assert breaker(engine).openings == 1


def test_it_says_once_that_it_opened_and_once_that_it_closed(engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    one = gate(engine)
    for _ in range(3):
        one.hear([AWAY] * FAILURES)
    for _ in range(3):
        pass_(engine, 300)
        tries = gate(engine)
        assert send(tries, due(1)) == 1
        tries.hear([Heard(Verdict.AWAY, "503", probe=True)])
    pass_(engine, 300)
    tries = gate(engine)
    assert send(tries, due(1)) == 1
    tries.hear([Heard(Verdict.ANSWERED, probe=True)])
    assert [record.getMessage() for record in caplog.records] == [
        "phone is left alone: 503, for 10 s at first",
        "phone answers again",
    ]


def test_a_row_that_disappears_does_no_harm(engine: Engine) -> None:
    one = gate(engine, SLOW)
    assert send(one, due(1)) == 1
    with engine.begin() as connection:
        connection.execute(channel_states.delete())
    assert send(one, due(*[1] * 9)) == 4
    with engine.connect() as connection:
        assert len(connection.execute(select(channel_states)).all()) == 1
