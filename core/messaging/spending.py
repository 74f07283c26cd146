"""What messages cost, by unit and day, and which units have spent what they may.

A message is counted when a provider takes it, in the transaction that says so; so two workers overshoot a budget by
no more than what they are sending at that moment. At four fifths somebody is told; at the whole, what we start waits,
and ends by its own expiry. Replies and warnings always leave.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from threading import Lock
from typing import Any, Final

from sqlalchemy import ARRAY, Connection, Date, Integer, Row, Text, bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from core.clock import VIETNAM
from core.database.batch import Batch
from core.database.shared import Instant, budgets
from core.database.tables import contacts, outbox, spending

log = logging.getLogger(__name__)

WARNED: Final = 0.8
"""Of a budget: then there is an hour or two to do something, on a day like others."""

FRESH: Final = 10.0
"""Seconds for which budgets are remembered. What was spent is not: it is asked for at each claim."""

_TAKEN = Batch(outbox, ["contact_id", "parts"])
_day = bindparam("on_day", type_=Date)
_price = bindparam("price", type_=Integer)
_unit = func.coalesce(contacts.c.unit_code, "")


def _spend() -> Any:
    """ON CONFLICT is written out: SQLAlchemy compiles an `on_conflict_...` anew at every call."""
    data = _TAKEN.data
    by_unit = (
        select(_day.label("day"), _unit.label("unit"), func.sum(data.c.parts), func.sum(data.c.parts) * _price)
        .select_from(data.join(contacts, contacts.c.id == data.c.contact_id))
        .group_by(_unit)
        .order_by(_unit)
        .suffix_with(
            "ON CONFLICT (day, unit_code) DO UPDATE SET "
            "parts = spending.parts + excluded.parts, amount = spending.amount + excluded.amount"
        )
    )
    return spending.insert().from_select(["day", "unit_code", "parts", "amount"], by_unit)


_SPEND = _spend()
_OF_DAY = select(spending.c.unit_code, spending.c.parts, spending.c.amount).where(spending.c.day == _day)
_units = bindparam("units", type_=ARRAY(Text)).any_()
_WARNED = (
    select(spending.c.unit_code)
    .where(spending.c.day == _day, spending.c.unit_code == _units, spending.c.warned_at.is_not(None))
    .limit(1)
)
_WARN = (
    update(spending)
    .where(
        spending.c.day == _day,
        spending.c.unit_code == _units,
        spending.c.warned_at.is_(None),
    )
    .values(warned_at=bindparam("now", type_=Instant))
    .returning(spending.c.unit_code)
)


@dataclass(frozen=True, slots=True)
class Limits:
    """What units may spend a day, in đồng; 0: whatever they like. `centre`: who pays for people of no known unit."""

    default: int = 0
    own: Mapping[str, int] | None = None
    centre: str = ""

    def of(self, unit: str) -> int:
        """A unit's budget."""
        return (self.own or {}).get(unit, self.default)

    @property
    def any(self) -> bool:
        """Whether any unit has one."""
        return self.default > 0 or any(amount > 0 for amount in (self.own or {}).values())


def today(now: datetime) -> date:
    """The day that is spent on: Vietnam's."""
    return now.astimezone(VIETNAM).date()


def spend(connection: Connection, taken: Sequence[Row[Any]], price: int, now: datetime) -> None:
    """Count messages that a provider took: rows of contact_id and parts. In the transaction that settles them: a crash
    counts and settles neither."""
    if taken:
        rows = [{"contact_id": row.contact_id, "parts": row.parts} for row in taken]
        connection.execute(_SPEND, _TAKEN.parameters(rows) | {"on_day": today(now), "price": price})


def limits(connection: Connection, default: int, centre: str) -> Limits:
    """The budgets as they are now: `default` for whoever has none of their own."""
    rows = connection.execute(select(budgets.c.unit_code, budgets.c.amount))
    return Limits(default, {row.unit_code: row.amount for row in rows}, centre)


def ratios(connection: Connection, given: Limits, now: datetime) -> Mapping[str, float]:
    """Which part of its budget each unit has spent today; only units that have a budget and spent something."""
    if not given.any:
        return {}
    spent = _spent(connection, given, now)
    return {unit: amount / given.of(unit) for unit, (_, amount) in spent.items() if given.of(unit) > 0}


def listed(connection: Connection, given: Limits, now: datetime) -> Mapping[str, tuple[int, int]]:
    """Parts and đồng of today, of units that spent something or have a budget of their own."""
    return dict.fromkeys(given.own or {}, (0, 0)) | dict(_spent(connection, given, now))


def _spent(connection: Connection, given: Limits, now: datetime) -> Mapping[str, tuple[int, int]]:
    spent: dict[str, tuple[int, int]] = {}
    for row in connection.execute(_OF_DAY, {"on_day": today(now)}):
        parts, amount = spent.get(row.unit_code or given.centre, (0, 0))
        spent[row.unit_code or given.centre] = parts + row.parts, amount + row.amount
    return spent


def is_warned(connection: Connection, units: Sequence[str], now: datetime) -> bool:
    """Whether it was said today that one of these units ("": whoever belongs to none) has spent most of its budget."""
    return connection.scalar(_WARNED, {"on_day": today(now), "units": list(units)}) is not None


def held_units(connection: Connection, given: Limits, now: datetime) -> tuple[str, ...]:
    """The units whose budget is spent today; with the province's centre also "", who belongs to none."""
    held = {unit for unit, ratio in ratios(connection, given, now).items() if ratio >= 1}
    return tuple(sorted(held | ({""} if given.centre in held else set())))


def warn(connection: Connection, given: Limits, now: datetime) -> int:
    """Say once a day of each unit that most of its budget is spent; how many were said now. Two clocks say it once."""
    near = {unit: ratio for unit, ratio in ratios(connection, given, now).items() if ratio >= WARNED}
    if not near:
        return 0
    rows = {unit: unit for unit in near} | ({"": given.centre} if given.centre in near else {})
    found = connection.scalars(_WARN, {"on_day": today(now), "units": sorted(rows), "now": now})
    said = {rows[unit] for unit in found}
    for unit in sorted(said):
        log.warning("spending: unit %s has spent %d %% of its budget of today", unit, round(near[unit] * 100))
    return len(said)


def set_budget(connection: Connection, unit: str, amount: int | None) -> None:
    """A unit's own budget in đồng a day, 0 for none; None: as the installation's. IntegrityError: no such unit."""
    if amount is None:
        connection.execute(delete(budgets).where(budgets.c.unit_code == unit))
        return
    made = insert(budgets).values(unit_code=unit, amount=amount)
    connection.execute(made.on_conflict_do_update(index_elements=["unit_code"], set_={"amount": amount}))


class Purse:
    """Whose money is spent, for a worker: budgets are remembered for `FRESH` seconds, what was spent is read each time.

    `centre` is called when budgets are read.
    """

    def __init__(self, default: int, centre: Callable[[], str]) -> None:
        self._default = default
        self._centre = centre
        self._limits = Limits()
        self._until = float("-inf")
        self._lock = Lock()

    def __call__(self, connection: Connection, now: datetime) -> tuple[str, ...]:
        """The units for whose people nothing leaves now that we start."""
        with self._lock:
            if time.monotonic() >= self._until:
                self._limits = limits(connection, self._default, self._centre())
                self._until = time.monotonic() + FRESH
            given = self._limits
        return held_units(connection, given, now)
