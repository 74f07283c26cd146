"""Contacts: the rows that hold conversations, and that lock them."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Connection, DateTime, Uuid, bindparam, func, select, update
from sqlalchemy import Row as SqlRow

from core.conversation.session import Session, from_json, to_json
from core.database.batch import BatchInsert, BatchUpdate, Row
from core.database.tables import addresses, contacts

log = logging.getLogger(__name__)

KEPT = timedelta(hours=24)
"""How long the words of somebody unknown are kept (`core.care.forget`)."""

_IDS = bindparam("ids", type_=ARRAY(Uuid))
_NOW = bindparam("now", type_=DateTime(timezone=True))
_COLUMNS = tuple(contacts.c[name] for name in ("id", "session", "seq", "unit_code", "phone", "replies_at"))
_HELD = select(*_COLUMNS).where(contacts.c.id == _IDS.any_()).order_by(contacts.c.id)
_LOCK = _HELD.with_for_update(key_share=True)
_LOCK_FREE = _HELD.with_for_update(key_share=True, skip_locked=True)
_NEW = BatchInsert(contacts, ["id", "channel", "address", "seen_at", "forget_at"])
_NEW_ADDRESS = BatchInsert(addresses, ["channel", "address", "contact_id"])
_SAVE = BatchUpdate(
    contacts,
    "id",
    ["session", "seq", "language", "accents", "unit_code", "channel", "address", "seen_at", "replies_at"],
)
_PHONE = BatchUpdate(contacts, "id", ["phone"])
_look = func.coalesce(contacts.c.forget_at, _SAVE.data.c.seen_at + KEPT)
_SAVE.statement = _SAVE.statement.values(forget_at=_look)
_TOUCH = (
    update(contacts)
    .where(contacts.c.id == _IDS.any_())
    .values(seen_at=_NOW, forget_at=func.coalesce(contacts.c.forget_at, _NOW + KEPT))
)


@dataclass(frozen=True, slots=True)
class Locked:
    """A contact that this transaction holds. `seq` is the number of its newest outgoing message, `phone` the number
    by which they can be called besides their addresses, `replies_at` until when what we may answer is used up."""

    id: UUID
    session: Session
    seq: int
    unit_code: str | None
    phone: str = ""
    replies_at: datetime | None = None


def lock(connection: Connection, ids: Sequence[UUID], *, wait: bool) -> dict[UUID, Locked]:
    """Hold these contacts until the transaction ends, in the order of their ids, so that no two batches can
    wait for each other in a ring. Without `wait`, those that somebody else holds are left out.

    Others may still insert rows that refer to them (FOR NO KEY UPDATE): a message can be kept for a held contact.
    """
    rows = connection.execute(_LOCK if wait else _LOCK_FREE, {"ids": sorted(ids)})
    return {r.id: Locked(r.id, _session(r), r.seq, r.unit_code, r.phone, r.replies_at) for r in rows}


def ensure(connection: Connection, rows: Sequence[Row]) -> None:
    """Make contacts and their addresses, where they are not there yet.

    Each row: id, channel, address, seen_at. Sorted by id, like every lock on contacts.
    """
    made = [{**row, "forget_at": row["seen_at"] + KEPT} for row in sorted(rows, key=lambda row: row["id"])]
    _NEW.run(connection, made)
    _NEW_ADDRESS.run(connection, [{**row, "contact_id": row["id"]} for row in made])


def save(connection: Connection, rows: Sequence[Row]) -> None:
    """Write sessions back. Each row: id, session (a Session), seq, unit_code, channel, address, seen_at,
    replies_at."""
    _SAVE.run(connection, [_stored(row) for row in rows])


def say_phone(connection: Connection, rows: Sequence[Row]) -> None:
    """They can be called there. Rows of id, phone (E.164); the newest counts."""
    newest = {row["id"]: row for row in rows}
    _PHONE.run(connection, [newest[key] for key in sorted(newest)])


def touch(connection: Connection, ids: Iterable[UUID], now: datetime) -> None:
    """They wrote now, though it could not be read: their words are forgotten in their time all the same."""
    if known := sorted(ids):
        connection.execute(_TOUCH, {"ids": known, "now": now})


def _session(row: SqlRow[Any]) -> Session:
    """The stored one. What a newer program wrote may be unreadable after a step back: the conversation begins anew,
    and nobody else's message waits for it."""
    try:
        return from_json(row.session)
    except (ValueError, TypeError, KeyError, AttributeError):
        log.exception("session lost", extra={"contact": str(row.id)})
        return Session()


def _stored(row: Row) -> dict[str, Any]:
    session: Session = row["session"]
    return {
        **row,
        "session": to_json(session),
        "language": session.language,
        "accents": session.accents,
    }
