"""The made-up people of a measurement: known contacts, each with one named member, ids that count up."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import Engine

from core.database.batch import BatchInsert
from core.database.shared import directory
from core.database.tables import addresses, contacts, members, persons

STATION = "TYT02683"
_SEEN = datetime(2026, 1, 1, tzinfo=UTC)
_CONTACT = 0x0192_0000_0000_7000_8000_0000_0000_0000
_PERSON = 0x0192_0000_0001_7000_8000_0000_0000_0000


def contact_id(n: int) -> UUID:
    """The id of contact `n`."""
    return UUID(int=_CONTACT + n)


def person_id(n: int) -> UUID:
    """The id of the person who answers there."""
    return UUID(int=_PERSON + n)


def number(n: int) -> str:
    """Their number, E.164, of an area code that is not given out."""
    return f"+8499{n:07d}"


def make(engine: Engine, channel: str, cell: str, count: int) -> None:
    """Store `count` contacts on one channel."""
    numbers = range(1, count + 1)
    with engine.begin() as connection:
        BatchInsert(directory, ["channel", "address", "contact_id", "cell"]).run(
            connection,
            [{"channel": channel, "address": number(n), "contact_id": contact_id(n), "cell": cell} for n in numbers],
        )
        BatchInsert(contacts, ["id", "channel", "address", "seen_at", "unit_code"]).run(
            connection,
            [
                {
                    "id": contact_id(n),
                    "channel": channel,
                    "address": number(n),
                    "seen_at": _SEEN,
                    "unit_code": STATION,
                }
                for n in numbers
            ],
        )
        BatchInsert(addresses, ["channel", "address", "contact_id"]).run(
            connection, [{"channel": channel, "address": number(n), "contact_id": contact_id(n)} for n in numbers]
        )
        BatchInsert(persons, ["id", "full_name", "year_of_birth", "unit_code", "created_at"]).run(
            connection,
            [
                {
                    "id": person_id(n),
                    "full_name": "Người Thử",
                    "year_of_birth": 1950,
                    "unit_code": STATION,
                    "created_at": _SEEN,
                }
                for n in numbers
            ],
        )
        BatchInsert(members, ["contact_id", "letter", "person_id"]).run(
            connection, [{"contact_id": contact_id(n), "letter": "A", "person_id": person_id(n)} for n in numbers]
        )
