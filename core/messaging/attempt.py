"""One attempt to send one message, whatever happens: asked for first if it may have arrived, in time, sent.

Everything happens inside the lease: a send starts only if its lease outlives the time-out, and is abandoned at the
time-out, so no two processes send one message at once.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from core.messaging.channel import (
    Finder,
    Lapsed,
    NotTried,
    OutcomeUnknown,
    Sender,
    SendError,
    Sent,
    TooLate,
    TryLater,
)
from core.messaging.outbox import Leased, Outcome
from core.messaging.silence import Ability, ability, wait

log = logging.getLogger(__name__)

_MARGIN: Final = 15.0  # seconds of a lease beyond a look-up and a send, for settling


@dataclass(frozen=True, slots=True)
class Moment:
    """When messages were claimed: domain time, and the monotonic clock's seconds."""

    now: datetime
    at: float

    @property
    def age(self) -> timedelta:
        """How long ago."""
        return timedelta(seconds=time.monotonic() - self.at)


class Spacing:
    """When each address was last sent something, by this worker: it is not claimed for so long.

    Its own memory is enough: for one address messages leave one at a time, and who settles one claims the next in the
    same transaction. Another worker may be quicker now and then: that message comes sooner, and nothing is lost.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._sent: dict[str, float] = {}  # the oldest first

    def resting(self, now: float) -> list[str]:
        """Addresses that have to wait for their next message."""
        return [address for address, at in self._sent.items() if at > now - self._seconds]

    def sent(self, address: str, now: float) -> None:
        """It was sent something; who had theirs long enough ago is forgotten."""
        if self._seconds <= 0:
            return
        self._sent.pop(address, None)
        self._sent[address] = now
        while (oldest := next(iter(self._sent))) != address and self._sent[oldest] <= now - self._seconds:
            del self._sent[oldest]


class Attempts:
    """One sender's attempts. Lives on one event loop.

    `is_taken` says, in a thread, whether another message holds a provider's id. `chance` gives numbers in [0, 1).
    """

    def __init__(self, sender: Sender, is_taken: Callable[[str], bool], chance: Callable[[], float]) -> None:
        self.lease_for = timedelta(seconds=2 * sender.profile.timeout + _MARGIN)
        self._sender = sender
        self._timeout = sender.profile.timeout
        self._ability = ability(sender)
        self._is_taken = is_taken
        self._chance = chance
        self._spacing = Spacing(sender.profile.spacing)

    def resting(self) -> list[str]:
        """Addresses that nothing but a warning is to be claimed for now."""
        return self._spacing.resting(time.monotonic())

    async def make(self, leased: Leased, claimed: Moment) -> Outcome:
        """One attempt, to its end."""
        if leased.lapsed and wait(leased.kind, self._ability, lapsed=True) != timedelta():
            return self._outcome(leased, Lapsed("lapsed"), unsure=True)  # a report may come first
        try:
            found = await self._look_up(leased) if leased.unsure else None
        except Exception as error:  # every fault has to be settled
            return self._outcome(leased, self._judge(leased, error, sending=False), unsure=True)
        if found is not None:
            return self._outcome(leased, found)
        unsure = leased.unsure and self._ability is not Ability.ASKED
        if (late := self._too_late(leased, claimed)) is not None:
            return self._outcome(leased, late, unsure=unsure)
        return await self._send(leased, unsure=unsure)

    async def _send(self, leased: Leased, *, unsure: bool) -> Outcome:
        try:
            async with asyncio.timeout(self._timeout):
                return self._outcome(leased, await self._sender.send(leased.message))
        except Exception as error:
            return self._outcome(leased, self._judge(leased, error, sending=True), unsure=unsure)
        finally:
            self._spacing.sent(leased.message.address, time.monotonic())

    async def _look_up(self, leased: Leased) -> Sent | None:
        """What the provider took of it, if it can be asked: not an earlier message with the same words."""
        if self._ability is not Ability.ASKED or not isinstance(self._sender, Finder):
            return None
        async with asyncio.timeout(self._timeout):
            candidates = await self._sender.find(leased.message, leased.since)
        for candidate in candidates:
            if not await asyncio.to_thread(self._is_taken, candidate.provider_id or ""):
                return candidate
        return None

    def _too_late(self, leased: Leased, claimed: Moment) -> SendError | None:
        """It waited too long for its look-up or a thread."""
        age = claimed.age
        if claimed.now + age >= leased.expires_at:
            return TooLate("late")
        if (self.lease_for - age).total_seconds() <= self._timeout:
            return NotTried("lease", timedelta())
        return None

    def _judge(self, leased: Leased, error: Exception, *, sending: bool) -> SendError:
        """The error as the outbox settles it. A look-up that fails says nothing about the message itself."""
        if isinstance(error, TimeoutError):
            error = OutcomeUnknown("timeout")
        if not isinstance(error, SendError):
            log.error("message %s: %s", leased.message.id, type(error).__name__, exc_info=error)
            judged: SendError = NotTried(type(error).__name__)
        else:
            judged = error if sending else _of_look_up(error)
        log.info(
            "message %s on %s: %s %s", leased.message.id, leased.message.channel, type(judged).__name__, judged.code
        )
        return judged

    def _outcome(self, leased: Leased, result: Sent | SendError, *, unsure: bool = False) -> Outcome:
        return Outcome(leased, result, self._chance(), unsure, self._ability)


def _of_look_up(error: SendError) -> TryLater:
    """The message waits; of the provider it says as much as a failed send."""
    code = f"lookup {error.code}".strip()
    if isinstance(error, TryLater):
        return TryLater(code, error.after, whole=error.whole, away=error.away)
    return TryLater(code, away=isinstance(error, OutcomeUnknown))
