"""One household as staff see it: who lives and lived there, who agrees for whom, visits and needs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, Text, Uuid, bindparam, exists, select

from core.database.households import assignments, household_members, household_visits, households, volunteers
from core.database.tables import members, persons
from core.people.consents import is_child
from core.people.own_phones import own

_MOST = 50


@dataclass(frozen=True, slots=True)
class Lives:
    """Somebody who lives there, or (`left_at`) did. `adult`: not known to be a child."""

    person_id: UUID
    name: str
    year_of_birth: int | None
    left_at: datetime | None
    guardian_id: UUID | None
    adult: bool

    @property
    def may_guard(self) -> bool:
        """Whether they can agree for somebody else there."""
        return self.adult and self.left_at is None and self.guardian_id is None


@dataclass(frozen=True, slots=True)
class Visited:
    """A volunteer was there."""

    at: datetime
    volunteer: str
    note: str


@dataclass(frozen=True, slots=True)
class Helper:
    """A volunteer of the household's unit. `helps`: looks after it now."""

    id: UUID
    name: str
    helps: bool


@dataclass(frozen=True, slots=True)
class Household:
    """All of it. `helpers`: every volunteer of its unit."""

    id: UUID
    label: str
    hamlet: str
    people: tuple[Lives, ...]
    visits: tuple[Visited, ...]
    helpers: tuple[Helper, ...]


def read(connection: Connection, home: UUID, year: int) -> Household:
    """The household with that id, which there is, in that year."""
    row: Row[Any] = connection.execute(select(households).where(households.c.id == home)).one()
    lives = (
        select(
            persons.c.id,
            persons.c.full_name,
            persons.c.year_of_birth,
            household_members.c.left_at,
            household_members.c.guardian_id,
        )
        .join(persons, persons.c.id == household_members.c.person_id)
        .where(household_members.c.household_id == home, persons.c.merged_into.is_(None))
        .order_by(household_members.c.joined_at, persons.c.id)
        .limit(_MOST)
    )
    visits = (
        select(household_visits.c.at, volunteers.c.name, household_visits.c.note)
        .join(volunteers, volunteers.c.id == household_visits.c.volunteer_id)
        .where(household_visits.c.household_id == home)
        .order_by(household_visits.c.at.desc())
        .limit(_MOST)
    )
    people = tuple(_lives(each, year) for each in connection.execute(lives))
    came = tuple(Visited(*each) for each in connection.execute(visits))
    helpers = tuple(Helper(*each) for each in connection.execute(_HELPERS, {"home": home, "unit": row.unit_code}))
    return Household(row.id, row.label, row.hamlet, people, came, helpers)


def _lives(row: Row[Any], year: int) -> Lives:
    adult = not is_child(row.year_of_birth, year)
    return Lives(row.id, row.full_name, row.year_of_birth, row.left_at, row.guardian_id, adult)


def phone_of(connection: Connection, person: UUID) -> UUID | None:
    """The oldest contact of somebody's own."""
    theirs = select(members.c.contact_id).where(members.c.person_id == person, own(members))
    theirs = theirs.order_by(members.c.contact_id)
    return connection.scalar(theirs.limit(1))


def unit_of_person(connection: Connection, person: UUID) -> str | None:
    """Where somebody lives whose name is known, and who was not merged into another."""
    known = (persons.c.id == person, persons.c.full_name != "", persons.c.merged_into.is_(None))
    return connection.scalar(select(persons.c.unit_code).where(*known))


def home_of(connection: Connection, person: UUID, units: tuple[str, ...]) -> tuple[UUID, str] | None:
    """Id and label of the household in which somebody lives, if it is of these units."""
    theirs = (
        select(households.c.id, households.c.label)
        .join(household_members, household_members.c.household_id == households.c.id)
        .where(
            household_members.c.person_id == person,
            household_members.c.left_at.is_(None),
            households.c.unit_code.in_(units),
        )
    )
    row = connection.execute(theirs).one_or_none()
    return (row.id, row.label) if row else None


_helps = exists().where(
    assignments.c.volunteer_id == volunteers.c.id,
    assignments.c.household_id == bindparam("home", type_=Uuid),
    assignments.c.to_at.is_(None),
)
_HELPERS = (
    select(volunteers.c.id, volunteers.c.name, _helps)
    .where(volunteers.c.unit_code == bindparam("unit", type_=Text), volunteers.c.status == "active")
    .order_by(volunteers.c.name, volunteers.c.id)
)
