"""A unit's follow-ups by state, page by page, and one person's, with what was decided about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    case,
    exists,
    func,
    or_,
    select,
    tuple_,
    union,
)

from core.access.scope import Scope
from core.care.dossier import of
from core.care.events import Event, history
from core.care.held_back import FREE, WHY, HeldBack
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
    HELD = "held"
    CALL = "call"
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
    end_reason: str  # a code
    source: str
    has_phone: bool
    held: tuple[HeldBack, ...]  # why it does not end, though its days are over


@dataclass(frozen=True, slots=True)
class Counts:
    """How many: `overdue` of those to verify, `ending`, `held` and `call` of those followed, the last without
    a phone; `lost` and `closed` of the last
    weeks."""

    verify: int
    overdue: int
    followed: int
    ending: int
    held: int
    call: int
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
    held: tuple[HeldBack, ...]

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
    return OfPerson(row, history(connection, row.id), max(0, (row.end_on - day.today).days), _held(row, day.today))


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
        end_reason=row.end_reason.partition(": ")[0],
        source=row.source,
        has_phone=row.contact_id is not None,
        held=_held(row, today),
    )


def _held(row: Row[Any], today: date) -> tuple[HeldBack, ...]:
    """Nothing holds what ended, or still has days."""
    over = row.status == "under_follow_up" and row.end_on < today
    return tuple(why for why in HeldBack if over and row._mapping[f"held_{why}"])


_HERE = follow_ups.c.unit_code == UNITS.any_()
_gone, _other = persons.alias("gone"), follow_ups.alias("other")
_ONCE = ~exists().where(
    _gone.c.id == follow_ups.c.person_id,
    _other.c.person_id == _gone.c.merged_into,
    one_of(_other.c.status, "to_verify", "under_follow_up"),
    one_of(follow_ups.c.status, "to_verify", "under_follow_up"),
)
"""Two persons whom staff merged, both followed, are one in the lists: the one kept."""

_twin, _one, _later = persons.alias("twin"), follow_ups.alias("one"), follow_ups.alias("later")
_TWINS = select(_twin.c.id, _twin.c.merged_into.label("root")).where(_twin.c.merged_into.is_not(None))
_SAME = union(_TWINS, _TWINS.with_only_columns(_twin.c.merged_into, _twin.c.merged_into)).cte("same")
_a, _b = _SAME.alias("a"), _SAME.alias("b")
_HIDDEN = (
    select(_one.c.id)
    .join(_a, _a.c.id == _one.c.person_id)
    .join(_b, and_(_b.c.root == _a.c.root, _b.c.id != _a.c.id))
    .join(_later, _later.c.person_id == _b.c.id)
    .where(
        one_of(_one.c.status, "lost_to_follow_up", "completed", "cancelled"),
        or_(_later.c.ended_at.is_(None), tuple_(_later.c.ended_at, _later.c.id) > tuple_(_one.c.ended_at, _one.c.id)),
    )
)
_SHOWN = follow_ups.c.id.not_in(_HIDDEN)
"""Two persons whom staff merged, both followed once, are one in the lists of the ended: what ended last, and nothing
while one goes on."""

_VERIFY = one_of(follow_ups.c.status, "to_verify")
_FOLLOWED = one_of(follow_ups.c.status, "under_follow_up")
_ENDING = and_(_FOLLOWED, follow_ups.c.end_on.between(TODAY, TODAY + bindparam("soon", SOON.days)))
_HELD = and_(_FOLLOWED, follow_ups.c.end_on < TODAY, ~FREE)
_CALL = and_(_FOLLOWED, follow_ups.c.contact_id.is_(None))
_WHY = tuple(why.label(f"held_{name}") for name, why in WHY.items())
_SINCE = follow_ups.c.ended_at > bindparam("since", type_=Instant)
_LOST = and_(one_of(follow_ups.c.status, "lost_to_follow_up"), _SINCE, _SHOWN)
_ENDED = and_(one_of(follow_ups.c.status, "completed", "cancelled"), _SINCE, _SHOWN)
_COLUMNS = (
    *(
        follow_ups.c[name]
        for name in ("id", "person_id", "contact_id", "unit_code", "group", "place", "status", "start_on", "end_on")
    ),
    *(follow_ups.c[name] for name in ("verify_by", "ended_at", "end_reason", "source")),
    *(persons.c[name] for name in ("full_name", "year_of_birth", "gender")),
    *_WHY,
)


def _list(wanted: ColumnElement[bool], *first: ColumnElement[Any]) -> Select[Any]:
    return (
        select(*_COLUMNS)
        .join(persons, persons.c.id == follow_ups.c.person_id)
        .where(_HERE, wanted, _ONCE)
        .order_by(*first, persons.c.sort_key, follow_ups.c.id)
        .limit(bindparam("limit"))
        .offset(bindparam("offset"))
    )


_LISTS = {
    State.VERIFY: _list(_VERIFY, follow_ups.c.verify_by),
    State.FOLLOWED: _list(_FOLLOWED, follow_ups.c.end_on),
    State.ENDING: _list(_ENDING, follow_ups.c.end_on),
    State.HELD: _list(_HELD, follow_ups.c.end_on),
    State.CALL: _list(_CALL, follow_ups.c.end_on),
    State.LOST: _list(_LOST, follow_ups.c.ended_at.desc()),
    State.CLOSED: _list(_ENDED, follow_ups.c.ended_at.desc()),
}
_COUNT_OPEN = select(
    func.count().filter(_VERIFY).label("verify"),
    func.count().filter(_VERIFY, follow_ups.c.verify_by < NOW).label("overdue"),
    func.count().filter(_FOLLOWED).label("followed"),
    func.count().filter(_ENDING).label("ending"),
    func.count().filter(_HELD).label("held"),
    func.count().filter(_CALL).label("call"),
).where(_HERE, _ONCE, one_of(follow_ups.c.status, "to_verify", "under_follow_up"))
_COUNT_ENDED = select(
    func.count().filter(_LOST).label("lost"),
    func.count().filter(_ENDED).label("closed"),
).where(_HERE, one_of(follow_ups.c.status, "lost_to_follow_up", "completed", "cancelled"), _SINCE)
_NEWEST = (
    select(follow_ups, *_WHY)
    .where(of(follow_ups.c.person_id), _HERE)
    .order_by(
        case((one_of(follow_ups.c.status, "to_verify", "under_follow_up"), 0), else_=1),
        follow_ups.c.start_on.desc(),
        follow_ups.c.id.desc(),
    )
    .limit(1)
)
