"""The dated rules: thresholds, windows and deadlines that doctors or law may change."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib.resources import files
from typing import Any

from core.conversation.context import Rules
from core.conversation.limits import Limits


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The rules in force from a day on, with the document they come from. Meanings and units: `rules.toml`."""

    valid_from: date
    document: str
    approved_by: str
    window_days: int
    fever: float
    high_fever: float
    limits: Limits
    urgent_signs: frozenset[str]
    doubt_minutes: int
    unfinished_minutes: int
    unconfirmed_minutes: int
    session_hours: int
    hours: tuple[int, ...]
    quiet_hours: tuple[int, int]
    visit_days: int
    verify_hours: int
    unverified_days: int
    spread_minutes: int
    spread_from: int

    def told(self) -> Rules:
        """What a conversation needs to know of them."""
        return Rules(**{name: getattr(self, name) for name in Rules.__slots__})


@lru_cache(maxsize=1)
def load() -> tuple[RuleSet, ...]:
    """All rule sets, newest first."""
    data = tomllib.loads(files("core.care").joinpath("rules.toml").read_text(encoding="utf-8"))
    return tuple(sorted((_rule_set(row) for row in data["rules"]), key=lambda r: r.valid_from, reverse=True))


@lru_cache(maxsize=8)
def in_force(day: date) -> RuleSet:
    """The rules of that day. LookupError if there were none yet."""
    for rules in load():
        if rules.valid_from <= day:
            return rules
    raise LookupError(f"no rules in force on {day}")


def _rule_set(row: dict[str, Any]) -> RuleSet:
    limits = Limits(**{name: _limit(row.pop(name)) for name in Limits.__slots__})
    lists = {"hours": tuple(row["hours"]), "quiet_hours": tuple(row["quiet_hours"])}
    return RuleSet(**{**row, **lists, "urgent_signs": frozenset(row["urgent_signs"]), "limits": limits})


def _limit(value: Any) -> Any:
    """A number, or rows by age with the oldest first."""
    return tuple(sorted(map(tuple, value), reverse=True)) if isinstance(value, list) else value
