"""Proposing levels: F0 after a positive PCR, one behind whoever somebody was near, or what a list of staff's says. The
CDC decides (`core.care.levels`). Everything is the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Connection,
    Date,
    Row,
    Uuid,
    bindparam,
    cast,
    func,
    literal,
    null,
    select,
    union_all,
    update,
)
from uuid_utils.compat import uuid7

from core.care.standing import one_of
from core.clock import VIETNAM
from core.database.batch import BatchInsert
from core.database.following import exposures, follow_up_events, follow_ups, level_proposals

LEVELS = ("F0", "F1", "F2", "F3")


@dataclass(frozen=True, slots=True)
class Listed:
    """Somebody whom a list of staff's names with another group than their open follow-up (id, person_id, unit_code,
    group) has, which may be that of whoever is the same."""

    person_id: UUID
    follow_up: Mapping[str, Any]
    group: str
    last_contact_on: date | None


_INSERT = BatchInsert(
    level_proposals,
    [
        "id",
        "person_id",
        "follow_up_id",
        "exposure_id",
        "listed",
        "unit_code",
        "from_group",
        "to_group",
        "last_contact_on",
        "at",
    ],
)
_IDS = bindparam("ids", type_=ARRAY(Uuid)).any_()
_by_hand = follow_up_events.c.detail.has_key("by_hand")
_DECIDED = union_all(
    select(level_proposals.c.follow_up_id, level_proposals.c.to_group, level_proposals.c.last_contact_on).where(
        level_proposals.c.follow_up_id == _IDS,
        level_proposals.c.listed,
        one_of(level_proposals.c.status, "rejected", "confirmed"),
    ),
    select(
        follow_up_events.c.follow_up_id, null(), cast(func.timezone(literal(VIETNAM.key), follow_up_events.c.at), Date)
    ).where(follow_up_events.c.follow_up_id == _IDS, one_of(follow_up_events.c.kind, "level"), _by_hand),
)
"""What the CDC said to what lists said, and the levels that it set by hand: of which contact, or until when."""

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


def propose_listed(connection: Connection, listed: Sequence[Listed], at: datetime) -> set[UUID]:
    """Staff's list names these with a nearer level than they are followed for: proposed, once while it is open. The
    persons for whom it is not, since the CDC decided it already: the same list comes again."""
    if not listed:
        return set()
    ids = {"ids": [one.follow_up["id"] for one in listed]}
    decided = connection.execute(_DECIDED, ids).all()
    over = [one for one in listed if any(_is_decided(one, *row) for row in decided)]
    rows = [_listed(one, at) for one in listed if one not in over]
    _INSERT.run(connection, rows)
    return {one.person_id for one in over}


def _is_decided(one: Listed, follow_up_id: UUID, group: str | None, until: date | None) -> bool:
    """Whether that decision was about this, or about a later contact."""
    if one.follow_up["id"] != follow_up_id or group not in (None, one.group):
        return False
    return one.last_contact_on is None or (until is not None and until >= one.last_contact_on)


def _listed(one: Listed, at: datetime) -> dict[str, Any]:
    open_ = one.follow_up
    return {
        "id": uuid7(),
        "person_id": open_["person_id"],
        "follow_up_id": open_["id"],
        "exposure_id": None,
        "listed": True,
        "unit_code": open_["unit_code"],
        "from_group": open_["group"],
        "to_group": one.group,
        "last_contact_on": one.last_contact_on,
        "at": at,
    }


def withdraw_ill(connection: Connection, person_id: UUID, at: datetime) -> None:
    """The result that F0 was proposed for is no positive one after all."""
    connection.execute(
        update(level_proposals)
        .where(level_proposals.c.person_id == person_id, _PROPOSED)
        .where(level_proposals.c.to_group == "F0", level_proposals.c.exposure_id.is_(None), ~level_proposals.c.listed)
        .values(status="void", decided_at=at)
    )


def _proposal(row: Row[Any], exposure: UUID | None, to: str, since: date | None, at: datetime) -> dict[str, Any]:
    return {
        "id": uuid7(),
        "person_id": row.person_id,
        "follow_up_id": row.follow_up_id if exposure else row.id,
        "exposure_id": exposure,
        "listed": False,
        "unit_code": row.unit_code,
        "from_group": row.group,
        "to_group": to,
        "last_contact_on": since,
        "at": at,
    }
