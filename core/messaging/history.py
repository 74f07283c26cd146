"""What each message went through: steps written by a trigger on `outbox`, and what providers said that moved nothing.

Holds neither addresses nor words, so nothing of it has to be forgotten with a person; it ends with its age.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, Row, and_, bindparam, delete, func, insert, literal_column, select, tuple_

from core.database.batch import Batch
from core.database.shared import Instant
from core.database.tables import outbox, outbox_history
from core.messaging.channel import StatusReport

KEPT: Final = timedelta(days=90)
"""Three months: longer than any follow-up, and than a provider's bill can be disputed."""

_SAID = Batch(outbox_history, ["message_id", "status", "error"])
_here = and_(
    outbox_history.c.message_id == _SAID.data.c.message_id,
    outbox_history.c.status == _SAID.data.c.status,
    outbox_history.c.error == _SAID.data.c.error,
)
_KEEP = insert(outbox_history).from_select(
    ["message_id", "at", "status", "source", "attempts", "error"],
    select(
        _SAID.data.c.message_id,
        func.clock_timestamp(type_=Instant),
        _SAID.data.c.status,
        literal_column("'report'"),
        outbox.c.attempts,
        _SAID.data.c.error,
    )
    .select_from(_SAID.data.join(outbox, outbox.c.id == _SAID.data.c.message_id))
    .where(~select(literal_column("1")).where(_here).correlate(_SAID.data).exists()),
)
_OLD = (
    select(outbox_history.c.message_id, outbox_history.c.number)
    .where(outbox_history.c.at <= bindparam("before", type_=Instant))
    .order_by(outbox_history.c.at)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_FORGET = delete(outbox_history).where(
    tuple_(outbox_history.c.message_id, outbox_history.c.number).in_(_OLD.scalar_subquery())
)


def keep(connection: Connection, said: Sequence[tuple[UUID, StatusReport]]) -> None:
    """Write what reports said of messages, each once: what moved its message is there by then, and what was said
    before is not said again. The caller holds the messages' rows, so two that say the same wait for each other.
    """
    rows = {(message_id, each.status, each.error): each for message_id, each in said}
    if rows:
        given = [{"message_id": key[0], "status": key[1], "error": key[2]} for key in sorted(rows)]
        connection.execute(_KEEP, _SAID.parameters(given))


def steps(connection: Connection, message_id: UUID) -> Sequence[Row[Any]]:
    """What one message went through, oldest first: at (the database's clock), status, source, attempts, error."""
    columns = (outbox_history.c[name] for name in ("at", "status", "source", "attempts", "error"))
    wanted = select(*columns).where(outbox_history.c.message_id == message_id)
    return connection.execute(wanted.order_by(outbox_history.c.number)).all()


def forget(connection: Connection, now: datetime, limit: int = 500) -> int:
    """Delete at most `limit` steps that are too old; how many. Call again while it is `limit`. A crash before the
    commit leaves them for the next time; two at once take different ones.
    """
    return connection.execute(_FORGET, {"before": now - KEPT, "most": limit}).rowcount
