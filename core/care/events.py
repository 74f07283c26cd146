"""What was decided about a follow-up, in its order: appended in the transaction that does it, never changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, Select, Uuid, bindparam, select
from uuid_utils.compat import uuid7

from core.database.batch import BatchInsert
from core.database.following import follow_up_events


class Kind(StrEnum):
    """What was decided. A page words it by its kind; `detail` holds what differs from case to case."""

    OPENED = "opened"
    VERIFIED = "verified"
    EXTENDED = "extended"
    CHANGED = "changed"  # hours, place, room
    MOVED = "moved"  # to another unit, once that one took it
    OFFERED = "offered"  # to another unit
    ANSWERED = "answered"  # such an offer was refused or withdrawn
    RESULT = "result"  # of a test
    EXPOSED = "exposed"  # near whom, and when last: named by id
    LEVEL = "level"  # proposed, confirmed or rejected
    CLUSTER = "cluster"
    RELEASED = "released"
    COMPLETED = "completed"
    LOST = "lost"
    FOUND = "found"  # heard of again
    CANCELLED = "cancelled"
    GONE = "gone"  # died or left the province, said after it had ended
    RELATIVES = "relatives"  # who said nothing may be asked again whether they agree to be asked
    MERGED = "merged"  # rests: staff said that they are somebody who is followed
    PARTED = "parted"  # goes on: they are two after all
    PHONE = "phone"  # another phone is theirs from now on


@dataclass(frozen=True, slots=True)
class Event:
    """One decision. `unit_code` is that of whoever decided, `by` a staff member; None: a rule did it.

    `detail` holds codes, ids and days as JSON has them, never a name or a number.
    """

    follow_up_id: UUID
    person_id: UUID
    at: datetime
    by: UUID | None
    unit_code: str
    kind: Kind
    detail: Mapping[str, Any] = field(default_factory=dict)


_INSERT = BatchInsert(follow_up_events, ["id", "follow_up_id", "person_id", "at", "by", "unit_code", "kind", "detail"])
_OF = follow_up_events.c
_HISTORY: Select[Any] = (
    select(*(_OF[name] for name in ("follow_up_id", "person_id", "at", "by", "unit_code", "kind", "detail")))
    .where(_OF.follow_up_id == bindparam("follow_up", type_=Uuid))
    .order_by(_OF.at.desc(), _OF.id.desc())
    .limit(bindparam("most"))
)


def append(connection: Connection, events: Sequence[Event]) -> None:
    """Write these down, in one statement however many. The caller's transaction: what was decided and that it was
    decided are there together or not at all."""
    _INSERT.run(connection, [_row(event) for event in events])


def history(connection: Connection, follow_up_id: UUID, most: int = 200) -> tuple[Event, ...]:
    """What was decided about one follow-up, newest first. Whether the asker may see it is the caller's to know."""
    found = connection.execute(_HISTORY, {"follow_up": follow_up_id, "most": most})
    return tuple(_event(row) for row in found)


def _row(event: Event) -> dict[str, Any]:
    return {
        "id": uuid7(),
        "follow_up_id": event.follow_up_id,
        "person_id": event.person_id,
        "at": event.at,
        "by": event.by,
        "unit_code": event.unit_code,
        "kind": event.kind.value,
        "detail": dict(event.detail),
    }


def _event(row: Row[Any]) -> Event:
    return Event(row.follow_up_id, row.person_id, row.at, row.by, row.unit_code, Kind(row.kind), row.detail)
