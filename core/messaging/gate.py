"""Whether a channel sends now, and how much: its rate and its breaker, shared by all workers of all hosts.

`shared.channel_states` has a row a channel. Its rate is a GCRA: `next_at` is when the next message fits, and a message
that costs n parts moves it n intervals on. All times are the database's clock. A channel without a rate only looks at
its row, once a second.

Each write is one short transaction of its own, before the cell's claim. A crash after it loses what was reserved: at
most a burst, earned back by itself; a process that dies with the message that tries gives the try to another one
after `lease_for`.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Connection, Engine, Interval, bindparam, case, func, null, select, update
from sqlalchemy.dialects.postgresql import insert

from core.database.shared import Instant, channel_states
from core.messaging.breaker import Breaker, Heard, Verdict, after
from core.messaging.channel import ChannelProfile
from core.messaging.fairness import Due, Grant, granted

log = logging.getLogger(__name__)

FRESH: Final = 1.0
"""Seconds for which a look at the row counts: so long another worker's opening may go unseen."""

_row = channel_states.c
_clock = func.clock_timestamp(type_=Instant)
_zero = timedelta()
_span = bindparam("span", type_=Interval)
_through = _row.channel == bindparam("through")

_MAKE = insert(channel_states).values(channel=bindparam("through")).on_conflict_do_nothing()
_READ = select(
    func.greatest(_row.next_at - _clock, _zero, type_=Interval).label("ahead"),
    _row.failures,
    _row.openings,
    func.greatest(_row.open_until - _clock, _zero, type_=Interval).label("rest"),
    _row.reason,
).where(_through)
_LOCK = _READ.with_for_update()
_MOVE = (
    update(channel_states).where(_through).values(next_at=func.greatest(_row.next_at, _clock, type_=Instant) + _span)
)
_KEEP = (
    update(channel_states)
    .where(_through)
    .values(
        failures=bindparam("failed"),
        openings=bindparam("opened"),
        reason=bindparam("why"),
        open_until=case((bindparam("opened") > 0, _clock + _span), else_=null()),
    )
)
_TRY = (
    update(channel_states)
    .where(_through, _row.openings > 0, _row.open_until <= _clock)
    .values(open_until=_clock + _span)
    .returning(_row.channel)
)
_LET_TRY = update(channel_states).where(_through, _row.openings > 0).values(open_until=_clock)


@dataclass(frozen=True, slots=True)
class State:
    """A channel's row. `ahead`: by how much its next message lies ahead."""

    ahead: timedelta = _zero
    breaker: Breaker = field(default_factory=Breaker)


def read(connection: Connection, channel: str) -> State:
    """As it is now; a channel without a row sends freely."""
    return _state(connection.execute(_READ, {"through": channel}).first()) or State()


def locked(connection: Connection, channel: str) -> State:
    """The same, held until the end of the transaction; the row is made if there is none."""
    found = _state(connection.execute(_LOCK, {"through": channel}).first())
    if found is None:
        connection.execute(_MAKE, {"through": channel})
        found = _state(connection.execute(_LOCK, {"through": channel}).first())
    return found or State()


def _state(row: Any) -> State | None:
    if row is None:
        return None
    return State(row.ahead or _zero, Breaker(row.failures, row.openings, row.rest or _zero, row.reason))


def keep(connection: Connection, channel: str, breaker: Breaker) -> None:
    """Write a breaker down."""
    values = {"failed": breaker.failures, "opened": breaker.openings, "why": breaker.reason, "span": breaker.rest}
    connection.execute(_KEEP, values | {"through": channel})


