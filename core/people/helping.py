"""What a unit's staff see of the help that is given: who looks after whom, what was heard, wanted and lacked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Connection, Select, Text, bindparam, exists, select, update

from core.access.scope import Scope
from core.database.households import assignments, consents, household_members, households, needs, volunteers
from core.database.tables import persons
from core.people.volunteers import Outcome

_MOST = 300
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
    """A volunteer asked for a household that is not theirs."""

    volunteer_id: UUID
    volunteer: str
    home_id: UUID
    label: str


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


def assigned(connection: Connection, scope: Scope) -> tuple[Assigned, ...]:
    """Who looks after which household now."""
    return tuple(Assigned(*row) for row in _read(connection, _ASSIGNED, scope))


def spoken(connection: Connection, scope: Scope) -> tuple[Spoken, ...]:
    """Consents by word of mouth that hold, newest first."""
    return tuple(Spoken(*row) for row in _read(connection, _SPOKEN, scope))


def wanted(connection: Connection, scope: Scope) -> tuple[Wanted, ...]:
    """Households that volunteers asked for and do not look after yet."""
    return tuple(Wanted(*row) for row in _read(connection, _WANTED, scope))


def open_needs(connection: Connection, scope: Scope) -> tuple[Need, ...]:
    """What is lacked, oldest first."""
    return tuple(Need(*row) for row in _read(connection, _NEEDS, scope))


def close_need(connection: Connection, scope: Scope, need: UUID, by: UUID | None, now: datetime) -> Outcome:
    """It is seen to."""
    here = (needs.c.id == need, needs.c.unit_code.in_(scope.codes))
    closed = update(needs).where(*here, needs.c.closed_at.is_(None)).values(closed_at=now, closed_by=by)
    if connection.execute(closed).rowcount:
        return Outcome.DONE
    return Outcome.TOO_LATE if connection.scalar(select(needs.c.id).where(*here)) else Outcome.UNKNOWN


def _read(connection: Connection, what: Select[Any], scope: Scope) -> Any:
    return connection.execute(what, {"units": list(scope.codes)})


_ASSIGNED = (
    select(assignments.c.volunteer_id, households.c.id, households.c.label)
    .join(households, households.c.id == assignments.c.household_id)
    .where(households.c.unit_code == _UNITS, assignments.c.to_at.is_(None))
    .order_by(households.c.folded_label)
    .limit(_MOST)
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
_theirs = exists().where(
    assignments.c.household_id == households.c.id,
    assignments.c.volunteer_id == volunteers.c.id,
    assignments.c.to_at.is_(None),
)
_WANTED = (
    select(volunteers.c.id, volunteers.c.name, households.c.id, households.c.label)
    .distinct()
    .select_from(consents)
    .join(volunteers, volunteers.c.id == consents.c.volunteer_id)
    .join(household_members, household_members.c.person_id == consents.c.person_id)
    .join(households, households.c.id == household_members.c.household_id)
    .where(
        volunteers.c.unit_code == _UNITS,
        volunteers.c.status == "active",
        households.c.unit_code == volunteers.c.unit_code,
        household_members.c.left_at.is_(None),
        consents.c.withdrawn_at.is_(None),
        consents.c.refused_at.is_(None),
        ~_theirs,
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
    .where(needs.c.unit_code == _UNITS, needs.c.closed_at.is_(None))
    .order_by(needs.c.at)
    .limit(_MOST)
)
