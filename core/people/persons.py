"""Persons and who answers on which phone. What a declaration says of a person changes that person's row."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from core.database.batch import BatchInsert, Row
from core.database.tables import members, persons

_WHO = ["full_name", "folded_name", "sort_key", "year_of_birth", "gender", "nationality", "unit_code", "address"]


_SAVE = BatchInsert(persons, ["id", *_WHO, "created_at"], update=_WHO)
_MEET = BatchInsert(persons, ["id", "unit_code", "created_at"])
_LINK = BatchInsert(members, ["contact_id", "letter", "person_id"])


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


def sort_key(folded_name: str) -> str:
    """Given name first, as Vietnamese lists are sorted: "nguyen van a" -> "a nguyen van"."""
    rest, _, given = folded_name.rpartition(" ")
    return f"{given} {rest}".strip()
