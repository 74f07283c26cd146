"""Volunteers: who helps where, and which households they look after."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Connection, Text, bindparam, func, insert, literal, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from uuid_utils.compat import uuid7

from core.access.scope import Scope
from core.care.standing import one_of
from core.database.households import assignments, consents, handovers, households, needs, volunteers
from core.database.tables import contacts
from core.people import consents as agreed

PAGE = 100
"""Volunteers on a page."""

_OPEN = one_of(volunteers.c.status, "waiting", "active")


class Outcome(StrEnum):
    """What became of what staff or a volunteer wanted."""

    DONE = "done"
    TOO_LATE = "too_late"  # it was so already, or is decided
    UNKNOWN = "unknown"  # not in the scope: it may exist, which is not told


@dataclass(frozen=True, slots=True)
class Volunteer:
    """Somebody who helps, or wants to. By channel and number staff know who asks."""

    id: UUID
    contact_id: UUID
    unit_code: str
    name: str
    status: str
    asked_at: datetime
    decided_at: datetime | None
    homes: int
    channel: str
    address: str  # a number on a phone's channel, else an id that says nothing
    phone: str | None  # what they said staff can call


@dataclass(frozen=True, slots=True)
class Decided:
    """What staff said, who (None: the operator) and when."""

    yes: bool
    by: UUID | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Wanted:
    """Someone who asks to help there. `id` is derived from the message that asked."""

    id: UUID
    contact_id: UUID
    name: str
    unit_code: str


def enrol(connection: Connection, wanted: Wanted, now: datetime) -> None:
    """They ask to help; whoever is one already, or waits, stays it."""
    row = {"id": wanted.id, "contact_id": wanted.contact_id, "name": wanted.name, "unit_code": wanted.unit_code}
    made = upsert(volunteers).values({**row, "status": "waiting", "asked_at": now})
    connection.execute(made.on_conflict_do_nothing())


def decide(connection: Connection, scope: Scope, whose: UUID, said: Decided) -> Outcome:
    """Staff let them help, or not."""
    here = (volunteers.c.id == whose, volunteers.c.unit_code.in_(scope.codes))
    values = {"status": "active" if said.yes else "refused", "decided_at": said.at, "decided_by": said.by}
    done = connection.execute(update(volunteers).where(*here, volunteers.c.status == "waiting").values(values))
    return _outcome(connection, done.rowcount, here)


def stop(connection: Connection, scope: Scope, whose: UUID, now: datetime) -> Outcome:
    """Staff end it: their households go back to the unit's list. The clock tells them (`core.reminders.volunteers`)."""
    here = (volunteers.c.id == whose, volunteers.c.unit_code.in_(scope.codes))
    ended = update(volunteers).where(*here, _OPEN).values(status="stopped", stopped_at=now, told_at=None)
    done = connection.execute(ended)
    if done.rowcount:
        end_assignments(connection, whose, now)
    return _outcome(connection, done.rowcount, here)


def resign(connection: Connection, whose: UUID, now: datetime) -> None:
    """They end it themselves: there is nothing to tell them."""
    ended = update(volunteers).where(volunteers.c.id == whose, _OPEN)
    connection.execute(ended.values(status="stopped", stopped_at=now, told_at=now))
    end_assignments(connection, whose, now)


def end_assignments(connection: Connection, whose: UUID, now: datetime) -> None:
    """All of theirs end, and with them what was agreed to for them, what they offered and what was offered to them."""
    open_ = (assignments.c.volunteer_id == whose, assignments.c.to_at.is_(None))
    connection.execute(update(assignments).where(*open_).values(to_at=now))
    theirs = update(consents).where(consents.c.volunteer_id == whose, consents.c.withdrawn_at.is_(None))
    connection.execute(theirs.values(withdrawn_at=now))
    _close_offers(connection, now, or_(handovers.c.from_id == whose, handovers.c.to_id == whose))


def assign(connection: Connection, whose: UUID, home: UUID, by: UUID | None, now: datetime) -> Outcome:
    """They look after that household of their own unit from now on, beside whoever else does."""
    fits = (
        select(households.c.id)
        .join(volunteers, volunteers.c.unit_code == households.c.unit_code)
        .where(households.c.id == home, volunteers.c.id == whose, volunteers.c.status == "active")
    )
    if connection.scalar(fits) is None:
        return Outcome.UNKNOWN
    row = {"volunteer_id": whose, "household_id": home, "from_at": now, "by": by}
    made = upsert(assignments).values(row).on_conflict_do_nothing().returning(assignments.c.household_id)
    return Outcome.DONE if connection.scalar(made) else Outcome.TOO_LATE


def unassign(connection: Connection, whose: UUID, home: UUID, now: datetime) -> Outcome:
    """They look after it no more, and what was agreed to for that ends: should it be theirs again, it is asked anew."""
    here = (assignments.c.volunteer_id == whose, assignments.c.household_id == home, assignments.c.to_at.is_(None))
    done = connection.execute(update(assignments).where(*here).values(to_at=now))
    if done.rowcount:
        agreed.end_of_home(connection, whose, home, now)
        _close_offers(connection, now, handovers.c.from_id == whose, handovers.c.household_id == home)
    return Outcome.DONE if done.rowcount else Outcome.TOO_LATE


