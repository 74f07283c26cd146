"""Questions for a sign of presence that nobody answers any more: their time is over, or STOP was said.

One statement a page: a crash leaves a page as it was, and the clock comes again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, Connection, DateTime, Uuid, bindparam, case, exists, select, update

from core.care.standing import one_of
from core.database.due import presence_checks
from core.database.tables import outbox


def stopped(connection: Connection, contacts: Sequence[UUID]) -> None:
    """These contacts said STOP: what they were asked is waited for no more, and staff see why. Who gives a sign all the
    same is heard."""
    if contacts:
        connection.execute(_STOPPED, {"ids": sorted(contacts)})


def expire(connection: Connection, now: datetime, limit: int = 500) -> int:
    """No sign came in time, or the text never left. How many; call again while it is `limit`."""
    return connection.execute(_EXPIRE, {"now": now, "most": limit}).rowcount


_ASKED = (one_of(presence_checks.c.outcome, ""), presence_checks.c.told_at.is_not(None))
_EXPIRED = (
    select(presence_checks.c.id)
    .where(*_ASKED, presence_checks.c.expires_at <= bindparam("now", type_=DateTime(timezone=True)))
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_LEFT = exists().where(
    outbox.c.contact_id == presence_checks.c.contact_id,
    one_of(outbox.c.kind, "reminder"),
    one_of(outbox.c.status, "unknown", "sent", "delivered"),
    outbox.c.created_at.between(presence_checks.c.told_at, presence_checks.c.expires_at),
)
_EXPIRE = (
    update(presence_checks)
    .where(presence_checks.c.id.in_(_EXPIRED))
    .values(outcome=case((_LEFT, "unanswered"), else_="unreachable"))
)
_STOPPED = (
    update(presence_checks)
    .where(presence_checks.c.contact_id == bindparam("ids", type_=ARRAY(Uuid)).any_(), *_ASKED)
    .values(outcome="stopped")
)
