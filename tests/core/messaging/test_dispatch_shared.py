"""What several workers share: a provider's rate, its breaker, and what replies may have before reminders."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, update

from core.database.shared import channel_states
from core.database.tables import outbox
from core.messaging import waiting
from core.messaging.breaker import FAILURES
from core.messaging.channel import MessageKind, OutcomeUnknown, Rate, Refused, TryLater
from tests.core.messaging.line import HOA, LAN, NOW, Line
from tests.core.messaging.test_dispatch import PROFILE, Provider, Time, dispatcher, drain, never

AWAY = TryLater("503", away=True)
ONE_AT_A_TIME = replace(PROFILE, in_flight=1)
SLOW = replace(PROFILE, rate=Rate(0.01, 4))
"""Four at once, then one in a hundred seconds; of the four one is kept for replies."""


def rest(line: Line) -> None:
    """The time is over for which the provider was left alone."""
    with line.engine.begin() as connection:
        connection.execute(update(channel_states).values(open_until=func.clock_timestamp()))


def people(count: int) -> list[str]:
    return [f"+8490000{n:04}" for n in range(1, count + 1)]


def attempts(line: Line, messages: Sequence[UUID]) -> list[int]:
    return [line.row(m)["attempts"] for m in messages]


# --- the breaker ---


def test_a_provider_that_is_away_is_left_alone_and_nothing_burns_its_attempts(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "PAGE", 2)
    messages = [line.put(to=to) for to in people(FAILURES + 3)]
    provider = Provider(answers=[AWAY] * (FAILURES + 1), profile=ONE_AT_A_TIME)

    async def scene() -> None:
        await drain(dispatcher(line, provider))
        assert len(provider.asked) == FAILURES
        await drain(dispatcher(line, provider))
        assert sorted(attempts(line, messages)) == [0] * 3 + [1] * FAILURES
        rest(line)
        await drain(dispatcher(line, provider))
        assert len(provider.asked) == FAILURES + 1, "one tries, in vain"
        rest(line)
        await drain(dispatcher(line, provider))

    asyncio.run(scene())
    assert {line.status(m) for m in messages} == {"sent"}, "at once, also what had to wait for its retry"
    assert len(provider.asked) == 2 * FAILURES + 4


def test_what_had_to_wait_is_made_due_page_by_page_and_each_once(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "PAGE", 2)
    later = NOW + timedelta(hours=1)
    messages = sorted(line.put(to=to, attempts=1, due_at=later) for to in people(5))
    pages = 0
    after: UUID | None = waiting.FIRST
    while after is not None:
        with line.engine.begin() as connection:
            after = waiting.make_due(connection, "phone", NOW, after, unsure=True)
            connection.execute(update(outbox).where(outbox.c.id == messages[0]).values(due_at=later))  # it fails again
        pages += 1
    assert [line.row(m)["due_at"] for m in messages] == [later] + [NOW] * 4
    assert pages == 3


def test_a_warning_tries_first(line: Line) -> None:
    provider = Provider(answers=[TryLater("401", whole=True), TryLater("401", whole=True)])
    line.put()

    async def scene() -> None:
        await drain(dispatcher(line, provider))
        line.put(to=people(3)[2])
        warning = line.put(MessageKind.DANGER, HOA)
        rest(line)
        await drain(dispatcher(line, provider))
        assert provider.asked[1:] == [warning]

    asyncio.run(scene())


def test_two_workers_try_once(line: Line) -> None:
    for to in people(4):
        line.put(to=to)
    provider, other = Provider(answers=[TryLater("429", whole=True)], profile=ONE_AT_A_TIME), Provider()

    async def scene() -> None:
        await drain(dispatcher(line, provider))
        rest(line)
        provider.answers, other.answers = [never], [never]
        one, two = dispatcher(line, provider), dispatcher(line, other)
        await asyncio.gather(one.turn(), two.turn())
        await asyncio.gather(one.turn(), two.turn())
        assert len(provider.asked) + len(other.asked) == 2
        await asyncio.gather(one.finish(0), two.finish(0))

    asyncio.run(scene())


def test_who_is_refused_speaks_of_a_provider_that_answers(line: Line) -> None:
    messages = [line.put(to=to) for to in people(2 * FAILURES)]
    before: list[Exception] = [AWAY] * (FAILURES - 1)
    provider = Provider(answers=[*before, Refused("30007"), *before], profile=ONE_AT_A_TIME)
    asyncio.run(drain(dispatcher(line, provider)))
    assert len(provider.asked) == len(messages)


def test_time_outs_count_too(line: Line) -> None:
    for to in people(FAILURES + 2):
        line.put(MessageKind.RECEIPT, to)
    provider = Provider(answers=[OutcomeUnknown("timeout")] * 9, profile=ONE_AT_A_TIME)
    asyncio.run(drain(dispatcher(line, provider)))
    assert len(provider.asked) == FAILURES


def test_a_fault_of_ours_while_it_tries_lets_the_next_one_try(line: Line) -> None:
    provider = Provider(answers=[TryLater("401", whole=True), KeyError("ours")], profile=ONE_AT_A_TIME)
    messages = [line.put(to=to) for to in people(3)]

    async def scene() -> None:
        await drain(dispatcher(line, provider))
        rest(line)
        await drain(dispatcher(line, provider))
        await drain(dispatcher(line, provider))

    asyncio.run(scene())
    assert {line.status(m) for m in messages} == {"sent"}


def test_what_waits_for_its_report_still_waits_when_the_provider_is_back(line: Line) -> None:
    reporting = replace(ONE_AT_A_TIME, reports=True)
    provider = Provider(answers=[OutcomeUnknown("timeout"), TryLater("401", whole=True)], profile=reporting)
    silent, refused = line.put(due_at=NOW - timedelta(seconds=1)), line.put(to=HOA)

    async def scene() -> None:
        await drain(dispatcher(line, provider))
        rest(line)
        line.put(to=people(3)[2])
        await drain(dispatcher(line, provider))

    asyncio.run(scene())
    assert (line.status(refused), line.status(silent)) == ("sent", "queued")
    assert line.row(silent)["due_at"] == NOW + timedelta(minutes=3)


# --- the rate ---


def test_two_workers_keep_one_rate(line: Line) -> None:
    for to in people(12):
        line.put(to=to)
    one, two = Provider(profile=SLOW), Provider(profile=SLOW)

    async def scene() -> None:
        await asyncio.gather(drain(dispatcher(line, one)), drain(dispatcher(line, two)))

    asyncio.run(scene())
    assert len(one.asked) + len(two.asked) == 4


def test_a_long_text_costs_its_parts(line: Line) -> None:
    long = line.put(parts=3)
    others = [line.put(to=to, due_at=NOW + timedelta(seconds=n)) for n, to in enumerate(people(5)[1:], start=-5)]
    line.put(to=HOA, due_at=NOW - timedelta(minutes=1))
    provider = Provider(profile=SLOW)
    asyncio.run(drain(dispatcher(line, provider)))
    assert len(provider.asked) == 4
    assert long not in provider.asked, "four parts were left for those that waited longer"
    assert len(others) == 4


# --- replies and what we start ---


def test_reminders_leave_places_to_replies(line: Line) -> None:
    for to in people(6):
        line.put(MessageKind.REMINDER, to)
    provider = Provider(answers=[never] * 6, profile=replace(PROFILE, in_flight=4))

    async def scene() -> None:
        served = dispatcher(line, provider)
        for _ in range(3):
            await served.turn()
        assert len(provider.asked) == 3
        reply = line.put(to="+84900000088")
        for _ in range(2):
            await served.turn()
        assert provider.asked[3:] == [reply]
        await served.finish(0)

    asyncio.run(scene())


def test_reminders_leave_the_end_of_a_rate_to_replies(line: Line) -> None:
    for to in people(6):
        line.put(MessageKind.REMINDER, to)
    provider = Provider(profile=replace(SLOW, in_flight=8))

    async def scene() -> None:
        served = dispatcher(line, provider)
        await drain(served)
        assert len(provider.asked) == 3
        reply = line.put(to="+84900000088")
        await drain(served)
        assert provider.asked[3:] == [reply]

    asyncio.run(scene())


def test_news_leaves_after_reminders_and_at_no_time_before_a_reply(line: Line) -> None:
    kinds = (MessageKind.NEWS, MessageKind.REMINDER, MessageKind.RECEIPT, MessageKind.DANGER)
    messages = [line.put(kind, to) for kind, to in zip(kinds, people(4), strict=True)]
    provider = Provider(profile=ONE_AT_A_TIME)
    asyncio.run(drain(dispatcher(line, provider)))
    assert provider.asked == messages[::-1]


def test_while_replies_are_behind_no_reminder_leaves(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    late = line.put(due_at=NOW - timedelta(seconds=20))
    reminder = line.put(MessageKind.REMINDER, HOA)
    provider = Provider()

    async def scene() -> None:
        served = dispatcher(line, provider)
        await drain(served)
        assert (provider.asked, line.status(reminder)) == ([late], "queued")
        monkeypatch.setattr("core.messaging.dispatch.FRESH", 0.0)
        await drain(served)
        assert provider.asked == [late, reminder]

    asyncio.run(scene())


def test_at_night_only_what_somebody_waits_for_leaves(line: Line) -> None:
    clock = Time(NOW - timedelta(hours=2))  # five in the morning in Vietnam
    due = {"due_at": clock.now, "created_at": clock.now}
    reminder, reply, warning = (
        line.put(kind, to, **due)
        for kind, to in zip((MessageKind.REMINDER, MessageKind.INFO, MessageKind.DANGER), people(3), strict=True)
    )
    provider = Provider()

    async def scene() -> None:
        served = dispatcher(line, provider, clock)
        await drain(served)
        assert sorted(provider.asked) == sorted([reply, warning])
        clock.now = NOW
        await drain(served)
        assert provider.asked[2:] == [reminder]

    asyncio.run(scene())


def test_channels_do_not_share(line: Line) -> None:
    """Two accounts of one provider are two channels: one that is away or used up does not stop the other."""
    line.put(channel="second")
    line.put(to=LAN)
    first = Provider(answers=[TryLater("429", whole=True)])
    second = Provider(profile=replace(PROFILE, name="second"))

    async def scene() -> None:
        await drain(dispatcher(line, first))
        await drain(dispatcher(line, second))

    asyncio.run(scene())
    assert (len(first.asked), len(second.asked)) == (1, 1)
