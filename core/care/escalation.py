"""Who is told of an alert by text, when, and how long it may wait for somebody who takes it: dated data, as doctors
decide."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from importlib.resources import files
from typing import Any

from core.conversation.effects import AlertKind


@dataclass(frozen=True, slots=True)
class Escalation:
    """What is in force from a day on, with the document it comes from.

    `waits`: kinds of which duty phones are told, and after how long the unit above is told if nobody has taken it.
    `again`: after how long everybody is told once more when nobody of all those took it, or after the alert's own age
    if that is more. `fresh`: how old an alert may be and still be told. `night`: kinds that are told at any hour.
    """

    valid_from: date
    document: str
    approved_by: str
    fresh: timedelta
    night: frozenset[AlertKind]
    waits: Mapping[AlertKind, timedelta]
    again: Mapping[AlertKind, timedelta]

    def kinds(self, *, quiet: bool) -> list[AlertKind]:
        """Of which duty phones are told now."""
        return [kind for kind in self.waits if not quiet or kind in self.night]


@lru_cache(maxsize=1)
def load() -> tuple[Escalation, ...]:
    """All of them, newest first."""
    data = tomllib.loads(files("core.care").joinpath("escalation.toml").read_text(encoding="utf-8"))
    return tuple(sorted(map(_read, data["escalation"]), key=lambda each: each.valid_from, reverse=True))


@lru_cache(maxsize=8)
def in_force(day: date) -> Escalation:
    """What is in force on that day. LookupError if there was nothing yet."""
    for each in load():
        if each.valid_from <= day:
            return each
    raise LookupError(f"no escalation in force on {day}")


def _read(row: dict[str, Any]) -> Escalation:
    return Escalation(
        row["valid_from"],
        row["document"],
        row["approved_by"],
        timedelta(hours=row["fresh_hours"]),
        frozenset(map(AlertKind, row["night"])),
        _spans(row["minutes"]),
        _spans(row["again"]),
    )


def _spans(minutes: Mapping[str, int]) -> Mapping[AlertKind, timedelta]:
    return {AlertKind(kind): timedelta(minutes=span) for kind, span in minutes.items()}
