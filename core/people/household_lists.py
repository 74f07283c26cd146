"""Households as staff list them: by page, by words, those that nobody looks after or that one volunteer does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Boolean, Connection, Text, Uuid, bindparam, exists, func, or_, select

from core.access.scope import Scope
from core.conversation.fold import words
from core.database.households import assignments, household_members, households, volunteers
from core.database.tables import persons

PAGE = 100
"""Households on a page."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which of a scope's households. `said`: words of their label or of the name of somebody who lives there, "": all.
    `volunteer`: who looks after them, None: anybody or nobody."""

    scope: Scope
    said: str = ""
    unassigned: bool = False
    volunteer: UUID | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """A household as staff see it in a list."""

    id: UUID
    unit_code: str
    label: str
    hamlet: str
    people: int
    volunteers: tuple[str, ...]


def count(connection: Connection, wanted: Wanted) -> int:
    """How many there are."""
    return int(connection.scalar(_COUNT, _told(wanted)) or 0)


def listed(connection: Connection, wanted: Wanted, page: int = 1) -> tuple[Listed, ...]:
    """A page of them, from 1, by label."""
    told = _told(wanted) | {"most": PAGE, "offset": (page - 1) * PAGE}
    return tuple(_listed(row) for row in connection.execute(_LISTED, told))


def every(connection: Connection, wanted: Wanted) -> Iterator[Listed]:
    """All of them by label, read a few at a time."""
    for row in connection.execute(_EVERY, _told(wanted)):
        yield _listed(row)


def patterns(said: str) -> list[str]:
    """What a folded text contains if it has all of these words; none if they are too few letters to look for."""
    folded = [word for word in words(said).split() if word.isalnum()]
    return [f"%{word}%" for word in folded] if len("".join(folded)) > 1 else []


def _listed(row: Any) -> Listed:
    return Listed(row.id, row.unit_code, row.label, row.hamlet, row.people, tuple(row.helpers or ()))


def _told(wanted: Wanted) -> dict[str, Any]:
    told = {"units": list(wanted.scope.codes), "patterns": patterns(wanted.said), "volunteer": wanted.volunteer}
    return told | {"unassigned": wanted.unassigned}


_PATTERNS = bindparam("patterns", type_=ARRAY(Text)).all_()
_VOLUNTEER = bindparam("volunteer", type_=Uuid)
_HERE = (household_members.c.household_id == households.c.id, household_members.c.left_at.is_(None))
_lives_there = exists().where(
    *_HERE, persons.c.id == household_members.c.person_id, persons.c.folded_name.like(_PATTERNS)
)
said_of = or_(households.c.folded_label.like(_PATTERNS), _lives_there)
"""Whether a household's label, or the name of somebody who lives there, has all of `patterns`."""

_now = (assignments.c.household_id == households.c.id, assignments.c.to_at.is_(None))
_looked_after = exists().where(*_now).correlate(households)
_theirs = exists().where(*_now, assignments.c.volunteer_id == _VOLUNTEER).correlate(households)
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
    .where(*_HERE, persons.c.merged_into.is_(None))
    .correlate(households)
    .scalar_subquery()
    .label("people")
)
_wanted = (
    households.c.unit_code == bindparam("units", type_=ARRAY(Text)).any_(),
    said_of,
    or_(~bindparam("unassigned", type_=Boolean), ~_looked_after),
    or_(_VOLUNTEER.is_(None), _theirs),
)
_COUNT = select(func.count()).select_from(households).where(*_wanted)
_ALL = (
    select(*(households.c[name] for name in ("id", "unit_code", "label", "hamlet")), _people, _helpers)
    .where(*_wanted)
    .order_by(households.c.folded_label, households.c.id)
)
_EVERY = _ALL.execution_options(yield_per=200)
_LISTED = _ALL.limit(bindparam("most")).offset(bindparam("offset"))
