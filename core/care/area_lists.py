"""What staff see of decisions about an area: how many people one would be about, and what became of those made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, bindparam, case, func, or_, select

from core.access.scope import Scope
from core.care.area import FOLLOWED
from core.care.hamlets import in_hamlet
from core.care.standing import UNITS, one_of
from core.database.following import area_decisions, follow_ups
from core.database.tables import persons

_MOST = 200
_PAGE = 1000  # people held in memory at a time while a hamlet's are counted


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision. `ready`: everybody there was looked at; `followed` of `people` are followed now because of it."""

    id: UUID
    unit_code: str
    hamlet: str
    document: str
    from_on: date
    until_on: date
    hours: tuple[int, ...]
    created_at: datetime
    ready: bool
    ended_at: datetime | None
    people: int
    followed: int


@dataclass(frozen=True, slots=True)
class Counted:
    """Who is known to live somewhere, and how many of them are followed already, or are to be verified."""

    people: int
    followed: int


def listed(connection: Connection, scope: Scope) -> tuple[Decision, ...]:
    """The scope's decisions: those that run first, each newest first."""
    return tuple(_decision(row) for row in connection.execute(_LISTED, {"units": list(scope.codes), "most": _MOST}))


def count(connection: Connection, unit_code: str, hamlet: str = "") -> Counted:
    """How many people a decision about a commune (a hamlet of it, if one is named) would be about today. Memory for a
    page, however many live there."""
    if not hamlet:
        return Counted(*connection.execute(_ALL, {"unit": unit_code}).one())
    people = followed = 0
    for row in connection.execute(_EACH, {"unit": unit_code}):
        if in_hamlet(hamlet, row.hamlet, row.address):
            people += 1
            followed += row.followed
    return Counted(people, followed)


def _decision(row: Row[Any]) -> Decision:
    return Decision(
        id=row.id,
        unit_code=row.unit_code,
        hamlet=row.hamlet,
        document=row.document,
        from_on=row.from_on,
        until_on=row.until_on,
        hours=tuple(row.hours),
        created_at=row.created_at,
        ready=row.opened_at is not None,
        ended_at=row.ended_at,
        people=row.people,
        followed=row.followed,
    )


_is_followed = or_(*FOLLOWED)
_LIVE = (persons.c.unit_code == bindparam("unit"), persons.c.merged_into.is_(None))
_ALL = select(func.count(), func.count().filter(_is_followed)).select_from(persons).where(*_LIVE)
_EACH = (
    select(persons.c.hamlet, persons.c.address, _is_followed.label("followed"))
    .where(*_LIVE)
    .execution_options(yield_per=_PAGE)
)
_OURS = follow_ups.c.source_id == area_decisions.c.id
_of_it = select(func.count()).where(_OURS).correlate(area_decisions).scalar_subquery()
_now = (
    select(func.count())
    .where(_OURS, one_of(follow_ups.c.status, "under_follow_up"))
    .correlate(area_decisions)
    .scalar_subquery()
)
_LISTED = (
    select(area_decisions, _of_it.label("people"), _now.label("followed"))
    .where(area_decisions.c.unit_code == UNITS.any_())
    .order_by(
        case((area_decisions.c.ended_at.is_(None), 0), else_=1), area_decisions.c.created_at.desc(), area_decisions.c.id
    )
    .limit(bindparam("most"))
)
