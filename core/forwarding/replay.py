"""Looking at what was not delivered, and sending it again. What has arrived is never touched."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, select, update
from sqlalchemy.sql.elements import ColumnElement

from core.database.tables import forwards


@dataclass(frozen=True, slots=True)
class Waiting:
    """A delivery that is not done. `error`: the last answer or fault; it holds no name, number or answer."""

    id: UUID
    record_id: UUID
    unit_code: str
    destination_id: UUID
    sequence: int
    urgent: bool
    status: str
    attempts: int
    error: str
    due_at: datetime
    created_at: datetime


_FIELDS = [forwards.c[name] for name in Waiting.__dataclass_fields__]


def undelivered(connection: Connection, status: str, limit: int = 1000) -> tuple[Waiting, ...]:
    """Deliveries that are "pending" or "dead", oldest first."""
    wanted = select(*_FIELDS).where(forwards.c.status == status).order_by(forwards.c.created_at, forwards.c.id)
    return tuple(Waiting(**row) for row in connection.execute(wanted.limit(limit)).mappings())


def retry(connection: Connection, ids: Collection[UUID], now: datetime) -> int:
    """Make these due now, with a fresh row of attempts, under their old webhook-id; how many were not done."""
    return _again(connection, now, forwards.c.id.in_(list(ids)), forwards.c.status.in_(["dead", "pending"]))


def retry_units(connection: Connection, codes: Collection[str], since: datetime | None, now: datetime) -> int:
    """All dead letters of these units' records, queued at `since` or later; how many. Twice changes nothing."""
    conditions = [forwards.c.unit_code.in_(list(codes)), forwards.c.status == "dead"]
    if since is not None:
        conditions.append(forwards.c.created_at >= since)
    return _again(connection, now, *conditions)


def _again(connection: Connection, now: datetime, *conditions: ColumnElement[bool]) -> int:
    values = {"status": "pending", "attempts": 0, "due_at": now, "error": ""}
    return connection.execute(update(forwards).values(values).where(*conditions)).rowcount
