"""How many have declared, and how many said something today, by unit and by organisation: totals, never a name.

No number under ten is shown, nor one that others give away by subtraction, of the same table or of those above and
below it. So a line is shown or hidden by its own numbers alone, the same on every page, and a sum of several is either
of all of them, where what is left of it by subtraction is no fewer than ten people in two lines, each of which may be
any of five numbers, or of the shown ones.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import Connection, DateTime, Select, bindparam, func, select, union_all

from core.access.scope import Scope
from core.care.rules import in_force
from core.care.standing import DAILY, UNITS, Day
from core.clock import VIETNAM
from core.database.households import organisation_members, organisations
from core.database.tables import persons, records
from core.people.same import kept
from core.places.tree import ancestry

_NUMBERS = ("people", "declared", "updated")
FEWEST = 10
"""No smaller number of people is shown."""
_APART = 4
"""How far a sum of hidden lines stays from the least and the most that they can be together: two that are under ten
and are eighteen together are nine each."""


@dataclass(frozen=True, slots=True)
class Line:
    """One unit or organisation. `people`: who live there, or its members. None: too few to be shown. `partial`: of a
    sum, that lines which are hidden are left out of some of its numbers; `everybody`: that its people are all there."""

    code: str
    people: int | None
    declared: int | None
    updated: int | None
    partial: bool = False
    everybody: bool = True


@dataclass(frozen=True, slots=True)
class Leaf:
    """What was counted of one unit or organisation, which belongs to `unit`."""

    unit: str
    people: int
    declared: int
    updated: int


@dataclass(frozen=True, slots=True)
class Board:
    """Lines in the order of their codes, and their sum."""

    lines: tuple[Line, ...]
    total: Line

    def line(self, code: str) -> Line | None:
        """That unit's or organisation's, if somebody is counted there."""
        return next((line for line in self.lines if line.code == code), None)


@dataclass(frozen=True, slots=True)
class Counted:
    """All that was counted in a scope, by code of unit or organisation. `parents`: of units."""

    leaves: Mapping[str, Leaf]
    parents: Mapping[str, str | None]

    def board(self, top: str) -> Board:
        """The lines of a unit and of those below it."""
        here = {code: leaf for code, leaf in sorted(self.leaves.items()) if top in ancestry(leaf.unit, self.parents)}
        people, declared, updated = (_Column(here, name, top, self.parents) for name in _NUMBERS)
        lines = tuple(Line(code, people.cell(code), declared.cell(code), updated.cell(code)) for code in here)
        (every, a), (done, b), (today, c) = people.total(), declared.total(), updated.total()
        return Board(lines, Line("", every, done, today, partial=a or b or c, everybody=not a))


_SINCE = bindparam("since", type_=DateTime(timezone=True))
_START = bindparam("start", type_=DateTime(timezone=True))
_OURS = persons.c.unit_code == UNITS.any_()
_HERE = organisation_members.c.left_at.is_(None)


_kept = persons.alias("kept")
"""Who is counted for what was said under any name that staff merged into theirs."""


def by_unit(connection: Connection, scope: Scope, day: Day, parents: Mapping[str, str | None]) -> Counted:
    """Each unit of the scope in which somebody lives. Two SELECTs."""
    return _told_of(connection, (_LIVE, _SAID), _told(scope, day), parents)


def by_organisation(connection: Connection, scope: Scope, day: Day, parents: Mapping[str, str | None]) -> Counted:
    """Each open organisation of the scope's units, by its code. Two SELECTs."""
    return _told_of(connection, (_MEMBERS, _MEMBERS_SAID), _told(scope, day), parents)


def _told_of(
    connection: Connection,
    statements: tuple[Select[Any], Select[Any]],
    told: Mapping[str, Any],
    parents: Mapping[str, str | None],
) -> Counted:
    people, said_of = statements
    said = {row.code: (row.declared, row.updated) for row in connection.execute(said_of, told)}
    rows = connection.execute(people, told)
    return Counted({row.code: Leaf(row.unit, row.people, *said.get(row.code, (0, 0))) for row in rows}, parents)


