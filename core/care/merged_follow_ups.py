"""Two persons whom staff merged are followed once: one follow-up goes on, the other rests until the merge is undone.

In the transaction of the merge, behind its lock on both persons: a crash leaves neither or both. The one that rests is
cancelled with its reason, so that nobody asks for it; undoing the merge lets it go on as it was, with what is still to
be asked planned anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Connection, Date, Row, Uuid, bindparam, select, update

from core.access.scope import Scope
from core.care import due, events
from core.care.durations import GROUPS
from core.care.events import Event, Kind
from core.care.follow_up_end import Ending, end
from core.care.handling import By
from core.care.standing import UNITS, one_of
from core.clock import VIETNAM
from core.database.following import follow_ups
from core.database.shared import Instant
from core.database.tables import persons
from core.people.same import of_root

MERGED = "merged"
"""Why it ended, as stored; behind a colon what it was."""

_GROUPS = tuple(GROUPS)


def rest(connection: Connection, scope: Scope, kept: UUID, by: By) -> None:
    """Of the open follow-ups of that person, and of whoever was merged into them, one goes on: verified before to be
    verified, then the gravest group, then where somebody can be asked, then the longest. Those of other units stay."""
    rows = connection.execute(_OPEN, _told(scope, _same(connection, kept))).all()
    for row in sorted(rows, key=lambda row: _order(row, kept))[1:]:
        if row.unit_code in scope.codes:
            how = Ending("cancelled", Kind.MERGED, by.staff_id, scope.unit_code, f"{MERGED}: {row.status}")
            end(connection, [row], how, by.at)


def go_on(connection: Connection, scope: Scope, pair: Sequence[UUID], since: Sequence[datetime], by: By) -> None:
    """Both are two again: whoever of them is not followed, and was until one of these merges (`since`: when each was
    made), is followed on, if their days are not over meanwhile: nobody gets a paper for days in which nobody asked."""
    today = by.at.astimezone(VIETNAM).date()
    for person in pair:
        ids = _same(connection, person)
        told = _told(scope, ids) | {"since": list(since), "today": today}
        resting = connection.execute(_RESTING, told).first()
        if resting is not None and not connection.execute(_OPEN, told).all():
            _begin_again(connection, scope, resting, by)


def _begin_again(connection: Connection, scope: Scope, row: Row[Any], by: By) -> None:
    status = row.end_reason.partition(": ")[2]
    again = {"status": status, "ended_at": None, "ended_by": None, "end_reason": "", "planned_until": None}
    connection.execute(update(follow_ups).where(follow_ups.c.id == row.id).values(again))
    if status == "under_follow_up":
        due.plan_for(connection, [dict(row._mapping) | again], by.at)
    events.append(connection, [Event(row.id, row.person_id, by.at, by.staff_id, scope.unit_code, Kind.PARTED, {})])


def _same(connection: Connection, person: UUID) -> list[UUID]:
    """The person, and whoever was merged into them."""
    of_them = select(persons.c.id).where(of_root(persons, person))
    return list(connection.scalars(of_them.order_by(persons.c.id)))


def _told(scope: Scope, ids: Sequence[UUID]) -> dict[str, Any]:
    return {"ids": list(ids), "units": list(scope.codes)}


def _order(row: Row[Any], kept: UUID) -> tuple[Any, ...]:
    grave = _GROUPS.index(row.group) if row.group in _GROUPS else len(_GROUPS)
    unverified, unasked = row.status != "under_follow_up", row.contact_id is None
    return unverified, grave, unasked, -row.end_on.toordinal(), row.person_id != kept


_THEIRS = follow_ups.c.person_id == bindparam("ids", type_=ARRAY(Uuid)).any_()
_OPEN = (
    select(follow_ups)
    .where(_THEIRS, one_of(follow_ups.c.status, "to_verify", "under_follow_up"))
    .order_by(follow_ups.c.id)
    .with_for_update(key_share=True)
)
_RESTING = (
    select(follow_ups)
    .where(
        _THEIRS,
        one_of(follow_ups.c.status, "cancelled"),
        follow_ups.c.end_reason.startswith(MERGED),
        follow_ups.c.ended_at == bindparam("since", type_=ARRAY(Instant)).any_(),
        follow_ups.c.end_on >= bindparam("today", type_=Date),
        follow_ups.c.unit_code == UNITS.any_(),
    )
    .order_by(follow_ups.c.ended_at.desc())
    .limit(1)
    .with_for_update(key_share=True)
)
