"""The follow-up list: rows made ahead, one per person and due time, and what becomes of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Connection,
    Date,
    Uuid,
    bindparam,
    case,
    delete,
    exists,
    func,
    literal,
    select,
    union_all,
    update,
)
from uuid_utils.compat import uuid7

from core.care import together
from core.care.rules import in_force
from core.care.standing import one_of
from core.clock import VIETNAM
from core.database.batch import Batch, BatchInsert, Row
from core.database.due import contact_attempts, due_checks, ladder_steps
from core.database.following import follow_ups
from core.database.tables import members, persons, records
from core.people.own_phones import own
from core.people.same import is_same, kept, of_root
from core.reminders import ladder
from core.reminders.schedule import days, slots, spread

PLANNED_DAYS = 2
"""Today and tomorrow: rows are made by the clock, which may be away for a night."""

_NOON = 12

_IDS = bindparam("ids", type_=ARRAY(Uuid)).any_()
_INSERT = BatchInsert(
    due_checks,
    [
        "id",
        "follow_up_id",
        "person_id",
        "contact_id",
        "unit_code",
        "opens_at",
        "due_at",
        "remind_at",
        "closes_at",
        "status",
        "climb_at",
    ],
)
_ANSWERED = Batch(due_checks, ["id", "status", "record_id"])
_ANSWER = (
    update(due_checks)
    .values(status=_ANSWERED.data.c.status, record_id=_ANSWERED.data.c.record_id, climb_at=None)
    .where(due_checks.c.id == _ANSWERED.data.c.id, due_checks.c.status.not_in(("seen_ok", "seen_not_ok")))
)
_WORSEN = (
    update(due_checks)
    .values(status=_ANSWERED.data.c.status, record_id=_ANSWERED.data.c.record_id)
    .where(due_checks.c.id == _ANSWERED.data.c.id, one_of(due_checks.c.status, "seen_ok"))
)
_CORRECTED = Batch(due_checks, ["record_id", "status"])
_CORRECT = (
    update(due_checks)
    .values(status=_CORRECTED.data.c.status)
    .where(due_checks.c.record_id == records.c.id, records.c.root == _CORRECTED.data.c.record_id)
)
_OPEN_ONES = (
    select(due_checks.c.id)
    .where(
        due_checks.c.follow_up_id == bindparam("follow_up", type_=Uuid), one_of(due_checks.c.status, "not_performed")
    )
    .order_by(due_checks.c.id)
    .with_for_update(key_share=True)
)
_MOVE = update(due_checks).where(due_checks.c.id == _IDS).values(contact_id=bindparam("contact", type_=Uuid))
_ASK_ANEW = (
    update(due_checks)
    .where(due_checks.c.id == _IDS, due_checks.c.due_at <= bindparam("now"), due_checks.c.closes_at > bindparam("now"))
    .values(reminded_at=None, rung=0, climb_at=bindparam("again"))
    .returning(due_checks.c.id)
)
_UNCLIMB = delete(ladder_steps).where(
    ladder_steps.c.due_check_id == _IDS, ladder_steps.c.step.in_((ladder.Step.NUDGE, ladder.Step.OTHER_CHANNEL))
)
"""Where they were asked once more is done again; whom it was told of their silence is not told twice."""
_OPEN = ("id", "person_id", "contact_id", "unit_code", "start_on", "end_on", "watch_from", "hours")
_UNTIL = bindparam("until", type_=Date)
_OF_OPEN = tuple(follow_ups.c[name] for name in _OPEN)
_TO_PLAN = (
    select(*_OF_OPEN)
    .where(
        one_of(follow_ups.c.status, "under_follow_up"),
        follow_ups.c.planned_until.is_(None) | (follow_ups.c.planned_until < _UNTIL),
    )
    .limit(bindparam("most"))
    .with_for_update(key_share=True, skip_locked=True)
)
_SOME = select(func.count()).select_from(
    select(literal(1)).where(one_of(follow_ups.c.status, "under_follow_up")).limit(bindparam("most")).subquery()
)
_PLANNED = update(follow_ups).where(follow_ups.c.id == _IDS).values(planned_until=_UNTIL)
_ASKED_TODAY = select(due_checks.c.follow_up_id, due_checks.c.due_at).where(
    due_checks.c.follow_up_id == _IDS,
    due_checks.c.due_at >= bindparam("midnight"),
    due_checks.c.due_at < bindparam("tomorrow"),
    one_of(due_checks.c.status, "seen_ok", "seen_not_ok")
    | (
        one_of(due_checks.c.status, "not_performed")
        & (due_checks.c.due_at <= bindparam("now"))
        & (due_checks.c.closes_at > bindparam("now"))
    ),
)
_CHANGED = Batch(follow_ups, ["contact_id", "hours"])
_twin, _theirs = persons.alias("twin"), follow_ups.alias("theirs")
_wanted = union_all(
    select(follow_ups.c.id, _CHANGED.data.c.hours).where(
        follow_ups.c.contact_id == _CHANGED.data.c.contact_id, one_of(follow_ups.c.status, "under_follow_up")
    ),
    select(_theirs.c.id, _CHANGED.data.c.hours)
    .join_from(_CHANGED.data, members, (members.c.contact_id == _CHANGED.data.c.contact_id) & own(members))
    .join(persons, persons.c.id == members.c.person_id)
    .join(_twin, of_root(_twin, kept()) & (_twin.c.id != persons.c.id))
    .join(_theirs, (_theirs.c.person_id == _twin.c.id) & (_theirs.c.contact_id != members.c.contact_id))
    .where(one_of(_theirs.c.status, "under_follow_up")),
).subquery("wanted")
"""Of a phone: whom it is about, and whom it is about since staff said that they are somebody whose own phone it is."""

_CHANGE = (
    update(follow_ups)
    .where(follow_ups.c.id == _wanted.c.id, one_of(follow_ups.c.status, "under_follow_up"))
    .values(hours=_wanted.c.hours)
    .returning(*_OF_OPEN)
)
_UNPLAN = delete(due_checks).where(
    due_checks.c.follow_up_id == _IDS,
    due_checks.c.status == "not_performed",
    due_checks.c.reminded_at.is_(None),
    due_checks.c.due_at > bindparam("now"),
)


def _tried(*outcomes: str) -> ColumnElement[bool]:
    """Whether a human tried since then, with such an outcome."""
    attempt = contact_attempts.c
    own = exists().where(is_same(attempt.person_id, due_checks.c.person_id), attempt.at >= due_checks.c.due_at)
    return own.where(attempt.outcome.in_(outcomes)).correlate(due_checks)


_OVER = (
    select(due_checks.c.id)
    .where(
        one_of(due_checks.c.status, "not_performed"),
        due_checks.c.due_at <= bindparam("now"),  # always so; by it the index finds them, and not what is planned
        due_checks.c.closes_at <= bindparam("now"),
    )
    .order_by(due_checks.c.due_at)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
    .cte("over")
)
_CLOSE = (
    update(due_checks)
    .where(due_checks.c.id == _OVER.c.id)
    .values(
        status=case(
            (_tried("refused"), "uncooperative"),
            (_tried("not_reached", "left_the_place", "absent"), "missed"),
            else_="non_reporting",
        )
    )
)
_UNTRIED = (
    select(due_checks.c.id)
    .where(one_of(due_checks.c.status, "non_reporting"), due_checks.c.due_at < bindparam("before"), ~_tried("reached"))
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_NOT_ATTEMPTED = update(due_checks).where(due_checks.c.id.in_(_UNTRIED)).values(status="not_attempted")


def answer(connection: Connection, rows: Sequence[Row]) -> None:
    """These due check-ins were answered: each row id, status, record_id. Their reminders stop; whoever stood in one
    text with them is asked by another."""
    if rows:
        connection.execute(_ANSWER, _ANSWERED.parameters(rows))
        together.part(connection, [row["id"] for row in rows])


def worsen(connection: Connection, rows: Sequence[Row]) -> None:
    """A second look at who had answered "well" saw signs: each row id, status, record_id. Never the other way."""
    if rows:
        connection.execute(_WORSEN, _ANSWERED.parameters(rows))


def correct(connection: Connection, rows: Sequence[Row]) -> None:
    """The records that answered these were corrected: each row the record's root as `record_id`, and status."""
    if rows:
        connection.execute(_CORRECT, _CORRECTED.parameters(rows))


