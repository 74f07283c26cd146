"""Putting a person under follow-up on a phone: everything that has to be there before the first reminder."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Connection

from core.care.follow_up_end import complete, give_up
from core.care.follow_up_opening import Line, Wanted, open_all
from core.care.follow_up_rows import NewPerson, Source
from core.care.follow_up_terms import Settled, wrong_hours
from core.care.rules import in_force
from core.clock import VIETNAM

__all__ = ["Enrolment", "Line", "complete", "give_up", "open_follow_up"]


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
    today = now.astimezone(VIETNAM).date()
    if wrong_hours(enrolled.hours, today):
        quiet = in_force(today).quiet_hours
        raise ValueError(
            f"nobody is asked at {enrolled.hours}: one to three hours outside quiet hours, {quiet[0]} to {quiet[1]}"
        )
    who = NewPerson(
        enrolled.full_name,
        enrolled.year_of_birth,
        enrolled.gender,
        enrolled.unit_code,
        address=enrolled.address,
    )
    settled = Settled(
        group=enrolled.group,
        place=enrolled.place,
        start_on=today,
        end_on=enrolled.until,
        watch_from=None,
        last_contact_on=None,
        vaccinated=None,
        test_days=(),
        hours=enrolled.hours,
        document="",
    )
    wanted = Wanted(who, line, settled, enrolled.unit_code)
    (opened,) = open_all(connection, [wanted], Source("staff"), enrolled.unit_code, now)
    return opened.person_id
