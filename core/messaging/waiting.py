"""What waits in a channel's line: looked at before its rate is asked, and made due once its provider is back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Boolean, Connection, Integer, Uuid, bindparam, literal_column, or_, select, update

from core.database.shared import Instant
from core.database.tables import outbox
from core.messaging.fairness import Due
from core.messaging.statements import MAY_BE_CLAIMED

PAGE: Final = 500
"""Messages that are made due in one transaction: nobody waits long for it, however many there are."""

FIRST: Final = UUID(int=0)
"""Before the first page."""

_DUE: Final = (
    select(outbox.c.id, outbox.c.priority, outbox.c.parts)
    .where(MAY_BE_CLAIMED)
    .order_by(outbox.c.priority, outbox.c.due_at)
    .limit(bindparam("limit", type_=Integer))
)
_now = bindparam("now", type_=Instant)
_retried = (
    select(outbox.c.id)
    .where(
        outbox.c.channel == bindparam("through"),
        outbox.c.status == literal_column("'queued'"),
        outbox.c.attempts > 0,
        outbox.c.due_at > _now,
        outbox.c.id > bindparam("after", type_=Uuid),
        or_(outbox.c.lease.is_(None), bindparam("unsure", type_=Boolean)),
    )
    .order_by(outbox.c.id)
    .limit(bindparam("page", type_=Integer))
    .with_for_update()
    .cte("retried")
)
_MAKE_DUE: Final = update(outbox).where(outbox.c.id == _retried.c.id).values(due_at=_now).returning(outbox.c.id)


def waiting(connection: Connection, channel: str, now: datetime, limit: int, resting: Sequence[str] = ()) -> list[Due]:
    """The first `limit` messages that a claim would find, in its order. Takes nothing."""
    rows = connection.execute(_DUE, {"through": channel, "now": now, "limit": limit, "resting": list(resting)})
    return [Due(row.id, row.priority, row.parts) for row in rows]


def make_due(connection: Connection, channel: str, now: datetime, after: UUID, *, unsure: bool) -> UUID | None:
    """A page of what waits for its next attempt leaves now: the provider is back. `unsure`: also what it may have
    already. Returns where the next page begins, None after the last; what fails meanwhile is in none of them.

    A crash before the commit leaves each to its own delay, an hour at most.
    """
    where = {"through": channel, "now": now, "unsure": unsure, "after": after, "page": PAGE}
    made = connection.scalars(_MAKE_DUE, where).all()
    return max(made) if len(made) == PAGE else None
