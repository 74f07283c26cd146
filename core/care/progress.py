"""How many have declared, and how many said something today, by unit and by organisation: totals, never a name.

No number under ten is shown, nor one that others of the same table give away by subtraction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, DateTime, Select, bindparam, func, select

from core.access.scope import Scope
from core.care.rules import in_force
from core.care.standing import DAILY, UNITS, Day
from core.clock import VIETNAM
from core.database.households import organisation_members, organisations
from core.database.tables import persons, records

FEWEST = 10
"""No smaller number of people is shown."""


@dataclass(frozen=True, slots=True)
class Line:
    """One unit or organisation. `people`: who live there, or its members. None: too few to be shown."""

    code: str
    people: int | None
    declared: int | None
    updated: int | None


@dataclass(frozen=True, slots=True)
class Board:
    """Lines in the order of their codes, and their sum."""

    lines: tuple[Line, ...]
    total: Line


_SINCE = bindparam("since", type_=DateTime(timezone=True))
_START = bindparam("start", type_=DateTime(timezone=True))
_OURS = persons.c.unit_code == UNITS.any_()
_HERE = organisation_members.c.left_at.is_(None)


def by_unit(connection: Connection, scope: Scope, day: Day) -> Board:
    """Each unit of the scope in which somebody lives. Two SELECTs."""
    people = dict(_counted(connection, _LIVE, scope, day))
    said = {row.code: row for row in connection.execute(_SAID, _told(scope, day))}
    return _board({code: (count, *_of(said.get(code))) for code, count in people.items()})


def by_organisation(connection: Connection, scope: Scope, day: Day) -> Board:
    """Each open organisation of the scope's units, by its code. Two SELECTs."""
    people = dict(_counted(connection, _MEMBERS, scope, day))
    said = {row.code: row for row in connection.execute(_MEMBERS_SAID, _told(scope, day))}
    return _board({code: (count, *_of(said.get(code))) for code, count in people.items()})


def shown(parts: Sequence[int], wholes: Sequence[int] | None = None) -> tuple[list[int | None], int | None]:
    """A column as it may be shown, and its sum. None: hidden.

    Hidden is what is under ten; what leaves under ten of its whole (`wholes`, the same length); and as many more, the
    smallest first, that the hidden ones are two at least, and ten people together. With nothing left the sum goes too.
    """
    rest = [0] * len(parts) if wholes is None else [w - p for p, w in zip(parts, wholes, strict=True)]
    hidden = {n for n, part in enumerate(parts) if part < FEWEST or 0 < rest[n] < FEWEST}

    def safe() -> bool:
        """Whether their sum, which subtraction gives, says too little of any one of them."""
        left_over = sum(rest[n] for n in hidden)
        return len(hidden) > 1 and sum(parts[n] for n in hidden) >= FEWEST and not 0 < left_over < FEWEST

    for n in sorted(set(range(len(parts))) - hidden, key=lambda n: (parts[n], n)):
        if not hidden or safe():
            break
        hidden.add(n)
    total = sum(parts)
    few = total < FEWEST or 0 < sum(rest) < FEWEST
    bare = bool(hidden) and not safe()
    return [None if n in hidden else part for n, part in enumerate(parts)], None if bare or few else total


def _board(counted: Mapping[str, tuple[int, int, int]]) -> Board:
    codes = sorted(counted)
    people, declared, updated = ([counted[code][n] for code in codes] for n in range(3))
    all_people, every = shown(people)
    all_declared, done = shown(declared, people)
    all_updated, today = shown(updated, people)
    rows = zip(codes, all_people, all_declared, all_updated, strict=True)
    return Board(tuple(Line(*row) for row in rows), Line("", every, done, today))


def _of(row: Any) -> tuple[int, int]:
    return (row.declared, row.updated) if row else (0, 0)


def _counted(connection: Connection, statement: Select[Any], scope: Scope, day: Day) -> list[tuple[str, int]]:
    return [(row.code, row.people) for row in connection.execute(statement, _told(scope, day))]


def _told(scope: Scope, day: Day) -> dict[str, Any]:
    """A declaration counts for as many days as it asks about."""
    first = day.today - timedelta(days=in_force(day.today).window_days)
    since = datetime.combine(first, time(), VIETNAM)
    return {"units": list(scope.codes), "since": since, "start": day.start}


def _spoken(code: ColumnElement[Any]) -> Select[Any]:
    """By those who live there, whichever unit their records went to."""
    person = records.c.person_id.distinct()
    return (
        select(
            code.label("code"),
            func.count(person).filter(records.c.form.not_in(DAILY)).label("declared"),
            func.count(person).filter(records.c.declared_at >= _START).label("updated"),
        )
        .select_from(records)
        .join(persons, persons.c.id == records.c.person_id)
        .where(records.c.declared_at >= _SINCE, records.c.superseded_at.is_(None), persons.c.merged_into.is_(None))
        .group_by(code)
    )


_LIVE = (
    select(persons.c.unit_code.label("code"), func.count().label("people"))
    .where(_OURS, persons.c.merged_into.is_(None))
    .group_by(persons.c.unit_code)
)
_SAID = _spoken(persons.c.unit_code).where(_OURS, records.c.unit_code == UNITS.any_())
_OPEN = (organisations.c.active, organisations.c.unit_code == UNITS.any_())
_MEMBERS = (
    select(organisations.c.code.label("code"), func.count().label("people"))
    .join(organisation_members, organisation_members.c.organisation_id == organisations.c.id)
    .where(_HERE, *_OPEN)
    .group_by(organisations.c.code)
)
_MEMBERS_SAID = (
    _spoken(organisations.c.code)
    .join(organisation_members, organisation_members.c.person_id == persons.c.id)
    .join(organisations, organisations.c.id == organisation_members.c.organisation_id)
    .where(_HERE, *_OPEN)
)
