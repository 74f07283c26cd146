"""Dispatch: one channel's messages from the outbox to its provider and back. Lease, send, settle.

Settling what ended and claiming what is next is one short transaction; sends run outside of it, at most
`profile.in_flight` at a time. A send starts only if its lease outlives the time-out, and is abandoned at the
time-out, so no two processes send one message at once.

A crash at the worst moment, between the provider's yes and our commit: the lease ends, the row comes back
`unsure`, and the provider is asked for it before it is sent again. A provider that cannot be asked gets it twice.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Engine

from core.messaging import counted
from core.messaging.channel import Finder, OutcomeUnknown, Sender, SendError, Sent, TryLater
from core.messaging.outbox import Leased, Outcome, claim, is_taken, settle

log = logging.getLogger(__name__)

POLL: Final = 0.15
"""Seconds between two looks at the outbox while sends are under way or nothing is due."""

_MINUTE: Final = 60.0  # seconds
_PAUSE: Final = timedelta(seconds=10)  # where the provider does not say how long
_MARGIN: Final = 15.0  # seconds of a lease beyond a look-up and a send, for settling


class Dispatcher:
    """Serves one channel of one cell. Lives on one event loop; others may serve the same channel beside it.

    `clock` gives domain time and is called in threads. `chance` gives numbers in [0, 1).
    """

    def __init__(
        self,
        engine: Engine,
        sender: Sender,
        clock: Callable[[], datetime],
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._engine = engine
        self._sender = sender
        self._clock = clock
        self._chance = chance
        self._lease_for = timedelta(seconds=2 * sender.profile.timeout + _MARGIN)
        self._sending: set[asyncio.Task[Outcome]] = set()
        self._ended: list[Outcome] = []
        self._pause_until = 0.0  # the monotonic clock's
        self._starts: deque[float] = deque()

    async def turn(self) -> bool:
        """Settle what ended, claim and start what is due. True while there is work: call again at once.

        While sends are under way it waits for the first of them, at most `POLL`. If the database is away it
        raises, and keeps what is to be settled for the next turn.
        """
        if self._sending and not self._ended:
            await asyncio.wait(self._sending, timeout=POLL, return_when=asyncio.FIRST_COMPLETED)
        self._collect()
        settled, started = len(self._ended), time.monotonic()
        leased = await asyncio.to_thread(self._settle_and_claim, self._ended[:settled], self._free(started))
        del self._ended[:settled]
        for each in leased:
            self._starts.append(started)
            self._sending.add(asyncio.create_task(self._deliver(each, started)))
        return bool(settled or leased or self._sending)

    async def finish(self, seconds: float) -> None:
        """Claim nothing more, wait for the sends under way and settle them. What takes longer comes back by
        its lease. Raises if the database is away.
        """
        if self._sending:
            await asyncio.wait(self._sending, timeout=seconds)
        self._collect()
        for task in self._sending:
            task.cancel()
        if self._ended:
            await asyncio.to_thread(self._settle_and_claim, self._ended, 0)
            self._ended.clear()

    def _free(self, at: float) -> int:
        """How many sends may start now: none while the channel pauses, no more a minute than it takes."""
        if at < self._pause_until:
            return 0
        free = self._sender.profile.in_flight - len(self._sending)
        most = self._sender.profile.per_minute
        while self._starts and (most is None or at - self._starts[0] >= _MINUTE):
            self._starts.popleft()
        return free if most is None else min(free, most - len(self._starts))

    def _collect(self) -> None:
        done = {task for task in self._sending if task.done()}
        self._sending -= done
        for outcome in (task.result() for task in done):
            self._ended.append(outcome)
            counted.attempt(self._sender.profile.name, outcome.result)
            if isinstance(outcome.result, TryLater) and outcome.result.whole:
                self._pause(outcome.result.after or _PAUSE)

    def _pause(self, after: timedelta) -> None:
        """Nothing is sent for so long: the provider would refuse it, and take the attempts ill."""
        self._pause_until = max(self._pause_until, time.monotonic() + after.total_seconds())
        log.warning("%s pauses for %.0f s", self._sender.profile.name, after.total_seconds())

    def _settle_and_claim(self, ended: list[Outcome], free: int) -> list[Leased]:
        now = self._clock()
        with self._engine.begin() as connection:
            settle(connection, ended, now)
            if free <= 0:
                return []
            return claim(connection, self._sender.profile.name, now, free, self._lease_for, bulk=free)

    async def _deliver(self, leased: Leased, started: float) -> Outcome:
        """One attempt, whatever happens: looked up first if an earlier one may have arrived."""
        try:
            found = await self._look_up(leased) if leased.unsure else None
        except Exception as error:  # every fault has to be settled
            return self._outcome(leased, self._judge(leased, error, sending=False), unsure=True)
        if found is not None:
            return self._outcome(leased, found)
        if self._lease_for.total_seconds() - (time.monotonic() - started) <= self._sender.profile.timeout:
            return self._outcome(leased, TryLater("lease", timedelta()), unsure=leased.unsure)
        try:
            async with asyncio.timeout(self._sender.profile.timeout):
                return self._outcome(leased, await self._sender.send(leased.message))
        except Exception as error:
            still_unsure = leased.unsure and not isinstance(self._sender, Finder)
            return self._outcome(leased, self._judge(leased, error, sending=True), unsure=still_unsure)

    async def _look_up(self, leased: Leased) -> Sent | None:
        """What the provider took of it, if it can be asked: not an earlier message with the same words."""
        if not isinstance(self._sender, Finder):
            return None
        async with asyncio.timeout(self._sender.profile.timeout):
            candidates = await self._sender.find(leased.message, leased.since)
        for candidate in candidates:
            if not await asyncio.to_thread(self._is_taken, candidate.provider_id or ""):
                return candidate
        return None

    def _is_taken(self, provider_id: str) -> bool:
        with self._engine.connect() as connection:
            return is_taken(connection, self._sender.profile.name, provider_id)

    def _judge(self, leased: Leased, error: Exception, *, sending: bool) -> SendError:
        """The error as the outbox settles it. A look-up that fails says nothing about the message itself."""
        if isinstance(error, SendError) and sending:
            judged = error
        elif isinstance(error, SendError):
            judged = TryLater(f"lookup {error.code}".strip(), getattr(error, "after", None))
        elif isinstance(error, TimeoutError):
            judged = OutcomeUnknown("timeout") if sending else TryLater("lookup timeout")
        else:
            log.error("message %s: %s", leased.message.id, type(error).__name__, exc_info=error)
            judged = TryLater(type(error).__name__)
        log.info(
            "message %s on %s: %s %s", leased.message.id, leased.message.channel, type(judged).__name__, judged.code
        )
        return judged

    def _outcome(self, leased: Leased, result: Sent | SendError, *, unsure: bool = False) -> Outcome:
        return Outcome(leased, result, self._chance(), unsure)
