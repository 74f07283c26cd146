"""Lost to follow-up: nobody has seen or heard a person for days. And found again, as soon as they answer.

An answer at the same moment wins, whichever comes first. Whoever writes down something of a person holds the person's
row (a foreign key does), so `unheard` leaves out who is being heard of just now; and who answers behind it waits until
they are given up, and is then found. It is asked last, a moment before the commit: nobody's text waits longer.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Connection,
    Date,
    Uuid,
    and_,
    bindparam,
    delete,
    exists,
    func,
    or_,
    select,
    tuple_,
    update,
)

from core.care.events import Event, Kind, append
from core.care.held_back import free
from core.care.standing import one_of
from core.clock import VIETNAM
from core.database.due import due_checks
from core.database.following import follow_ups
from core.database.tables import persons
from core.people.same import Same, all_of, is_same, twins

_HELD = timedelta(days=14)
"""How long after the last day somebody who was lost may come back, while something holds their release back."""

_TODAY = bindparam("today", type_=Date)
_IDS = bindparam("ids", type_=ARRAY(Uuid)).any_()
_OF = (follow_ups.c.id, follow_ups.c.person_id, follow_ups.c.unit_code)
_HOLD = (
    select(follow_ups.c.id)
    .where(follow_ups.c.id == _IDS, one_of(follow_ups.c.status, "under_follow_up"))
    .order_by(follow_ups.c.id)
    .with_for_update(key_share=True, skip_locked=True)
)
_WHOSE = select(
    follow_ups.c.id, func.array(twins(follow_ups.c.person_id).scalar_subquery(), type_=ARRAY(Uuid)).label("people")
).where(follow_ups.c.id == _IDS)
_UNHEARD = select(persons.c.id).where(persons.c.id == _IDS).order_by(persons.c.id).with_for_update(skip_locked=True)
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
_newer = follow_ups.alias("newer")


def comes_back(same: Same = is_same) -> ColumnElement[bool]:
    """Of a row of `follow_ups`: whether it goes on as soon as its person is heard: the newest of whoever staff merged.
    Takes the parameters of `since`; `same` as for `held_by`."""
    held = and_(follow_ups.c.end_on >= bindparam("held_since", type_=Date), ~free(same))
    later = tuple_(_newer.c.ended_at, _newer.c.id) > tuple_(follow_ups.c.ended_at, follow_ups.c.id)
    newer = exists().where(
        same(_newer.c.person_id, follow_ups.c.person_id),
        or_(_newer.c.status.in_(("to_verify", "under_follow_up")), later),
    )
    return and_(follow_ups.c.status == "lost_to_follow_up", or_(follow_ups.c.end_on >= _TODAY, held), ~newer)


_FIND = (
    update(follow_ups)
    .where(follow_ups.c.person_id.in_(all_of(select(func.unnest(bindparam("ids", type_=ARRAY(Uuid)))))), comes_back())
    .values(status="under_follow_up", ended_at=None, end_reason="", planned_until=None)
    .returning(*_OF)
)


def hold(connection: Connection, follow_up_ids: Collection[UUID]) -> set[UUID]:
    """Those of these that go on and that nobody else changes just now, held. The caller's transaction."""
    return set(connection.scalars(_HOLD, {"ids": sorted(follow_up_ids)})) if follow_up_ids else set()


def unheard(connection: Connection, follow_up_ids: Collection[UUID]) -> set[UUID]:
    """Those of these of whose people nobody writes anything down just now; held, so that nobody does until the commit,
    which is to come at once. What was written down until now is seen by the next statement."""
    if not follow_up_ids:
        return set()
    whose = {row.id: set(row.people) for row in connection.execute(_WHOSE, {"ids": sorted(follow_up_ids)})}
    held = set(connection.scalars(_UNHEARD, {"ids": sorted(set[UUID]().union(*whose.values()))}))
    return {follow_up for follow_up, people in whose.items() if people <= held}


def lose(connection: Connection, follow_up_ids: Collection[UUID], now: datetime) -> int:
    """End these follow-ups, which are held, as lost; what was planned for them is planned no more. How many. The
    caller's transaction."""
    if not follow_up_ids:
        return 0
    lost = connection.execute(_LOSE, {"ids": sorted(follow_up_ids), "now": now}).all()
    if lost:
        connection.execute(_UNPLAN, {"ids": [row.id for row in lost], "now": now})
        append(connection, [Event(row.id, row.person_id, now, None, row.unit_code, Kind.LOST) for row in lost])
    return len(lost)


def since(now: datetime) -> dict[str, date]:
    """The parameters of `comes_back` at that moment."""
    today = now.astimezone(VIETNAM).date()
    return {"today": today, "held_since": today - _HELD}


def found(connection: Connection, person_ids: Collection[UUID], now: datetime) -> int:
    """These people were heard or seen: a follow-up of theirs that ended as lost goes on, if its days are not over or
    something holds its release back. How many. The caller's transaction; the clock plans their check-ins."""
    if not person_ids:
        return 0
    back = connection.execute(_FIND, {"ids": sorted(set(person_ids)), **since(now)}).all()
    append(connection, [Event(row.id, row.person_id, now, None, row.unit_code, Kind.FOUND) for row in back])
    return len(back)
