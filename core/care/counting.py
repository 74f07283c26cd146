"""The day in numbers, and whether anything on the page has changed."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Select,
    Subquery,
    Text,
    and_,
    cast,
    func,
    or_,
    select,
    true,
)

from core.access.scope import Scope
from core.care.standing import (
    ANSWERED,
    CHECKIN,
    FOLLOWED,
    NOW,
    OPEN_ALERT,
    Day,
    ListName,
    decided,
    facts,
    parameters,
    today_in,
)
from core.database.tables import addresses, alerts, due_checks, follow_ups, records


@dataclass(frozen=True, slots=True)
class Counters:
    """People under follow-up today, each counted once: `followed` is the sum of the five that come after it.
    Then all declarations of the day, by whomever, and the alerts that nobody has closed.
    """

    followed: int
    alerted: int
    signs: int
    silent: int
    seen: int
    waiting: int
    declarations: int
    open_alerts: int


def count(connection: Connection, scope: Scope, day: Day) -> Counters:
    """The day's numbers."""
    return Counters(*connection.execute(_COUNT, parameters(scope, day)).one())


def version(connection: Connection, scope: Scope, day: Day) -> str:
    """A word that changes whenever anything on the page does: from counts and sums over the day's index ranges.

    Sums, not only newest ones: rows become visible in the order of their commits, not of their numbers.
    """
    row = connection.execute(_VERSION, parameters(scope, day)).one()
    return blake2b(repr((day.today, tuple(row))).encode(), digest_size=12).hexdigest()


def _counted() -> Select[Any]:
    known = facts()
    on = decided(known)

    def of(*conditions: ColumnElement[bool]) -> ColumnElement[int]:
        return func.count().filter(known.c.followed, *conditions)

    declared = on == ListName.DECLARED.value
    today = today_in(records.c.unit_code, records.c.declared_at)
    declarations = select(func.count()).where(today, records.c.superseded_at.is_(None), records.c.form != CHECKIN)
    return select(
        of(),
        of(on == ListName.ALERT.value),
        of(on == ListName.SIGNS.value),
        of(on == ListName.SILENT.value),
        of(or_(on == ListName.SEEN.value, and_(declared, known.c.seen))),
        of(or_(on == ListName.WAITING.value, and_(declared, ~known.c.seen))),
        declarations.scalar_subquery(),
        select(func.count()).where(OPEN_ALERT).scalar_subquery(),
    ).select_from(known)


def _versioned() -> Select[Any]:
    parts = (_said(), _checked(), _raised(), _followed())
    joined: FromClause = parts[0]
    for part in parts[1:]:
        joined = joined.join(part, true())
    return select(*(column for part in parts for column in part.c)).select_from(joined)


def _said() -> Subquery:
    """New records, new versions, confirmations."""
    parts = func.count().label("n"), func.sum(records.c.number).label("sum"), func.count(records.c.confirmed_at)
    today = today_in(records.c.unit_code, records.c.declared_at)
    return select(*parts).where(today, records.c.superseded_at.is_(None)).subquery("said")


def _checked() -> Subquery:
    """Answers, hours that come, and what the silent told us or their network did."""
    late = and_(due_checks.c.due_at <= NOW, ~ANSWERED)
    told = func.count(addresses.c.stopped_at), func.count(addresses.c.unreachable_at)
    return (
        select(func.count().label("n"), func.count().filter(ANSWERED), func.count().filter(late), *told)
        .select_from(due_checks)
        .outerjoin(addresses, and_(addresses.c.contact_id == due_checks.c.contact_id, late))
        .where(today_in(due_checks.c.unit_code, due_checks.c.due_at))
        .subquery("checked")
    )


def _raised() -> Subquery:
    state = func.concat_ws(" ", alerts.c.id, alerts.c.status, alerts.c.taken_by)
    return select(func.count().label("n"), func.sum(func.hashtext(state))).where(OPEN_ALERT).subquery("raised")


def _followed() -> Subquery:
    who = func.sum(func.hashtext(cast(follow_ups.c.id, Text)))
    return select(func.count().label("n"), who).where(FOLLOWED).subquery("followed")


_COUNT = _counted()
_VERSION = _versioned()
