"""From a batch of inbound messages to committed rows: the only way in, for every channel.

One transaction a batch: contacts locked in the order of their ids -> what is known of these messages -> facts ->
`engine.step` for each, in each contact's order -> inbox, sessions, outbox and records written. When `receive`
returns, all of it is committed; a webhook acknowledges only then.

A crash at the worst moment: before the commit nothing happened, and the provider repeats the message; after it
the repeat is found by (channel, external id) and answered without a second record or reply. In between there is
nothing. A step that raises, or a contact that somebody else holds for over a second (the session's lock_timeout),
costs only that contact: its messages are committed as `waiting` in its order, and `retry_waiting` takes them up. What
still raises at the last attempt is read with nothing going on, and a human is told (`core.pipeline.stuck`). A batch
that the database refuses is split in two until the message at fault is alone; it is refused to its sender.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.errors import DeadlockDetected, LockNotAvailable, ProgramLimitExceeded
from sqlalchemy import Connection
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, OperationalError
from uuid_utils.compat import uuid7

from core.conversation.context import Context
from core.conversation.effects import RaiseAlert, Unlink
from core.conversation.engine import step
from core.conversation.messages import Inbound
from core.messaging.channel import InboundMessage
from core.people import addresses, contacts
from core.people.contacts import Locked
from core.pipeline import certificates, duty, inbox, stuck, visits
from core.pipeline.advance import advance
from core.pipeline.arrival import clean, contact_row, heard_row, spoken_to
from core.pipeline.assess import advised
from core.pipeline.cause import Cause
from core.pipeline.contexts import load_contexts
from core.pipeline.effects import Effects
from core.pipeline.inbox import Arrived
from core.pipeline.links import Links
from core.pipeline.replies import Replies
from core.pipeline.services import Services
from core.pipeline.volunteers import Volunteering

log = logging.getLogger(__name__)


class BatchRefused(Exception):
    """These messages could not be stored; all others of the batch are committed."""

    def __init__(self, external_ids: Sequence[str]) -> None:
        super().__init__(f"{len(external_ids)} messages refused by the database")
        self.external_ids = tuple(external_ids)


class _Moved(Exception):
    """Addresses of these contacts were linked to others since the directory was asked. Nothing was done yet."""

    def __init__(self, contacts: Collection[UUID]) -> None:
        super().__init__(f"{len(contacts)} contacts")
        self.contacts = contacts


@dataclass(slots=True)
class _Batch:
    """The transaction's own notes. `held`: contacts that are locked, as their last message left them. `stopped`:
    contacts whose later messages wait, and until when. `replies` and `effects` collect what is to be written."""

    now: datetime
    arrived: list[Arrived]
    held: dict[UUID, Locked]
    replies: Replies
    effects: Effects
    links: Links
    helpers: Volunteering
    duties: duty.Duties
    papers: certificates.Certificates
    contexts: dict[UUID, Context] = field(default_factory=dict)
    stopped: dict[UUID, datetime] = field(default_factory=dict)


def receive(services: Services, messages: Sequence[InboundMessage]) -> None:
    """Take a batch of one or many. Returns when it is committed; raises if any message was not kept."""
    refused = _receive(services, [clean(m) for m in messages])
    if refused:
        raise BatchRefused(refused)


def retry_waiting(services: Services, limit: int = 200) -> int:
    """Take up messages that wait, each contact's in order. Returns how many contacts were taken up: those that
    somebody holds are left for the next time.
    """
    with services.engine.connect() as connection:
        due = inbox.due(connection, services.clock.now(), limit)
    if not due:
        return 0
    try:
        return _attempt(services, [], due, wait=False)
    except DBAPIError as fault:
        if not _is_refused(fault):
            raise
    return sum(_take_up(services, contact) for contact in due)


def _take_up(services: Services, contact: UUID) -> int:
    """One contact's waiting messages, behind which no other contact's shall wait. How many contacts."""
    try:
        return _attempt(services, [], [contact], wait=False)
    except DBAPIError as fault:
        if not _is_refused(fault):
            raise
        name = type(fault.orig).__name__
    log.error("waiting message refused", extra={"contact": str(contact), "fault": name})
    _put_off(services, contact, name)
    return 1


def _put_off(services: Services, contact: UUID, fault: str) -> None:
    """The database refuses what this contact's messages lead to: that was an attempt at the first of them."""
    now = services.clock.now()
    with services.engine.begin() as connection:
        batch = _batch(connection, services, [], contacts.lock(connection, [contact], wait=True), now)
        first, *others = batch.arrived
        first.error, until = fault, first.fail(now)
        for item in others:
            item.wait(until or now)
        for item in batch.arrived:
            _alarm(batch, item)
        if until is None:
            _tell(batch, first, (stuck.LOOK,))
            contacts.touch(connection, [contact], now)
        inbox.write(connection, batch.arrived)
        batch.effects.write(connection)
    services.codes.give_back(context.code for context in batch.contexts.values())


