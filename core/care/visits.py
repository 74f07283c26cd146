"""Visits to venues: rows written with the message that tells of them, asked about if a guard did, and forgotten.

A visit counts once its person said it or confirmed it: `confirmed_at`. Consent is the syntax of the text itself (law
91/2025/QH15; domain, section 7), told on the poster and in the first receipt.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Column,
    Connection,
    DateTime,
    Text,
    Uuid,
    bindparam,
    delete,
    func,
    lateral,
    literal,
    select,
    true,
    union_all,
    update,
)

from core.care.rules import in_force
from core.clock import VIETNAM
from core.conversation.context import AskedVisit
from core.conversation.parsers.visit import Direction
from core.database.batch import Batch, BatchInsert, BatchUpdate, Row
from core.database.tables import outbox, visits
from core.messaging.channel import Status

SAME = timedelta(minutes=10)
"""The same word about the same venue within it is the same visit, said twice."""

HEARD = timedelta(hours=24)
"""How long the answer to a question about a visit counts."""

_IDS = bindparam("ids", type_=ARRAY(Uuid))
_AT = DateTime(timezone=True)
_NOW, _SINCE = bindparam("now", type_=_AT), bindparam("since", type_=_AT)
_senders = func.unnest(_IDS).table_valued(Column("id", Uuid)).render_derived(name="sender")
_own = lateral(
    select(visits.c.id, visits.c.venue_code, visits.c.direction, visits.c.at)
    .where(visits.c.contact_id == _senders.c.id, visits.c.by_contact_id.is_(None))
    .order_by(visits.c.at.desc())
    .limit(1),
    name="own",
)
_TOLD = union_all(
    select(_senders.c.id.label("sender"), literal("", Text).label("address"), *_own.c).join(_own, true()),
    select(
        visits.c.by_contact_id, visits.c.address, visits.c.id, visits.c.venue_code, visits.c.direction, visits.c.at
    ).where(visits.c.by_contact_id == _IDS.any_(), visits.c.at > _SINCE),
)
_MADE = ("venue_code", "direction", "at", "by_contact_id", "channel", "address", "ask_at", "confirmed_at")
_INSERT = BatchInsert(visits, ["id", "contact_id", "person_id", *_MADE])
_ANSWERS = Batch(visits, ["id", "confirmed_at", "denied_at"])
_ANSWER = (
    update(visits)
    .values(confirmed_at=_ANSWERS.data.c.confirmed_at, denied_at=_ANSWERS.data.c.denied_at)
    .where(visits.c.id == _ANSWERS.data.c.id, visits.c.confirmed_at.is_(None), visits.c.denied_at.is_(None))
)
_REACHED = (Status.SENDING, Status.UNKNOWN, Status.SENT, Status.DELIVERED)
_ASKED = (
    select(
        visits.c.contact_id,
        visits.c.id,
        visits.c.venue_code,
        visits.c.direction,
        visits.c.at,
        visits.c.asked_at,
        (visits.c.confirmed_at.is_not(None) | visits.c.denied_at.is_not(None)).label("answered"),
        outbox.c.status.in_(_REACHED).label("reached"),
    )
    .distinct(visits.c.contact_id)
    .outerjoin(outbox, outbox.c.id == visits.c.id)
    .where(visits.c.contact_id == _IDS.any_(), visits.c.asked_at > _SINCE)
    .order_by(visits.c.contact_id, visits.c.asked_at.desc(), visits.c.id.desc())
)
_WAITING = (
    select(visits.c.id, visits.c.channel, visits.c.address)
    .where(visits.c.ask_at <= _NOW)
    .order_by(visits.c.ask_at)
    .limit(bindparam("most"))
)
_TAKE = (
    select(visits.c.id, visits.c.venue_code, visits.c.direction, visits.c.at, visits.c.channel, visits.c.address)
    .where(visits.c.id == _IDS.any_(), visits.c.ask_at <= _NOW)
    .order_by(visits.c.at, visits.c.id)
    .with_for_update(skip_locked=True)
)
_SETTLE = BatchUpdate(visits, "id", ["contact_id", "ask_at", "asked_at"])
_OLD = select(visits.c.id).where(visits.c.at <= bindparam("before", type_=_AT)).limit(bindparam("most"))
_DELETE = delete(visits).where(visits.c.id.in_(_OLD.with_for_update(skip_locked=True)))


@dataclass(frozen=True, slots=True)
class Told:
    """A visit that somebody told of, for themselves or (a guard) for a phone."""

    id: UUID
    venue_code: str
    direction: Direction
    at: datetime


@dataclass(frozen=True, slots=True)
class Unasked:
    """A visit whose person is to be asked, on that channel at that address."""

    id: UUID
    channel: str
    address: str


@dataclass(frozen=True, slots=True)
class Taken:
    """The same, held by this transaction, with what the question names."""

    id: UUID
    venue_code: str
    direction: Direction
    at: datetime
    channel: str
    address: str


def newest(connection: Connection, senders: Sequence[UUID], now: datetime) -> dict[tuple[UUID, str], Told]:
    """What these contacts told of last, by sender and phone: "" for their own visits, of any time; and what they told
    of others just now.
    """
    found: dict[tuple[UUID, str], Told] = {}
    rows = connection.execute(_TOLD, {"ids": list(senders), "since": now - SAME}).all()
    for row in sorted(rows, key=lambda row: row.at):
        found[row.sender, row.address] = Told(row.id, row.venue_code, Direction(row.direction), row.at)
    return found


def insert(connection: Connection, rows: Sequence[Row]) -> None:
    """Write visits, one for each message, however often it is read."""
    _INSERT.run(connection, rows)


def answer(connection: Connection, rows: Sequence[Row]) -> None:
    """Write what people said of visits that a guard told of: id, confirmed_at, denied_at. The first word counts."""
    if rows:
        connection.execute(_ANSWER, _ANSWERS.parameters(rows))


def load_asked(connection: Connection, contacts: Iterable[UUID], now: datetime) -> Mapping[UUID, AskedVisit]:
    """The visit that each contact was asked about last, if the question left and was not answered yet."""
    rows = connection.execute(_ASKED, {"ids": list(contacts), "since": now - HEARD})
    return {row.contact_id: _asked(row) for row in rows if row.reached and not row.answered}


def _asked(row: Any) -> AskedVisit:
    return AskedVisit(row.id, row.venue_code, Direction(row.direction), row.at, row.asked_at)


def unasked(connection: Connection, now: datetime, limit: int) -> list[Unasked]:
    """Visits that are to be asked about now, at most `limit`."""
    rows = connection.execute(_WAITING, {"now": now, "most": limit})
    return [Unasked(row.id, row.channel, row.address) for row in rows]


def take(connection: Connection, ids: Sequence[UUID], now: datetime) -> list[Taken]:
    """Hold those of these visits that are still to be asked about; oldest first. What somebody else holds is left."""
    rows = connection.execute(_TAKE, {"ids": list(ids), "now": now})
    return [Taken(r.id, r.venue_code, Direction(r.direction), r.at, r.channel, r.address) for r in rows]


def settle(connection: Connection, rows: Sequence[Row]) -> None:
    """Write when visits were asked about, or will be: id, contact_id, ask_at, asked_at."""
    _SETTLE.run(connection, rows)


def forget_visits(connection: Connection, now: datetime, limit: int = 500) -> int:
    """Delete at most `limit` visits that are older than the rules of the day keep them. How many."""
    before = now - timedelta(days=in_force(now.astimezone(VIETNAM).date()).visit_days)
    return connection.execute(_DELETE, {"before": before, "most": limit}).rowcount
