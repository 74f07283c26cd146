"""The day in numbers, and whether anything on the page has changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from sqlalchemy import (
    Connection,
    FromClause,
    Select,
    Subquery,
    Text,
    and_,
    cast,
    func,
    select,
    true,
)

from core.access.scope import Scope
from core.care.standing import (
    ANSWERED,
    DAILY,
    FOLLOWED,
    NOW,
    OPEN_ALERT,
    Day,
    ListName,
    Placed,
    parameters,
    today_in,
)
from core.database.due import alerts, contact_attempts, due_checks
from core.database.following import follow_ups
from core.database.tables import addresses, records

_LATE = and_(due_checks.c.due_at <= NOW, ~ANSWERED)


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


def count(connection: Connection, scope: Scope, day: Day, placed: Mapping[ListName, Placed]) -> Counters:
    """The day's numbers. Those of people are the lists' own (`standing.place`): the two never disagree."""
    declared = placed[ListName.DECLARED]
    return Counters(
        followed=sum(those.followed for those in placed.values()),
        alerted=placed[ListName.ALERT].followed,
        signs=placed[ListName.SIGNS].followed,
        silent=placed[ListName.SILENT].followed,
        seen=placed[ListName.SEEN].followed + declared.answered,
        waiting=placed[ListName.WAITING].followed + declared.followed - declared.answered,
        **connection.execute(_COUNT, parameters(scope, day)).mappings().one(),
    )


def version(connection: Connection, scope: Scope, day: Day) -> str:
    """A word that changes whenever anything on the page does: from counts and sums over the day's index ranges.

    Sums, not only newest ones: rows become visible in the order of their commits, not of their numbers.
    """
    row = connection.execute(_VERSION, parameters(scope, day)).one()
    return blake2b(repr((day.today, tuple(row))).encode(), digest_size=12).hexdigest()


def _counted() -> Select[Any]:
    today = today_in(records.c.unit_code, records.c.declared_at)
    declarations = select(func.count()).where(today, records.c.superseded_at.is_(None), records.c.form.not_in(DAILY))
    open_alerts = select(func.count()).where(OPEN_ALERT)
    return select(
        declarations.scalar_subquery().label("declarations"), open_alerts.scalar_subquery().label("open_alerts")
    )


def _versioned() -> Select[Any]:
    parts = (_said(), _checked(), _told(), _tried(), _raised(), _followed())
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
    """Answers, and hours that come."""
    parts = func.count().label("n"), func.count().filter(ANSWERED), func.count().filter(_LATE)
    return select(*parts).where(today_in(due_checks.c.unit_code, due_checks.c.due_at)).subquery("checked")


def _told() -> Subquery:
    """That the silent said STOP, or that no message reaches them. Apart, so that only their addresses are read."""
    return (
        select(func.count(addresses.c.stopped_at).label("n"), func.count(addresses.c.unreachable_at))
        .select_from(due_checks)
        .join(addresses, addresses.c.contact_id == due_checks.c.contact_id)
        .where(today_in(due_checks.c.unit_code, due_checks.c.due_at), _LATE)
        .subquery("told")
    )


def _tried() -> Subquery:
    """That a human reached somebody, or not."""
    today = today_in(contact_attempts.c.unit_code, contact_attempts.c.at)
    return select(func.count().label("n")).where(today).subquery("tried")


def _raised() -> Subquery:
    state = func.concat_ws(" ", alerts.c.id, alerts.c.status, alerts.c.taken_by, alerts.c.escalate_at)
    return select(func.count().label("n"), func.sum(func.hashtext(state))).where(OPEN_ALERT).subquery("raised")


def _followed() -> Subquery:
    who = func.sum(func.hashtext(cast(follow_ups.c.id, Text)))
    return select(func.count().label("n"), who).where(FOLLOWED).subquery("followed")


_COUNT = _counted()
_VERSION = _versioned()
