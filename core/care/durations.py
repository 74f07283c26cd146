"""How long somebody is followed: the dated table of `durations.toml`, and the days that follow from it. Pure."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from importlib.resources import files
from typing import Any

from core.care.rules import in_force

GROUPS = ("F0", "F1", "F2", "F3", "arrival", "area")
PLACES = ("home", "facility", "hotel", "hospital")


@dataclass(frozen=True, slots=True)
class Duration:
    """One row for one group. Meanings and units: `durations.toml`."""

    valid_from: date
    document: str
    approved_by: str
    group: str
    days: int
    watch_days: int
    test_days: tuple[int, ...]
    checks_per_day: int
    vaccinated: bool | None = None
    place: str | None = None

    @property
    def states_days(self) -> bool:
        """Whether the last day follows from it; else staff state it."""
        return self.days > 0


@dataclass(frozen=True, slots=True)
class Plan:
    """The days of one person. `watch_from`: the first day on which they only watch themselves; None: there is none."""

    end_on: date
    watch_from: date | None
    test_days: tuple[int, ...]
    hours: tuple[int, ...]
    document: str


@lru_cache(maxsize=1)
def load() -> tuple[Duration, ...]:
    """All rows, newest first, and of one day the narrower first."""
    data = tomllib.loads(files("core.care").joinpath("durations.toml").read_text(encoding="utf-8"))
    rows = (row for written in data["duration"] for row in _rows(written))
    return tuple(sorted(rows, key=lambda r: (r.valid_from, _narrow(r)), reverse=True))


@lru_cache(maxsize=512)
def plan_of(group: str, vaccinated: bool | None, day: date, place: str = "home") -> Duration:
    """The row in force on that day for such a person. LookupError if there was none yet, or no such group."""
    for row in load():
        fits = row.vaccinated in (None, vaccinated) and row.place in (None, place)
        if row.group == group and row.valid_from <= day and fits:
            return row
    raise LookupError(f"no rule about {group} on {day}")


def days_of(row: Duration, start_on: date, last_contact_on: date | None) -> Plan | None:
    """What the row means for somebody; None if it states no days. Counted from the last contact, where that is known:
    the end may lie before the start then."""
    if not row.states_days:
        return None
    counted_from = last_contact_on or start_on
    last = counted_from + timedelta(days=row.days)
    return Plan(
        end_on=last + timedelta(days=row.watch_days),
        watch_from=last + timedelta(days=1) if row.watch_days else None,
        test_days=row.test_days,
        hours=hours_of(row, start_on),
        document=row.document,
    )


def hours_of(row: Duration, day: date) -> tuple[int, ...]:
    """When such people are asked if nobody chose: as many of the usual hours as there are checks a day."""
    return in_force(day).hours[: row.checks_per_day]


def _rows(written: dict[str, Any]) -> Iterator[Duration]:
    shared = {key: value for key, value in written.items() if key != "groups"}
    for group in written["groups"]:
        yield Duration(**{**shared, "group": group, "test_days": tuple(written["test_days"])})


def _narrow(row: Duration) -> int:
    return (row.vaccinated is not None) + (row.place is not None)