def _receive(services: Services, messages: Sequence[InboundMessage]) -> list[str]:
    """Store all; the external ids of those that the database refuses."""
    try:
        _once(services, messages)
    except DBAPIError as fault:
        if not _is_refused(fault):
            raise
        if len(messages) == 1:
            log.error("message refused", extra={"channel": messages[0].channel, "fault": type(fault.orig).__name__})
            return [messages[0].external_id]
        half = len(messages) // 2
        return _receive(services, messages[:half]) + _receive(services, messages[half:])
    return []


def _is_refused(fault: DBAPIError) -> bool:
    """Whether what was to be written is at fault, and would be again. An index entry of over 2,704 bytes is."""
    return isinstance(fault, DataError | IntegrityError) or isinstance(fault.orig, ProgramLimitExceeded)


def _once(services: Services, messages: Sequence[InboundMessage]) -> None:
    """One transaction; once more if addresses were linked meanwhile: nothing was done yet."""
    try:
        _by_directory(services, messages)
    except _Moved as moved:
        for contact in moved.contacts:
            services.directory.forget(contact)
        _by_directory(services, messages)


def _by_directory(services: Services, messages: Sequence[InboundMessage]) -> None:
    """One transaction. If a contact is held for over a second, again without waiting: nothing was done yet."""
    whose = services.directory.contacts((m.channel, m.address) for m in messages)
    arrived = [Arrived(uuid7(), whose[m.channel, m.address], m) for m in messages]
    ids = sorted({a.contact_id for a in arrived})
    try:
        _attempt(services, [replace(a) for a in arrived], ids, wait=True)
    except OperationalError as fault:
        if not isinstance(fault.orig, LockNotAvailable | DeadlockDetected):
            raise
        _attempt(services, arrived, ids, wait=False)


def _attempt(services: Services, arrived: list[Arrived], ids: Sequence[UUID], *, wait: bool) -> int:
    """How many contacts were held. Without `wait`, messages of those that somebody else holds are kept for later."""
    now = services.clock.now()
    with services.engine.begin() as connection:
        held = contacts.lock(connection, ids, wait=wait)
        if missing := [a for a in arrived if a.contact_id not in held]:
            contacts.ensure(connection, [contact_row(a, now) for a in missing])
            held = contacts.lock(connection, ids, wait=wait)
        if moved := addresses.hear(connection, [heard_row(a, now) for a in arrived if a.contact_id in held]):
            raise _Moved(moved)
        _run(connection, services, _batch(connection, services, arrived, held, now))
    return len(held)


def _batch(
    connection: Connection, services: Services, arrived: Sequence[Arrived], held: dict[UUID, Locked], now: datetime
) -> _Batch:
    """What is to be read, and what is known of it."""
    unread = inbox.unread(connection, arrived, held)
    venues = visits.look_up(connection, services, [a for a in unread if a.contact_id in held], now)
    links = Links(connection, services, held, now)
    duties = duty.look_up(connection, services, unread, now)
    papers = certificates.look_up(connection, services, unread)
    helpers = Volunteering(connection, services, now)
    replies, effects = Replies(services, now), Effects(services, now, venues)
    known = load_contexts(connection, services, unread, held, now)
    on_duty = {contact: replace(known[contact], on_duty=True) for contact in known.keys() & duties.contacts}
    return _Batch(now, unread, held, replies, effects, links, helpers, duties, papers, known | on_duty)


