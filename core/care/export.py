"""What can be exported: four kinds of rows, each with its columns in one table, always in this order.

Rows are read through a cursor on the server, some hundred at a time: memory does not grow with their number.
A unit's export holds its whole subtree. Telephone and identity numbers are never in it; what was written
only on request.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Integer,
    Select,
    SmallInteger,
    Text,
    cast,
    literal,
    null,
    select,
    union_all,
)

from core.care.standing import DAILY
from core.database.shared import Instant
from core.database.tables import contacts, forwards, inbox, outbox, persons, records
from core.forwarding.webhook import WITHHELD

Value = str | int | float | bool | datetime | UUID | list[str] | Mapping[str, object] | None
_FETCHED = 500  # rows at a time


@dataclass(frozen=True, slots=True)
class Export:
    """A kind of export. `columns`: name -> what it holds; `unit` and `at` are what it is limited by."""

    columns: Mapping[str, str]
    source: Select[Any]
    unit: ColumnElement[str | None]
    at: ColumnElement[datetime]
    order: tuple[ColumnElement[Any], ...]
    texts: Mapping[str, str]


_RECORD_COLUMNS = {
    "number": "order of arrival",
    "id": "of this version",
    "root": "id of the first version",
    "version": "1, 2, ...: the highest of a root counts",
    "form": "declaration, checkin, risk, ...",
    "code": "the receipt's",
    "person_id": "the same for all records of a person",
    "full_name": "as typed",
    "year_of_birth": "",
    "gender": "male, female, other; empty: not known",
    "nationality": "ISO 3166 code",
    "address": "house, street, hamlet, as typed",
    "unit_code": "where they said they live",
    "channel": "how it came",
    "on_behalf": "somebody else answered",
    "signs": "codes, gravest first",
    "temperature": "degrees Celsius",
    "level": "none, signs, urgent",
    "answers": "all answers, as JSON",
    "legal_basis": "",
    "declared_at": "Vietnam time, as all times",
    "confirmed_at": "empty: echoed, not confirmed",
    "superseded_at": "when a newer version came",
    "forwarded_at": "when it was queued for the units",
}
_MESSAGE_COLUMNS = {
    "id": "",
    "direction": "in, out",
    "contact_id": "the owner of the address",
    "unit_code": "the contact's",
    "channel": "",
    "kind": "danger, question, receipt, info, reminder; empty for in",
    "parts": "SMS parts; empty for in",
    "status": "",
    "attempts": "",
    "error": "the provider's code",
    "at": "received, or made",
    "sent_at": "",
}
_FORWARD_COLUMNS = {
    "id": "the webhook-id",
    "record_id": "",
    "person_id": "",
    "unit_code": "the record's",
    "destination_id": "",
    "sequence": "per person",
    "urgent": "",
    "status": "pending, delivered, dead",
    "attempts": "",
    "error": "the last answer or fault",
    "created_at": "when it was queued",
    "due_at": "when it is tried next",
    "delivered_at": "when the unit's system took it",
}


def _records(*, daily: bool) -> Export:
    joined = records.join(persons, persons.c.id == records.c.person_id)
    held = [_column(name, records, persons) for name in _RECORD_COLUMNS]
    return Export(
        columns=_RECORD_COLUMNS,
        source=select(*held)
        .select_from(joined)
        .where(records.c.form.in_(DAILY) if daily else records.c.form.not_in(DAILY)),
        unit=records.c.unit_code,
        at=records.c.declared_at,
        order=(records.c.number,),
        texts={},
    )


def _messages() -> Export:
    arrived = select(
        inbox.c.id,
        literal("in").label("direction"),
        inbox.c.contact_id,
        contacts.c.unit_code,
        inbox.c.channel,
        literal("").label("kind"),
        cast(null(), SmallInteger).label("parts"),
        inbox.c.state.label("status"),
        cast(inbox.c.attempts, Integer).label("attempts"),
        literal("").label("error"),
        inbox.c.received_at.label("at"),
        cast(null(), Instant).label("sent_at"),
        cast(inbox.c.text, Text).label("text"),
    ).join(contacts, contacts.c.id == inbox.c.contact_id)
    left = select(
        outbox.c.id,
        literal("out"),
        outbox.c.contact_id,
        contacts.c.unit_code,
        outbox.c.channel,
        outbox.c.kind,
        outbox.c.parts,
        outbox.c.status,
        cast(outbox.c.attempts, Integer),
        outbox.c.error,
        outbox.c.created_at,
        outbox.c.sent_at,
        outbox.c.text,
    ).join(contacts, contacts.c.id == outbox.c.contact_id)
    both = union_all(arrived, left).subquery("messages")
    return Export(
        columns=_MESSAGE_COLUMNS,
        source=select(*(both.c[name] for name in (*_MESSAGE_COLUMNS, "text"))),
        unit=both.c.unit_code,
        at=both.c["at"],
        order=(both.c["at"], both.c.id),
        texts={"text": "as written, only on request"},
    )


def _forwards() -> Export:
    return Export(
        columns=_FORWARD_COLUMNS,
        source=select(*(forwards.c[name] for name in _FORWARD_COLUMNS)),
        unit=forwards.c.unit_code,
        at=forwards.c.created_at,
        order=(forwards.c.created_at, forwards.c.id),
        texts={},
    )


def _column(name: str, *tables: FromClause) -> ColumnElement[Any]:
    return next(table.c[name] for table in tables if name in table.c)


EXPORTS: Mapping[str, Export] = {
    "declarations": _records(daily=False),
    "checkins": _records(daily=True),
    "messages": _messages(),
    "forwards": _forwards(),
}


def columns(kind: str, *, texts: bool = False) -> tuple[str, ...]:
    """The names of a kind's columns, in their order."""
    export = EXPORTS[kind]
    return (*export.columns, *(export.texts if texts else ()))


def read(
    connection: Connection,
    kind: str,
    units: Collection[str] | None,
    since: datetime | None,
    *,
    texts: bool = False,
) -> Iterator[tuple[Value, ...]]:
    """The rows, oldest first. `units` None: of all units and of none; `since`: from this instant on."""
    export, width = EXPORTS[kind], len(columns(kind, texts=texts))
    wanted = export.source.order_by(*export.order)
    if units is not None:
        wanted = wanted.where(export.unit.in_(list(units)))
    if since is not None:
        wanted = wanted.where(export.at >= since)
    streamed = connection.execution_options(stream_results=True, max_row_buffer=_FETCHED, yield_per=_FETCHED)
    for row in streamed.execute(wanted):
        yield tuple(_shown(value) for value in row[:width])


def _shown(value: Value) -> Value:
    if isinstance(value, Mapping):
        return {key: answer for key, answer in value.items() if key not in WITHHELD}
    return value
