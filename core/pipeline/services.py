"""What the pipeline works with: made once a process by `app.wiring`, passed in, never global."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Engine

from core.care.receipt_code import ReceiptCodes
from core.clock import Clock
from core.conversation.form import Library
from core.conversation.wording import Words
from core.messaging.channel import Channel
from core.people.directory import Directory
from core.places.tree import UnitTree


@dataclass(frozen=True, slots=True)
class Services:
    """One cell's. `units`, `destinations` (by unit code) and `forms` are read from memory, renewed now and then."""

    engine: Engine
    cell: str
    province: str
    clock: Clock
    forms: Callable[[], Library]
    words: Mapping[str, Words]
    channels: Mapping[str, Channel]
    directory: Directory
    codes: ReceiptCodes
    units: Callable[[], UnitTree]
    destinations: Callable[[], Mapping[str, tuple[UUID, ...]]]

    @property
    def library(self) -> Library:
        """What the engine may ask for now: gates open and close while we run."""
        return self.forms()
