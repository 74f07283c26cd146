"""One attempt: spaced, in time, and what follows a send without an answer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from core.messaging.attempt import Spacing
from core.messaging.channel import (
    ChannelProfile,
    MessageKind,
    OutboundMessage,
    OutcomeUnknown,
    Sent,
    Status,
    StatusReport,
)
from core.messaging.reports import report
from core.messaging.silence import AGAIN, Ability, ability
from tests.core.messaging.line import HOA, LAN, NOW, Line
from tests.core.messaging.test_dispatch import PROFILE, Provider, SearchableProvider, Time, dispatcher, drain, never

SPACED = replace(PROFILE, spacing=0.4)
ONCE, REPORTS = replace(PROFILE, once=True), replace(PROFILE, reports=True)


@dataclass
class Stopwatch(Provider):
    """Writes down when each message reached it."""

    at: dict[str, list[float]] = field(default_factory=dict)

    async def send(self, message: OutboundMessage) -> Sent:
        self.at.setdefault(message.address, []).append(time.monotonic())
        return await super().send(message)


# --- spacing ---


def test_one_address_gets_its_messages_apart_and_nobody_else_waits(line: Line) -> None:
    for _ in range(3):
        line.put()
    line.put(to=HOA)
    provider = Stopwatch(profile=SPACED)
    asyncio.run(drain(dispatcher(line, provider)))
    assert all(after - before >= 0.4 for before, after in pairwise(provider.at[LAN]))
    assert provider.at[HOA][0] < provider.at[LAN][1]


def test_a_warning_does_not_wait(line: Line) -> None:
    provider = Stopwatch(profile=replace(PROFILE, spacing=30.0))

    async def scene() -> None:
        served = dispatcher(line, provider)
        for kind in (MessageKind.RECEIPT, MessageKind.DANGER):
            message = line.put(kind)
            while line.status(message) != "sent":
                await served.turn()

    asyncio.run(asyncio.wait_for(scene(), 20))
    assert len(provider.at[LAN]) == 2


def test_spacing_remembers_only_who_still_has_to_wait() -> None:
    spacing = Spacing(1.0)
    assert spacing.resting(100.0) == []
    for n in range(1000):
        spacing.sent(f"{n}", 100.0 + n / 100)
    assert set(spacing.resting(110.0)) == {f"{n}" for n in range(901, 1000)}
    assert spacing.resting(200.0) == []
    assert len(spacing._sent) <= 101


def test_who_has_their_rest_is_not_claimed_so_a_crash_finds_it_in_line(line: Line) -> None:
    line.put()
    second = line.put(MessageKind.RECEIPT)
    provider = Provider(profile=replace(PROFILE, spacing=30.0))

    async def scene() -> None:
        served = dispatcher(line, provider)
        for _ in range(4):
            await served.turn()
        assert (len(provider.asked), line.status(second), line.row(second)["attempts"]) == (1, "queued", 0)
        await drain(dispatcher(line, Provider(profile=PROFILE)))
        assert line.status(second) == "sent"

    asyncio.run(scene())


# --- expiry ---


@pytest.mark.parametrize(("unsure", "status"), [(False, "expired"), (True, "unknown")])
def test_what_expires_while_it_waits_is_not_sent(line: Line, unsure: bool, status: str) -> None:
    """Claimed in time, and too late when its turn comes: a clock that moves meanwhile."""
    first = line.put()
    provider, clock = Provider(profile=ONCE), Time()

    async def scene() -> None:
        served = dispatcher(line, provider, clock)
        await drain(served)
        second = line.put(expires_at=clock.now + timedelta(milliseconds=1))
        if unsure:
            line.leased(second)
        await drain(served)
        assert (provider.asked, line.status(second)) == ([first], status)

    asyncio.run(scene())


def test_what_expires_while_the_provider_is_asked_for_it_is_not_sent(line: Line) -> None:
    """It was not found, so it is known not to have arrived."""

    class Slow(SearchableProvider):
        async def find(self, message: OutboundMessage, since: datetime) -> Sequence[Sent]:
            await asyncio.sleep(0.3)
            return await super().find(message, since)

    message = line.put(expires_at=NOW + timedelta(seconds=0.3))
    line.leased(message)
    provider = Slow()
    asyncio.run(drain(dispatcher(line, provider)))
    assert (provider.asked, len(provider.looked_up), line.status(message)) == ([], 1, "expired")


# --- without an answer ---


def test_what_each_provider_can_do() -> None:
    assert ability(Provider()) is Ability.NONE
    assert ability(Provider(profile=REPORTS)) is Ability.REPORTS
    assert ability(Provider(profile=ONCE)) is Ability.ONCE
    assert ability(SearchableProvider(profile=REPORTS)) is Ability.ASKED


def test_every_kind_and_every_ability_is_decided() -> None:
    assert {kind: set(row) for kind, row in AGAIN.items()} == {kind: set(Ability) for kind in MessageKind}
    assert None not in AGAIN[MessageKind.DANGER].values(), "a warning is always repeated"


@pytest.mark.parametrize("lapsed", [False, True])
@pytest.mark.parametrize(
    ("profile", "kind", "status", "wait"),
    [
        (ONCE, MessageKind.RECEIPT, "sent", 0),
        (ONCE, MessageKind.DANGER, "sent", 0),
        (REPORTS, MessageKind.DANGER, "queued", 30),
        (REPORTS, MessageKind.QUESTION, "queued", 180),
        (REPORTS, MessageKind.REMINDER, "queued", 180),
        (PROFILE, MessageKind.DANGER, "sent", 0),
        (PROFILE, MessageKind.REMINDER, "sent", 0),
    ],
)
def test_a_crash_after_the_providers_yes_is_a_time_out(
    line: Line, profile: ChannelProfile, kind: MessageKind, status: str, wait: int, lapsed: bool
) -> None:
    """The same table decides, and the state is there to be seen."""
    message, clock = line.put(kind), Time()
    provider = Provider(profile=profile, answers=[] if lapsed else [OutcomeUnknown("timeout")])

    async def scene() -> None:
        if lapsed:
            line.leased(message)
        await drain(dispatcher(line, provider, clock))
        asked = len(provider.asked)
        clock.now += timedelta(seconds=7)  # past a first retry
        await drain(dispatcher(line, provider, clock))
        assert line.status(message) == status
        if not wait:
            return
        assert (line.row(message)["lease"] is not None, len(provider.asked)) == (True, asked)
        assert (line.row(message)["due_at"] - NOW).total_seconds() == wait
        clock.now = NOW + timedelta(seconds=wait)
        await drain(dispatcher(line, provider, clock))
        assert (line.status(message), len(provider.asked)) == ("sent", asked + 1)

    asyncio.run(scene())


@pytest.mark.parametrize(("profile", "wait"), [(REPORTS, 180), (PROFILE, 0)])
@pytest.mark.parametrize("kind", [MessageKind.RECEIPT, MessageKind.INFO, MessageKind.NEWS])
def test_a_receipt_is_not_repeated_after_a_time_out_but_after_a_crash(
    line: Line, profile: ChannelProfile, kind: MessageKind, wait: int
) -> None:
    """Whoever did not answer had the request; whoever died may never have sent it."""
    timed_out, clock = line.put(kind), Time()
    provider = Provider(profile=profile, answers=[OutcomeUnknown("timeout")])

    async def scene() -> None:
        await drain(dispatcher(line, provider, clock))
        crashed = line.put(kind, to=HOA)
        line.leased(crashed)
        for _ in range(3):
            await drain(dispatcher(line, provider, clock))
            clock.now += timedelta(seconds=wait)
        assert line.status(timed_out) == "unknown"
        assert line.status(crashed) == "sent"

    asyncio.run(scene())


@pytest.mark.parametrize("lapsed", [False, True])
def test_a_report_that_comes_meanwhile_settles_it(line: Line, lapsed: bool) -> None:
    message, clock = line.put(MessageKind.DANGER), Time()
    provider = Provider(profile=REPORTS, answers=[OutcomeUnknown("timeout")])

    async def scene() -> None:
        if lapsed:
            line.leased(message)
        await drain(dispatcher(line, provider, clock))
        asked = len(provider.asked)
        with line.engine.begin() as connection:
            report(connection, [StatusReport("phone", str(message), Status.SENT, message_id=message)], clock.now)
        clock.now += timedelta(hours=1)
        await drain(dispatcher(line, provider, clock))
        assert (line.status(message), len(provider.asked)) == ("sent", asked)

    asyncio.run(scene())


# --- two workers, and a lease that ends while the slow one still sends ---


@pytest.mark.parametrize(
    ("kind", "profile", "between", "asked"),
    [
        (MessageKind.DANGER, PROFILE, "sent", 1),
        (MessageKind.RECEIPT, PROFILE, "sent", 1),
        (MessageKind.RECEIPT, REPORTS, "queued", 0),
    ],
)
def test_the_yes_of_a_worker_whose_lease_ended_still_counts(
    line: Line, kind: MessageKind, profile: ChannelProfile, between: str, asked: int
) -> None:
    message = line.put(kind)
    answered = asyncio.Event()

    async def late() -> Sent:
        await answered.wait()
        return Sent("SM-slow")

    slow = Provider(profile=profile, answers=[late])
    quick = Provider(profile=profile, answers=[Sent("SM-quick")])

    async def scene() -> None:
        served = dispatcher(line, slow)
        await served.turn()
        line.lapse()
        await drain(dispatcher(line, quick))
        assert (line.status(message), len(quick.asked)) == (between, asked)
        answered.set()
        await drain(served)

    asyncio.run(scene())
    row = line.row(message)
    assert (row["status"], row["provider_id"]) == ("sent", "SM-quick" if asked else "SM-slow")
    assert len(slow.asked) == 1


def test_the_no_of_a_worker_whose_lease_ended_changes_nothing(line: Line) -> None:
    message, gone = line.put(MessageKind.DANGER), asyncio.Event()

    async def late() -> Sent:
        await gone.wait()
        raise OutcomeUnknown("timeout")

    slow, quick = Provider(answers=[late]), Provider(answers=[never])

    async def scene() -> None:
        served, other = dispatcher(line, slow), dispatcher(line, quick)
        await served.turn()
        line.lapse()
        await other.turn()
        token = line.row(message)["lease"]
        gone.set()
        await drain(served)
        assert (line.status(message), line.row(message)["lease"]) == ("sending", token)
        await other.finish(0)

    asyncio.run(scene())
