"""From a batch of inbound messages to committed rows: the only way in, for every channel.

One transaction a batch: contacts locked in the order of their ids -> what is known of these messages -> facts ->
`engine.step` for each, in each contact's order -> inbox, sessions, outbox and records written. When `receive`
returns, all of it is committed; a webhook acknowledges only then.

A crash at the worst moment: before the commit nothing happened, and the provider repeats the message; after it
the repeat is found by (channel, external id) and answered without a second record or reply. In between there is
nothing. A step that raises, or a contact that somebody else holds for over a second, costs only that contact:
its messages are committed as `waiting` in its order, and `retry_waiting` takes them up. A batch that the
database refuses is split in two until the message at fault is alone; it is refused to its sender.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from psycopg.errors import DeadlockDetected, LockNotAvailable
from sqlalchemy import ARRAY, Column, Connection, Text, Uuid, bindparam, func, select, union_all
from sqlalchemy.exc import DataError, IntegrityError, OperationalError
from uuid_utils.compat import uuid7

from core.care.rules import in_force
from core.conversation.context import Context, Rules
from core.conversation.engine import Step, step
from core.conversation.messages import Inbound
from core.conversation.turn import VIETNAM
from core.database.batch import BatchInsert, BatchUpdate
from core.database.tables import inbox
from core.messaging.channel import InboundMessage
from core.people import contacts
from core.people.contacts import Locked
from core.pipeline.advance import advance
from core.pipeline.effects import Cause, Effects
from core.pipeline.facts import load_alarmed, load_members
from core.pipeline.replies import Replies
from core.pipeline.services import Services

log = logging.getLogger(__name__)

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
_STORE = BatchInsert(
    inbox,
    ["id", "channel", "external_id", "contact_id", "address", "text", "received_at", "state", "attempts", "retry_at"],
)
_TRIED = BatchUpdate(inbox, "id", ["state", "attempts", "retry_at"])

_GIVE_UP = 8  # attempts at one message, some four hours; then staff find it as failed
_FIRST_RETRY = timedelta(seconds=5)


class BatchRefused(Exception):
    """These messages could not be stored; all others of the batch are committed."""

    def __init__(self, external_ids: Sequence[str]) -> None:
        super().__init__(f"{len(external_ids)} messages refused by the database")
        self.external_ids = tuple(external_ids)


@dataclass(slots=True)
class _Arrived:
    """A message on its way through a batch. `stored`: it has an inbox row already, and waits."""

    id: UUID
    contact_id: UUID
    message: InboundMessage
    stored: bool = False
    attempts: int = 0
    state: str = "done"
    retry_at: datetime | None = None


@dataclass(slots=True)
class _Batch:
    """The transaction's own notes."""

    arrived: list[_Arrived]
    locked: Mapping[UUID, Locked]
    contexts: dict[UUID, Context] = field(default_factory=dict)
    stopped: set[UUID] = field(default_factory=set)  # contacts whose later messages must wait


def receive(services: Services, messages: Sequence[InboundMessage]) -> None:
    """Take a batch of one or many. Returns when it is committed; raises if any message was not kept."""
    refused = _receive(services, [_clean(m) for m in messages])
    if refused:
        raise BatchRefused(refused)


def retry_waiting(services: Services, limit: int = 200) -> int:
    """Take up messages that wait, each contact's in order. Returns how many were looked at."""
    now = services.clock.now()
    due = (
        select(inbox.c.contact_id)
        .where(inbox.c.state == "waiting", inbox.c.retry_at <= now)
        .group_by(inbox.c.contact_id)
        .limit(limit)
    )
    with services.engine.connect() as connection:
        held = list(connection.scalars(due))
    if held:
        _attempt(services, [], held, wait=False)
    return len(held)


