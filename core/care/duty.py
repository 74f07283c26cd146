"""Duty phones: whose phones ring when a unit's people need somebody, and at which hours in Vietnam."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, select, update
from sqlalchemy.dialects.postgresql import insert
from uuid_utils.compat import uuid7

from core.clock import VIETNAM
from core.conversation.context import in_quiet_hours
from core.database.shared import duty_phones

ALL_DAY = (0, 24)


@dataclass(frozen=True, slots=True)
class NewDuty:
    """A phone that is to be told. `hours`: from the first on, until the second; across midnight if that is smaller."""

    unit_code: str
    channel: str
    address: str
    name: str
    hours: tuple[int, int] = ALL_DAY


@dataclass(frozen=True, slots=True)
class DutyPhone:
    """A phone that is told. `address` is E.164 where the channel has telephones."""

    id: UUID
    unit_code: str
    channel: str
    address: str
    name: str
    from_hour: int
    to_hour: int

    @property
    def key(self) -> tuple[str, str]:
        """The channel, and the address on it."""
        return self.channel, self.address

    def on_duty(self, now: datetime) -> bool:
        """Whether it is told at this moment."""
        return in_quiet_hours(now.astimezone(VIETNAM).hour, (self.from_hour, self.to_hour))


_ROWS = select(*(duty_phones.c[name] for name in DutyPhone.__slots__)).where(duty_phones.c.active)


def add(connection: Connection, new: NewDuty, now: datetime) -> None:
    """From now on it is told. One that is there already, or was, gets the new name and hours."""
    said = {"name": new.name, "from_hour": new.hours[0], "to_hour": new.hours[1], "active": True}
    key = {"unit_code": new.unit_code, "channel": new.channel, "address": new.address}
    made = insert(duty_phones).values(id=uuid7(), created_at=now, **key, **said)
    connection.execute(made.on_conflict_do_update(index_elements=list(key), set_=said))


def remove(connection: Connection, unit_code: str, address: str) -> int:
    """It is told no more. Its row stays, since alerts name it. How many channels it was on."""
    gone = update(duty_phones).where(
        duty_phones.c.unit_code == unit_code, duty_phones.c.address == address, duty_phones.c.active
    )
    return connection.execute(gone.values(active=False)).rowcount


def listed(connection: Connection, units: Collection[str] | None = None) -> Sequence[DutyPhone]:
    """Those of these units, or all, in the order of units and names."""
    wanted = _ROWS.order_by(duty_phones.c.unit_code, duty_phones.c.name, duty_phones.c.id)
    if units is not None:
        wanted = wanted.where(duty_phones.c.unit_code.in_(units))
    return [_phone(row) for row in connection.execute(wanted)]


def at(connection: Connection, addresses: Collection[str]) -> Sequence[DutyPhone]:
    """Those with these addresses, on any channel."""
    found = connection.execute(_ROWS.where(duty_phones.c.address.in_(addresses)).order_by(duty_phones.c.id))
    return [_phone(row) for row in found]


def names(connection: Connection, ids: Collection[UUID]) -> Mapping[UUID, str]:
    """What whoever holds these phones is called; also of those that are told no more."""
    wanted = select(duty_phones.c.id, duty_phones.c.name).where(duty_phones.c.id.in_(ids))
    return {row.id: row.name for row in connection.execute(wanted)} if ids else {}


def _phone(row: Row[Any]) -> DutyPhone:
    return DutyPhone(*row)
