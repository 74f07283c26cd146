"""Dispatch: one channel's messages from the outbox to its provider and back. Lease, send, settle.

Settling what ended and claiming what is next is one short transaction; sends run outside of it, at most
`profile.in_flight` at a time (`attempt.py`). What may leave is asked of the gate first, which all workers share: the
provider's rate and its breaker.

A crash at the worst moment, between the provider's yes and our commit: the lease ends, the row comes back `unsure`
and `lapsed`, and what follows is the same as after a time-out (`silence.py`).
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, Engine

from core.messaging import counted
from core.messaging.attempt import Attempts, Moment
from core.messaging.breaker import heard
from core.messaging.channel import Sender
from core.messaging.fairness import BEHIND, Due, Grant, places, wanted
from core.messaging.gate import FRESH, Gate
from core.messaging.outbox import Leased, Outcome, claim, is_taken, replies_behind, settle
from core.messaging.quiet import is_quiet
from core.messaging.silence import Ability, ability
from core.messaging.waiting import FIRST, make_due, waiting

Held = Callable[[Connection, datetime], Sequence[str]]

POLL: Final = 0.15
"""Seconds between two looks at the outbox while sends are under way or nothing is due."""


class Dispatcher:
    """Serves one channel of one cell. Lives on one event loop; others may serve the same channel beside it.

    `clock` gives domain time and is called in threads. `chance` gives numbers in [0, 1). `held`: the units whose money
    is spent, asked at each claim of what we start.
    """

    def __init__(
        self,
        engine: Engine,
        sender: Sender,
        clock: Callable[[], datetime],
        chance: Callable[[], float] = random.random,
        held: Held | None = None,
    ) -> None:
        self._engine = engine
        self._profile = sender.profile
        self._asks_later = ability(sender) is Ability.REPORTS
        self._clock = clock
        self._held = held
        self._attempts = Attempts(sender, self._is_taken, chance)
        self._gate = Gate(engine, sender.profile, self._attempts.lease_for)
        self._sending: set[asyncio.Task[Outcome]] = set()
        self._ended: list[Outcome] = []
        self._trying: UUID | None = None  # the lease of the message that tries a provider which was away
        self._due_after: UUID | None = None  # the page of what is to be made due, since the provider is back
        self._resting: list[str] = []
        self._behind = False
        self._looked_at = float("-inf")  # for replies that are behind; the monotonic clock's

    async def turn(self) -> bool:
        """Settle what ended, claim and start what is due. True while there is work: call again at once.

        While sends are under way it waits for the first of them, at most `POLL`; likewise while an address has its rest
        between two messages. If the database is away it raises, and keeps what is to be settled for the next turn.
        """
        if self._sending and not self._ended:
            await asyncio.wait(self._sending, timeout=POLL, return_when=asyncio.FIRST_COMPLETED)
        self._collect()
        settled = len(self._ended)
        self._resting = self._attempts.resting()
        room = places(self._profile.in_flight, len(self._sending))
        leased, claimed = await asyncio.to_thread(self._round, self._ended[:settled], room, time.monotonic())
        del self._ended[:settled]
        for each in leased:
            self._sending.add(asyncio.create_task(self._attempts.make(each, claimed)))
        if not (settled or leased or self._sending) and self._resting:
            await asyncio.sleep(POLL)
        return bool(settled or leased or self._sending or self._resting or self._due_after)

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
            await asyncio.to_thread(self._round, list(self._ended), Grant(), time.monotonic())
            self._ended.clear()

    def _collect(self) -> None:
        done = {task for task in self._sending if task.done()}
        self._sending -= done
        for outcome in (task.result() for task in done):
            self._ended.append(outcome)
            counted.attempt(self._profile.name, outcome.result)

    def _round(self, ended: Sequence[Outcome], room: Grant, at: float) -> tuple[list[Leased], Moment]:
        """What ended is told to all workers and settled; what may leave is leased. Blocks."""
        moment = Moment(self._clock(), at)
        self._gate.hear([heard(each.result, probe=each.leased.lease == self._trying) for each in ended])
        with self._engine.begin() as connection:
            settle(connection, ended, moment.now, self._profile.price)
            due_after = self._made_due(connection, moment.now)
            room = self._room(connection, room, moment.now)
            leased = self._claim(connection, moment.now, room) if self._gate.free else []
            due = [] if self._gate.free else self._wanted(connection, moment.now, room)
        self._gate.reopened, self._due_after = False, due_after
        return leased or self._admitted(due, moment.now), moment

    def _made_due(self, connection: Connection, now: datetime) -> UUID | None:
        """A page of it a turn, until the last or until the provider is away again."""
        after = FIRST if self._gate.reopened else self._due_after
        if after is None or self._gate.shut:
            return None
        return make_due(connection, self._profile.name, now, after, unsure=not self._asks_later)

    def _room(self, connection: Connection, room: Grant, now: datetime) -> Grant:
        """What may leave by the hour, by the provider, and by the replies that wait."""
        if self._gate.shut:
            return Grant()
        if room.bulk and (is_quiet(now) or self._is_behind(connection, now)):
            return Grant(room.messages)
        return room

    def _is_behind(self, connection: Connection, now: datetime) -> bool:
        """Looked at once a second."""
        if time.monotonic() - self._looked_at >= FRESH:
            self._behind = replies_behind(connection, self._profile.name, now) > BEHIND
            self._looked_at = time.monotonic()
        return self._behind

    def _admitted(self, due: Sequence[Due], now: datetime) -> list[Leased]:
        """What the gate lets through. A crash after the claim gives the rows back when their leases end."""
        grant = self._gate.admit(due)
        if not grant.messages:
            self._gate.give_back()
            return []
        with self._engine.begin() as connection:
            leased = self._claim(connection, now, grant)
        if self._gate.tries and leased:
            self._trying = leased[0].lease
        self._gate.settle(due, grant, [each.parts for each in leased])
        return leased

    def _wanted(self, connection: Connection, now: datetime, room: Grant) -> list[Due]:
        if not room.messages:
            return []
        return wanted(waiting(connection, self._profile.name, now, room.messages, self._resting), room)

    def _claim(self, connection: Connection, now: datetime, room: Grant) -> list[Leased]:
        if not room.messages:
            return []
        held = self._held(connection, now) if self._held and room.bulk else ()
        lease_for = self._attempts.lease_for
        who = {"held_units": held, "resting": self._resting}
        return claim(connection, self._profile.name, now, room.messages, lease_for, bulk=room.bulk, **who)

    def _is_taken(self, provider_id: str) -> bool:
        with self._engine.connect() as connection:
            return is_taken(connection, self._profile.name, provider_id)
