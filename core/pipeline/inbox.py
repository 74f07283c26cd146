"""Messages as inbox rows: which are new, which wait, and what becomes of those that could not be read yet."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Column, Connection, Text, Uuid, bindparam, func, select, union_all

from core.database.batch import BatchInsert, BatchUpdate
from core.database.tables import inbox
from core.messaging.channel import InboundMessage, Media

GIVE_UP = 8
"""Attempts at one message, within some ten minutes: the later ones of its contact wait behind it."""

_FIRST_RETRY = timedelta(seconds=5)

_wanted = (
    func.unnest(bindparam("channel", type_=ARRAY(Text)), bindparam("external_id", type_=ARRAY(Text)))
    .table_valued(Column("channel", Text), Column("external_id", Text))
    .render_derived(name="wanted")
)
_HELD = (
    inbox.c.id,
    inbox.c.channel,
    inbox.c.external_id,
    inbox.c.contact_id,
    inbox.c.address,
    inbox.c.text,
    inbox.c.media,
    inbox.c.mark,
    inbox.c.phone,
    inbox.c.received_at,
    inbox.c.state,
    inbox.c.attempts,
)
_KNOWN = union_all(
    select(*_HELD).join(
        _wanted, (inbox.c.channel == _wanted.c.channel) & (inbox.c.external_id == _wanted.c.external_id)
    ),
    select(*_HELD).where(inbox.c.contact_id == bindparam("ids", type_=ARRAY(Uuid)).any_(), inbox.c.state == "waiting"),
)
_DUE = (
    select(inbox.c.contact_id)
    .where(inbox.c.state == "waiting", inbox.c.retry_at <= bindparam("now"))
    .group_by(inbox.c.contact_id)
    .limit(bindparam("most"))
)
_OUTCOME = ("state", "attempts", "retry_at", "error")
_STORE = BatchInsert(
    inbox,
    [
        "id",
        "channel",
        "external_id",
        "contact_id",
        "address",
        "text",
        "media",
        "mark",
        "phone",
        "received_at",
        *_OUTCOME,
    ],
)
_TRIED = BatchUpdate(inbox, "id", _OUTCOME)


@dataclass(slots=True)
class Arrived:
    """A message on its way through a batch. `stored`: it has an inbox row already, and waits. `error`: the name of
    the fault that its last attempt raised."""

    id: UUID
    contact_id: UUID
    message: InboundMessage
    stored: bool = False
    attempts: int = 0
    state: str = "done"
    retry_at: datetime | None = None
    error: str = ""

    def wait(self, until: datetime) -> None:
        """Keep it for later. It was not its turn: that is no attempt."""
        self.state, self.retry_at = "waiting", until

    def fail(self, now: datetime) -> datetime | None:
        """Keep it for later after an attempt: 5 s, then twice as long each time; returns until when. After the last
        attempt it holds up nothing any more, which is None; staff find it as failed."""
        self.attempts += 1
        if self.attempts >= GIVE_UP:
            self.state, self.retry_at = "failed", None
            return None
        until = now + _FIRST_RETRY * (1 << (self.attempts - 1))
        self.wait(until)
        return until


def next_try(now: datetime) -> datetime:
    """When a message is looked at again that was not read at all."""
    return now + _FIRST_RETRY


def due(connection: Connection, now: datetime, limit: int) -> list[UUID]:
    """Contacts with a message that has waited long enough."""
    return list(connection.scalars(_DUE, {"now": now, "most": limit}))


def unread(connection: Connection, arrived: Sequence[Arrived], held: Collection[UUID]) -> list[Arrived]:
    """The messages that are new, behind those of the same contacts that wait. Repeats are left out.

    Read after the contacts in `held` are locked, so a repeat that came at the same moment is seen.
    """
    asked = sorted({(a.message.channel, id) for a in arrived for id in _ids(a.message)})
    keys = {"channel": [c for c, _ in asked], "external_id": [id for _, id in asked], "ids": list(held)}
    known = {row.id: row for row in connection.execute(_KNOWN, keys)}
    seen = {(row.channel, row.external_id) for row in known.values()}
    waiting = [_waiting(row) for row in known.values() if row.state == "waiting" and row.contact_id in held]
    waiting.sort(key=lambda a: a.id)
    fresh: list[Arrived] = []
    for item in arrived:
        if seen.isdisjoint((item.message.channel, id) for id in _ids(item.message)):
            seen.add((item.message.channel, item.message.external_id))
            fresh.append(item)
    return waiting + fresh


def _ids(message: InboundMessage) -> tuple[str, ...]:
    return (message.external_id, *message.also)


def write(connection: Connection, arrived: Sequence[Arrived]) -> None:
    """Store new messages; say of those that waited what became of them."""
    _STORE.run(connection, [_row(a) for a in arrived if not a.stored])
    _TRIED.run(connection, [_row(a) for a in arrived if a.stored])


def _waiting(row: Any) -> Arrived:
    key = (row.channel, row.external_id, row.address, row.text, row.received_at)
    message = InboundMessage(*key, media=_media(row.media), mark=row.mark, phone=row.phone)
    return Arrived(row.id, row.contact_id, message, stored=True, attempts=row.attempts)


def _media(said: str) -> Media | None:
    """A kind that this program does not know, after a step back to an older one, is a file to it."""
    return (Media(said) if said in tuple(Media) else Media.FILE) if said else None


def _row(item: Arrived) -> dict[str, Any]:
    message = item.message
    return {
        "id": item.id,
        "channel": message.channel,
        "external_id": message.external_id,
        "contact_id": item.contact_id,
        "address": message.address,
        "text": message.text,
        "media": message.media or "",
        "mark": message.mark,
        "phone": message.phone,
        "received_at": message.received_at,
        "state": item.state,
        "attempts": item.attempts,
        "retry_at": item.retry_at,
        "error": item.error,
    }