def move(connection: Connection, follow_up_id: UUID, contact_id: UUID | None, now: datetime) -> None:
    """Their open check-ins are asked there from now on, also the one that was asked about elsewhere: its silence is
    counted anew. A text about one that was not sent yet is withdrawn, and whoever stands in it with them is asked by
    another."""
    ids = list(connection.scalars(_OPEN_ONES, {"follow_up": follow_up_id}))
    if ids:
        together.part(connection, ids)
        connection.execute(_MOVE, {"ids": ids, "contact": contact_id})
        again = ladder.in_force(now.astimezone(VIETNAM).date()).climb_at(1, now)
        if begun := connection.scalars(_ASK_ANEW, {"ids": ids, "now": now, "again": again}).all():
            connection.execute(_UNCLIMB, {"ids": list(begun)})


def plan(connection: Connection, now: datetime, limit: int = 500) -> int:
    """Make the due rows of today and tomorrow for at most `limit` of those under follow-up who have none for tomorrow
    yet. How many; call again, in another transaction, while it is `limit`.

    Hours that have passed are not made: somebody enrolled, or who chose other hours, at noon is not asked about
    eight o'clock. Safe to run twice and in two places: what somebody holds is left for the next time.
    """
    found = connection.execute(_TO_PLAN, {"until": _until(now), "most": limit}).mappings()
    follow = [dict(row) for row in found]
    plan_for(connection, follow, now)
    return len(follow)


