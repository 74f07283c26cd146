"""Reminders: who is due is asked once per due time. Only rows are written; the worker sends them.

The due rows are marked in the same transaction that puts their text in line, under the lock of their contact: a crash
leaves neither or both, and two clocks cannot ask twice. The claim looks once more before sending
(`core.messaging.outbox`): somebody who answered meanwhile is not asked.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, DateTime, Row, Uuid, bindparam, func, select, update

from core.clock import VIETNAM
from core.conversation.context import UnitFacts
from core.conversation.ids import derived
from core.conversation.wording import word, word_choices
from core.database.batch import BatchUpdate
from core.database.due import due_checks
from core.database.following import follow_ups
from core.database.tables import contacts, members, persons
from core.messaging.buttons import stored
from core.messaging.channel import MessageKind, Rendered
from core.messaging.quiet import is_quiet
from core.messaging.route import Address, route
from core.pipeline.fallback import by_contact
from core.pipeline.replies import OUTBOX, PRIORITY
from core.pipeline.services import Services
from core.reminders.words import Whom, answers, reminder, whom_of

_IDS = bindparam("ids", type_=ARRAY(Uuid))
_NOW = bindparam("now", type_=DateTime(timezone=True))
_IS_DUE = (
    due_checks.c.status == "not_performed",
    due_checks.c.reminded_at.is_(None),
    due_checks.c.contact_id.is_not(None),
    due_checks.c.remind_at <= _NOW,
    due_checks.c.closes_at > _NOW,
)
_WHERE_DUE = (
    select(due_checks.c.contact_id)
    .where(*_IS_DUE)
    .group_by(due_checks.c.contact_id)
    .order_by(func.min(due_checks.c.remind_at), due_checks.c.contact_id)
    .limit(bindparam("most"))
)
_MARK = (
    update(due_checks)
    .where(due_checks.c.contact_id == _IDS.any_(), *_IS_DUE)
    .values(reminded_at=_NOW)
    .returning(
        due_checks.c.id,
        due_checks.c.contact_id,
        due_checks.c.person_id,
        due_checks.c.unit_code,
        due_checks.c.due_at,
        due_checks.c.closes_at,
    )
)
_LINES = (
    select(
        contacts.c.id,
        contacts.c.seq,
        contacts.c.language,
        contacts.c.accents,
        contacts.c.channel,
        contacts.c.address,
    )
    .where(contacts.c.id == _IDS.any_())
    .order_by(contacts.c.id)
    .with_for_update(key_share=True, skip_locked=True)
)
_PEOPLE = (
    select(
        members.c.contact_id,
        members.c.letter,
        members.c.person_id,
        persons.c.full_name,
        persons.c.year_of_birth,
        persons.c.gender,
        (follow_ups.c.group == "F0").label("ill"),
    )
    .join(persons, persons.c.id == members.c.person_id)
    .outerjoin(follow_ups, (follow_ups.c.person_id == persons.c.id) & (follow_ups.c.status == "under_follow_up"))
    .where(members.c.contact_id == _IDS.any_())
    .order_by(members.c.contact_id, func.length(members.c.letter), members.c.letter)
)
_COUNT = BatchUpdate(contacts, "id", ["seq"])


@dataclass(frozen=True, slots=True)
class _Wording:
    """What the words of a reminder depend on."""

    unit_code: str
    whom: Whom
    language: str
    channel: str
    accents: bool


@dataclass(frozen=True, slots=True)
class _Way:
    """A contact that may be asked, and where."""

    line: Row[Any]
    to: Address


def enqueue(services: Services, limit: int = 500) -> int:
    """Put the reminders that are due in line, at most on `limit` phones; on how many phones somebody was due. Call
    again while it is `limit`. A phone that somebody else holds, or asked just before us, is not counted.

    The text goes where the person wrote last, or to another address of theirs (`core.messaging.route`). Who said STOP,
    who cannot be reached anywhere or does not answer there any more gets nothing: the row is marked as asked all the
    same, and ends as `non_reporting`, which staff see. One text a contact, also when several people there are due.
    In quiet hours nothing is put in line: it would be marked as asked and not leave.
    """
    now = services.clock.now()
    if is_quiet(now):
        return 0
    with services.engine.begin() as connection:
        where = connection.scalars(_WHERE_DUE, {"now": now, "most": limit}).all()
        held = {line.id: line for line in connection.execute(_LINES, {"ids": sorted(where)})} if where else {}
        if not held:
            return 0
        ids = {"ids": sorted(held)}
        due = sorted(connection.execute(_MARK, {**ids, "now": now}), key=lambda row: (row.due_at, row.id))
        here = _by_contact(connection.execute(_PEOPLE, ids))
        ways = _ways(services, held, by_contact(connection, held), now)
        rows = _rows(services, due, ways, here, now)
        OUTBOX.run(connection, rows)
        _COUNT.run(connection, [{"id": row["contact_id"], "seq": row["seq"]} for row in rows])
    return len({row.contact_id for row in due})


def _ways(
    services: Services, held: Mapping[UUID, Row[Any]], known: Mapping[UUID, list[Address]], now: datetime
) -> Mapping[UUID, _Way]:
    """Where each of these contacts is asked; those who cannot be asked anywhere are left out."""
    on = {profile.name: profile for profile in services.on}
    found = {c: route(known.get(c, []), (line.channel, line.address), on, now) for c, line in held.items()}
    return {contact: _Way(held[contact], to) for contact, to in found.items() if isinstance(to, Address)}


def _by_contact(rows: Iterable[Row[Any]]) -> Mapping[UUID, list[Row[Any]]]:
    found: dict[UUID, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        found[row.contact_id].append(row)
    return found


def _rows(
    services: Services,
    due: Sequence[Row[Any]],
    ways: Mapping[UUID, _Way],
    here: Mapping[UUID, list[Row[Any]]],
    now: datetime,
) -> list[dict[str, Any]]:
    """One outbox row a contact that may be asked, for the first of its due rows. Words are found once, not once a
    person: most people are spoken to in one of five ways."""
    worded: dict[_Wording, Rendered] = {}
    rows = []
    for contact, checks in sorted(_by_contact(due).items()):
        way, people = ways.get(contact), here.get(contact, [])
        asked = [p for p in people if any(check.person_id == p.person_id for check in checks)]
        if way is None or not asked:
            continue
        first = next(check for check in checks if check.person_id in {p.person_id for p in asked})
        whom = whom_of(asked, alone=len(people) == 1, year=now.astimezone(VIETNAM).year)
        key = _Wording(first.unit_code, whom, way.line.language, way.to.channel, way.line.accents)
        if key not in worded:
            worded[key] = _worded(services, key)
        rows.append(_row(first, way, worded[key], now))
    return rows


def _worded(services: Services, key: _Wording) -> Rendered:
    unit = services.units().facts.get(key.unit_code, UnitFacts(key.unit_code, ""))
    words = services.words[key.language]
    said = word(reminder(unit.name, key.whom), words)
    choices = word_choices(answers(key.whom), words)
    return services.channels[key.channel].render(said, choices, accents=key.accents)


def _row(due: Row[Any], way: _Way, text: Rendered, now: datetime) -> dict[str, Any]:
    line = way.line
    return {
        "id": derived(due.id, "reminder"),
        "contact_id": line.id,
        "seq": line.seq + 1,
        "inbound_id": None,
        "due_check_id": due.id,
        "channel": way.to.channel,
        "address": way.to.address,
        "kind": MessageKind.REMINDER,
        "priority": PRIORITY[MessageKind.REMINDER],
        "text": text.text,
        "choices": stored(text.choices),
        "parts": text.parts,
        "created_at": now,
        "due_at": now,
        "expires_at": due.closes_at,
    }
