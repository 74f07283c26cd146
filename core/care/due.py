"""The follow-up list: rows made ahead, one per person and due time, and what becomes of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ARRAY, Connection, Date, Uuid, bindparam, delete, select, update
from uuid_utils.compat import uuid7

from core.care.standing import one_of
from core.clock import VIETNAM
from core.database.batch import Batch, BatchInsert, Row
from core.database.due import due_checks
from core.database.following import follow_ups
from core.database.tables import outbox, records
from core.messaging.withdrawn import WITHDRAWN
from core.reminders.schedule import days, slots

PLANNED_DAYS = 2
"""Today and tomorrow: rows are made by the clock, which may be away for a night."""

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
    ],
)
_ANSWERED = Batch(due_checks, ["id", "status", "record_id"])
_ANSWER = (
    update(due_checks)
    .values(status=_ANSWERED.data.c.status, record_id=_ANSWERED.data.c.record_id)
    .where(due_checks.c.id == _ANSWERED.data.c.id, due_checks.c.status.in_(("not_performed", "non_reporting")))
)
_CORRECTED = Batch(due_checks, ["record_id", "status"])
_CORRECT = (
    update(due_checks)
    .values(status=_CORRECTED.data.c.status)
    .where(due_checks.c.record_id == records.c.id, records.c.root == _CORRECTED.data.c.record_id)
)
_WITHDRAW = update(outbox).where(outbox.c.due_check_id == _IDS, one_of(outbox.c.status, "queued")).values(WITHDRAWN)
_OPEN = ("id", "person_id", "contact_id", "unit_code", "start_on", "end_on", "hours")
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
_PLANNED = update(follow_ups).where(follow_ups.c.id == _IDS).values(planned_until=_UNTIL)
_CHANGED = Batch(follow_ups, ["contact_id", "hours"])
_CHANGE = (
    update(follow_ups)
    .where(follow_ups.c.contact_id == _CHANGED.data.c.contact_id, follow_ups.c.status == "under_follow_up")
    .values(hours=_CHANGED.data.c.hours)
    .returning(*_OF_OPEN)
)
_UNPLAN = delete(due_checks).where(
    due_checks.c.follow_up_id == _IDS,
    due_checks.c.status == "not_performed",
    due_checks.c.reminded_at.is_(None),
    due_checks.c.due_at > bindparam("now"),
)


def answer(connection: Connection, rows: Sequence[Row]) -> None:
    """These due check-ins were answered: each row id, status, record_id. Their reminders, and no others, stop."""
    if rows:
        connection.execute(_ANSWER, _ANSWERED.parameters(rows))
        connection.execute(_WITHDRAW, {"ids": [row["id"] for row in rows]})


def correct(connection: Connection, rows: Sequence[Row]) -> None:
    """The records that answered these were corrected: each row the record's root as `record_id`, and status."""
    if rows:
        connection.execute(_CORRECT, _CORRECTED.parameters(rows))


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
    """The same for these follow-ups (rows of the table), planned before or not."""
    _INSERT.run(connection, [row for follow_up in follow for row in _rows(follow_up, now)])
    connection.execute(_PLANNED, {"ids": [follow_up["id"] for follow_up in follow], "until": _until(now)})


def set_hours(connection: Connection, rows: Sequence[Row], now: datetime) -> None:
    """New reminder hours for those under follow-up on a phone: each row contact_id, hours. What is planned and not
    asked yet is planned anew; what was asked or answered stays."""
    if not rows:
        return
    newest = {row["contact_id"]: row for row in rows}
    follow = [dict(f) for f in connection.execute(_CHANGE, _CHANGED.parameters(newest.values())).mappings()]
    connection.execute(_UNPLAN, {"ids": [f["id"] for f in follow], "now": now})
    plan_for(connection, follow, now)


def close(connection: Connection, now: datetime) -> int:
    """What was not answered by its end is `non_reporting`: nobody says "absent" before a human looked. How many."""
    ended = (
        update(due_checks)
        .where(due_checks.c.status == "not_performed", due_checks.c.closes_at <= now)
        .values(status="non_reporting")
    )
    return connection.execute(ended).rowcount


def _until(now: datetime) -> date:
    """The last day that is planned at this moment."""
    return now.astimezone(VIETNAM).date() + timedelta(days=PLANNED_DAYS - 1)


def _rows(follow_up: Row, now: datetime) -> Iterable[dict[str, Any]]:
    today = now.astimezone(VIETNAM).date()
    for day in days(follow_up["start_on"], follow_up["end_on"], today, PLANNED_DAYS):
        for slot in slots(day, follow_up["hours"], VIETNAM):
            if slot.due_at > now:
                yield {
                    "id": uuid7(),
                    "follow_up_id": follow_up["id"],
                    "person_id": follow_up["person_id"],
                    "contact_id": follow_up["contact_id"],
                    "unit_code": follow_up["unit_code"],
                    "opens_at": slot.opens_at,
                    "due_at": slot.due_at,
                    "remind_at": slot.due_at,
                    "closes_at": slot.closes_at,
                    "status": "not_performed",
                }