class Gate:
    """One channel's row, as one worker uses it. Blocks: called in threads, one call at a time.

    `lease_for`: how long the message that tries may take.
    """

    def __init__(self, engine: Engine, profile: ChannelProfile, lease_for: timedelta) -> None:
        self._engine = engine
        self._profile = profile
        self._lease_for = lease_for
        self._state = State()
        self._looked_at: float | None = None
        self._used = 0  # tokens that claims cost beyond what was reserved for them; less than 0: not used
        self.reopened = False
        """The breaker was seen to close: what waits because of the provider is due. The reader resets it."""
        self._vain: tuple[Due, ...] = ()
        self._vain_until = 0.0  # the monotonic clock's

    def hear(self, ends: Sequence[Heard]) -> None:
        """Tell all workers what ended attempts say of the provider; look how it is by now.

        Raises if the database is away. Heard twice, failures count twice: it opens a little sooner.
        """
        calm = self._state.breaker == Breaker()
        if any(end.verdict in {Verdict.AWAY, Verdict.SHUT} or end.probe or not calm for end in ends):
            with self._engine.begin() as connection:
                before = locked(connection, self._profile.name).breaker
                breaker = after(before, ends)
                if breaker != before:
                    keep(connection, self._profile.name, breaker)
            self._tell(before, breaker)
            self._seen(State(self._state.ahead, breaker))
        elif self._looked_at is None or time.monotonic() - self._looked_at >= FRESH:
            with self._engine.connect() as connection:
                self._seen(read(connection, self._profile.name))

    @property
    def shut(self) -> bool:
        """Whether nothing may be sent now."""
        return self._state.breaker.resting

    @property
    def free(self) -> bool:
        """Whether everything may be sent, without asking again."""
        return self._state.breaker.closed and self._profile.rate is None

    @property
    def tries(self) -> bool:
        """Whether one message may try a provider that was away."""
        return not self._state.breaker.closed and not self.shut

    def admit(self, due: Sequence[Due]) -> Grant:
        """How many of `due` may leave now, in their order; the cost of these is reserved.

        While the breaker is half open it is one message, for one worker of all. What was in vain a moment ago is not
        asked for again and again.
        """
        if self.shut or not due or (self._vain == tuple(due) and time.monotonic() < self._vain_until):
            return Grant()
        grant = self._reserved(due[:1] if self.tries else due)
        if grant.messages and self.tries and not self._take_try():
            self._used -= grant.cost
            return Grant()
        if not grant.messages:
            self._in_vain(due)
        return grant

    def settle(self, due: Sequence[Due], grant: Grant, parts: Sequence[int]) -> None:
        """What was claimed of `due`, and costs so many `parts`. What it costs beyond what was reserved is written down
        by the next `admit` or `give_back`.
        """
        if self._profile.rate is not None:
            self._used += sum(parts) - grant.cost
        if parts or not grant.messages:
            return
        self._in_vain(due)
        if self.tries:
            with self._engine.begin() as connection:
                connection.execute(_LET_TRY, {"through": self._profile.name})

    def give_back(self) -> None:
        """Write down what `settle` has told since."""
        rate = self._profile.rate
        if rate is None or not self._used:
            return
        with self._engine.begin() as connection:
            self._move(connection, self._used * timedelta(seconds=1 / rate.per_second))
        self._used = 0

    def _take_try(self) -> bool:
        """One worker of all gets it."""
        with self._engine.begin() as connection:
            values = {"through": self._profile.name, "span": self._lease_for}
            won = connection.execute(_TRY, values).first() is not None
        self._looked_at = None  # nobody else may try now, and so it is written there
        return won

    def _reserved(self, due: Sequence[Due]) -> Grant:
        rate = self._profile.rate
        if rate is None:
            return Grant(len(due), sum(each.started for each in due))
        interval = timedelta(seconds=1 / rate.per_second)
        with self._engine.begin() as connection:
            ahead = locked(connection, self._profile.name).ahead
            owed = max(ahead + self._used * interval, _zero)
            grant = granted(due, rate.burst - owed / interval, rate.burst)
            self._move(connection, owed - ahead + grant.cost * interval)
        self._used = 0
        return grant

    def _in_vain(self, due: Sequence[Due]) -> None:
        self._vain, self._vain_until = tuple(due), time.monotonic() + FRESH

    def _move(self, connection: Connection, span: timedelta) -> None:
        if span:
            connection.execute(_MOVE, {"through": self._profile.name, "span": span})

    def _seen(self, state: State) -> None:
        if state.breaker.closed and not self._state.breaker.closed:
            self.reopened = True
        self._state, self._looked_at = state, time.monotonic()

    def _tell(self, before: Breaker, now: Breaker) -> None:
        name = self._profile.name
        if before.closed and not now.closed:
            rest = now.rest.total_seconds()
            log.warning("%s is left alone: %s, for %.0f s at first", name, now.reason or "no answer", rest)
        elif now.closed and not before.closed:
            log.info("%s answers again", name)