def _run(connection: Connection, services: Services, batch: _Batch) -> None:
    """Read all messages, then write what they led to in a few statements."""
    last: dict[UUID, InboundMessage] = {}
    for item in batch.arrived:
        if _read(services, batch, item):
            last[item.contact_id] = item.message
    inbox.write(connection, batch.arrived)
    contacts.touch(connection, {a.contact_id for a in batch.arrived if a.state == "failed"}, batch.now)
    contacts.save(connection, [_session_row(batch, contact, message) for contact, message in sorted(last.items())])
    batch.effects.write(connection)
    batch.replies.write(connection)
    batch.helpers.write()
    batch.links.write()
    services.codes.give_back(context.code for context in batch.contexts.values())


def _read(services: Services, batch: _Batch, item: Arrived) -> bool:
    """Read one message; or not: it waits, and so do the later ones of its contact."""
    if (held := batch.held.get(item.contact_id)) is None:
        item.wait(inbox.next_try(batch.now))
        return False
    if held.id in batch.stopped:
        item.wait(batch.stopped[held.id])
        _alarm(batch, item)
        return False
    return _step(services, batch, item, held) or _failed(services, batch, item, held)


def _step(services: Services, batch: _Batch, item: Arrived, held: Locked) -> bool:
    """The step and what it leads to, all of it; or nothing, if any of that raises."""
    said = item.message
    inbound = Inbound(item.id, said.text, said.received_at, said.media, said.mark, said.phone, said.point)
    own = batch.contexts[held.id]
    try:
        made = step(spoken_to(services, held.session, said), inbound, services.library, own, batch.now)
        cause = Cause(item.id, item.message, context := own.at(made.home), held.session.others)
        made = advised(made, cause, batch.now)
        made = batch.duties.said(batch.links.said(batch.effects.venues.said(made, cause), cause), cause)
        made = batch.helpers.said(batch.papers.said(made), cause)
        if any(isinstance(effect, Unlink) for effect in made.effects) and batch.links.is_one_of_several(held.id):
            made = replace(made, session=replace(held.session, wrong_at=None))  # it belongs to the other addresses
        rows = batch.replies.word(item.id, item.message, made, held)
        after = own.back(advance(context, made.effects, services.codes.next, said.received_at))
        batch.effects.add(cause, made.effects)
        batch.links.keep()
        batch.duties.keep()
        batch.helpers.keep()
    except Exception as fault:
        log.exception("step failed", extra={"inbound": str(item.id)})
        item.error = type(fault).__name__
        return False
    session = made.session
    if batch.replies.add(rows, held):  # what they write next answers no question that they did not get
        session = stuck.anew(session, services.library)
        _tell(batch, item, (stuck.LOOK,))
    batch.contexts[held.id] = after
    batch.held[held.id] = replace(held, session=session, seq=held.seq + len(rows))
    return True


def _failed(services: Services, batch: _Batch, item: Arrived, held: Locked) -> bool:
    """After an attempt that raised: it waits, or it was the last, and once more is tried with nothing going on."""
    _alarm(batch, item)
    if until := item.fail(batch.now):
        batch.stopped[held.id] = until
        return False
    _tell(batch, item, (stuck.LOOK,))
    read = _step(services, batch, item, replace(held, session=stuck.anew(held.session, services.library)))
    if read:
        item.state = "done"
    return read


def _alarm(batch: _Batch, item: Arrived) -> None:
    """Danger is raised now, though its message is read later or never."""
    contact = item.contact_id
    _tell(batch, item, stuck.alarm(item.message.text, batch.held[contact].session, batch.contexts[contact]))


def _tell(batch: _Batch, item: Arrived, raised: Sequence[RaiseAlert]) -> None:
    """Alerts about a message that was not read. Told again at its next attempt, they are the same rows."""
    held = batch.held[item.contact_id]
    try:
        batch.effects.add(Cause(item.id, item.message, batch.contexts[held.id], held.session.others), raised)
    except Exception:
        log.exception("alert lost", extra={"inbound": str(item.id)})


def _session_row(batch: _Batch, contact: UUID, message: InboundMessage) -> dict[str, Any]:
    held = batch.held[contact]
    return {
        "id": contact,
        "session": held.session,
        "seq": held.seq,
        "unit_code": batch.effects.unit_of.get(contact, held.unit_code),
        "replies_at": batch.replies.answered_until(held),
        "channel": message.channel,
        "address": message.address,
        "seen_at": batch.now,
    }
