"""Asking whether a guard was right: the owner of the phone that a guard named is asked once, by the clock.

Only rows are written; the worker sends them. A visit is marked in the transaction that puts its question in line, under
the lock of its contact: a crash leaves neither or both, and two clocks cannot ask twice. A new contact's entry in the
directory is committed before; a crash in between leaves it for the next round.

Nobody is asked in the middle of something else, since a bare "khong" would then be an answer to two questions: it waits
for a minute at a time, and after `TOO_LATE` the visit stays unconfirmed. An address that said STOP is never asked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Connection, Uuid, bindparam, select

from core.care import visits
from core.care.visits import Taken
from core.clock import VIETNAM
from core.conversation.answers import YES_NO
from core.conversation.context import AskedVisit, Member, UnitFacts
from core.conversation.messages import N_, Param, Say, Term
from core.conversation.parsers.visit import Direction
from core.conversation.session import Session
from core.conversation.turn import address_as
from core.conversation.wording import word, word_choices
from core.database.batch import BatchUpdate
from core.database.tables import addresses
from core.database.tables import contacts as contact_rows
from core.messaging.buttons import stored
from core.messaging.channel import MessageKind
from core.messaging.quiet import is_quiet, may_leave_at
from core.people import contacts
from core.people.contacts import Locked
from core.pipeline.facts import load_members
from core.pipeline.replies import OUTBOX, PRIORITY
from core.pipeline.services import Services
from core.pipeline.visits import when
from core.places import venues
from core.places.venues import Venue

TOO_LATE = timedelta(hours=6)
"""After that nobody is asked about a visit any more: who was where at eight is hard to say at night. Of a visit
in quiet hours people are asked when these end."""

_AGAIN = timedelta(minutes=1)
_GOING_ON = timedelta(hours=1)  # a form asked so lately is going on
_DOUBT = timedelta(hours=6)  # as long as `core.conversation.alarm` takes a bare answer for one about danger
_IDS = bindparam("ids", type_=ARRAY(Uuid)).any_()
_UNWANTED = select(addresses.c.channel, addresses.c.address).where(
    addresses.c.contact_id == _IDS, addresses.c.stopped_at.is_not(None) | addresses.c.unreachable_at.is_not(None)
)
_COUNT = BatchUpdate(contact_rows, "id", ["seq"])


@dataclass(frozen=True, slots=True)
class _Facts:
    """What is known of the contacts of a round: held by this transaction, or somebody else has them."""

    held: Mapping[UUID, Locked]
    members: Mapping[UUID, tuple[Member, ...]]
    asked: Mapping[UUID, AskedVisit]
    unwanted: frozenset[tuple[str, str]]
    places: Mapping[str, Venue]


def ask_visitors(services: Services, limit: int = 200) -> int:
    """Put the questions about visits in line, at most `limit`; of how many visits it was decided. Call again while it
    is `limit`. What somebody else holds is left for the next time.
    """
    now = services.clock.now()
    if is_quiet(now):
        return 0
    with services.engine.connect() as connection:
        waiting = visits.unasked(connection, now, limit)
    if not waiting:
        return 0
    whose = services.directory.contacts((each.channel, each.address) for each in waiting)
    with services.engine.begin() as connection:
        taken = visits.take(connection, [each.id for each in waiting], now)
        facts = _facts(connection, services, {whose[each.channel, each.address]: each for each in taken}, now)
        return _ask(connection, services, [(whose[each.channel, each.address], each) for each in taken], facts, now)


def _facts(connection: Connection, services: Services, taken: Mapping[UUID, Taken], now: datetime) -> _Facts:
    met = [{"id": c, "channel": each.channel, "address": each.address, "seen_at": now} for c, each in taken.items()]
    contacts.ensure(connection, met)
    held = contacts.lock(connection, sorted(taken), wait=False)
    ids = sorted(held)
    return _Facts(
        held,
        load_members(connection, dict.fromkeys(ids, now), services.units()),
        visits.load_asked(connection, ids, now),
        frozenset((row.channel, row.address) for row in connection.execute(_UNWANTED, {"ids": ids})),
        venues.find(connection, {each.venue_code for each in taken.values()}),
    )


def _ask(
    connection: Connection, services: Services, taken: Sequence[tuple[UUID, Taken]], facts: _Facts, now: datetime
) -> int:
    """Decide on each visit, oldest first, one question a contact; how many were decided on."""
    questions: dict[UUID, dict[str, Any]] = {}
    settled: list[dict[str, Any]] = []
    for contact, visit in taken:
        if contact not in facts.held:
            continue
        row: dict[str, Any] = {"id": visit.id, "contact_id": contact, "ask_at": None, "asked_at": None}
        if now - may_leave_at(visit.at) > TOO_LATE or (visit.channel, visit.address) in facts.unwanted:
            settled.append(row)
        elif contact in questions or _is_busy(facts, contact, now):
            settled.append({**row, "ask_at": now + _AGAIN})
        else:
            questions[contact] = _question(services, facts, contact, visit, now)
            settled.append({**row, "asked_at": now})
    visits.settle(connection, settled)
    OUTBOX.run(connection, list(questions.values()))
    _COUNT.run(connection, [{"id": contact, "seq": row["seq"]} for contact, row in questions.items()])
    return len(settled)


def _is_busy(facts: _Facts, contact: UUID, now: datetime) -> bool:
    """Whether another question of ours may still be answered with a yes or a no."""
    session = facts.held[contact].session
    due = any(m.check and m.check.reminded_at for m in facts.members.get(contact, ()))
    return due or contact in facts.asked or _is_asked(session, now)


def _is_asked(session: Session, now: datetime) -> bool:
    form = session.asked_at if session.busy else None
    spans = ((form, _GOING_ON), (session.doubt_at, _DOUBT), (session.wrong_at, _DOUBT))
    return any(at is not None and now - at < span for at, span in spans)


def _question(services: Services, facts: _Facts, contact: UUID, visit: Taken, now: datetime) -> dict[str, Any]:
    held, place = facts.held[contact], facts.places[visit.venue_code]
    unit = services.units().facts.get(place.unit_code, UnitFacts(place.unit_code, ""))
    you = Term(_you(facts.members.get(contact, ()), now))
    params: dict[str, Param] = {"unit": unit.name, "venue": place.name, "you": you, "when": when(visit.at)}
    words = services.words[held.session.language]
    said = word(Say(_TEXTS[visit.direction], params), words)
    channel = services.channels[visit.channel]
    carried = channel.render(said, word_choices(YES_NO, words), accents=held.session.accents)
    return {
        "id": visit.id,
        "contact_id": contact,
        "seq": held.seq + 1,
        "inbound_id": None,
        "due_check_id": None,
        "channel": visit.channel,
        "address": visit.address,
        "kind": MessageKind.REMINDER,  # we begin it, so STOP withdraws it
        "priority": PRIORITY[MessageKind.REMINDER],
        "text": carried.text,
        "choices": stored(carried.choices),
        "parts": carried.parts,
        "created_at": now,
        "due_at": now,
        "expires_at": now + TOO_LATE,
    }


def _you(members: Sequence[Member], now: datetime) -> str:
    """How to speak to whoever answers there, if that is one person."""
    alone = members[0] if len(members) == 1 else None
    year, gender = (alone.year_of_birth, alone.gender) if alone else (None, None)
    return address_as(year, gender, now.astimezone(VIETNAM).year)


_TEXTS = {
    Direction.IN: N_("{unit}: người trực {venue} báo {you} vào đó lúc {when}. {You} có vào không?"),
    Direction.OUT: N_("{unit}: người trực {venue} báo {you} ra khỏi đó lúc {when}. Có đúng không?"),
}
