from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from core.messaging.channel import (
    ChannelProfile,
    Finder,
    MessageKind,
    OutboundMessage,
    OutcomeUnknown,
    Refused,
    SendError,
    Sent,
    TryLater,
)
from core.messaging.dispatch import Dispatcher
from core.messaging.spending import Purse
from tests.core.messaging.line import HOA, NOW, Line

PROFILE = ChannelProfile(name="phone", sms=True, max_text=1600, timeout=2.0, in_flight=3)
Answer = Sent | Exception | Callable[[], Awaitable[Sent]]


@dataclass
class Provider:
    """A provider that answers as told, in order; then it takes everything. `asked` holds what reached it."""

    answers: list[Answer] = field(default_factory=list)
    profile: ChannelProfile = PROFILE
    asked: list[UUID] = field(default_factory=list)

    async def send(self, message: OutboundMessage) -> Sent:
        self.asked.append(message.id)
        answer = self.answers.pop(0) if self.answers else Sent(f"SM{len(self.asked)}")
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, Sent) else await answer()

    async def close(self) -> None:
        return None


@dataclass
class SearchableProvider(Provider):
    """One that can be asked what it took. `took`: what it would say."""

    took: Sequence[Sent] | SendError = ()
    looked_up: list[tuple[UUID, datetime]] = field(default_factory=list)

    async def find(self, message: OutboundMessage, since: datetime) -> Sequence[Sent]:
        self.looked_up.append((message.id, since))
        if isinstance(self.took, SendError):
            raise self.took
        return self.took


@dataclass
class Time:
    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


def dispatcher(line: Line, provider: Provider, clock: Callable[[], datetime] | None = None) -> Dispatcher:
    return Dispatcher(line.engine, provider, clock or Time(), chance=lambda: 0.0)


async def drain(*served: Dispatcher) -> None:
    """Turn until nothing is left to do."""
    while any([await each.turn() for each in served]):
        pass


async def never() -> Sent:
    await asyncio.sleep(3600)
    return Sent()


def test_the_fakes_are_what_they_stand_for() -> None:
    assert not isinstance(Provider(), Finder)
    assert isinstance(SearchableProvider(), Finder)


def test_it_sends_what_is_due_and_settles_it(line: Line) -> None:
    first, second, other = line.put(), line.put(), line.put(to=HOA)
    provider = Provider()
    asyncio.run(drain(dispatcher(line, provider)))
    assert sorted(provider.asked) == sorted([first, second, other])
    assert [line.status(m) for m in (first, second, other)] == ["sent"] * 3


def test_what_we_start_waits_once_the_money_is_spent(line: Line) -> None:
    provider, day = Provider(), Time(NOW + timedelta(hours=2))
    provider.profile = replace(PROFILE, price=350, in_flight=1)
    purse = Purse(700, lambda: "")
    people = [f"+849000001{n:02}" for n in range(5)]
    for who in people:
        line.put(MessageKind.REMINDER, to=who, expires_at=NOW + timedelta(days=2))
    served = Dispatcher(line.engine, provider, day, chance=lambda: 0.0, held=purse)

    async def scene() -> None:
        await drain(served)
        assert len(provider.asked) == 2
        reply = line.put(to=people[4])
        await drain(served)
        assert provider.asked[2:] == [reply]
        day.now += timedelta(days=1)
        await drain(served)

    asyncio.run(scene())
    assert len(provider.asked) == 5


def test_it_holds_no_more_sends_than_the_channel_allows(line: Line) -> None:
    for n in range(5):
        line.put(to=f"+8490000{n:04}")
    provider = Provider(answers=[never, never, never])

    async def scene() -> None:
        served = dispatcher(line, provider)
        for _ in range(3):
            await served.turn()
        assert len(provider.asked) == 3
        await served.finish(0)

    asyncio.run(scene())


