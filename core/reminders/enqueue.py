"""Reminders: who is due is asked once per due time. Only rows are written; the worker sends them.

The due row is marked in the same transaction that puts its text in line, under its lock: a crash leaves neither or
both, and two clocks cannot ask twice. The claim looks once more before sending (`core.messaging.outbox`): somebody
who answered meanwhile is not asked.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Row, Uuid, bindparam, func, select, update

from core.clock import VIETNAM
from core.conversation.context import UnitFacts
from core.conversation.ids import derived
from core.conversation.wording import word
from core.database.batch import BatchUpdate
from core.database.tables import addresses, contacts, due_checks, members, persons
from core.messaging.channel import MessageKind, Rendered
from core.pipeline.replies import OUTBOX, PRIORITY
from core.pipeline.services import Services
from core.reminders.words import Whom, reminder, whom_of

_IDS = bindparam("ids", type_=ARRAY(Uuid))
_DUE = (
    select(
        due_checks.c.id,
        due_checks.c.contact_id,
        due_checks.c.person_id,
        due_checks.c.unit_code,
        due_checks.c.closes_at,
    )
    .where(
        due_checks.c.status == "not_performed",
        due_checks.c.reminded_at.is_(None),
        due_checks.c.due_at <= bindparam("now"),
        due_checks.c.closes_at > bindparam("now"),
    )
    .order_by(due_checks.c.due_at, due_checks.c.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_MARK = update(due_checks).where(due_checks.c.id == _IDS.any_()).values(reminded_at=bindparam("at"))
_LINES = (
    select(
        contacts.c.id,
        contacts.c.seq,
        contacts.c.language,
        contacts.c.accents,
        contacts.c.channel,
        contacts.c.address,
        addresses.c.stopped_at,
        addresses.c.unreachable_at,
    )
    .join(addresses, (addresses.c.channel == contacts.c.channel) & (addresses.c.address == contacts.c.address))
    .where(contacts.c.id == _IDS.any_())
    .order_by(contacts.c.id)
    .with_for_update(of=contacts)
)
_PEOPLE = (
    select(
        members.c.contact_id,
        members.c.letter,
        members.c.person_id,
        persons.c.full_name,
        persons.c.year_of_birth,
        persons.c.gender,
    )
    .join(persons, persons.c.id == members.c.person_id)
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


def enqueue(services: Services, limit: int = 500) -> int:
    """Put the reminders that are due in line; how many due rows were taken. Call again while it is `limit`.

    An address that said STOP, that cannot be reached or where the person does not answer any more gets nothing:
    the row is marked as asked all the same, and ends as `non_reporting`, which staff see. One text an address, also
    when several people there are due.
    """
    now = services.clock.now()
    with services.engine.begin() as connection:
        due = connection.execute(_DUE, {"now": now, "most": limit}).all()
        if not due:
            return 0
        connection.execute(_MARK, {"ids": [row.id for row in due], "at": now})
        ids = {"ids": sorted({row.contact_id for row in due})}
        held = {line.id: line for line in connection.execute(_LINES, ids)}
        here = _by_contact(connection.execute(_PEOPLE, ids))
        rows = _rows(services, due, held, here, now)
        OUTBOX.run(connection, rows)
        _COUNT.run(connection, [{"id": row["contact_id"], "seq": row["seq"]} for row in rows])
    return len(due)


def _by_contact(rows: Iterable[Row[Any]]) -> Mapping[UUID, list[Row[Any]]]:
    found: dict[UUID, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        found[row.contact_id].append(row)
    return found


def _rows(
    services: Services,
    due: Sequence[Row[Any]],
    held: Mapping[UUID, Row[Any]],
    here: Mapping[UUID, list[Row[Any]]],
    now: datetime,
) -> list[dict[str, Any]]:
    """One outbox row a contact that may be asked, for the first of its due rows. Words are found once, not once a
    person: most people are spoken to in one of five ways."""
    worded: dict[_Wording, Rendered] = {}
    rows = []
    for contact, checks in sorted(_by_contact(due).items()):
        line, people = held.get(contact), here.get(contact, [])
        asked = [p for p in people if any(check.person_id == p.person_id for check in checks)]
        if line is None or line.stopped_at or line.unreachable_at or not asked:
            continue
        first = next(check for check in checks if check.person_id in {p.person_id for p in asked})
        whom = whom_of(asked, alone=len(people) == 1, year=now.astimezone(VIETNAM).year)
        key = _Wording(first.unit_code, whom, line.language, line.channel, line.accents)
        if key not in worded:
            worded[key] = _worded(services, key)
        rows.append(_row(first, line, worded[key], now))
    return rows


def _worded(services: Services, key: _Wording) -> Rendered:
    unit = services.units().facts.get(key.unit_code, UnitFacts(key.unit_code, ""))
    said = word(reminder(unit.name, key.whom), services.words[key.language])
    return services.channels[key.channel].render(said, (), accents=key.accents)


def _row(due: Row[Any], line: Row[Any], text: Rendered, now: datetime) -> dict[str, Any]:
    return {
        "id": derived(due.id, "reminder"),
        "contact_id": line.id,
        "seq": line.seq + 1,
        "inbound_id": None,
        "due_check_id": due.id,
        "channel": line.channel,
        "address": line.address,
        "kind": MessageKind.REMINDER,
        "priority": PRIORITY[MessageKind.REMINDER],
        "text": text.text,
        "choices": [],
        "parts": text.parts,
        "created_at": now,
        "due_at": now,
        "expires_at": due.closes_at,
    }
