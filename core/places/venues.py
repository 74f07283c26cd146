"""Venues: places where people check in and out by a code of 7 digits that hangs at the door."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ARRAY, Connection, Row, Text, bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from core.check_digit import is_checked, with_check_digit
from core.conversation.parsers import phone
from core.conversation.parsers.visit import DIGITS, is_mobile
from core.database.shared import units, venue_guards, venues

NAME_MOST = 40
"""Letters of a name: a receipt with it still fits into one SMS."""

_FIRST, _SPAN = 100_000, 900_000  # no code begins with 0, as telephone numbers do
_TRIES = 50


class VenueKind(StrEnum):
    """What kind of place it is: as the templates of its safety assessment."""

    SCHOOL = "school"
    WORKPLACE = "workplace"
    RESTAURANT = "restaurant"
    MARKET = "market"
    HOTEL = "hotel"
    TRANSPORT = "transport"
    HEALTH = "health"
    OTHER = "other"


class VenueError(Exception):
    """The venue cannot be made or changed. The message says why."""


@dataclass(frozen=True, slots=True)
class NewVenue:
    """A place that is to get a code. `unit_code`: the health unit that looks after it."""

    name: str
    kind: VenueKind
    unit_code: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class Venue:
    """A place. `guards`: E.164 numbers of those who may check others in. A closed one (not `active`) takes nobody."""

    code: str
    name: str
    kind: VenueKind
    unit_code: str
    address: str
    active: bool
    created_at: datetime
    guards: frozenset[str] = frozenset()


_GUARDS = (
    select(func.array_agg(venue_guards.c.address))
    .where(venue_guards.c.venue_code == venues.c.code)
    .correlate(venues)
    .scalar_subquery()
    .label("guards")
)
_ALL = select(venues, _GUARDS)
_FIND = _ALL.where(venues.c.code == bindparam("codes", type_=ARRAY(Text)).any_())


def find(connection: Connection, codes: Collection[str]) -> Mapping[str, Venue]:
    """The venues of these codes, with their guards, in one statement."""
    return {row.code: _venue(row) for row in connection.execute(_FIND, {"codes": sorted(codes)})}


def listed(connection: Connection, unit_code: str | None = None) -> tuple[Venue, ...]:
    """All venues, or one unit's own, by name."""
    wanted = _ALL.order_by(venues.c.name, venues.c.code)
    if unit_code is not None:
        wanted = wanted.where(venues.c.unit_code == unit_code)
    return tuple(_venue(row) for row in connection.execute(wanted))


def new_code(chance: Callable[[int], int] = secrets.randbelow) -> str:
    """A code at random, so that nobody finds other venues by counting on from one."""
    return with_check_digit(str(_FIRST + chance(_SPAN)))


def add(connection: Connection, new: NewVenue, now: datetime, code: str = "") -> str:
    """Make a venue; its code, which is drawn unless it is given. Raises VenueError."""
    if not 2 <= len(new.name) <= NAME_MOST:
        raise VenueError(f"a venue's name has 2 to {NAME_MOST} letters")
    if code and (len(code) != DIGITS or not is_checked(code) or code.startswith("0")):
        raise VenueError(f"{code} is no code: {DIGITS} digits, the last one their check digit")
    if connection.scalar(select(units.c.code).where(units.c.code == new.unit_code)) is None:
        raise VenueError(f"no unit {new.unit_code}")
    row = {"name": new.name, "kind": new.kind, "unit_code": new.unit_code, "address": new.address, "created_at": now}
    for tried in (code,) if code else (new_code() for _ in range(_TRIES)):
        made = insert(venues).values(code=tried, **row).on_conflict_do_nothing().returning(venues.c.code)
        if connection.scalar(made) is not None:
            return tried
    raise VenueError("that code is taken" if code else "nearly all codes are taken")


def close(connection: Connection, code: str) -> None:
    """Take nobody in there any more; the code stays taken. Raises VenueError."""
    closed = update(venues).where(venues.c.code == code).values(active=False)
    if connection.execute(closed).rowcount == 0:
        raise VenueError(f"no venue {code}")


def add_guard(connection: Connection, code: str, number: str) -> str:
    """Let the phone of that number check others in there; the number as E.164. Raises VenueError."""
    address = _mobile(number)
    if connection.scalar(select(venues.c.code).where(venues.c.code == code)) is None:
        raise VenueError(f"no venue {code}")
    row = {"venue_code": code, "address": address}
    connection.execute(insert(venue_guards).values(row).on_conflict_do_nothing())
    return address


def remove_guard(connection: Connection, code: str, number: str) -> str:
    """The reverse of `add_guard`. Raises VenueError."""
    address = _mobile(number)
    gone = delete(venue_guards).where(venue_guards.c.venue_code == code, venue_guards.c.address == address)
    if connection.execute(gone).rowcount == 0:
        raise VenueError(f"that phone is no guard of {code}")
    return address


def _mobile(number: str) -> str:
    address = phone.e164(number)
    if address is None or not is_mobile(address):
        raise VenueError("not a Vietnamese mobile number")
    return address


def _venue(row: Row[Any]) -> Venue:
    guards = frozenset(row.guards or ())
    return Venue(
        row.code, row.name, VenueKind(row.kind), row.unit_code, row.address, row.active, row.created_at, guards
    )
