"""Leases that a worker finds when it starts: what others have in hand, and what they left behind.

They are told, not taken. A lease that has ended comes round by itself at the next look; one that has not may belong to
a worker on another machine that is sending at this moment, and nothing in the row says otherwise: to end it early would
send a message twice in order to save a minute.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, Select, Table, func, literal_column, select

from core.database.shared import Instant
from core.database.tables import forwards, outbox


@dataclass(frozen=True, slots=True)
class Leases:
    """Of one table: how many are held now, and how many ended without a word."""

    held: int
    lapsed: int


def leases(connection: Connection) -> dict[str, Leases]:
    """By table, through its partial index of what is open."""
    found = {"outbox": connection.execute(_OUTBOX).one(), "forwards": connection.execute(_FORWARDS).one()}
    return {name: Leases(row.held, row.lapsed) for name, row in found.items()}


_clock = func.clock_timestamp(type_=Instant)


def _count(table: Table, open_: str) -> Select[tuple[int, int]]:
    """The condition is written out, as the index has it."""
    held = func.count().filter(table.c.lease_until >= _clock)
    lapsed = func.count().filter(table.c.lease_until < _clock)
    return select(held.label("held"), lapsed.label("lapsed")).where(literal_column(open_))


_OUTBOX: Final = _count(outbox, "status IN ('queued', 'sending') AND status = 'sending'")
_FORWARDS: Final = _count(forwards, "status = 'pending'")