def plan_for(connection: Connection, follow: Sequence[Row], now: datetime) -> None:
    """The same for these follow-ups (rows of the table), planned before or not. Whoever has answered in this half of
    the day, or stands asked, is not asked in it again because their hours or days changed."""
    if not follow:
        return
    ids = [follow_up["id"] for follow_up in follow]
    minutes = _spread_over(connection, now)
    asked = _asked_today(connection, ids, now)
    rows = [row for follow_up in follow for row in _rows(follow_up, now, minutes)]
    _INSERT.run(connection, [row for row in rows if (row["follow_up_id"], *_half(row["due_at"])) not in asked])
    connection.execute(_PLANNED, {"ids": ids, "until": _until(now)})


def set_hours(connection: Connection, rows: Sequence[Row], now: datetime) -> None:
    """New reminder hours for those under follow-up on a phone, or on another one of the same person: each row
    contact_id, hours. What is planned and not asked yet is planned anew; what was asked or answered stays."""
    if not rows:
        return
    newest = {row["contact_id"]: row for row in rows}
    changed = connection.execute(_CHANGE, _CHANGED.parameters(newest.values())).mappings()
    replan(connection, [dict(row) for row in changed], now)


def replan(connection: Connection, follow: Sequence[Row], now: datetime) -> None:
    """The hours of these follow-ups (rows of the table) are other ones now: what is planned for them and not asked yet
    is planned anew."""
    connection.execute(_UNPLAN, {"ids": [row["id"] for row in follow], "now": now})
    plan_for(connection, follow, now)


def close(connection: Connection, now: datetime, limit: int = 500) -> int:
    """What was not answered by its end is `non_reporting`; if a human tried meanwhile, `missed`, or `uncooperative`
    where they refused: nobody says "absent" before a human looked. At most `limit`, the oldest first. How many; call
    again, in another transaction, while it is `limit`. What somebody answers at this moment is left for the next time,
    so that neither waits for the other."""
    return connection.execute(_CLOSE, {"now": now, "most": limit}).rowcount


def not_attempted(connection: Connection, now: datetime, limit: int = 500) -> int:
    """Nobody tried to reach these by the end of the day after: at most `limit`. How many; call again while it is
    `limit`. Safe to run twice and in two places."""
    today = datetime.combine(now.astimezone(VIETNAM).date(), time(), VIETNAM)
    return connection.execute(_NOT_ATTEMPTED, {"before": today - timedelta(days=1), "most": limit}).rowcount


def _until(now: datetime) -> date:
    """The last day that is planned at this moment."""
    return now.astimezone(VIETNAM).date() + timedelta(days=PLANNED_DAYS - 1)


def _asked_today(connection: Connection, ids: Sequence[UUID], now: datetime) -> set[tuple[UUID, date, bool]]:
    """Of these follow-ups, the halves of today about which they answered, or are asked at this moment."""
    midnight = datetime.combine(now.astimezone(VIETNAM).date(), time(), VIETNAM)
    told = {"ids": ids, "now": now, "midnight": midnight, "tomorrow": midnight + timedelta(days=1)}
    return {(row.follow_up_id, *_half(row.due_at)) for row in connection.execute(_ASKED_TODAY, told)}


def _half(at: datetime) -> tuple[date, bool]:
    """The local day, and whether it is its afternoon."""
    local = at.astimezone(VIETNAM)
    return local.date(), local.hour >= _NOON


def _spread_over(connection: Connection, now: datetime) -> int:
    """The minutes over which an hour's reminders are spread: none while there are too few to flood anybody."""
    rules = in_force(now.astimezone(VIETNAM).date())
    known = connection.scalar(_SOME, {"most": rules.spread_from}) or 0
    return rules.spread_minutes if known >= rules.spread_from else 0


def _rows(follow_up: Row, now: datetime, minutes: int) -> Iterable[dict[str, Any]]:
    """Days on which somebody only watches themselves are not asked about."""
    today = now.astimezone(VIETNAM).date()
    watch_from = follow_up.get("watch_from")
    last = min(follow_up["end_on"], watch_from - timedelta(days=1)) if watch_from else follow_up["end_on"]
    for day in days(follow_up["start_on"], last, today, PLANNED_DAYS):
        for slot in slots(day, follow_up["hours"], VIETNAM):
            if slot.due_at > now:
                remind_at = spread(slot, follow_up["contact_id"], minutes)
                yield {
                    "id": uuid7(),
                    "follow_up_id": follow_up["id"],
                    "person_id": follow_up["person_id"],
                    "contact_id": follow_up["contact_id"],
                    "unit_code": follow_up["unit_code"],
                    "opens_at": slot.opens_at,
                    "due_at": slot.due_at,
                    "remind_at": remind_at,
                    "closes_at": slot.closes_at,
                    "status": "not_performed",
                    "climb_at": ladder.in_force(day).climb_at(1, remind_at),
                }
