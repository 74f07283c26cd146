"""What staff may ask of the outbox and do to it. Rows are named by id; addresses and words stay inside."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Connection, Row, Uuid, bindparam, null, select, update

from core.database.tables import outbox
from core.messaging.channel import Status
from core.messaging.statements import lapsed

_AGAIN = {"status": Status.QUEUED, "attempts": 0, "error": ""}


def listed(connection: Connection, status: Status | None, limit: int) -> Sequence[Row[Any]]:
    """Messages with this status, oldest first: id, channel, kind, attempts, created_at, error. None: those that are
    stuck, leased by somebody who did not settle them in time.
    """
    columns = (
        outbox.c.id,
        outbox.c.channel,
        outbox.c.kind,
        outbox.c.attempts,
        outbox.c.created_at,
        outbox.c.error,
    )
    wanted = lapsed(outbox) if status is None else outbox.c.status == status
    found = select(*columns).where(wanted).order_by(outbox.c.created_at, outbox.c.id)
    return connection.execute(found.limit(limit)).all()


def made(connection: Connection, message_id: UUID) -> Row[Any] | None:
    """A message's created_at, expires_at, channel and kind; None if there is no such message."""
    columns = (outbox.c.created_at, outbox.c.expires_at, outbox.c.channel, outbox.c.kind)
    return connection.execute(select(*columns).where(outbox.c.id == message_id)).one_or_none()


def retry(connection: Connection, now: datetime, ids: Sequence[UUID] | None) -> int:
    """Put messages in line again that failed or whose outcome is unknown, by id; None: all that failed.

    Returns how many. Those that are too late stay as they are. The one place where a status steps back, at
    somebody's word: an unknown message that did arrive is sent twice.
    """
    ready = update(outbox).where(outbox.c.expires_at > now)
    if ids is None:
        ready = ready.where(outbox.c.status == Status.FAILED)
    else:
        ready = ready.where(
            outbox.c.status.in_([Status.FAILED, Status.UNKNOWN]),
            outbox.c.id == bindparam("ids", list(ids), type_=ARRAY(Uuid)).any_(),
        )
    again = ready.values(**_AGAIN, due_at=now, lease=null(), lease_until=null(), provider_id=null(), sent_at=null())
    return connection.execute(again).rowcount
