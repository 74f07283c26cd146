"""How long an alert may wait for somebody who takes it, by its kind: dated data, as doctors decide."""

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
    """The deadlines in force from a day on, with the document they come from. `waits`: kinds of which duty phones are
    told, and after how long the unit above is told if nobody has taken it."""

    valid_from: date
    document: str
    approved_by: str
    waits: Mapping[AlertKind, timedelta]


@lru_cache(maxsize=1)
def load() -> tuple[Escalation, ...]:
    """All of them, newest first."""
    data = tomllib.loads(files("core.care").joinpath("escalation.toml").read_text(encoding="utf-8"))
    return tuple(sorted(map(_read, data["escalation"]), key=lambda each: each.valid_from, reverse=True))


@lru_cache(maxsize=8)
def in_force(day: date) -> Escalation:
    """The deadlines of that day. LookupError if there were none yet."""
    for each in load():
        if each.valid_from <= day:
            return each
    raise LookupError(f"no escalation in force on {day}")


def _read(row: dict[str, Any]) -> Escalation:
    minutes = row.pop("minutes")
    return Escalation(**row, waits={AlertKind(kind): timedelta(minutes=span) for kind, span in minutes.items()})
