"""Under which terms somebody is followed: what staff state, completed by the dated table; or why that cannot be.

Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from core.care import durations
from core.care.durations import GROUPS, PLACES
from core.care.rules import in_force
from core.conversation.context import in_quiet_hours

LONGEST = timedelta(days=180)
"""Nobody is followed longer by one decision; a later year is a slip."""

MOST_HOURS = 3


class Problem(StrEnum):
    """Why terms cannot be."""

    GROUP = "group"  # no such group
    PLACE = "place"
    CONTACT_LATER = "contact_later"  # the last contact lies in the future
    NO_RULE = "no_rule"  # no number of days is in force: staff state the last day
    OVER = "over"  # by the rule their days are over already
    END_BEFORE_START = "end_before_start"
    TOO_LONG = "too_long"
    QUIET_HOUR = "quiet_hour"  # one of the hours is one at which nobody is asked
    HOURS = "hours"  # more than three, or none that a day has


@dataclass(frozen=True, slots=True)
class Terms:
    """What staff state. `end_on` None: as the table has it. `hours` empty: the usual ones. `document`: what a stated
    end comes from.
    """

    group: str
    place: str = "home"
    last_contact_on: date | None = None
    vaccinated: bool | None = None
    hours: tuple[int, ...] = ()
    end_on: date | None = None
    document: str = ""


@dataclass(frozen=True, slots=True)
class Settled:
    """Terms with nothing left open. Days and hours are Vietnam's."""

    group: str
    place: str
    start_on: date
    end_on: date
    watch_from: date | None
    last_contact_on: date | None
    vaccinated: bool | None
    test_days: tuple[int, ...]
    hours: tuple[int, ...]
    document: str


@dataclass(frozen=True, slots=True)
class Impossible:
    """Why not; `document`: of the rule that says so, `ended_on`: when their days were over by it."""

    problem: Problem
    document: str = ""
    ended_on: date | None = None


def settle(terms: Terms, start_on: date) -> Settled | Impossible:
    """Complete the terms of somebody who is followed from that day on."""
    if problem := _wrong(terms, start_on):
        return Impossible(problem)
    try:
        row = durations.plan_of(terms.group, terms.vaccinated, start_on, terms.place)
    except LookupError:
        return Impossible(Problem.NO_RULE)
    plan = durations.days_of(row, start_on, terms.last_contact_on)
    if terms.end_on is None and plan is None:
        return Impossible(Problem.NO_RULE, row.document)
    if terms.end_on is None and plan and plan.end_on < start_on:
        return Impossible(Problem.OVER, row.document, plan.end_on)
    by_rule = plan if terms.end_on is None else None
    return Settled(
        group=terms.group,
        place=terms.place,
        start_on=start_on,
        end_on=by_rule.end_on if by_rule else terms.end_on or start_on,
        watch_from=by_rule.watch_from if by_rule else None,
        last_contact_on=terms.last_contact_on,
        vaccinated=terms.vaccinated,
        test_days=row.test_days,
        hours=tuple(sorted(set(terms.hours))) or durations.hours_of(row, start_on),
        document=by_rule.document if by_rule else terms.document,
    )


def wrong_end(end_on: date, start_on: date) -> Problem | None:
    """Why nobody is followed from the one day to the other."""
    if end_on < start_on:
        return Problem.END_BEFORE_START
    return Problem.TOO_LONG if end_on - start_on > LONGEST else None


def wrong_hours(hours: tuple[int, ...], day: date) -> Problem | None:
    """Why nobody is asked at these."""
    quiet = in_force(day).quiet_hours
    if len(set(hours)) > MOST_HOURS or any(not 0 <= hour < 24 for hour in hours):
        return Problem.HOURS
    return Problem.QUIET_HOUR if any(in_quiet_hours(hour, quiet) for hour in hours) else None


def _wrong(terms: Terms, start_on: date) -> Problem | None:
    if terms.group not in GROUPS:
        return Problem.GROUP
    if terms.place not in PLACES:
        return Problem.PLACE
    if terms.last_contact_on and terms.last_contact_on > start_on:
        return Problem.CONTACT_LATER
    if terms.end_on and (problem := wrong_end(terms.end_on, start_on)):
        return problem
    return wrong_hours(terms.hours, start_on)
