"""Reminders as outbox rows: what differs from person to person travels apart from the words, which few differ in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import (
    Column,
    Connection,
    DateTime,
    Insert,
    Integer,
    SmallInteger,
    TableValuedAlias,
    Text,
    bindparam,
    cast,
    func,
    insert,
    literal,
    select,
)
from sqlalchemy.dialects.postgresql import JSON, JSONB

from core.conversation.ids import derived
from core.database.batch import Row
from core.database.tables import outbox
from core.messaging.channel import MessageKind
from core.pipeline.replies import PRIORITY

_NOW = bindparam("now", type_=DateTime(timezone=True))


def _table(name: str, columns: Sequence[Column[Any]]) -> TableValuedAlias:
    rows = cast(bindparam(f"b_{name}", type_=Text), JSON)
    return func.json_to_recordset(rows).table_valued(*columns).render_derived(name=name, with_types=True)


class _Reminders:
    """INSERT ... SELECT of rows joined with their words: as few bytes as can be, since it is the morning's peak."""

    _OF_ROW = ("id", "contact_id", "seq", "due_check_id", "address", "expires_at")
    _OF_WORDS = ("channel", "text", "choices", "parts")

    def __init__(self) -> None:
        columns = [outbox.c[name] for name in self._OF_ROW]
        row = _table("row", [*(Column(c.name, c.type) for c in columns), Column("number", Integer)])
        said = _table(
            "said",
            [
                Column("number", Integer),
                Column("channel", Text),
                Column("text", Text),
                Column("choices", JSONB),
                Column("parts", SmallInteger),
            ],
        )
        fixed = {
            "kind": literal(MessageKind.REMINDER.value, Text),
            "priority": literal(PRIORITY[MessageKind.REMINDER], SmallInteger),
            "created_at": _NOW,
            "due_at": _NOW,
        }
        names = [*self._OF_ROW, *self._OF_WORDS, *fixed]
        values: list[Any] = [*(row.c[n] for n in self._OF_ROW), *(said.c[n] for n in self._OF_WORDS), *fixed.values()]
        joined = select(*values).select_from(row.join(said, said.c.number == row.c.number))
        self._statement: Insert = insert(outbox).from_select(names, joined.suffix_with("ON CONFLICT (id) DO NOTHING"))

    def run(self, connection: Connection, rows: Sequence[Row], words: Sequence[Row], now: datetime) -> None:
        """Each row: id, contact_id, seq, due_check_id, address, expires_at, and the number of its words. Each of the
        words: number, channel, text, choices, parts. A number in line that is taken already is an error."""
        if rows:
            told = {"b_row": orjson.dumps(rows).decode(), "b_said": orjson.dumps(words).decode(), "now": now}
            connection.execute(self._statement, told)


def text_id(name: str, contact: UUID, checks: Sequence[UUID], asked_at: datetime) -> UUID:
    """The id of one text to that phone about these check-ins, which were asked about then: another one once it is about
    fewer of them, since the first is in line withdrawn, or once they are asked anew, on another phone or there again.
    """
    first, *others = checks
    return derived(first, purpose(name, asked_at), contact, *others)


def purpose(name: str, asked_at: datetime) -> str:
    """What the id of a text knows of when it asks: the same in every zone."""
    return f"{name}:{asked_at.astimezone(UTC).isoformat()}"


REMINDERS: Final = _Reminders()
