"""The worst moments: crashes, lost leases, two workers, a unit that is away for days."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeout
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select

from core.forwarding import line, replay
from core.forwarding.deliver import Deliverer
from core.forwarding.guard import UnitClient
from core.forwarding.line import Claimed
from core.forwarding.retry import Fate, Verdict
from tests.core.forwarding.cast import CENTRE, OTHER_STATION, STATION, Cast
from tests.core.forwarding.receiver import Received, Receiver, Reply

DELIVERED = Verdict(Fate.DELIVERED)


def test_a_crash_after_their_2xx_and_before_our_commit_sends_it_again_under_the_same_id(
    cast: Cast, unit: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast.destination(STATION, unit.url)
    cast.checkins(cast.person(), 1)
    with monkeypatch.context() as patch:
        patch.setattr(line, "settle", _die)
        with pytest.raises(ConnectionResetError):
            cast.deliver()
    assert (len(unit.taken), cast.statuses()) == (1, ["pending"])
    assert cast.deliver() == 0
    _end_leases(cast)
    assert cast.deliver() == 1
    assert (len(unit.taken), len(unit.distinct()), cast.statuses()) == (2, 1, ["delivered"])
    assert unit.taken[0].body == unit.taken[1].body


def test_a_lost_lease_settles_nothing(cast: Cast, unit: Receiver) -> None:
    held, _ = cast.destination(STATION, unit.url)
    cast.checkins(cast.person(), 1)
    (slow,) = _claim(cast, held)
    assert _claim(cast, held) == ()
    _end_leases(cast)
    (other,) = _claim(cast, held)
    assert other.id == slow.id
    assert _settle(cast, held, slow, Verdict(Fate.DEAD, "422")) == 0
    assert cast.statuses() == ["pending"]
    assert _settle(cast, held, other, DELIVERED) == 1
    assert _settle(cast, held, slow, Verdict(Fate.DEAD, "422")) == 0
    assert cast.statuses() == ["delivered"]


def test_leases_run_on_the_databases_clock_not_on_ours(cast: Cast, unit: Receiver) -> None:
    held, _ = cast.destination(STATION, unit.url)
    cast.checkins(cast.person(), 1)
    _claim(cast, held)
    cast.later(days=30)
    assert _claim(cast, held) == ()
    with cast.engine.connect() as connection:
        left = cast.forwards()[0]["lease_until"] - connection.scalar(select(func.now()))
    assert timedelta(seconds=50) < left <= line.LEASE


def test_one_person_has_one_delivery_on_its_way(cast: Cast, unit: Receiver) -> None:
    held, _ = cast.destination(STATION, unit.url)
    one, two = cast.person(), cast.person()
    cast.checkins(one, 2)
    cast.checkins(two, 2)
    claimed = _claim(cast, held)
    assert {row.person_id for row in claimed} == {one, two}
    cast.checkins(one, 1, level="urgent")
    assert _claim(cast, held) == ()


def test_claims_of_one_destination_wait_for_each_other(cast: Cast, unit: Receiver) -> None:
    held, _ = cast.destination(STATION, unit.url)
    person = cast.person()
    cast.checkins(person, 1)
    with ThreadPoolExecutor(1) as pool:
        with cast.engine.begin() as connection:
            (first,) = line.claim(connection, held, cast.now, 10)
            cast.checkins(person, 1, level="urgent")
            second = pool.submit(_claim, cast, held)
            with pytest.raises(FutureTimeout):
                second.result(timeout=0.3)
        assert second.result(timeout=5) == ()
    assert first.urgent is False


def test_no_attempt_begins_that_may_outlive_its_lease(
    cast: Cast, unit: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast.destination(STATION, unit.url)
    cast.checkins(cast.person(), 1)
    with monkeypatch.context() as patch:
        patch.setattr(line, "LEASE", timedelta(seconds=20))
        assert cast.deliver() == 0
    assert (unit.asked, cast.statuses()) == ([], ["pending"])
    _end_leases(cast)
    assert cast.deliver() == 1


def test_those_behind_a_postponed_one_are_postponed_with_it_and_freed_with_it(cast: Cast, unit: Receiver) -> None:
    cast.destination(STATION, unit.url)
    person = cast.person()
    cast.checkins(person, 3)
    cast.checkins(cast.person(), 1)
    unit.answer = lambda received: Reply(500 if received.data["sequence"] == 1 else 204)
    cast.deliver()
    dues = {row["due_at"] for row in cast.forwards() if row["person_id"] == person}
    assert len(dues) == 1
    assert min(dues) > cast.now
    with cast.engine.begin() as connection:
        replay.retry(connection, [row["id"] for row in cast.forwards() if row["sequence"] == 1], cast.now)
    unit.says(204)
    cast.deliver()
    assert cast.statuses() == ["delivered"] * 4


def test_two_deliverers_send_each_row_once_and_each_person_in_order(cast: Cast, unit: Receiver) -> None:
    cast.destination(STATION, unit.url)
    people = [cast.person() for _ in range(10)]
    for _ in range(6):
        cast.queue([cast.record(person) for person in people])
    unit.answer = lambda _received: Reply(wait=0.005)
    with ThreadPoolExecutor(3) as pool:
        handled = list(pool.map(lambda _: cast.deliver(), range(3)))
    assert (sum(handled), len(unit.asked), len(unit.distinct())) == (60, 60, 60)
    assert all(unit.sequences(person) == [1, 2, 3, 4, 5, 6] for person in people)


@pytest.mark.slow
def test_a_unit_away_for_72_hours_gets_everything_in_order_when_it_is_back(cast: Cast, unit: Receiver) -> None:
    cast.destination(STATION, unit.url)
    people = [cast.person() for _ in range(5)]
    unit.says(503)
    for _ in range(72):
        cast.queue([cast.record(person) for person in people])
        for _ in range(len(people)):
            cast.deliver()
        cast.later(hours=1)
    assert set(cast.statuses()) == {"pending"}
    asked = len(unit.asked)
    assert asked < 72 * len(people) / 3
    unit.says(204)
    cast.later(hours=7.2)
    began = time.monotonic()
    assert cast.deliver() == 72 * len(people)
    print(f"{72 * len(people)} rows in {time.monotonic() - began:.2f} s")  # noqa: T201
    assert len(unit.taken) == len(unit.distinct()) == 72 * len(people)
    assert all(unit.sequences(person) == list(range(1, 73)) for person in people)


def test_when_a_unit_is_back_what_waited_for_it_is_due_but_poison_is_not(cast: Cast, unit: Receiver) -> None:
    cast.destination(STATION, unit.url)
    poison, fine, fresh = cast.person("Sai"), cast.person("Đúng"), cast.person("Mới")
    cast.checkins(poison, 1)
    cast.checkins(fine, 2)
    unit.answer = lambda received: Reply(500 if _name(received) == "Sai" else 503)
    for _ in range(4):
        while cast.deliver():
            pass
        cast.later(hours=7)
    while cast.deliver():
        pass
    unit.asked.clear()
    unit.answer = lambda received: Reply(500 if _name(received) == "Sai" else 204)
    cast.checkins(fresh, 1)
    cast.deliver()
    assert [_name(received) for received in unit.asked] == ["Mới", "Đúng", "Đúng"]


@pytest.mark.slow
def test_a_dead_unit_keeps_nobody_else_waiting(
    cast: Cast, unit: Receiver, other_unit: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.forwarding.deliver.TIMEOUT", 3.0)
    cast.destination(STATION, unit.url)
    cast.destination(CENTRE, other_unit.url)
    unit.answer = lambda _received: Reply(wait=3.5)
    people = [cast.person() for _ in range(30)]
    cast.queue([cast.record(person) for person in people])
    assert asyncio.run(_time_until_taken(cast, other_unit, 30)) < 2.0
    assert unit.taken == []


def test_a_destination_that_answers_gets_a_bounded_number_at_once(cast: Cast, unit: Receiver) -> None:
    cast.destination(STATION, unit.url)
    cast.queue([cast.record(cast.person()) for _ in range(60)])
    unit.answer = lambda _received: Reply(wait=0.02)
    assert cast.deliver() == 60
    assert 2 < unit.most_at_once <= 16


def test_a_destination_that_does_not_answer_gets_one_at_a_time(cast: Cast, unit: Receiver) -> None:
    cast.destination(STATION, unit.url)
    cast.queue([cast.record(cast.person()) for _ in range(20)])
    unit.says(503)
    assert [cast.deliver() for _ in range(5)] == [1, 1, 1, 1, 1]
    assert unit.most_at_once == 1


def test_the_limit_bounds_a_round(cast: Cast, unit: Receiver) -> None:
    cast.destination(STATION, unit.url)
    cast.queue([cast.record(cast.person()) for _ in range(40)])
    assert cast.deliver(limit=10) <= 10 + 16
    assert Counter(cast.statuses())["pending"] > 0


def test_a_paused_destination_holds_only_itself(cast: Cast, unit: Receiver, other_unit: Receiver) -> None:
    cast.destination(STATION, unit.url)
    cast.destination(OTHER_STATION, other_unit.url)
    unit.says(410)
    cast.checkins(cast.person(), 2)
    cast.checkins(cast.person(), 2, unit_code=OTHER_STATION)
    cast.deliver()
    assert (len(unit.asked), len(other_unit.taken)) == (1, 2)


def _die(*_args: object) -> int:
    raise ConnectionResetError


def _end_leases(cast: Cast) -> None:
    cast.change_forwards(lease_until=func.now() - timedelta(seconds=1))


def _claim(cast: Cast, destination: UUID) -> tuple[Claimed, ...]:
    with cast.engine.begin() as connection:
        return line.claim(connection, destination, cast.now, 10)


def _settle(cast: Cast, destination: UUID, claimed: Claimed, verdict: Verdict) -> int:
    with cast.engine.begin() as connection:
        return line.settle(connection, destination, [(claimed, verdict)], cast.now)


def _name(received: Received) -> str:
    return str(received.data["person"]["full_name"])


async def _time_until_taken(cast: Cast, receiver: Receiver, count: int) -> float:
    """Seconds until `receiver` has them all, though another destination hangs."""
    async with UnitClient(cast.networks) as client:
        deliverer = Deliverer(cast.engine, client, cast.vault, lambda: cast.now)
        began = time.monotonic()
        while len(receiver.taken) < count and time.monotonic() - began < 10:
            await deliverer.begin()
            await asyncio.sleep(0.02)
        took = time.monotonic() - began
        await deliverer.finish()
        return took
