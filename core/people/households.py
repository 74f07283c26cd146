"""Households: who lives together, whose phone answers, who agrees for a child. Nobody lives in two at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, Connection, Text, bindparam, exists, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from uuid_utils.compat import uuid7

from core.access.scope import Scope
from core.conversation.fold import words
from core.database.households import assignments, household_members, households, volunteers
from core.database.tables import members, persons

MOST_FOUND = 5
"""Households that a volunteer is shown for a name; whoever sees more types more of it."""

_HERE = household_members.c.left_at.is_(None)


@dataclass(frozen=True, slots=True)
class NewHome:
    """`label`: as neighbours say it ("nhà bà Mẩy"). `contact_id`: whose phone answers for it, if any does."""

    unit_code: str
    label: str
    hamlet: str = ""
    address: str = ""
    contact_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """A household as staff see it in a list."""

    id: UUID
    unit_code: str
    label: str
    hamlet: str
    people: int
    volunteers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """A household as a volunteer finds it."""

    id: UUID
    label: str
    hamlet: str


def make(connection: Connection, home: NewHome, by: UUID | None, now: datetime, id_: UUID | None = None) -> UUID:
    """A household with nobody in it yet."""
    made = id_ or uuid7()
    row = {"id": made, "unit_code": home.unit_code, "label": home.label, "folded_label": words(home.label)}
    rest = {"hamlet": home.hamlet, "address": home.address, "contact_id": home.contact_id}
    connection.execute(
        upsert(households).values({**row, **rest, "created_at": now, "created_by": by}).on_conflict_do_nothing()
    )
    return made


def of_phone(connection: Connection, contact: UUID) -> tuple[UUID, ...]:
    """Those who answer on a phone, have a name, and live in no household yet, by letter. A phone may be several
    families': staff move people afterwards."""
    lives = exists().where(household_members.c.person_id == persons.c.id, _HERE)
    of_it = (
        select(persons.c.id)
        .join(members, members.c.person_id == persons.c.id)
        .where(members.c.contact_id == contact, persons.c.full_name != "", persons.c.merged_into.is_(None), ~lives)
        .order_by(func.length(members.c.letter), members.c.letter)
    )
    return tuple(connection.scalars(of_it))


def join(connection: Connection, home: UUID, people: Sequence[UUID], now: datetime) -> None:
    """They live there from now on, and no more where they lived. In the order given: letters follow it."""
    for person in people:
        elsewhere = (household_members.c.person_id == person, _HERE, household_members.c.household_id != home)
        connection.execute(update(household_members).where(*elsewhere).values(left_at=now))
        row = {"household_id": home, "person_id": person, "joined_at": now}
        connection.execute(upsert(household_members).values(row).on_conflict_do_nothing())


def leave(connection: Connection, home: UUID, person: UUID, now: datetime) -> bool:
    """They moved out. Their letter goes to nobody else, what they said stays theirs."""
    here = (household_members.c.household_id == home, household_members.c.person_id == person, _HERE)
    return connection.execute(update(household_members).where(*here).values(left_at=now)).rowcount > 0


def guard(connection: Connection, home: UUID, child: UUID, guardian: UUID | None) -> bool:
    """That person of the same household agrees for the child from now on; None: nobody does."""
    lives = exists().where(household_members.c.household_id == home, household_members.c.person_id == guardian, _HERE)
    here = (household_members.c.household_id == home, household_members.c.person_id == child, _HERE)
    if guardian == child or (guardian and not connection.scalar(select(lives))):
        return False
    return connection.execute(update(household_members).where(*here).values(guardian_id=guardian)).rowcount > 0


def find(connection: Connection, unit_code: str, said: str) -> tuple[Found, ...]:
    """Households of one unit by words of their label or of the name of somebody who lives there; few of them."""
    folded = words(said).split()
    if not folded or len("".join(folded)) < 2:
        return ()
    patterns = [f"%{word}%" for word in folded if word.isalnum()]
    rows = connection.execute(_FIND, {"unit": unit_code, "patterns": patterns, "most": MOST_FOUND})
    return tuple(Found(*row) for row in rows)


def listed(connection: Connection, scope: Scope, *, unassigned: bool = False, most: int = 200) -> tuple[Listed, ...]:
    """Households of the scope by label; those that nobody looks after alone, if wanted."""
    wanted = _LISTED.where(~_looked_after) if unassigned else _LISTED
    rows = connection.execute(wanted, {"units": list(scope.codes), "most": most})
    return tuple(Listed(r.id, r.unit_code, r.label, r.hamlet, r.people, tuple(r.helpers or ())) for r in rows)


def living(connection: Connection, home: UUID) -> tuple[UUID, ...]:
    """Who lives there, by the order in which they joined."""
    here = select(household_members.c.person_id).where(household_members.c.household_id == home, _HERE)
    return tuple(connection.scalars(here.order_by(household_members.c.joined_at, household_members.c.person_id)))


def unit_of(connection: Connection, home: UUID) -> str | None:
    """Where it is; None if there is none."""
    return connection.scalar(select(households.c.unit_code).where(households.c.id == home))


_PATTERNS = bindparam("patterns", type_=ARRAY(Text)).all_()
_lives_there = exists().where(
    household_members.c.household_id == households.c.id,
    _HERE,
    persons.c.id == household_members.c.person_id,
    persons.c.folded_name.like(_PATTERNS),
)
_FIND = (
    select(households.c.id, households.c.label, households.c.hamlet)
    .where(
        households.c.unit_code == bindparam("unit", type_=Text),
        or_(households.c.folded_label.like(_PATTERNS), _lives_there),
    )
    .order_by(households.c.folded_label, households.c.id)
    .limit(bindparam("most"))
)
_now = (assignments.c.household_id == households.c.id, assignments.c.to_at.is_(None))
_looked_after = exists().where(*_now).correlate(households)
_helpers = (
    select(func.array_agg(volunteers.c.name))
    .join(assignments, assignments.c.volunteer_id == volunteers.c.id)
    .where(*_now)
    .correlate(households)
    .scalar_subquery()
    .label("helpers")
)
_people = (
    select(func.count())
    .join(persons, persons.c.id == household_members.c.person_id)
    .where(household_members.c.household_id == households.c.id, _HERE, persons.c.merged_into.is_(None))
    .correlate(households)
    .scalar_subquery()
    .label("people")
)
_LISTED = (
    select(*(households.c[name] for name in ("id", "unit_code", "label", "hamlet")), _people, _helpers)
    .where(households.c.unit_code == bindparam("units", type_=ARRAY(Text)).any_())
    .order_by(households.c.folded_label, households.c.id)
    .limit(bindparam("most"))
)