def test_a_slow_send_does_not_hold_up_other_addresses(line: Line) -> None:
    slow, quick, after = line.put(), line.put(to=HOA), line.put(to=HOA)
    provider = Provider(answers=[never])

    async def scene() -> None:
        served = dispatcher(line, provider)
        while line.status(after) != "sent":
            assert await served.turn()
        assert (line.status(slow), line.status(quick)) == ("sending", "sent")
        await served.finish(0)

    asyncio.run(scene())


def test_a_failed_send_is_tried_again_and_again(line: Line) -> None:
    message, clock = line.put(), Time()
    provider = Provider(answers=[TryLater("503"), TryLater("503")])
    served = dispatcher(line, provider, clock)

    async def scene() -> None:
        for seconds in (0, 4, 1, 29, 1):
            clock.now += timedelta(seconds=seconds)
            await drain(served)

    asyncio.run(scene())
    assert provider.asked == [message] * 3
    assert (line.status(message), line.row(message)["attempts"]) == ("sent", 3)


def test_a_fault_of_ours_costs_one_message_only(line: Line, caplog: pytest.LogCaptureFixture) -> None:
    faulty, fine = line.put(text="secret words"), line.put(to=HOA)
    asyncio.run(drain(dispatcher(line, Provider(answers=[KeyError("secret words")]))))
    assert (line.status(faulty), line.row(faulty)["error"]) == ("queued", "KeyError")
    assert line.status(fine) == "sent"
    (record,) = [r for r in caplog.records if r.levelno == logging.ERROR]
    assert "secret" not in record.getMessage()
    assert str(faulty) in record.getMessage()


def test_an_answer_that_does_not_come_is_not_waited_for(line: Line) -> None:
    receipt, danger = line.put(MessageKind.RECEIPT), line.put(MessageKind.DANGER, to=HOA)
    provider = Provider(answers=[never, never], profile=replace(PROFILE, timeout=0.1))
    asyncio.run(drain(dispatcher(line, provider)))
    assert (line.status(receipt), line.status(danger)) == ("unknown", "queued")
    assert line.row(danger)["error"] == "timeout"


@pytest.mark.parametrize(
    ("took", "asked", "provider_id"),
    [
        ((), 2, "SM2"),
        ((Sent("SM7"),), 1, "SM7"),
        ((Sent("SM6"), Sent("SM7")), 1, "SM6"),
    ],
)
def test_after_a_time_out_it_asks_before_it_sends_again(
    line: Line, took: Sequence[Sent], asked: int, provider_id: str
) -> None:
    warning, clock = line.put(MessageKind.DANGER), Time()
    provider = SearchableProvider(answers=[OutcomeUnknown("timeout")], took=took)
    served = dispatcher(line, provider, clock)

    async def scene() -> None:
        await drain(served)
        assert provider.looked_up == []
        clock.now += timedelta(seconds=5)
        await drain(served)

    asyncio.run(scene())
    assert len(provider.looked_up) == 1
    assert len(provider.asked) == asked
    assert (line.status(warning), line.row(warning)["provider_id"]) == ("sent", provider_id)


def test_an_earlier_message_with_the_same_words_is_not_taken_for_this_one(line: Line) -> None:
    first = line.put(MessageKind.DANGER)
    clock, provider = Time(), SearchableProvider(took=[Sent("SM1")])
    served = dispatcher(line, provider, clock)

    async def scene() -> None:
        await drain(served)
        provider.answers = [OutcomeUnknown("timeout")]
        again = line.put(MessageKind.DANGER)
        await drain(served)
        clock.now += timedelta(seconds=5)
        await drain(served)
        assert provider.asked == [first, again, again]
        assert line.row(again)["provider_id"] == "SM3"

    asyncio.run(scene())


