"""The rows of follow-ups: how they are made, and how many are written in one statement."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from core.care.follow_up_terms import Settled
from core.conversation.fold import fold
from core.database.batch import BatchInsert, Row
from core.database.following import follow_ups
from core.people import persons

_COLUMNS = [
    "id",
    "person_id",
    "contact_id",
    "unit_code",
    "group",
    "place",
    "start_on",
    "end_on",
    "watch_from",
    "last_contact_on",
    "vaccinated",
    "test_days",
    "document",
    "hours",
    "status",
    "source",
    "source_id",
    "opened_at",
    "opened_by",
    "verify_by",
]
_INSERT = BatchInsert(follow_ups, _COLUMNS)
_WRITE = _INSERT.statement.returning(follow_ups.c.id)


@dataclass(frozen=True, slots=True)
class Source:
    """Where a follow-up comes from: staff, import, risk (then `id` is the record) or area (the decision)."""

    kind: str
    id: UUID | None = None
    by: UUID | None = None
    verify_by: datetime | None = None  # with it the follow-up is to be verified first


@dataclass(frozen=True, slots=True)
class NewPerson:
    """Somebody of whom nothing is known yet. `gender` is "" while it is not known."""

    full_name: str
    year_of_birth: int | None
    gender: str
    unit_code: str
    hamlet: str = ""
    address: str = ""


def insert(connection: Connection, rows: Sequence[Row]) -> frozenset[UUID]:
    """Write these, but for people who have an open one already; the ids of those that were written."""
    return frozenset(connection.scalars(_WRITE, _INSERT.parameters(rows))) if rows else frozenset()


def row(follow_up_id: UUID, person_id: UUID, contact_id: UUID | None, unit_code: str, settled: Settled) -> Row:
    """A row but for where it comes from, see `sourced`."""
    return {
        "id": follow_up_id,
        "person_id": person_id,
        "contact_id": contact_id,
        "unit_code": unit_code,
        **settled_columns(settled),
        "start_on": settled.start_on,
    }


def settled_columns(settled: Settled) -> dict[str, Any]:
    """What the terms say, but for the first day."""
    named = ("group", "place", "end_on", "watch_from", "last_contact_on", "vaccinated", "document")
    lists = {"test_days": list(settled.test_days), "hours": list(settled.hours)}
    return {**{name: getattr(settled, name) for name in named}, **lists}


def sourced(rows: Iterable[Row], source: Source, now: datetime) -> list[dict[str, Any]]:
    """The rows with where they come from."""
    came = {
        "status": "to_verify" if source.verify_by else "under_follow_up",
        "source": source.kind,
        "source_id": source.id,
        "opened_at": now,
        "opened_by": source.by,
        "verify_by": source.verify_by,
    }
    return [{**each, **came} for each in rows]


def person_row(person_id: UUID, who: NewPerson, now: datetime) -> dict[str, Any]:
    """A person as `core.people.persons` writes them."""
    folded = fold(who.full_name).text
    return {
        "id": person_id,
        "full_name": who.full_name,
        "folded_name": folded,
        "sort_key": persons.sort_key(folded),
        "year_of_birth": who.year_of_birth,
        "gender": who.gender or None,
        "nationality": "VN",
        "unit_code": who.unit_code,
        "address": who.address,
        "hamlet": who.hamlet,
        "created_at": now,
    }
