"""Lost to follow-up: nobody has seen or heard a person for days. And found again, as soon as they answer."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, Connection, Date, Uuid, bindparam, delete, exists, func, select, update

from core.care.events import Event, Kind, append
from core.care.standing import one_of
from core.clock import VIETNAM
from core.database.due import due_checks
from core.database.following import follow_ups

_IDS = bindparam("ids", type_=ARRAY(Uuid)).any_()
_OF = (follow_ups.c.id, follow_ups.c.person_id, follow_ups.c.unit_code)
_LOSE = (
    update(follow_ups)
    .where(follow_ups.c.id == _IDS, one_of(follow_ups.c.status, "under_follow_up"))
    .values(status="lost_to_follow_up", ended_at=bindparam("now"), end_reason="unseen")
    .returning(*_OF)
)
_UNPLAN = delete(due_checks).where(
    due_checks.c.follow_up_id == _IDS,
    due_checks.c.status == "not_performed",
    due_checks.c.reminded_at.is_(None),
    due_checks.c.due_at > bindparam("now"),
)
_other = follow_ups.alias("other")
_later = follow_ups.alias("later")
_FIND = (
    update(follow_ups)
    .where(
        follow_ups.c.person_id == _IDS,
        follow_ups.c.status == "lost_to_follow_up",
        follow_ups.c.end_on >= bindparam("today", type_=Date),
        ~exists().where(
            _other.c.person_id == follow_ups.c.person_id, _other.c.status.in_(("to_verify", "under_follow_up"))
        ),
        follow_ups.c.ended_at
        == select(func.max(_later.c.ended_at)).where(_later.c.person_id == follow_ups.c.person_id).scalar_subquery(),
    )
    .values(status="under_follow_up", ended_at=None, end_reason="", planned_until=None)
    .returning(*_OF)
)


def lose(connection: Connection, follow_up_ids: Collection[UUID], now: datetime) -> int:
    """End these follow-ups as lost, unless they ended meanwhile; what was planned for them is planned no more. How
    many. The caller's transaction."""
    if not follow_up_ids:
        return 0
    lost = connection.execute(_LOSE, {"ids": sorted(follow_up_ids), "now": now}).all()
    if lost:
        connection.execute(_UNPLAN, {"ids": [row.id for row in lost], "now": now})
        append(connection, [Event(row.id, row.person_id, now, None, row.unit_code, Kind.LOST) for row in lost])
    return len(lost)


def found(connection: Connection, person_ids: Collection[UUID], now: datetime) -> int:
    """These people were heard or seen: a follow-up of theirs that ended as lost goes on, if its days are not over. How
    many. The caller's transaction; the clock plans their check-ins."""
    if not person_ids:
        return 0
    today = now.astimezone(VIETNAM).date()
    back = connection.execute(_FIND, {"ids": sorted(set(person_ids)), "today": today}).all()
    append(connection, [Event(row.id, row.person_id, now, None, row.unit_code, Kind.FOUND) for row in back])
    return len(back)
