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
from core.messaging.channel import Channel, ChannelProfile
from core.people.directory import Directory
from core.places.tree import UnitTree


@dataclass(frozen=True, slots=True)
class Services:
    """One cell's. `units`, `destinations` (by unit code) and `forms` are read from memory, renewed now and then.

    `channels` are all that we know, `on` those that are switched on, both by name. `unit_budget`: đồng a day for a unit
    without a budget of its own; 0: no limit.
    """

    engine: Engine
    cell: str
    province: str
    clock: Clock
    forms: Callable[[], Library]
    words: Mapping[str, Words]
    channels: Mapping[str, Channel]
    on: Mapping[str, ChannelProfile]
    directory: Directory
    codes: ReceiptCodes
    units: Callable[[], UnitTree]
    destinations: Callable[[], Mapping[str, tuple[UUID, ...]]]
    unit_budget: int = 0

    @property
    def library(self) -> Library:
        """What the engine may ask for now: gates open and close while we run."""
        return self.forms()

    @property
    def centre(self) -> str:
        """The unit that answers, and pays, for people of no known unit; "" if there is none."""
        return self.units().centres.get(self.province, "")

    @property
    def sms(self) -> frozenset[str]:
        """The channels whose addresses are telephone numbers."""
        return frozenset(name for name, channel in self.channels.items() if channel.profile.sms)

    @property
    def sms_out(self) -> ChannelProfile | None:
        """Through what an SMS leaves that we start: the cheapest channel that is on."""
        return min((p for p in self.on.values() if p.sms), key=lambda p: p.price, default=None)
