"""Reminders: who is due is asked once per due time. Only rows are written; the worker sends them.

The due row is marked in the same transaction that puts its text in line, under its lock: a crash leaves neither or
both, and two clocks cannot ask twice. The claim looks once more before sending (`core.messaging.outbox`): somebody
who answered meanwhile is not asked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Row, Uuid, bindparam, select, update

from core.conversation.context import UnitFacts
from core.conversation.ids import derived
from core.conversation.messages import N_, Say, Term
from core.conversation.wording import word
from core.database.batch import BatchUpdate
from core.database.tables import addresses, contacts, due_checks
from core.messaging.channel import MessageKind, Rendered
from core.pipeline.replies import OUTBOX, PRIORITY
from core.pipeline.services import Services

_IDS = bindparam("ids", type_=ARRAY(Uuid))
_DUE = (
    select(
        due_checks.c.id,
        due_checks.c.contact_id,
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
_COUNT = BatchUpdate(contacts, "id", ["seq"])

_TEXT = N_(
    "{unit} hỏi thăm: hôm nay {you} thế nào? Khỏe thì nhắn OK. Có gì thì nhắn, ví dụ: 37,8 HO. Khẩn cấp gọi 115."
)


def enqueue(services: Services, limit: int = 500) -> int:
    """Put the reminders that are due in line; how many due rows were taken. Call again while it is `limit`.

    An address that said STOP or cannot be reached gets nothing: the row is marked as asked all the same, and ends as
    `non_reporting`, which staff see. One text an address, also when several people there are due.
    """
    now = services.clock.now()
    with services.engine.begin() as connection:
        due = connection.execute(_DUE, {"now": now, "most": limit}).all()
        if not due:
            return 0
        connection.execute(_MARK, {"ids": [row.id for row in due], "at": now})
        held = {r.id: r for r in connection.execute(_LINES, {"ids": sorted({r.contact_id for r in due})})}
        rows = _rows(services, due, held, now)
        OUTBOX.run(connection, rows)
        _COUNT.run(connection, [{"id": row["contact_id"], "seq": row["seq"]} for row in rows])
    return len(due)


def _rows(
    services: Services, due: Sequence[Row[Any]], held: Mapping[UUID, Row[Any]], now: datetime
) -> list[dict[str, Any]]:
    """One outbox row a contact that may be asked, for the first of its due rows."""
    first = {row.contact_id: row for row in reversed(due)}
    worded: dict[tuple[str, str, str, bool], Rendered] = {}
    rows = []
    for contact, row in sorted(first.items()):
        line = held.get(contact)
        if line is None or line.stopped_at or line.unreachable_at:
            continue
        key = (row.unit_code, line.language, line.channel, line.accents)
        if key not in worded:
            worded[key] = _worded(services, *key)
        rows.append(_row(row, line, worded[key], now))
    return rows


def _worded(services: Services, unit_code: str, language: str, channel: str, accents: bool) -> Rendered:
    """The text of one unit in one language: words are found once, not once a person."""
    unit = services.units().facts.get(unit_code, UnitFacts(unit_code, ""))
    said = word(Say(_TEXT, {"unit": unit.name, "you": Term(N_("bác"))}), services.words[language])
    return services.channels[channel].render(said, (), accents=accents)


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