def take_over(connection: Connection, offer: UUID, now: datetime, *, yes: bool) -> None:
    """Whoever was offered a household takes it, or not. It is theirs only if the other one has it still: what staff
    took away meanwhile is theirs to give. An offer is answered once."""
    said = update(handovers).where(handovers.c.id == offer, handovers.c.answered_at.is_(None))
    row = connection.execute(said.values(answered_at=now, accepted=yes).returning(*handovers.c)).one_or_none()
    if row and yes and unassign(connection, row.from_id, row.household_id, now) is Outcome.DONE:
        assign(connection, row.to_id, row.household_id, None, now)


def _close_offers(connection: Connection, now: datetime, *of: ColumnElement[bool]) -> None:
    """Nobody can take these any more."""
    open_ = update(handovers).where(*of, handovers.c.answered_at.is_(None))
    connection.execute(open_.values(answered_at=now, accepted=False))


def unite(connection: Connection, kept: UUID, gone: UUID, now: datetime) -> None:
    """Two contacts are becoming one: who helps from both goes on as one, with the households of both. Whoever is let
    help already stays it."""
    both = select(volunteers.c.id, volunteers.c.status, volunteers.c.unit_code, volunteers.c.contact_id)
    rows = connection.execute(both.where(volunteers.c.contact_id.in_((kept, gone)), _OPEN).with_for_update()).all()
    if len(rows) < 2:
        return
    stays, other = sorted(rows, key=lambda row: (row.status != "active", row.contact_id != kept))
    if stays.status == "active" and stays.unit_code == other.unit_code:
        held = select(
            literal(stays.id, assignments.c.volunteer_id.type),
            assignments.c.household_id,
            literal(now, assignments.c.from_at.type),
            assignments.c.by,
        ).where(assignments.c.volunteer_id == other.id, assignments.c.to_at.is_(None))
        moved = upsert(assignments).from_select(["volunteer_id", "household_id", "from_at", "by"], held)
        connection.execute(moved.on_conflict_do_nothing())
        theirs = update(consents).where(consents.c.volunteer_id == other.id, consents.c.withdrawn_at.is_(None))
        connection.execute(theirs.values(volunteer_id=stays.id))
        connection.execute(update(needs).where(needs.c.volunteer_id == other.id).values(volunteer_id=stays.id))
    resign(connection, other.id, now)


def count(connection: Connection, scope: Scope) -> Mapping[str, int]:
    """How many wait to help in the scope, and how many do, by status."""
    found = connection.execute(_COUNT, {"units": list(scope.codes)}).tuples().all()
    return {"waiting": 0, "active": 0} | dict(found)


def listed(connection: Connection, scope: Scope, status: str = "", page: int = 1) -> tuple[Volunteer, ...]:
    """Those who help in the scope, or wait to ("": both, who waits comes first), by when they asked: `PAGE` a page,
    from 1."""
    told = {"units": list(scope.codes), "status": status, "most": PAGE, "skip": (page - 1) * PAGE}
    return tuple(Volunteer(*row) for row in connection.execute(_LISTED, told))


def every(connection: Connection, scope: Scope) -> Iterator[Volunteer]:
    """All of them, read a few at a time; who waits comes first."""
    for row in connection.execute(_EVERY, {"units": list(scope.codes)}):
        yield Volunteer(*row)


def by_contact(connection: Connection, contact: UUID, unit_code: str) -> UUID | None:
    """The active volunteer of that unit who writes from there."""
    one = (volunteers.c.contact_id == contact, volunteers.c.unit_code == unit_code, volunteers.c.status == "active")
    return connection.scalar(select(volunteers.c.id).where(*one))


def make(connection: Connection, contact: UUID, name: str, unit_code: str, now: datetime) -> UUID:
    """An active volunteer at once: for a demo, and for staff who know them."""
    whose = uuid7()
    row = {"id": whose, "contact_id": contact, "name": name, "unit_code": unit_code, "status": "active"}
    connection.execute(insert(volunteers).values({**row, "asked_at": now, "decided_at": now, "told_at": now}))
    return whose


def _outcome(connection: Connection, done: int, here: tuple[Any, ...]) -> Outcome:
    if done:
        return Outcome.DONE
    known = connection.scalar(select(volunteers.c.id).where(*here))
    return Outcome.TOO_LATE if known else Outcome.UNKNOWN


_count = (
    select(func.count())
    .where(assignments.c.volunteer_id == volunteers.c.id, assignments.c.to_at.is_(None))
    .correlate(volunteers)
    .scalar_subquery()
)
_STATUS = bindparam("status", type_=Text)
_of_scope = (_OPEN, volunteers.c.unit_code == bindparam("units", type_=ARRAY(Text)).any_())
_COUNT = select(volunteers.c.status, func.count()).where(*_of_scope).group_by(volunteers.c.status)
_ALL = (
    select(
        *(volunteers.c[n] for n in ("id", "contact_id", "unit_code", "name", "status", "asked_at", "decided_at")),
        _count,
        *(contacts.c[n] for n in ("channel", "address", "phone")),
    )
    .join(contacts, contacts.c.id == volunteers.c.contact_id)
    .where(*_of_scope)
    .order_by(volunteers.c.status.desc(), volunteers.c.asked_at, volunteers.c.id)
)
_EVERY = _ALL.execution_options(yield_per=200)
_LISTED = (
    _ALL.where(or_(_STATUS == "", volunteers.c.status == _STATUS)).limit(bindparam("most")).offset(bindparam("skip"))
)
