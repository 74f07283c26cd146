"""What the pages work with: the database, the day, and the scope of whoever asks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol, cast

from flask import current_app
from sqlalchemy import Engine

from console.doorstep import Doorstep, doorstep
from core.access.scope import Scope, Scopes
from core.care.standing import Day, day_of
from core.pipeline.services import Services
from core.places.tree import UnitTree, ancestry

EXTENSION = "khaibao_console"
SESSION_HOURS = 12
"""A shift: after that a password is asked for again."""


class SignIn(Protocol):
    """A made-up account that a demo's sign-in page offers. `role` is a source text."""

    @property
    def login(self) -> str: ...

    @property
    def password(self) -> str: ...

    @property
    def role(self) -> str: ...


def wall_time() -> datetime:
    """Now, whatever a demo's clock says."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Console:
    """What the pages need. `now` is domain time, `wall` real time; `sign_ins` are a demo's accounts, else none.
    `pipeline`: for what is told to people, and whose a number is.
    """

    engine: Engine
    now: Callable[[], datetime]
    units: Callable[[], UnitTree]
    sign_ins: Sequence[SignIn] = ()
    wall: Callable[[], datetime] = wall_time
    pipeline: Callable[[], Services] | None = None


@dataclass(frozen=True, slots=True)
class Desk:
    """The console of one application."""

    console: Console
    scopes: Scopes
    doorstep: Doorstep = field(default_factory=doorstep)

    @property
    def engine(self) -> Engine:
        """The way into the database."""
        return self.console.engine

    @property
    def pipeline(self) -> Services:
        """What people are told through. LookupError in an application that has none."""
        if self.console.pipeline is None:
            raise LookupError("this console has no pipeline")
        return self.console.pipeline()

    def day(self) -> Day:
        """The day it is, in domain time."""
        return day_of(self.console.now())

    def scope(self, unit_code: str) -> Scope:
        """What staff of that unit may see."""
        return self.scopes.of(unit_code)

    def unit_name(self, code: str | None) -> str:
        """A unit's short name; its code if the tree lacks it."""
        facts = self.console.units().facts.get(code or "")
        return facts.name if facts else code or ""

    def unit_above(self, code: str, tier: int) -> str:
        """The code of the unit so many steps above, or of the topmost."""
        chain = list(ancestry(code, self.console.units().parents))
        return chain[min(max(tier, 0), len(chain) - 1)]


def desk() -> Desk:
    """That of the application which serves the current request."""
    return cast(Desk, current_app.extensions[EXTENSION])
