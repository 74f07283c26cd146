"""Putting a person under follow-up on a phone: everything that has to be there before the first reminder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Connection, Date, bindparam, insert, select, update
from uuid_utils.compat import uuid7

from core.care import due
from core.care.rules import in_force
from core.care.standing import one_of
from core.clock import VIETNAM
from core.conversation.context import free_letter, in_quiet_hours
from core.conversation.fold import fold
from core.database.following import follow_ups
from core.database.tables import contacts as contact_rows
from core.database.tables import members
from core.people import contacts, persons

_ENDED = (
    select(follow_ups.c.id)
    .where(one_of(follow_ups.c.status, "under_follow_up"), follow_ups.c.end_on < bindparam("today", type_=Date))
    .limit(bindparam("most"))
    .with_for_update(key_share=True, skip_locked=True)
)
_COMPLETE = update(follow_ups).where(follow_ups.c.id.in_(_ENDED)).values(status="completed")


@dataclass(frozen=True, slots=True)
class Line:
    """Where a person answers: a contact that the directory knows, and its address."""

    contact_id: UUID
    channel: str
    address: str


@dataclass(frozen=True, slots=True)
class Enrolment:
    """Who is followed up, why, and when they are asked. `until` is the last day; `hours` are local, 0 to 23."""

    full_name: str
    year_of_birth: int
    gender: str
    unit_code: str
    group: str  # F0, F1, F2, F3, arrival, area
    until: date
    hours: tuple[int, ...]
    place: str = "home"
    address: str = ""


def open_follow_up(connection: Connection, line: Line, enrolled: Enrolment, now: datetime) -> UUID:
    """Make the person, their place on this phone, their follow-up and the due check-ins of today and tomorrow.

    Returns the person's id. What is due later than now today is asked today. One transaction: the caller's.
    ValueError if one of the hours is a quiet one: they would never be asked then.
    """
    _check_hours(enrolled.hours, now)
    met = {"id": line.contact_id, "channel": line.channel, "address": line.address, "seen_at": now}
    contacts.ensure(connection, [met])
    contacts.lock(connection, [line.contact_id], wait=True)
    person_id = uuid7()
    persons.save(connection, [_person(person_id, enrolled, now)])
    taken = connection.scalars(select(members.c.letter).where(members.c.contact_id == line.contact_id))
    link = {"contact_id": line.contact_id, "letter": free_letter(taken), "person_id": person_id}
    persons.link(connection, [link])
    follow_up = _follow_up(person_id, line, enrolled, now)
    connection.execute(insert(follow_ups).values(follow_up))
    due.plan_for(connection, [follow_up], now)
    connection.execute(
        update(contact_rows)
        .where(contact_rows.c.id == line.contact_id, contact_rows.c.unit_code.is_(None))
        .values(unit_code=enrolled.unit_code)
    )
    return person_id


def complete(connection: Connection, now: datetime, limit: int = 500) -> int:
    """End at most `limit` follow-ups whose last day is over in Vietnam. How many; call again while it is `limit`."""
    today = now.astimezone(VIETNAM).date()
    return connection.execute(_COMPLETE, {"today": today, "most": limit}).rowcount


def _check_hours(hours: Sequence[int], now: datetime) -> None:
    quiet = in_force(now.astimezone(VIETNAM).date()).quiet_hours
    wrong = [hour for hour in hours if in_quiet_hours(hour, quiet)]
    if wrong:
        raise ValueError(f"nobody is asked at {wrong}: quiet hours are from {quiet[0]} to {quiet[1]}")


def _person(person_id: UUID, enrolled: Enrolment, now: datetime) -> dict[str, object]:
    folded = fold(enrolled.full_name).text
    return {
        "id": person_id,
        "full_name": enrolled.full_name,
        "folded_name": folded,
        "sort_key": persons.sort_key(folded),
        "year_of_birth": enrolled.year_of_birth,
        "gender": enrolled.gender,
        "nationality": "VN",
        "unit_code": enrolled.unit_code,
        "address": enrolled.address,
        "created_at": now,
    }


def _follow_up(person_id: UUID, line: Line, enrolled: Enrolment, now: datetime) -> dict[str, object]:
    return {
        "id": uuid7(),
        "person_id": person_id,
        "contact_id": line.contact_id,
        "unit_code": enrolled.unit_code,
        "group": enrolled.group,
        "place": enrolled.place,
        "start_on": now.astimezone(VIETNAM).date(),
        "end_on": enrolled.until,
        "hours": list(enrolled.hours),
        "status": "under_follow_up",
    }
