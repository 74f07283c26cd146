"""Lines of a scenario by which staff decide about volunteers, households, organisations, last days and presence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Helps:
    """What staff decide of volunteers, households, organisations, last days: which of HELPS, and what it is about."""

    what: str
    about: tuple[str, ...] = ()


HELPS: Mapping[str, int] = {
    "volunteer": 1,
    "household": 1,
    "lives": 1,
    "assign": 1,
    "unassign": 1,
    "organisation": 4,
    "until": 1,
}
"""How many words follow each."""


@dataclass(frozen=True, slots=True)
class AskPresence:
    """Staff want a sign of presence of who is followed on this phone; `home`: latitude,longitude, if it is known."""

    unit_code: str
    kind: str
    minutes: int
    home: str = ""
