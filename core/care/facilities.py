"""Places where people are quarantined or treated: who is in which room, who comes, moves and leaves.

Whoever puts somebody in holds the facility's row, so that two at once never fill one bed twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Connection, DateTime, Row, Select, Uuid, and_, bindparam, func, insert, select, update
from sqlalchemy.dialects.postgresql import aggregate_order_by
from uuid_utils.compat import uuid7

from core.access.scope import Scope
from core.care import events
from core.care.events import Event, Kind
from core.care.handling import By, Outcome
from core.care.standing import UNITS, Day, one_of
from core.care.today import Who
from core.database.due import due_checks
from core.database.following import facilities, follow_ups
from core.database.tables import persons

KINDS = ("facility", "hotel", "hospital")
MOST = 500
"""People of a roster on one page."""


class FacilityError(ValueError):
    """Why it cannot be so, in words for whoever runs the command."""


@dataclass(frozen=True, slots=True)
class NewFacility:
    """A place. `capacity`: people, None if nobody counts."""

    name: str
    kind: str
    unit_code: str
    address: str = ""
    phone: str = ""
    capacity: int | None = None


@dataclass(frozen=True, slots=True)
class Facility:
    """A place, and how many are under follow-up there now."""

    id: UUID
    name: str
    kind: str
    unit_code: str
    address: str
    phone: str
    capacity: int | None
    active: bool
    people: int


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody in a room. `unit_code`: who follows them up, perhaps another unit than runs the place; `checks`: today's
    due times and their statuses, in their order."""

    who: Who
    unit_code: str
    room: str
    group: str
    end_on: date
    checks: tuple[tuple[datetime, str], ...]


_ID = bindparam("wanted", type_=Uuid)
_FOLLOWED = one_of(follow_ups.c.status, "under_follow_up")
_HERE = and_(follow_ups.c.facility_id == facilities.c.id, _FOLLOWED)
_PEOPLE = select(func.count()).where(_HERE).correlate(facilities).scalar_subquery()
_NAMES = ("id", "name", "kind", "unit_code", "address", "phone", "capacity", "active")
_FACILITY = select(*(facilities.c[name] for name in _NAMES), _PEOPLE.label("people"))
_ONE = _FACILITY.where(facilities.c.id == _ID, facilities.c.unit_code == UNITS.any_())
_ANY = _FACILITY.where(facilities.c.id == _ID)
_LISTED = _FACILITY.where(facilities.c.unit_code == UNITS.any_()).order_by(
    facilities.c.active.desc(), facilities.c.name, facilities.c.id
)
_HOLD = (
    select(facilities.c.id, facilities.c.kind, facilities.c.capacity, facilities.c.active)
    .where(facilities.c.id == _ID, facilities.c.unit_code == UNITS.any_())
    .with_for_update(key_share=True)
)
_INSIDE = select(func.count()).where(follow_ups.c.facility_id == _ID, _FOLLOWED)
_WHOSE = (
    select(follow_ups.c.id, follow_ups.c.person_id, follow_ups.c.facility_id, follow_ups.c.room, follow_ups.c.place)
    .where(follow_ups.c.person_id == _ID, _FOLLOWED, follow_ups.c.unit_code == UNITS.any_())
    .with_for_update(key_share=True)
)


def add(connection: Connection, scope: Scope | None, new: NewFacility, now: datetime) -> UUID:
    """Make a place. FacilityError: no name, no such kind, a unit out of scope (None: an operator asks), no capacity."""
    if not new.name.strip():
        raise FacilityError("a facility needs a name")
    if new.kind not in KINDS:
        raise FacilityError(f"no kind {new.kind!r}: there are {', '.join(KINDS)}")
    if scope is not None and new.unit_code not in scope.codes:
        raise FacilityError(f"{new.unit_code} is not among your units")
    if new.capacity is not None and new.capacity < 1:
        raise FacilityError("a capacity is a number of people above 0")
    made = uuid7()
    names = ("name", "kind", "unit_code", "address", "phone")
    row: dict[str, Any] = {name: " ".join(str(getattr(new, name)).split()) for name in names}
    connection.execute(insert(facilities).values(id=made, **row, capacity=new.capacity, created_at=now))
    return made


def listed(connection: Connection, scope: Scope) -> tuple[Facility, ...]:
    """The scope's places, those that are open first."""
    return tuple(Facility(*row) for row in connection.execute(_LISTED, {"units": list(scope.codes)}))


def one(connection: Connection, scope: Scope, facility_id: UUID) -> Facility | None:
    """A place of the scope's."""
    row = connection.execute(_ONE, {"wanted": facility_id, "units": list(scope.codes)}).one_or_none()
    return Facility(*row) if row else None


def where_they_are(connection: Connection, facility_id: UUID) -> Facility:
    """The place in which somebody is whom the caller follows up, whoever runs it."""
    return Facility(*connection.execute(_ANY, {"wanted": facility_id}).one())


def close(connection: Connection, scope: Scope, facility_id: UUID) -> Outcome:
    """Take nobody in any more. WRONG while somebody is in it: they go home, or elsewhere, first."""
    held = connection.execute(_HOLD, {"wanted": facility_id, "units": list(scope.codes)}).one_or_none()
    if held is None:
        return Outcome.UNKNOWN
    if not held.active:
        return Outcome.TOO_LATE
    if connection.scalar(_INSIDE, {"wanted": facility_id}):
        return Outcome.WRONG
    connection.execute(update(facilities).where(facilities.c.id == facility_id).values(active=False))
    return Outcome.DONE


