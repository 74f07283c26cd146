"""What a delivery says, read from the tables at the moment of sending: an edit before a retry is sent along."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, String, cast, or_, select

from core.database.shared import units
from core.database.tables import forwards, persons, records
from core.forwarding.webhook import Person, Record, Unit, body

_READ = select(
    records,
    persons.c.full_name,
    persons.c.year_of_birth,
    persons.c.gender,
    persons.c.nationality,
    persons.c.address,
).join(persons, persons.c.id == records.c.person_id)


@dataclass(frozen=True, slots=True)
class Queued:
    """What a delivery's own row adds. `queued_at` decides what counts as confirmed, so a retry says the same."""

    record_id: UUID
    sequence: int | None
    queued_at: datetime | None


def load(connection: Connection, queued: Collection[Queued]) -> dict[UUID, bytes | None]:
    """The bodies by record id, in two statements for all. None: this one cannot be written."""
    wanted = [delivery.record_id for delivery in queued]
    rows = {row.id: row for row in connection.execute(_READ.where(records.c.id.in_(wanted)))}
    names = _names(connection, {row.unit_code for row in rows.values()})
    return {q.record_id: _body(rows[q.record_id], names, q) if q.record_id in rows else None for q in queued}


def preview(connection: Connection, key: str) -> bytes | None:
    """The body of a record by its id or its receipt's code (then the last version). None: there is no such."""
    row = connection.execute(
        select(records.c.id, forwards.c.sequence, forwards.c.created_at)
        .outerjoin(forwards, forwards.c.record_id == records.c.id)
        .where(or_(cast(records.c.id, String) == key.lower(), records.c.code == key.upper()))
        .order_by(records.c.version.desc(), forwards.c.id)
        .limit(1)
    ).first()
    if row is None:
        return None
    return load(connection, [Queued(row.id, row.sequence, row.created_at)])[row.id]


def _names(connection: Connection, codes: Iterable[str]) -> dict[str, str]:
    found = connection.execute(select(units.c.code, units.c.name).where(units.c.code.in_(list(codes))))
    return {row.code: row.name for row in found}


def _body(row: Row[Any], names: dict[str, str], queued: Queued) -> bytes | None:
    try:
        return body(
            _record(row, queued.queued_at),
            Person(row.person_id, row.full_name, row.year_of_birth, row.gender, row.nationality, row.address),
            Unit(row.unit_code, names.get(row.unit_code, "")),
            queued.sequence,
        )
    except (TypeError, ValueError):
        return None


def _record(row: Row[Any], queued_at: datetime | None) -> Record:
    confirmed = row.confirmed_at is not None and (queued_at is None or row.confirmed_at <= queued_at)
    return Record(
        id=row.id,
        root=row.root,
        version=row.version,
        code=row.code,
        form=row.form,
        channel=row.channel,
        answers=dict(row.answers),
        signs=tuple(row.signs),
        temperature=row.temperature,
        level=row.level,
        legal_basis=row.legal_basis,
        on_behalf=row.on_behalf,
        confirmed=confirmed,
        declared_at=row.declared_at,
    )
