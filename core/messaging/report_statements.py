"""The SQL of providers' reports: which rows they speak of, locked, and how far they move them."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import and_, bindparam, case, func, select, update
from sqlalchemy.sql.selectable import Select

from core.database.batch import Batch
from core.database.shared import Instant
from core.database.tables import outbox
from core.messaging.channel import Status
from core.messaging.statements import literal, rank

REPORTED: Final = Batch(outbox, ["id", "channel", "provider_id"])
"""What a report says of itself. `id` may be null."""


def _reported() -> Select[Any]:
    data = REPORTED.data
    other = outbox.alias("other")
    by_provider = (
        select(other.c.id)
        .where(other.c.channel == data.c.channel, other.c.provider_id == data.c.provider_id)
        .limit(1)
        .scalar_subquery()
    )
    found = and_(outbox.c.id == func.coalesce(data.c.id, by_provider), outbox.c.channel == data.c.channel)
    return (
        select(outbox.c.id, outbox.c.channel, outbox.c.address, data.c.provider_id)
        .select_from(data.join(outbox, found))
        .order_by(outbox.c.id)
    )


FIND_REPORTED: Final = _reported()
"""The rows that reports speak of."""

SELECT_REPORTED: Final = _reported().with_for_update(of=outbox)
"""The same, locked."""

REPORT: Final = Batch(outbox, ["id", "status", "provider_id", "error"])
_new = REPORT.data.c.status
_moves = rank(_new) > func.greatest(rank(outbox.c.status), rank(literal(Status.UNKNOWN)))
"""A provider that does not know, or has not begun, says nothing of ours: it would end our own attempts."""

APPLY_REPORT: Final = (
    update(outbox)
    .where(outbox.c.id == REPORT.data.c.id)
    .values(
        status=case((_moves, _new), else_=outbox.c.status),
        provider_id=func.coalesce(outbox.c.provider_id, REPORT.data.c.provider_id),
        error=case((_moves, REPORT.data.c.error), else_=outbox.c.error),
        sent_at=func.coalesce(outbox.c.sent_at, bindparam("now", type_=Instant)),
    )
)
"""Binds `now` and the columns of REPORT, one row for each id."""
