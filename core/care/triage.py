"""How urgent a record is, and why. A pure function of what was said, what was said before, and the table of the day."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files
from itertools import pairwise
from typing import Any

from core.care.rules import RuleSet
from core.clock import VIETNAM
from core.conversation.context import PastRecord
from core.conversation.effects import AlertKind
from core.conversation.form import Answers
from core.conversation.signs import DANGER, FAST_BREATHING, LOW_OXYGEN


class Level(StrEnum):
    """Which list a record puts its person on."""

    NONE = "none"  # nothing said that anybody must act on
    SIGNS = "signs"  # to be looked at
    URGENT = "urgent"  # a health worker now; danger signs were told to call 115 besides


class Reason(StrEnum):
    """Why a record has its level. Values are stable: they are stored with alerts."""

    DANGER_SIGN = "danger_sign"
    HIGH_FEVER = "high_fever"
    URGENT_SIGN = "urgent_sign"
    LOW_OXYGEN = "low_oxygen"
    FAST_BREATHING = "fast_breathing"
    RISING_TEMPERATURE = "rising_temperature"
    FEVER_FOR_DAYS = "fever_for_days"
    LEFT_PLACE = "left_place"
    NEW_SIGN = "new_sign"
    FEVER_AND_CONTACT = "fever_and_contact"
    FEVER = "fever"
    SIGN = "sign"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table (`triage.toml`). `groups`: of whom it is true, () for everybody."""

    reason: Reason
    level: Level
    alert: AlertKind | None = None
    groups: tuple[str, ...] = ()
    records: int = 0
    degrees: float = 0.0
    days: int = 0


@dataclass(frozen=True, slots=True)
class Table:
    """The table in force from a day on, with the document it comes from. Its rows: the gravest first."""

    valid_from: date
    document: str
    approved_by: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class About:
    """Whom a record is about. `group`: of their follow-up, "" without one. `age` in years, None if not known. `before`:
    their records until then, newest first. `at`: when this one was said; `earlier`: what its first version said, if
    this one corrects it."""

    at: datetime
    group: str = ""
    age: int | None = None
    before: Sequence[PastRecord] = ()
    earlier: PastRecord | None = None


@dataclass(frozen=True, slots=True)
class Triaged:
    """A level, why, and which alert it raises besides what was raised when it was said."""

    level: Level
    reasons: tuple[Reason, ...]
    alert: AlertKind | None


@dataclass(frozen=True, slots=True)
class _Case:
    answers: Answers
    rules: RuleSet
    about: About

    @property
    def heat(self) -> float:
        temperature = self.answers.get("temperature")
        return temperature if isinstance(temperature, float) else 0.0

    @property
    def said(self) -> frozenset[str]:
        return _codes(self.answers, "signs")

    @property
    def present(self) -> frozenset[str]:
        """A sign that is over is a sign, not an emergency."""
        return self.said - _codes(self.answers, "signs_gone")

    @property
    def feverish(self) -> bool:
        return self.heat >= self.rules.fever or "fever" in self.present


def triage(answers: Answers, rules: RuleSet, about: About) -> Triaged:
    """The level of one record's answers, with every reason that holds, the gravest first (domain, section 3)."""
    case = _Case(answers, rules, about)
    holding = [row for row in in_force(about.at.astimezone(VIETNAM).date()).rows if _holds(row, case)]
    levels = [row.level for row in holding]
    level = next((each for each in (Level.URGENT, Level.SIGNS) if each in levels), Level.NONE)
    alert = next((row.alert for row in holding if row.alert), None)
    return Triaged(level, tuple(dict.fromkeys(row.reason for row in holding)), alert)


@lru_cache(maxsize=1)
def load() -> tuple[Table, ...]:
    """All tables, newest first."""
    data = tomllib.loads(files("core.care").joinpath("triage.toml").read_text(encoding="utf-8"))
    return tuple(sorted(map(_table, data["table"]), key=lambda each: each.valid_from, reverse=True))


@lru_cache(maxsize=8)
def in_force(day: date) -> Table:
    """The table of that day. LookupError if there was none yet."""
    for table in load():
        if table.valid_from <= day:
            return table
    raise LookupError(f"no triage table in force on {day}")


def _holds(row: Row, case: _Case) -> bool:
    return (not row.groups or case.about.group in row.groups) and _TESTS[row.reason](row, case)


def _limit(sign: str) -> Callable[[Row, _Case], bool]:
    return lambda _, case: sign in case.rules.limits.urgent(case.answers, case.about.age)


def _rising(row: Row, case: _Case) -> bool:
    """Never lower from one to the next, in all by so much, and a fever now."""
    before = [each.temperature for each in case.about.before if each.temperature is not None]
    line = [case.heat, *before[: row.records - 1]]
    if len(line) < row.records or case.heat < case.rules.fever:
        return False
    never_lower = all(later >= earlier for later, earlier in pairwise(line))
    return never_lower and round(line[0] - line[-1], 1) >= row.degrees


def _for_days(row: Row, case: _Case) -> bool:
    today = case.about.at.astimezone(VIETNAM).date()
    hot = {
        each.at.astimezone(VIETNAM).date()
        for each in case.about.before
        if (each.temperature or 0.0) >= case.rules.fever or "fever" in each.signs
    }
    return case.feverish and all(today - timedelta(days=n) in hot for n in range(1, row.days))


def _new(row: Row, case: _Case) -> bool:
    """Of a correction only what its first version did not say: that was told already."""
    last = case.about.before[0].signs if case.about.before else ()
    known = {*last, *(case.about.earlier.signs if case.about.earlier else ())}
    return bool(case.present - known)


def _left(row: Row, case: _Case) -> bool:
    return case.answers.get("at_home") is False


def _met(row: Row, case: _Case) -> bool:
    return case.feverish and any(case.answers.get(key) is True for key in _CONTACTS)


_CONTACTS = ("contact_patient", "contact_area", "contact_symptomatic", "came_from_area", "met_case")
_TESTS: Mapping[Reason, Callable[[Row, _Case], bool]] = {
    Reason.DANGER_SIGN: lambda _, case: bool(case.present & DANGER),
    Reason.HIGH_FEVER: lambda _, case: case.heat > case.rules.high_fever,
    Reason.URGENT_SIGN: lambda _, case: bool(case.present & case.rules.urgent_signs),
    Reason.LOW_OXYGEN: _limit(LOW_OXYGEN),
    Reason.FAST_BREATHING: _limit(FAST_BREATHING),
    Reason.RISING_TEMPERATURE: _rising,
    Reason.FEVER_FOR_DAYS: _for_days,
    Reason.LEFT_PLACE: _left,
    Reason.NEW_SIGN: _new,
    Reason.FEVER_AND_CONTACT: _met,
    Reason.FEVER: lambda _, case: case.heat >= case.rules.fever,
    Reason.SIGN: lambda _, case: bool(case.said),
}


def _table(row: dict[str, Any]) -> Table:
    return Table(rows=tuple(map(_row, row.pop("row"))), **row)


def _row(row: dict[str, Any]) -> Row:
    named = {"reason": Reason(row["reason"]), "level": Level(row["level"]), "groups": tuple(row.get("groups", ()))}
    return Row(**{**row, **named, "alert": AlertKind(row["alert"]) if "alert" in row else None})


def _codes(answers: Answers, key: str) -> frozenset[str]:
    value = answers.get(key)
    return frozenset(value) if isinstance(value, tuple) else frozenset()
