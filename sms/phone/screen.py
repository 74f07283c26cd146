"""What simulated phones show: what they sent and received, in order, and what each message costs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ARRAY, Engine, Select, Text, bindparam, func, select

from core.database.due import due_checks
from core.database.tables import addresses, outbox
from core.messaging.channel import Status
from core.messaging.transcript import messages
from sms.phone import PROFILE
from sms.phone.faults import Fault, fault_of, set_fault
from sms.text import Parts, measure

_KEPT: Final = 200
"""Messages that a screen shows; totals count all."""

_ON_PHONE: Final = (Status.SENT, Status.DELIVERED)


@dataclass(frozen=True, slots=True)
class Line:
    """One message on a screen. `sent`: by the phone's owner. `cost` in đồng."""

    id: UUID
    sent: bool
    text: str
    at: datetime
    measured: Parts
    cost: int


@dataclass(frozen=True, slots=True)
class Total:
    """What one side sent. `cost` in đồng."""

    messages: int
    parts: int
    cost: int


@dataclass(frozen=True, slots=True)
class Screen:
    """A conversation: its newest messages, oldest first, and the totals of all of it."""

    lines: tuple[Line, ...]
    count: int
    by_person: Total
    by_us: Total


class Screens:
    """The screens of all simulated phones. `price` is đồng for one SMS part."""

    def __init__(self, engine: Engine, price: int) -> None:
        self._engine = engine
        self.price = price

    def count(self, number: str) -> int:
        """How many messages a phone sent and received. It only grows: equal counts are equal screens."""
        held = messages(PROFILE.name, _ON_PHONE, of_all=True).subquery()
        with self._engine.connect() as connection:
            return connection.scalars(select(func.count()).select_from(held), {"address": number}).one()

    def of(self, number: str) -> Screen:
        """The screen of the phone with this E.164 number; empty for a phone that was never used."""
        with self._engine.connect() as connection:
            rows = connection.execute(_ordered(), {"address": number}).all()
        lines = tuple(self._line(row) for row in rows)
        by_person, by_us = (_total(line for line in lines if line.sent is sent) for sent in (True, False))
        return Screen(lines[-_KEPT:], len(lines), by_person, by_us)

    def used(self) -> tuple[str, ...]:
        """Numbers of all phones that were used, in order."""
        known = select(addresses.c.address).where(addresses.c.channel == PROFILE.name)
        with self._engine.connect() as connection:
            return tuple(connection.scalars(known.order_by(addresses.c.address)))

    def received(self, numbers: Collection[str]) -> Mapping[str, int]:
        """How many messages arrived on each of these phones; those without any are left out."""
        with self._engine.connect() as connection:
            rows = connection.execute(_received(), {"numbers": list(numbers)})
            return {row.address: row.arrived for row in rows}

    def fault(self, number: str) -> Fault | None:
        """How that phone fails, if it does."""
        return fault_of(self._engine, number)

    def set_fault(self, number: str, fault: Fault | None) -> None:
        """Let it fail like that from now on, or take its messages again."""
        set_fault(self._engine, number, fault)

    def next_reminder(self, now: datetime) -> datetime | None:
        """When the next of all reminders is due."""
        due = select(func.min(due_checks.c.due_at)).where(
            due_checks.c.status == "not_performed", due_checks.c.reminded_at.is_(None), due_checks.c.due_at > now
        )
        with self._engine.connect() as connection:
            first: datetime | None = connection.scalar(due)
        return first

    def _line(self, row: Any) -> Line:
        measured = measure(row.text)
        return Line(row.id, row.sent, row.text, row.at, measured, measured.parts * self.price)


def _ordered() -> Select[Any]:
    held = messages(PROFILE.name, _ON_PHONE, of_all=True).subquery()
    return select(held).order_by(held.c.at, held.c.sent.desc(), held.c.seq, held.c.id)


def _received() -> Select[Any]:
    wanted = addresses.c.address == bindparam("numbers", type_=ARRAY(Text)).any_()
    same = (outbox.c.contact_id == addresses.c.contact_id) & (outbox.c.address == addresses.c.address)
    return (
        select(addresses.c.address, func.count().label("arrived"))
        .join(outbox, same & (outbox.c.channel == addresses.c.channel))
        .where(addresses.c.channel == PROFILE.name, wanted, outbox.c.status.in_([s.value for s in _ON_PHONE]))
        .group_by(addresses.c.address)
    )


def _total(lines: Iterable[Line]) -> Total:
    counted = list(lines)
    return Total(len(counted), sum(line.measured.parts for line in counted), sum(line.cost for line in counted))