def put(connection: Connection, scope: Scope, person_id: UUID, where: tuple[UUID, str], by: By) -> Outcome:
    """Into a facility and room, or another room of it. WRONG: it is full, or no room is named. TOO_LATE: closed, or
    they are there already."""
    facility_id, room = where[0], " ".join(where[1].split())[:50]
    told = {"units": list(scope.codes)}
    held = connection.execute(_HOLD, told | {"wanted": facility_id}).one_or_none()
    follow = connection.execute(_WHOSE, told | {"wanted": person_id}).one_or_none()
    if held is None or follow is None:
        return Outcome.UNKNOWN
    if not held.active or (follow.facility_id, follow.room) == (facility_id, room):
        return Outcome.TOO_LATE
    inside = connection.scalar(_INSIDE, {"wanted": facility_id}) or 0
    comes = follow.facility_id != facility_id
    if not room or (comes and held.capacity is not None and inside >= held.capacity):
        return Outcome.WRONG
    new = {"facility_id": facility_id, "room": room, "place": held.kind}
    _change(connection, scope, follow, new, by)
    return Outcome.DONE


def leave(connection: Connection, scope: Scope, person_id: UUID, by: By) -> Outcome:
    """Home, and followed up there. TOO_LATE: they are in no facility."""
    follow = connection.execute(_WHOSE, {"wanted": person_id, "units": list(scope.codes)}).one_or_none()
    if follow is None:
        return Outcome.UNKNOWN
    if follow.facility_id is None:
        return Outcome.TOO_LATE
    _change(connection, scope, follow, {"facility_id": None, "room": "", "place": "home"}, by)
    return Outcome.DONE


def room_of(connection: Connection, scope: Scope, person_id: UUID) -> tuple[UUID | None, str] | None:
    """The facility and room of somebody whom the scope follows up; None if it does not."""
    told = {"wanted": person_id, "units": list(scope.codes)}
    row = connection.execute(_WHERE, told).one_or_none()
    return (row.facility_id, row.room) if row else None


def rooms(connection: Connection, facility_id: UUID) -> Mapping[str, int]:
    """How many are in each room of a place of the scope's, by name."""
    return dict(connection.execute(_ROOMS, {"wanted": facility_id}).tuples().all())


def roster(connection: Connection, facility_id: UUID, day: Day, room: str = "", page: int = 1) -> tuple[Guest, ...]:
    """Who is there, by room and name; of one room if it is named: `MOST` a page, from 1. The caller knows the facility
    to be the scope's."""
    told = {"wanted": facility_id, "start": day.start, "end": day.end, "room": room}
    return tuple(_guest(row) for row in connection.execute(_ROSTER, told | {"skip": (page - 1) * MOST, "most": MOST}))


def those(connection: Connection, facility_id: UUID, day: Day, people: Sequence[UUID]) -> tuple[Guest, ...]:
    """Who of these people is there now, whatever page they were on."""
    told = {"wanted": facility_id, "start": day.start, "end": day.end, "ids": list(people)}
    return tuple(_guest(row) for row in connection.execute(_THOSE, told))


def _change(connection: Connection, scope: Scope, follow: Row[Any], new: dict[str, Any], by: By) -> None:
    connection.execute(update(follow_ups).where(follow_ups.c.id == follow.id).values(new))
    detail = {name: str(value or "") for name, value in new.items()}
    before = {"place_before": follow.place, "room_before": follow.room}
    whose = follow.id, follow.person_id
    events.append(connection, [Event(*whose, by.at, by.staff_id, scope.unit_code, Kind.CHANGED, detail | before)])


def _guest(row: Row[Any]) -> Guest:
    who = Who(row.person_id, row.full_name, row.year_of_birth, row.gender)
    checks = tuple(zip(row.due or (), row.statuses or (), strict=True))
    return Guest(who, row.unit_code, row.room, row.group, row.end_on, checks)


def _inside() -> Select[Any]:
    today = and_(
        due_checks.c.follow_up_id == follow_ups.c.id,
        due_checks.c.due_at >= bindparam("start", type_=DateTime(timezone=True)),
        due_checks.c.due_at < bindparam("end", type_=DateTime(timezone=True)),
    )

    def checked(column: Any) -> Any:
        ordered = func.array_agg(aggregate_order_by(column, due_checks.c.due_at))
        return select(ordered).where(today).correlate(follow_ups).scalar_subquery()

    return (
        select(
            follow_ups.c.person_id,
            follow_ups.c.unit_code,
            follow_ups.c.room,
            follow_ups.c.group,
            follow_ups.c.end_on,
            persons.c.full_name,
            persons.c.year_of_birth,
            persons.c.gender,
            checked(due_checks.c.due_at).label("due"),
            checked(due_checks.c.status).label("statuses"),
        )
        .join(persons, persons.c.id == follow_ups.c.person_id)
        .where(follow_ups.c.facility_id == _ID, _FOLLOWED)
    )


_ROSTER = (
    _inside()
    .where((bindparam("room") == "") | (follow_ups.c.room == bindparam("room")))
    .order_by(follow_ups.c.room, persons.c.sort_key, follow_ups.c.id)
    .limit(bindparam("most"))
    .offset(bindparam("skip"))
)
_THOSE = _inside().where(follow_ups.c.person_id == bindparam("ids", type_=ARRAY(Uuid)).any_())
_ROOMS = (
    select(follow_ups.c.room, func.count())
    .where(follow_ups.c.facility_id == _ID, _FOLLOWED)
    .group_by(follow_ups.c.room)
    .order_by(follow_ups.c.room)
)
_WHERE = select(follow_ups.c.facility_id, follow_ups.c.room).where(
    follow_ups.c.person_id == _ID, _FOLLOWED, follow_ups.c.unit_code == UNITS.any_()
)
