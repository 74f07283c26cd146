"""The silence ladder as data, and where somebody stands on it. Pure.

A rung is climbed once for a due check-in, in the order of the table. What was meant for a time that is over is not made
up for: a clock that was away climbs the rungs on whose turn it is now, and writes of the others that they were passed.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files
from typing import Any

from core.clock import VIETNAM


class Step(StrEnum):
    """What a rung does."""

    NUDGE = "nudge"  # ask once more
    OTHER_CHANNEL = "other_channel"  # ask where they were not asked yet
    HOUSEHOLD = "household"  # tell who answers for their household, if they agreed
    VOLUNTEER = "volunteer"  # tell the volunteer who looks after them, if they agreed
    STATION = "station"  # the station's list: a human has to try
    LOST = "lost"


class Night(StrEnum):
    """What becomes of a rung in quiet hours."""

    SKIP = "skip"
    WAIT = "wait"
    ANY = "any"  # nothing is sent


@dataclass(frozen=True, slots=True)
class Rung:
    """One of them: so long `after` the reminder; with `at_hours`, at the next of these in Vietnam."""

    step: Step
    after: timedelta
    at_hours: tuple[int, ...]
    night: Night


@dataclass(frozen=True, slots=True)
class Ladder:
    """The rungs in force from a day on, with the document they come from. What is not told here: `ladder.toml`."""

    valid_from: date
    document: str
    approved_by: str
    deadline_hour: int
    lost_days: int
    deaf_from: int
    told_hours: int
    rungs: tuple[Rung, ...]

    def rung(self, number: int) -> Rung | None:
        """The one with that number, the first being 1; None behind the last."""
        return self.rungs[number - 1] if 1 <= number <= len(self.rungs) else None

    def climb_at(self, number: int, asked_at: datetime) -> datetime | None:
        """When that rung's turn is for a check-in that was asked about, or was to be, at that time; None: there is no
        such rung."""
        rung = self.rung(number)
        if rung is None:
            return None
        turn = asked_at + rung.after
        return min((_next(turn, hour) for hour in rung.at_hours), default=turn)

    def is_passed(self, number: int, asked_at: datetime, now: datetime) -> bool:
        """Whether a later rung's turn has come as well, so that this one is not made up for. What sends nothing is
        always done."""
        rung, turn = self.rung(number), self.climb_at(number, asked_at)
        if rung is None or turn is None or rung.night is Night.ANY:
            return False
        later = (self.climb_at(n, asked_at) for n in range(number + 1, len(self.rungs) + 1))
        return any(other is not None and turn < other <= now for other in later)

    def deadline(self, listed_at: datetime) -> datetime:
        """Until when staff are to have tried somebody who came on the station's list then."""
        return _next(listed_at, self.deadline_hour)


def _next(moment: datetime, hour: int) -> datetime:
    """The next time that it is that hour in Vietnam, or this very moment."""
    local = moment.astimezone(VIETNAM)
    then = local.replace(hour=hour, minute=0, second=0, microsecond=0)
    return then if then >= local else then + timedelta(days=1)


@lru_cache(maxsize=1)
def load() -> tuple[Ladder, ...]:
    """All ladders, newest first."""
    data = tomllib.loads(files("core.reminders").joinpath("ladder.toml").read_text(encoding="utf-8"))
    return tuple(sorted((_ladder(row) for row in data["ladders"]), key=lambda each: each.valid_from, reverse=True))


@lru_cache(maxsize=8)
def in_force(day: date) -> Ladder:
    """The ladder of that day. LookupError if there was none yet."""
    for ladder in load():
        if ladder.valid_from <= day:
            return ladder
    raise LookupError(f"no silence ladder in force on {day}")


def _ladder(row: dict[str, Any]) -> Ladder:
    return Ladder(**{**{k: v for k, v in row.items() if k != "steps"}, "rungs": tuple(map(_rung, row["steps"]))})


def _rung(row: dict[str, Any]) -> Rung:
    hours = tuple(row.get("at_hours", ()))
    return Rung(Step(row["step"]), timedelta(minutes=row["after_minutes"]), hours, Night(row["night"]))
