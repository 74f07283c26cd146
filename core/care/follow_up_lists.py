"""A unit's follow-ups by state, page by page, and one person's, with what was decided about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Row, Select, Uuid, and_, bindparam, case, func, select

from core.access.scope import Scope
from core.care.events import Event, history
from core.care.standing import NOW, TODAY, UNITS, Day, one_of
from core.database.following import follow_ups
from core.database.shared import Instant
from core.database.tables import persons

PAGE = 50
SOON = timedelta(days=2)
"""Who has that many days left or fewer ends soon."""

CLOSED = timedelta(days=30)
"""How long an ended follow-up is listed; the person's page shows it for ever."""


class State(StrEnum):
    """The lists, and what an address calls them."""

    VERIFY = "verify"
    FOLLOWED = "followed"
    ENDING = "ending"
    LOST = "lost"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Listed:
    """A follow-up in a list. `name` may be "": then only a phone is known. `days_left` is 0 on the last day."""

    id: UUID
    person_id: UUID
    name: str
    year_of_birth: int | None
    gender: str | None
    unit_code: str
    group: str
    place: str
    status: str
    start_on: date
    end_on: date
    days_left: int
    verify_by: datetime | None
    ended_at: datetime | None
    source: str
    has_phone: bool


@dataclass(frozen=True, slots=True)
class Counts:
    """How many: `overdue` of those to verify, `ending` of those followed; `lost` and `closed` of the last weeks."""

    verify: int
    overdue: int
    followed: int
    ending: int
    lost: int
    closed: int

    @property
    def by_state(self) -> dict[State, int]:
        """The number of each list."""
        return {state: getattr(self, state.value) for state in State}


@dataclass(frozen=True, slots=True)
class OfPerson:
    """One person's follow-up: the open one, or the one that ended last; and what was decided, newest first."""

    row: Row[Any]
    events: tuple[Event, ...]
    days_left: int

    @property
    def is_open(self) -> bool:
        """Whether it can be ended."""
        return self.row.status in ("to_verify", "under_follow_up")


def count(connection: Connection, scope: Scope, day: Day) -> Counts:
    """The numbers of a unit's lists."""
    open_ = connection.execute(_COUNT_OPEN, _told(scope, day)).mappings().one()
    ended = connection.execute(_COUNT_ENDED, _told(scope, day)).mappings().one()
    return Counts(**open_, **ended)


def listed(connection: Connection, scope: Scope, day: Day, state: State, page: int = 1) -> tuple[Listed, ...]:
    """One page of a list, from 1 on: the deadline, or the end, that comes first is first; ended ones newest first."""
    told = _told(scope, day) | {"limit": PAGE, "offset": (page - 1) * PAGE}
    return tuple(_listed(row, day.today) for row in connection.execute(_LISTS[state], told))


def of_person(connection: Connection, scope: Scope, person_id: UUID, day: Day) -> OfPerson | None:
    """None when they have none under the scope's units."""
    row = connection.execute(_NEWEST, {"person": person_id, "units": list(scope.codes)}).one_or_none()
    if row is None:
        return None
    return OfPerson(row, history(connection, row.id), max(0, (row.end_on - day.today).days))


def _told(scope: Scope, day: Day) -> dict[str, Any]:
    return {"units": list(scope.codes), "today": day.today, "now": day.now, "since": day.now - CLOSED}


def _listed(row: Row[Any], today: date) -> Listed:
    return Listed(
        id=row.id,
        person_id=row.person_id,
        name=row.full_name,
        year_of_birth=row.year_of_birth,
        gender=row.gender,
        unit_code=row.unit_code,
        group=row.group,
        place=row.place,
        status=row.status,
        start_on=row.start_on,
        end_on=row.end_on,
        days_left=max(0, (row.end_on - today).days),
        verify_by=row.verify_by,
        ended_at=row.ended_at,
        source=row.source,
        has_phone=row.contact_id is not None,
    )


_HERE = follow_ups.c.unit_code == UNITS.any_()
_VERIFY = one_of(follow_ups.c.status, "to_verify")
_FOLLOWED = one_of(follow_ups.c.status, "under_follow_up")
_ENDING = and_(_FOLLOWED, follow_ups.c.end_on <= TODAY + bindparam("soon", SOON.days))
_SINCE = follow_ups.c.ended_at > bindparam("since", type_=Instant)
_LOST = and_(one_of(follow_ups.c.status, "lost_to_follow_up"), _SINCE)
_ENDED = and_(one_of(follow_ups.c.status, "completed", "cancelled"), _SINCE)
_COLUMNS = (
    *(
        follow_ups.c[name]
        for name in ("id", "person_id", "contact_id", "unit_code", "group", "place", "status", "start_on", "end_on")
    ),
    *(follow_ups.c[name] for name in ("verify_by", "ended_at", "source")),
    *(persons.c[name] for name in ("full_name", "year_of_birth", "gender")),
)


def _list(wanted: ColumnElement[bool], *first: ColumnElement[Any]) -> Select[Any]:
    return (
        select(*_COLUMNS)
        .join(persons, persons.c.id == follow_ups.c.person_id)
        .where(_HERE, wanted)
        .order_by(*first, persons.c.sort_key, follow_ups.c.id)
        .limit(bindparam("limit"))
        .offset(bindparam("offset"))
    )


_LISTS = {
    State.VERIFY: _list(_VERIFY, follow_ups.c.verify_by),
    State.FOLLOWED: _list(_FOLLOWED, follow_ups.c.end_on),
    State.ENDING: _list(_ENDING, follow_ups.c.end_on),
    State.LOST: _list(_LOST, follow_ups.c.ended_at.desc()),
    State.CLOSED: _list(_ENDED, follow_ups.c.ended_at.desc()),
}
_COUNT_OPEN = select(
    func.count().filter(_VERIFY).label("verify"),
    func.count().filter(_VERIFY, follow_ups.c.verify_by < NOW).label("overdue"),
    func.count().filter(_FOLLOWED).label("followed"),
    func.count().filter(_ENDING).label("ending"),
).where(_HERE, one_of(follow_ups.c.status, "to_verify", "under_follow_up"))
_COUNT_ENDED = select(
    func.count().filter(_LOST).label("lost"),
    func.count().filter(_ENDED).label("closed"),
).where(_HERE, one_of(follow_ups.c.status, "lost_to_follow_up", "completed", "cancelled"), _SINCE)
_NEWEST = (
    select(follow_ups)
    .where(follow_ups.c.person_id == bindparam("person", type_=Uuid), _HERE)
    .order_by(
        case((one_of(follow_ups.c.status, "to_verify", "under_follow_up"), 0), else_=1),
        follow_ups.c.start_on.desc(),
        follow_ups.c.id.desc(),
    )
    .limit(1)
)
