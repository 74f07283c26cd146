"""What staff may ask of the inbox and do to it: messages that could not be read. Rows are named by id; addresses and
words stay inside."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Connection, Row, Uuid, bindparam, exists, select, update

from core.database.due import due_checks
from core.database.tables import contacts, inbox

_COLUMNS = (inbox.c.id, inbox.c.channel, inbox.c.attempts, inbox.c.received_at, inbox.c.error)
_asked = exists().where(
    due_checks.c.contact_id == contacts.c.id,
    due_checks.c.status == "not_performed",
    due_checks.c.reminded_at > inbox.c.received_at,
    due_checks.c.closes_at > bindparam("now"),
)
_nothing_asked = exists().where(
    contacts.c.id == inbox.c.contact_id,
    ~contacts.c.session.has_key("stage"),
    ~contacts.c.session.has_key("doubt"),
    ~_asked.correlate(contacts, inbox),
)


def listed(connection: Connection, limit: int) -> Sequence[Row[Any]]:
    """Messages that failed, oldest first: id, channel, attempts, received_at, error."""
    found = select(*_COLUMNS).where(inbox.c.state == "failed").order_by(inbox.c.received_at, inbox.c.id)
    return connection.execute(found.limit(limit)).all()


def retry(connection: Connection, now: datetime, ids: Sequence[UUID] | None) -> int:
    """Read failed messages again, by id; None: all of them. How many.

    Where a question of ours was asked and not answered since, the message is left alone: it would be taken for the
    answer, which it is not.
    """
    ready = update(inbox).where(inbox.c.state == "failed", _nothing_asked)
    if ids is not None:
        ready = ready.where(inbox.c.id == bindparam("ids", list(ids), type_=ARRAY(Uuid)).any_())
    return connection.execute(ready.values(state="waiting", attempts=0, retry_at=now), {"now": now}).rowcount