def _receive(services: Services, messages: Sequence[InboundMessage]) -> list[str]:
    """Store all; the external ids of those that the database refuses."""
    try:
        _once(services, messages)
    except (DataError, IntegrityError) as fault:
        if len(messages) == 1:
            log.error("message refused", extra={"channel": messages[0].channel, "fault": type(fault).__name__})
            return [messages[0].external_id]
        half = len(messages) // 2
        return _receive(services, messages[:half]) + _receive(services, messages[half:])
    return []


def _once(services: Services, messages: Sequence[InboundMessage]) -> None:
    """One transaction. If a contact is held for over a second, again without waiting: nothing was done yet."""
    whose = services.directory.contacts((m.channel, m.address) for m in messages)
    arrived = [_Arrived(uuid7(), whose[m.channel, m.address], m) for m in messages]
    ids = sorted({a.contact_id for a in arrived})
    try:
        _attempt(services, arrived, ids, wait=True)
    except OperationalError as fault:
        if not isinstance(fault.orig, LockNotAvailable | DeadlockDetected):
            raise
        _attempt(services, arrived, ids, wait=False)


def _attempt(services: Services, arrived: list[_Arrived], ids: Sequence[UUID], *, wait: bool) -> None:
    now = services.clock.now()
    with services.engine.begin() as connection:
        locked: Mapping[UUID, Locked] = contacts.lock(connection, ids, wait=wait)
        missing = [a for a in arrived if a.contact_id not in locked]
        if missing and wait:
            locked = _meet(connection, missing, ids, now)
        batch = _Batch(_unknown(connection, arrived, locked), locked)
        _load(connection, services, batch, now)
        _run(connection, services, batch, now)


def _meet(
    connection: Connection, missing: Iterable[_Arrived], ids: Sequence[UUID], now: datetime
) -> Mapping[UUID, Locked]:
    """Make the rows of contacts seen for the first time, then hold all."""
    rows = {
        a.contact_id: {
            "id": a.contact_id,
            "channel": a.message.channel,
            "address": a.message.address,
            "seen_at": now,
        }
        for a in missing
    }
    contacts.ensure(connection, list(rows.values()))
    return contacts.lock(connection, ids, wait=True)


def _unknown(connection: Connection, arrived: Sequence[_Arrived], locked: Mapping[UUID, Locked]) -> list[_Arrived]:
    """The messages that are new, behind those of the same contacts that wait. Repeats are left out.

    Read after the locks are held, so a repeat that came at the same moment is seen. A contact that is not
    held lets its messages wait.
    """
    keys = {
        "channel": [a.message.channel for a in arrived],
        "external_id": [a.message.external_id for a in arrived],
        "ids": list(locked),
    }
    known = {row.id: row for row in connection.execute(_KNOWN, keys)}
    seen = {(row.channel, row.external_id) for row in known.values()}
    waiting = [_waiting(row) for row in known.values() if row.state == "waiting" and row.contact_id in locked]
    waiting.sort(key=lambda a: a.id)
    fresh: list[_Arrived] = []
    for item in arrived:
        key = (item.message.channel, item.message.external_id)
        if key not in seen:
            seen.add(key)
            fresh.append(item)
    return waiting + fresh


def _waiting(row: Any) -> _Arrived:
    message = InboundMessage(row.channel, row.external_id, row.address, row.text, row.received_at)
    return _Arrived(row.id, row.contact_id, message, stored=True, attempts=row.attempts)


def _load(connection: Connection, services: Services, batch: _Batch, now: datetime) -> None:
    """One context for each contact with a message to read."""
    ids = sorted({a.contact_id for a in batch.arrived if a.contact_id in batch.locked})
    if not ids:
        return
    units = services.units()
    people = load_members(connection, ids, units, now)
    alarmed = load_alarmed(connection, ids)
    today = in_force(now.astimezone(VIETNAM).date())
    rules = Rules(today.window_days, today.fever, today.doubt_minutes, today.unfinished_minutes)
    for contact in ids:
        members = people.get(contact, ())
        unit = next((m.unit_code for m in members if m.unit_code), None) or batch.locked[contact].unit_code
        facts = units.facts.get(unit or "") or units.facts[units.centre(services.province)]
        batch.contexts[contact] = Context(contact, facts, services.codes.next(), rules, members, alarmed[contact])


