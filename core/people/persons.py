"""Persons and who answers on which phone. What a declaration says of a person changes that person's row."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ARRAY, Connection, Uuid, bindparam, delete, update

from core.database.batch import BatchInsert, Row
from core.database.tables import contacts, members, outbox, persons
from core.messaging.withdrawn import WITHDRAWN

_WHO = ["full_name", "folded_name", "sort_key", "year_of_birth", "gender", "nationality", "unit_code", "address"]


_SAVE = BatchInsert(persons, ["id", *_WHO, "created_at"], update=_WHO)
_MEET = BatchInsert(persons, ["id", "unit_code", "created_at"])
_LINK = BatchInsert(members, ["contact_id", "letter", "person_id"])
_IDS = bindparam("ids", type_=ARRAY(Uuid)).any_()
_UNLINK = (
    delete(members).where(members.c.contact_id == _IDS),
    update(contacts).where(contacts.c.id == _IDS).values(unit_code=None),
    update(outbox)
    .where(outbox.c.contact_id == _IDS, outbox.c.kind == "reminder", outbox.c.status == "queued")
    .values(WITHDRAWN),
)


def save(connection: Connection, rows: Sequence[Row]) -> None:
    """Write who people say they are: one row a person (the newest counts), sorted by id against deadlocks."""
    newest = {row["id"]: row for row in rows}
    _SAVE.run(connection, [newest[key] for key in sorted(newest)])


def meet(connection: Connection, rows: Sequence[Row]) -> None:
    """Make rows for people of whom nothing is known yet. Each row: id, unit_code, created_at."""
    _MEET.run(connection, sorted(rows, key=lambda row: row["id"]))


def link(connection: Connection, rows: Sequence[Row]) -> None:
    """They answer on this phone under this letter. Each row: contact_id, letter, person_id."""
    _LINK.run(connection, rows)


def unlink(connection: Connection, ids: Sequence[UUID]) -> None:
    """Nobody known answers on these phones any more, and nobody is asked there. Persons and their records stay."""
    if ids:
        for statement in _UNLINK:
            connection.execute(statement, {"ids": list(ids)})


def sort_key(folded_name: str) -> str:
    """Given name first, as Vietnamese lists are sorted: "nguyen van a" -> "a nguyen van"."""
    rest, _, given = folded_name.rpartition(" ")
    return f"{given} {rest}".strip()