class _Column:
    """One number of each line. Hidden is what is under ten, and what leaves under ten of its line's people."""

    def __init__(self, leaves: Mapping[str, Leaf], name: str, top: str, parents: Mapping[str, str | None]) -> None:
        self._leaves = leaves
        self._name = name
        self._top = top
        self._below: dict[str, set[str]] = defaultdict(set)
        for leaf in leaves.values():
            path = list(ancestry(leaf.unit, parents))
            for unit, above in pairwise(path[: path.index(top) + 1]):
                self._below[above].add(unit)

    def cell(self, code: str) -> int | None:
        """As far as it may be shown."""
        one = self._of(self._leaves[code])
        return None if one.count < FEWEST or 0 < one.rest < FEWEST else one.count

    def total(self) -> tuple[int | None, bool]:
        """The sum as far as it may be told, and whether something is left out."""
        known, unknown = self._sum(self._top)
        return (known or None), bool(unknown)

    def _of(self, leaf: Leaf) -> _Cell:
        count: int = getattr(leaf, self._name)
        if self._name == "people":
            return _Cell(count, 0, 1, FEWEST - 1)
        if count < FEWEST:
            return _Cell(count, leaf.people - count, 0, FEWEST - 1)
        return _Cell(count, leaf.people - count, leaf.people - FEWEST + 1, leaf.people - 1)

    def _sum(self, unit: str) -> tuple[int, list[_Cell]]:
        """What may be told of a unit and those below, and the lines that this leaves unknown to whoever subtracts."""
        known, unknown = 0, []
        for code, leaf in self._leaves.items():
            if leaf.unit == unit:
                count = self.cell(code)
                known += count or 0
                unknown += [self._of(leaf)] if count is None else []
        for below in sorted(self._below[unit]):
            more, hidden = self._sum(below)
            known, unknown = known + more, unknown + hidden
        return (known + sum(one.count for one in unknown), []) if _is_safe(unknown) else (known, unknown)


@dataclass(frozen=True, slots=True)
class _Cell:
    """How many of a line's people have, and have not. `least`, `most`: what it can be to whoever knows why it is
    hidden."""

    count: int
    rest: int
    least: int
    most: int


def _is_safe(hidden: Sequence[_Cell]) -> bool:
    """Whether the sum of hidden lines says too little of any one of them."""
    together, rest = sum(one.count for one in hidden), sum(one.rest for one in hidden)
    least, most = sum(one.least for one in hidden), sum(one.most for one in hidden)
    told_apart = together - least < _APART or most - together < _APART
    return len(hidden) > 1 and together >= FEWEST and not 0 < rest < FEWEST and not told_apart


def _told(scope: Scope, day: Day) -> dict[str, Any]:
    """A declaration counts for as many days as it asks about."""
    first = day.today - timedelta(days=in_force(day.today).window_days)
    since = datetime.combine(first, time(), VIETNAM)
    return {"units": list(scope.codes), "since": since, "start": day.start}


def _spoken(whose: Any) -> Select[Any]:
    """By those who live there, whichever unit their records went to. `whose`: code, root and person_id, of few people
    among many: their records are found one by one."""
    each = (
        select(
            whose.c.code,
            func.bool_or(records.c.form.not_in(DAILY)).label("declared"),
            func.bool_or(records.c.declared_at >= _START).label("updated"),
        )
        .join(records, records.c.person_id == whose.c.person_id)
        .where(records.c.declared_at >= _SINCE, records.c.superseded_at.is_(None))
        .group_by(whose.c.code, whose.c.root)
        .subquery("each")
    )
    return select(
        each.c.code,
        func.count().filter(each.c.declared).label("declared"),
        func.count().filter(each.c.updated).label("updated"),
    ).group_by(each.c.code)


_LIVE = (
    select(persons.c.unit_code.label("code"), persons.c.unit_code.label("unit"), func.count().label("people"))
    .where(_OURS, persons.c.merged_into.is_(None))
    .group_by(persons.c.unit_code)
)
_SAID = _spoken(
    union_all(
        select(persons.c.unit_code.label("code"), persons.c.id.label("root"), persons.c.id.label("person_id")).where(
            _OURS, persons.c.merged_into.is_(None)
        ),
        select(_kept.c.unit_code, _kept.c.id, persons.c.id)
        .join(_kept, _kept.c.id == persons.c.merged_into)
        .where(_kept.c.unit_code == UNITS.any_()),
    ).subquery("whose")
)
_OPEN = (organisations.c.active, organisations.c.unit_code == UNITS.any_())
_joined = persons.alias("joined")
_root = kept(_joined)
"""Who it was that joined, if staff merged them into somebody since."""
_MEMBERS = (
    select(organisations.c.code, organisations.c.unit_code.label("unit"), func.count(_root.distinct()).label("people"))
    .join(organisation_members, organisation_members.c.organisation_id == organisations.c.id)
    .join(_joined, _joined.c.id == organisation_members.c.person_id)
    .where(_HERE, *_OPEN)
    .group_by(organisations.c.code, organisations.c.unit_code)
)
_roots = (
    select(organisations.c.code, _root.label("root"))
    .distinct()
    .join(organisation_members, organisation_members.c.organisation_id == organisations.c.id)
    .join(_joined, _joined.c.id == organisation_members.c.person_id)
    .where(_HERE, *_OPEN)
    .cte("roots")
)
_MEMBERS_SAID = _spoken(
    union_all(
        select(_roots.c.code, _roots.c.root, _roots.c.root.label("person_id")),
        select(_roots.c.code, _roots.c.root, persons.c.id).join(persons, persons.c.merged_into == _roots.c.root),
    ).subquery("whose")
)
