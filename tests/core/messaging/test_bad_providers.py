"""Providers that answer slowly, wrongly, with half a body or never: the real senders over HTTP, to the right end."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from core.messaging.channel import ChannelProfile, MessageKind, Sender
from core.messaging.dispatch import Dispatcher
from sms.kannel import PROFILE as KANNEL
from sms.kannel.config import KannelConfig
from sms.kannel.send import KannelSender
from sms.twilio import PROFILE as TWILIO
from sms.twilio.config import TwilioConfig
from sms.twilio.send import TwilioSender
from tests.conftest import CELL
from tests.core.messaging.line import Line
from tests.core.messaging.test_dispatch import PROFILE, Provider, drain
from tests.fakes import kannel, twilio
from tests.fakes.kannel import fake_kannel
from tests.fakes.twilio import fake_twilio

QUICK, LATE = 0.6, 1.2  # seconds: how long we wait, and after how long a slow one answers
MISDEEDS = ("slow", "wrong", "half", "hangs up")


@dataclass
class Time:
    """The wall's, moved on at will: Twilio's look-up compares it."""

    later: timedelta = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.later


@dataclass
class Bad:
    """A real sender and the provider behind it, which misbehaves at the next message."""

    sender: Sender
    misbehaves: Callable[[str], None]
    texts: Callable[[], Counter[str]]


def quick(profile: ChannelProfile, timeout: float = QUICK) -> ChannelProfile:
    return replace(profile, timeout=timeout, spacing=0.0)


@contextmanager
def bad_kannel(clock: Callable[[], datetime], timeout: float = QUICK) -> Iterator[Bad]:
    faults = {
        "slow": kannel.slow(LATE),
        "wrong": kannel.takes(200, "<html>Welcome!</html>"),
        "half": kannel.half_a_body,
        "hangs up": kannel.hangs_up,
        "never": kannel.slow(8),
    }
    with fake_kannel() as fake:
        config = KannelConfig(fake.url, kannel.USER, kannel.PASSWORD, "secret", "8000", "http://127.0.0.1")
        sender = KannelSender(replace(config, profile=quick(KANNEL, timeout)), clock)
        yield Bad(sender, lambda how: fake.faults.append(faults[how]), lambda: Counter(m.text for m in fake.taken))


@contextmanager
def bad_twilio(clock: Callable[[], datetime]) -> Iterator[Bad]:
    faults = {
        "slow": twilio.slow(LATE),
        "wrong": twilio.nonsense,
        "half": twilio.half_a_body,
        "hangs up": twilio.hangs_up,
    }
    with fake_twilio() as fake:
        config = TwilioConfig(twilio.ACCOUNT, twilio.TOKEN, sender="+84900000099", api_url=fake.url)
        sender = TwilioSender(replace(config, profile=quick(TWILIO)), clock)
        yield Bad(sender, lambda how: fake.faults.append(faults[how]), lambda: Counter(m["body"] for m in fake.created))


def put(line: Line, through: str, kind: MessageKind, to: str, words: str) -> UUID:
    now = datetime.now(UTC)
    return line.put(
        kind, to, channel=through, text=words, created_at=now, due_at=now, expires_at=now + timedelta(hours=6)
    )


KINDS = {MessageKind.DANGER: "+84900000011", MessageKind.RECEIPT: "+84900000012"}


@pytest.mark.slow
@pytest.mark.parametrize("how", MISDEEDS)
def test_kannel_in_doubt(line: Line, how: str) -> None:
    """A warning waits for its report, then leaves again; a receipt stays unknown."""
    clock = Time()

    async def scene(bad: Bad) -> None:
        ids = {kind: put(line, "kannel", kind, to, kind.value) for kind, to in KINDS.items()}
        for _ in KINDS:
            bad.misbehaves(how)
        served = Dispatcher(line.engine, bad.sender, clock, chance=lambda: 0.0)
        await drain(served)
        assert line.status(ids[MessageKind.RECEIPT]) == "unknown"
        warning = line.row(ids[MessageKind.DANGER])
        assert (warning["status"], warning["lease"] is not None) == ("queued", True)
        clock.later = timedelta(seconds=20)
        await drain(served)
        assert bad.texts() == {"danger": 1, "receipt": 1}
        clock.later = timedelta(seconds=31)
        await drain(served)
        assert line.status(ids[MessageKind.DANGER]) == "sent"
        assert bad.texts() == {"danger": 2, "receipt": 1}
        await bad.sender.close()

    with bad_kannel(clock) as bad:
        asyncio.run(scene(bad))


@pytest.mark.slow
@pytest.mark.parametrize("how", MISDEEDS)
def test_twilio_in_doubt(line: Line, how: str) -> None:
    """It is asked, and nothing arrives twice."""
    clock = Time()

    async def scene(bad: Bad) -> None:
        ids = {kind: put(line, "twilio", kind, to, kind.value) for kind, to in KINDS.items()}
        for _ in KINDS:
            bad.misbehaves(how)
        served = Dispatcher(line.engine, bad.sender, clock, chance=lambda: 0.0)
        await drain(served)
        assert [line.status(id) for id in ids.values()] == ["queued"] * 2
        clock.later = timedelta(seconds=6)
        await drain(served)
        assert [line.status(id) for id in ids.values()] == ["sent"] * 2
        assert bad.texts() == {"danger": 1, "receipt": 1}
        await bad.sender.close()

    with bad_twilio(clock) as bad:
        asyncio.run(scene(bad))


def test_one_that_never_answers_delays_no_other_and_its_leases_outlive_it(line: Line) -> None:
    """Thirty messages of another channel arrive while eight wait here for an answer."""
    clock, patience = Time(), 5.0

    async def scene(bad: Bad) -> None:
        for n in range(30):
            put(line, "kannel", MessageKind.RECEIPT, f"+849000001{n:02}", f"{n}")
            put(line, "phone", MessageKind.RECEIPT, f"+849000002{n:02}", f"{n}")
            bad.misbehaves("never")
        hanging = Dispatcher(line.engine, bad.sender, clock, chance=lambda: 0.0)
        other = Provider(profile=replace(PROFILE, in_flight=8))
        await hanging.turn()
        await drain(Dispatcher(line.engine, other, clock, chance=lambda: 0.0))
        assert len(other.asked) == 30
        with line.engine.connect() as connection:
            waiting, left = connection.execute(_WAITING).one()
        assert waiting == KANNEL.in_flight, "none of them has ended yet"
        assert left > patience, "the lease is longer than the rest of the send"
        await hanging.finish(0)
        await bad.sender.close()

    with bad_kannel(clock, patience) as bad:
        asyncio.run(scene(bad))


_WAITING = text(
    f"SELECT count(*), extract(epoch FROM min(lease_until) - clock_timestamp()) FROM {CELL}.outbox"
    " WHERE channel = 'kannel' AND status = 'sending'"
)
