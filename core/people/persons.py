"""Persons and who answers on which phone. What a declaration says of a person changes that person's row."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ARRAY, Connection, Uuid, bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert

from core.database.batch import Batch, BatchInsert, Row
from core.database.tables import members, persons

_WHO = ["full_name", "folded_name", "sort_key", "year_of_birth", "gender", "nationality", "unit_code", "address"]


class _Upsert(Batch):
    """Persons made or, by a newer declaration, changed."""

    def __init__(self) -> None:
        super().__init__(persons, ["id", *_WHO, "created_at"])
        names = [c.name for c in self.columns]
        statement = insert(persons).from_select(names, select(*self.values()))
        changed = {name: statement.excluded[name] for name in _WHO}
        self.statement = statement.on_conflict_do_update(index_elements=["id"], set_=changed)


_SAVE = _Upsert()
_MEET = BatchInsert(persons, ["id", "unit_code", "created_at"])
_LINK = BatchInsert(members, ["contact_id", "letter", "person_id"])
_UNLINK = delete(members).where(members.c.contact_id == bindparam("ids", type_=ARRAY(Uuid)).any_())


def save(connection: Connection, rows: Sequence[Row]) -> None:
    """Write who people say they are: one row a person (the newest counts), sorted by id against deadlocks."""
    newest = {row["id"]: row for row in rows}
    if newest:
        connection.execute(_SAVE.statement, _SAVE.parameters([newest[key] for key in sorted(newest)]))


def meet(connection: Connection, rows: Sequence[Row]) -> None:
    """Make rows for people of whom nothing is known yet. Each row: id, unit_code, created_at."""
    _MEET.run(connection, sorted(rows, key=lambda row: row["id"]))


def link(connection: Connection, rows: Sequence[Row]) -> None:
    """They answer on this phone under this letter. Each row: contact_id, letter, person_id."""
    _LINK.run(connection, rows)


def unlink(connection: Connection, contacts: Sequence[UUID]) -> None:
    """Nobody known answers on these phones any more. Persons and their records stay."""
    if contacts:
        connection.execute(_UNLINK, {"ids": list(contacts)})


def sort_key(folded_name: str) -> str:
    """Given name first, as Vietnamese lists are sorted: "nguyen van a" -> "a nguyen van"."""
    rest, _, given = folded_name.rpartition(" ")
    return f"{given} {rest}".strip()
