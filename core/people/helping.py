"""What a unit's staff see of the help that is given: who looks after whom, what was heard, wanted and lacked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Connection, Select, Text, Uuid, bindparam, exists, or_, select, true, update
from sqlalchemy.dialects.postgresql import insert as upsert

from core.access.scope import Scope
from core.database.households import assignments, consents, household_members, households, needs, volunteers
from core.database.tables import persons
from core.people.volunteers import Outcome

WISH = "wish"
"""The kind of a need that is a volunteer's: that the household be given to them."""

_MOST = 300
MOST_HOMES = 30
"""Households of one volunteer that the page shows; the others are on the list of households."""
_UNITS = bindparam("units", type_=ARRAY(Text)).any_()


@dataclass(frozen=True, slots=True)
class Assigned:
    """A volunteer looks after a household."""

    volunteer_id: UUID
    home_id: UUID
    label: str


@dataclass(frozen=True, slots=True)
class Spoken:
    """A consent that a volunteer heard: staff may ask whether it is so."""

    volunteer: str
    person_id: UUID
    person: str
    given_at: datetime


@dataclass(frozen=True, slots=True)
class Wanted:
    """A volunteer asked for a household that is not theirs. `id`: of the wish, as a need of that household."""

    id: UUID
    volunteer_id: UUID
    volunteer: str
    home_id: UUID
    label: str
    unit_code: str


@dataclass(frozen=True, slots=True)
class Wish:
    """A volunteer asks for a household. `id` is derived from the message that asked."""

    id: UUID
    volunteer_id: UUID
    home_id: UUID
    unit_code: str


@dataclass(frozen=True, slots=True)
class Need:
    """What a household lacks, since when."""

    id: UUID
    label: str
    hamlet: str
    kind: str
    note: str
    at: datetime
    unit_code: str


def assigned(connection: Connection, whose: Sequence[UUID]) -> tuple[Assigned, ...]:
    """Who of these volunteers looks after which household now: the first few of each, by label."""
    return tuple(Assigned(*row) for row in connection.execute(_ASSIGNED, {"ids": list(whose)}))


def spoken(connection: Connection, scope: Scope) -> tuple[Spoken, ...]:
    """Consents by word of mouth that hold, newest first."""
    return tuple(Spoken(*row) for row in _read(connection, _SPOKEN, scope))


def wanted(connection: Connection, scope: Scope) -> tuple[Wanted, ...]:
    """Households that volunteers asked for and were not given since, unless somebody there said no to them."""
    return tuple(Wanted(*row) for row in _read(connection, _WANTED, scope))


def open_needs(connection: Connection, scope: Scope) -> tuple[Need, ...]:
    """What is lacked, oldest first; not what volunteers wish for."""
    return tuple(Need(*row) for row in _read(connection, _NEEDS, scope))


def wish(connection: Connection, asked: Wish, at: datetime) -> None:
    """A volunteer asks for a household of their unit: staff see it until they give it, or close it, whether or not
    anybody there can be asked. Asked again it is the same wish, of now."""
    row = {"household_id": asked.home_id, "volunteer_id": asked.volunteer_id, "kind": WISH}
    same = [needs.c[name] == value for name, value in row.items()]
    again = update(needs).where(*same, needs.c.closed_at.is_(None)).values(at=at)
    if connection.execute(again).rowcount == 0:
        made = upsert(needs).values({**row, "id": asked.id, "unit_code": asked.unit_code, "at": at})
        connection.execute(made.on_conflict_do_nothing())


def close_need(connection: Connection, scope: Scope, need: UUID, by: UUID | None, now: datetime) -> Outcome:
    """It is seen to."""
    here = (needs.c.id == need, needs.c.unit_code.in_(scope.codes))
    closed = update(needs).where(*here, needs.c.closed_at.is_(None)).values(closed_at=now, closed_by=by)
    if connection.execute(closed).rowcount:
        return Outcome.DONE
    return Outcome.TOO_LATE if connection.scalar(select(needs.c.id).where(*here)) else Outcome.UNKNOWN


def _read(connection: Connection, what: Select[Any], scope: Scope) -> Any:
    return connection.execute(what, {"units": list(scope.codes)})


_first = (
    select(households.c.id, households.c.label, households.c.folded_label)
    .join(assignments, assignments.c.household_id == households.c.id)
    .where(assignments.c.volunteer_id == volunteers.c.id, assignments.c.to_at.is_(None))
    .order_by(households.c.folded_label, households.c.id)
    .limit(MOST_HOMES)
    .lateral()
)
_ASSIGNED = (
    select(volunteers.c.id, _first.c.id, _first.c.label)
    .join(_first, true())
    .where(volunteers.c.id == bindparam("ids", type_=ARRAY(Uuid)).any_(), volunteers.c.status == "active")
    .order_by(_first.c.folded_label)
)
_SPOKEN = (
    select(volunteers.c.name, persons.c.id, persons.c.full_name, consents.c.given_at)
    .select_from(consents)
    .join(volunteers, volunteers.c.id == consents.c.volunteer_id)
    .join(persons, persons.c.id == consents.c.person_id)
    .where(volunteers.c.unit_code == _UNITS, consents.c.basis == "spoken", consents.c.withdrawn_at.is_(None))
    .where(persons.c.unit_code == _UNITS)
    .order_by(consents.c.given_at.desc())
    .limit(_MOST)
)
_given_since = exists().where(
    assignments.c.household_id == needs.c.household_id,
    assignments.c.volunteer_id == needs.c.volunteer_id,
    or_(assignments.c.to_at.is_(None), assignments.c.from_at >= needs.c.at),
)
_said_no = exists().where(
    household_members.c.household_id == needs.c.household_id,
    household_members.c.left_at.is_(None),
    consents.c.person_id == household_members.c.person_id,
    consents.c.volunteer_id == needs.c.volunteer_id,
    consents.c.refused_at >= needs.c.at,
)
_WANTED = (
    select(needs.c.id, volunteers.c.id, volunteers.c.name, households.c.id, households.c.label, needs.c.unit_code)
    .select_from(needs)
    .join(volunteers, volunteers.c.id == needs.c.volunteer_id)
    .join(households, households.c.id == needs.c.household_id)
    .where(
        needs.c.unit_code == _UNITS,
        needs.c.closed_at.is_(None),
        needs.c.kind == WISH,
        volunteers.c.status == "active",
        households.c.unit_code == volunteers.c.unit_code,
        ~_given_since,
        ~_said_no,
    )
    .order_by(volunteers.c.name, households.c.label)
    .limit(_MOST)
)
_NEEDS = (
    select(
        needs.c.id,
        households.c.label,
        households.c.hamlet,
        needs.c.kind,
        needs.c.note,
        needs.c.at,
        needs.c.unit_code,
    )
    .join(households, households.c.id == needs.c.household_id)
    .where(needs.c.unit_code == _UNITS, needs.c.closed_at.is_(None), needs.c.kind != WISH)
    .order_by(needs.c.at)
    .limit(_MOST)
)