def test_while_it_cannot_be_asked_nothing_is_sent_twice(line: Line) -> None:
    warning, clock = line.put(MessageKind.DANGER), Time()
    provider = SearchableProvider(answers=[OutcomeUnknown("timeout")], took=TryLater("503"))
    served = dispatcher(line, provider, clock)

    async def scene() -> None:
        for seconds in (0, 5, 30):
            clock.now += timedelta(seconds=seconds)
            await drain(served)
        assert (len(provider.asked), line.status(warning), line.row(warning)["error"]) == (1, "queued", "lookup 503")
        provider.took = ()
        clock.now += timedelta(minutes=2)
        await drain(served)

    asyncio.run(scene())
    (first, *others) = [since for _, since in provider.looked_up]
    assert all(since == first for since in others)
    assert (len(provider.asked), line.status(warning)) == (2, "sent")


def test_what_a_dead_worker_held_is_looked_up_before_it_is_sent(line: Line) -> None:
    message = line.put(MessageKind.RECEIPT)
    dead = Provider(answers=[never])

    async def scene() -> None:
        await dispatcher(line, dead).turn()

    asyncio.run(scene())
    line.lapse()
    provider = SearchableProvider(took=[Sent("SM9")])
    asyncio.run(drain(dispatcher(line, provider)))
    assert provider.asked == []
    assert (line.status(message), line.row(message)["provider_id"]) == ("sent", "SM9")


def test_two_workers_share_the_work_and_send_nothing_twice(line: Line) -> None:
    messages = [line.put(to=f"+8490000{n % 7:04}") for n in range(28)]
    one, two = Provider(), Provider()

    async def scene() -> None:
        await asyncio.gather(drain(dispatcher(line, one)), drain(dispatcher(line, two)))

    asyncio.run(scene())
    assert sorted(one.asked + two.asked) == sorted(messages)
    assert {line.status(m) for m in messages} == {"sent"}


def test_each_address_gets_its_messages_in_order(line: Line) -> None:
    mine = [line.put() for _ in range(4)]
    hers = [line.put(to=HOA) for _ in range(4)]
    provider = Provider()
    asyncio.run(drain(dispatcher(line, provider)))
    assert [m for m in provider.asked if m in mine] == mine
    assert [m for m in provider.asked if m in hers] == hers


def test_a_calm_end_settles_what_is_under_way_and_claims_nothing(line: Line) -> None:
    under_way, waiting = line.put(), line.put()

    async def soon() -> Sent:
        await asyncio.sleep(0.2)
        return Sent("SM1")

    async def scene() -> None:
        served = dispatcher(line, Provider(answers=[soon]))
        await served.turn()
        await served.finish(5)

    asyncio.run(scene())
    assert (line.status(under_way), line.status(waiting)) == ("sent", "queued")


def test_while_the_database_is_away_nothing_that_ended_is_forgotten(line: Line) -> None:
    message = line.put()
    provider = Provider(answers=[Refused("30007")])

    async def scene() -> None:
        served = dispatcher(line, provider)
        await served.turn()
        await asyncio.sleep(0.05)
        with line.engine.begin() as connection:
            connection.execute(text("ALTER TABLE cell_test.outbox RENAME TO away"))
        for _ in range(2):
            with pytest.raises(DBAPIError):
                await served.turn()
        with line.engine.begin() as connection:
            connection.execute(text("ALTER TABLE cell_test.away RENAME TO outbox"))
        await drain(served)

    asyncio.run(scene())
    assert (line.status(message), line.row(message)["error"], len(provider.asked)) == ("failed", "30007", 1)


def test_a_send_that_its_lease_would_not_outlive_is_not_started(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    message = line.put()
    provider = Provider()
    served = dispatcher(line, provider)
    stalled = iter([17.5])  # seconds; a lease is 2 * 2 + 15
    clock = SimpleNamespace(monotonic=lambda: time.monotonic() - next(stalled, 0.0))
    monkeypatch.setattr("core.messaging.dispatch.time", clock)

    async def scene() -> None:
        await served.turn()
        await asyncio.sleep(0.01)
        assert provider.asked == []
        await drain(served)

    asyncio.run(scene())
    assert (line.status(message), line.row(message)["attempts"]) == ("sent", 2)