def _run(connection: Connection, services: Services, batch: _Batch, now: datetime) -> None:
    """Step through all messages, then write what they led to in a few statements."""
    sessions: dict[UUID, Locked] = dict(batch.locked)
    last: dict[UUID, InboundMessage] = {}
    replies, effects = Replies(services, now), Effects(services, now)
    for item in batch.arrived:
        made = _step(services, batch, sessions, item, now)
        if made is None:
            continue
        held, context = sessions[item.contact_id], batch.contexts[item.contact_id]
        count = replies.add(item.id, item.message, made, held)
        effects.add(Cause(item.id, item.message, context), made.effects)
        batch.contexts[item.contact_id] = advance(context, made.effects, services.codes.next)
        sessions[item.contact_id] = replace(held, session=made.session, seq=held.seq + count)
        last[item.contact_id] = item.message
    _write_inbox(connection, batch.arrived)
    contacts.save(connection, [_session_row(sessions[c], m, effects, now) for c, m in sorted(last.items())])
    effects.write(connection)
    replies.write(connection)
    services.codes.give_back(context.code for context in batch.contexts.values())


def _step(
    services: Services, batch: _Batch, sessions: Mapping[UUID, Locked], item: _Arrived, now: datetime
) -> Step | None:
    """One message's step, or None: it waits, and so do the later ones of its contact."""
    contact = item.contact_id
    if contact not in batch.locked or contact in batch.stopped:
        _wait(item, now, tried=False)
        return None
    inbound = Inbound(item.id, item.message.text, item.message.received_at)
    try:
        return step(sessions[contact].session, inbound, services.library, batch.contexts[contact], now)
    except Exception:
        log.exception("step failed", extra={"inbound": str(item.id)})
        batch.stopped.add(contact)
        _wait(item, now, tried=True)
        return None


def _wait(item: _Arrived, now: datetime, *, tried: bool) -> None:
    """Keep the message for later: 5 s, then twice as long each time. After the last attempt it no longer holds up
    the ones behind it; staff find it as failed."""
    item.attempts += tried
    item.state = "failed" if item.attempts >= _GIVE_UP else "waiting"
    item.retry_at = now + _FIRST_RETRY * 2 ** max(0, item.attempts - 1)


def _write_inbox(connection: Connection, arrived: Sequence[_Arrived]) -> None:
    _STORE.run(connection, [_inbox_row(a) for a in arrived if not a.stored])
    _TRIED.run(
        connection,
        [{"id": a.id, "state": a.state, "attempts": a.attempts, "retry_at": a.retry_at} for a in arrived if a.stored],
    )


def _inbox_row(item: _Arrived) -> dict[str, Any]:
    message = item.message
    return {
        "id": item.id,
        "channel": message.channel,
        "external_id": message.external_id,
        "contact_id": item.contact_id,
        "address": message.address,
        "text": message.text,
        "received_at": message.received_at,
        "state": item.state,
        "attempts": item.attempts,
        "retry_at": item.retry_at,
    }


def _session_row(held: Locked, message: InboundMessage, effects: Effects, now: datetime) -> dict[str, Any]:
    return {
        "id": held.id,
        "session": held.session,
        "seq": held.seq,
        "unit_code": effects.unit_of.get(held.id, held.unit_code),
        "channel": message.channel,
        "address": message.address,
        "seen_at": now,
    }


def _clean(message: InboundMessage) -> InboundMessage:
    """PostgreSQL stores no NUL, which some phones send as padding, and no half of a surrogate pair."""
    text = message.text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")
    return message if text == message.text else replace(message, text=text)
