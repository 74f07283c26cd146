"""What waits in a channel's line: looked at before its rate is asked, and made due once its provider is back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Boolean, Connection, Integer, bindparam, literal_column, or_, select, update

from core.database.shared import Instant
from core.database.tables import outbox
from core.messaging.fairness import Due
from core.messaging.statements import MAY_BE_CLAIMED

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
        or_(outbox.c.lease.is_(None), bindparam("unsure", type_=Boolean)),
    )
    .order_by(outbox.c.id)
    .with_for_update()
    .cte("retried")
)
_MAKE_DUE: Final = update(outbox).where(outbox.c.id == _retried.c.id).values(due_at=_now)


def waiting(connection: Connection, channel: str, now: datetime, limit: int, resting: Sequence[str] = ()) -> list[Due]:
    """The first `limit` messages that a claim would find, in its order. Takes nothing."""
    rows = connection.execute(_DUE, {"through": channel, "now": now, "limit": limit, "resting": list(resting)})
    return [Due(row.id, row.priority, row.parts) for row in rows]


def make_due(connection: Connection, channel: str, now: datetime, *, unsure: bool) -> None:
    """What waits for its next attempt leaves now: the provider is back. `unsure`: also what it may have already.

    A crash before the commit leaves each to its own delay, an hour at most.
    """
    connection.execute(_MAKE_DUE, {"through": channel, "now": now, "unsure": unsure})
