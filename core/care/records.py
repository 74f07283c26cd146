"""Declarations and check-ins: every version kept, each written exactly once."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, update

from core.database.batch import Batch, BatchInsert, Row
from core.database.tables import records

_COLUMNS = [
    "id",
    "root",
    "version",
    "code",
    "form",
    "form_hash",
    "person_id",
    "contact_id",
    "inbound_id",
    "entered_by",
    "channel",
    "unit_code",
    "answers",
    "signs",
    "temperature",
    "level",
    "legal_basis",
    "on_behalf",
    "declared_at",
    "confirmed_at",
    "forwarded_at",
]
_INSERT = BatchInsert(records, _COLUMNS)
_FORWARDED = ("id", "person_id", "unit_code", "level")

_CONFIRMED = Batch(records, ["root", "version", "confirmed_at"])
_CONFIRM = (
    update(records)
    .values(confirmed_at=_CONFIRMED.data.c.confirmed_at, forwarded_at=_CONFIRMED.data.c.confirmed_at)
    .where(
        records.c.root == _CONFIRMED.data.c.root,
        records.c.version == _CONFIRMED.data.c.version,
        records.c.confirmed_at.is_(None),
    )
    .returning(*(records.c[name] for name in _FORWARDED))
)
_NEWER = Batch(records, ["root", "version", "declared_at"])
_SUPERSEDE = (
    update(records)
    .values(superseded_at=_NEWER.data.c.declared_at)
    .where(
        records.c.root == _NEWER.data.c.root,
        records.c.version < _NEWER.data.c.version,
        records.c.superseded_at.is_(None),
    )
)


def insert(connection: Connection, rows: Sequence[Row]) -> list[Row]:
    """Write versions. Those that are confirmed already, to be forwarded; (inbound, person, form) is there once."""
    _INSERT.run(connection, rows)
    return [{name: row[name] for name in _FORWARDED} for row in rows if row["confirmed_at"]]


def confirm(connection: Connection, rows: Sequence[Row]) -> list[Row]:
    """Their persons said that these versions are right. Those that were not confirmed before, to be forwarded.

    A version that was forwarded unconfirmed in the meantime is not sent again: its code and content are the same.
    """
    if not rows:
        return []
    return [dict(row) for row in connection.execute(_CONFIRM, _CONFIRMED.parameters(rows)).mappings()]


def supersede(connection: Connection, rows: Sequence[Row]) -> None:
    """A newer version stands for its older ones from now on; they are kept."""
    newer = [row for row in rows if row["version"] > 1]
    if newer:
        connection.execute(_SUPERSEDE, _NEWER.parameters(newer))
