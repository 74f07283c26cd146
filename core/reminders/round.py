"""What a round of the silence ladder works with, and a rung whose turn it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Row

from core.conversation.context import UnitFacts
from core.pipeline.services import Services
from core.pipeline.tell import Telling
from core.reminders.hearing import NONE, Many
from core.reminders.ladder import Ladder, Rung
from core.reminders.may import Moment

DONE: Final = "done"


@dataclass(frozen=True, slots=True)
class Climb:
    """A rung whose turn it is: with a message, or with the reason why there is none. `check`: of `silent.climbing`."""

    check: Row[Any]
    number: int
    rung: Rung
    outcome: str = ""
    telling: Telling | None = None


@dataclass(frozen=True, slots=True)
class Round:
    """One page of the clock's, in one transaction. `many`: where so many were asked that somebody is heard."""

    connection: Connection
    services: Services
    ladder: Ladder
    at: Moment
    many: Many = NONE


def unit_of(this: Round, check: Row[Any]) -> UnitFacts:
    """The unit that follows them, as texts name it."""
    return this.services.units().facts.get(check.unit_code, UnitFacts(check.unit_code, ""))
