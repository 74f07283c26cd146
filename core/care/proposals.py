"""Proposing levels: F0 after a positive PCR, one behind whoever somebody was near, or what a list of staff's says. The
CDC decides (`core.care.levels`). Everything is the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, Uuid, bindparam, select, update
from uuid_utils.compat import uuid7

from core.care.standing import one_of
from core.database.batch import BatchInsert
from core.database.following import exposures, follow_ups, level_proposals

LEVELS = ("F0", "F1", "F2", "F3")


@dataclass(frozen=True, slots=True)
class Listed:
    """Somebody whom a list of staff's names with another group than their open follow-up (id, person_id, unit_code,
    group) has."""

    follow_up: Mapping[str, Any]
    group: str
    last_contact_on: date | None


_INSERT = BatchInsert(
    level_proposals,
    ["id", "person_id", "follow_up_id", "exposure_id", "unit_code", "from_group", "to_group", "last_contact_on", "at"],
)
_OPEN = one_of(follow_ups.c.status, "to_verify", "under_follow_up")
_PROPOSED = one_of(level_proposals.c.status, "proposed")
_NEAR = (
    select(
        exposures.c.id,
        exposures.c.last_contact_on,
        follow_ups.c.id.label("follow_up_id"),
        follow_ups.c.person_id,
        follow_ups.c.unit_code,
        follow_ups.c.group,
    )
    .select_from(exposures)
    .join(follow_ups, (follow_ups.c.person_id == exposures.c.person_id) & _OPEN)
    .where(exposures.c.source_person_id == bindparam("source", type_=Uuid))
)
_OF_PERSON = select(*(follow_ups.c[name] for name in ("id", "person_id", "unit_code", "group"))).where(
    follow_ups.c.person_id == bindparam("person", type_=Uuid), _OPEN
)


def rank(group: str) -> int:
    """0 for F0 to 3 for F3; a group that follows from nobody comes after all of them."""
    return LEVELS.index(group) if group in LEVELS else len(LEVELS)


def propose_ill(connection: Connection, person_id: UUID, since: date, at: datetime) -> int:
    """Propose F0 for somebody with a positive PCR, sampled on `since`. How many: none if they are F0, not under
    follow-up, or it is proposed already."""
    found = connection.execute(_OF_PERSON, {"person": person_id}).all()
    return _INSERT.run(connection, [_proposal(row, None, "F0", since, at) for row in found if rank(row.group) > 0])


def propose_near(connection: Connection, source: UUID, group: str, at: datetime) -> int:
    """`source` is of this group now: whoever was near them and is further away than that by their level is proposed
    one behind it. How many. Twice is once."""
    if rank(group) >= len(LEVELS) - 1:
        return 0
    to = LEVELS[rank(group) + 1]
    near = connection.execute(_NEAR, {"source": source})
    rows = [_proposal(row, row.id, to, row.last_contact_on, at) for row in near if rank(row.group) > rank(to)]
    return _INSERT.run(connection, rows)


def is_nearer(group: str, than: str) -> bool:
    """Whether the first is the graver level. None follows from a group that is no level."""
    return rank(group) < rank(than)


def propose_listed(connection: Connection, listed: Sequence[Listed], at: datetime) -> None:
    """Staff's list names these with a nearer level than they are followed for: proposed, once while it is open."""
    rows = [
        {
            "id": uuid7(),
            "person_id": one.follow_up["person_id"],
            "follow_up_id": one.follow_up["id"],
            "exposure_id": None,
            "unit_code": one.follow_up["unit_code"],
            "from_group": one.follow_up["group"],
            "to_group": one.group,
            "last_contact_on": one.last_contact_on,
            "at": at,
        }
        for one in listed
    ]
    _INSERT.run(connection, rows)


def withdraw_ill(connection: Connection, person_id: UUID, at: datetime) -> None:
    """The result that F0 was proposed for is no positive one after all."""
    connection.execute(
        update(level_proposals)
        .where(level_proposals.c.person_id == person_id, _PROPOSED)
        .where(level_proposals.c.to_group == "F0", level_proposals.c.exposure_id.is_(None))
        .values(status="void", decided_at=at)
    )


def _proposal(row: Row[Any], exposure: UUID | None, to: str, since: date | None, at: datetime) -> dict[str, Any]:
    return {
        "id": uuid7(),
        "person_id": row.person_id,
        "follow_up_id": row.follow_up_id if exposure else row.id,
        "exposure_id": exposure,
        "unit_code": row.unit_code,
        "from_group": row.group,
        "to_group": to,
        "last_contact_on": since,
        "at": at,
    }
