"""How follow-ups end: with their last day, by staff, as a mistake, or because nobody verified them in time. What was
still to be asked is dropped.

Ended follow-ups are never changed again. A released one has a code that anybody may check (`core.care.certificate`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Connection, Date, DateTime, Row, Text, Uuid, bindparam, delete, func, select, update

from core.care import events, together
from core.care.events import Event, Kind
from core.care.held_back import FREE
from core.care.release_code import release_code
from core.care.rules import in_force
from core.care.standing import one_of
from core.clock import VIETNAM
from core.database.batch import BatchUpdate
from core.database.due import due_checks
from core.database.following import follow_ups
from core.database.tables import outbox
from core.messaging.withdrawn import WITHDRAWN

_IDS = bindparam("ids", type_=ARRAY(Uuid)).any_()
_AT = DateTime(timezone=True)
_FROM = bindparam("from_", type_=_AT)
_KNOWN = tuple(follow_ups.c[name] for name in ("id", "person_id", "unit_code"))
_OVER = (
    select(*_KNOWN)
    .where(
        one_of(follow_ups.c.status, "under_follow_up"),
        follow_ups.c.end_on < bindparam("today", type_=Date),
        FREE,
    )
    .order_by(follow_ups.c.end_on)
    .limit(bindparam("most"))
    .with_for_update(key_share=True, skip_locked=True)
)
_UNVERIFIED = (
    select(*_KNOWN)
    .where(
        one_of(follow_ups.c.status, "to_verify"),
        func.coalesce(follow_ups.c.verify_by, follow_ups.c.opened_at) < bindparam("before", type_=_AT),
    )
    .order_by(follow_ups.c.id)
    .limit(bindparam("most"))
    .with_for_update(key_share=True, skip_locked=True)
)
_END = BatchUpdate(follow_ups, "id", ["status", "ended_at", "ended_by", "end_reason", "release_code"])
_TAKEN = select(follow_ups.c.release_code).where(
    follow_ups.c.release_code == bindparam("codes", type_=ARRAY(Text)).any_()
)
_LATER = (
    due_checks.c.follow_up_id == _IDS,
    due_checks.c.status == "not_performed",
    due_checks.c.due_at >= _FROM,
)
_WITHDRAW = (
    update(outbox)
    .where(outbox.c.due_check_id.in_(select(due_checks.c.id).where(*_LATER)), one_of(outbox.c.status, "queued"))
    .values(WITHDRAWN)
)
_ASKED_NOW = (
    update(outbox)
    .where(
        outbox.c.due_check_id.in_(select(due_checks.c.id).where(due_checks.c.follow_up_id == _IDS)),
        one_of(outbox.c.status, "queued"),
    )
    .values(WITHDRAWN)
)
_DROP = delete(due_checks).where(*_LATER, due_checks.c.reminded_at.is_(None))


@dataclass(frozen=True, slots=True)
class Ending:
    """How it ends: the status, the event, who said so and why (codes, and a note behind a colon)."""

    status: str
    kind: Kind
    by: UUID | None = None
    unit_code: str = ""
    reason: str = ""


BY_ITSELF = Ending("completed", Kind.COMPLETED)
"""The last day is over."""

UNVERIFIED = Ending("cancelled", Kind.CANCELLED, reason="unverified")
"""It was declared, and nobody said that it was so."""


def complete(connection: Connection, now: datetime, limit: int = 500) -> int:
    """End at most `limit` follow-ups whose last day is over in Vietnam, but for those that something holds back
    (`core.care.held_back`). How many; call again while it is `limit`.

    Safe to run twice and in two places: what somebody holds is left for the next time.
    """
    today = now.astimezone(VIETNAM).date()
    over = connection.execute(_OVER, {"today": today, "most": limit}).all()
    end(connection, over, BY_ITSELF, now)
    return len(over)


def give_up(connection: Connection, now: datetime, limit: int = 500) -> int:
    """Cancel at most `limit` follow-ups that nobody verified long after their deadline (`rules.toml`): they were listed
    as overdue until now. How many; call again while it is `limit`. Safe to run twice and in two places."""
    days = in_force(now.astimezone(VIETNAM).date()).unverified_days
    old = connection.execute(_UNVERIFIED, {"before": now - timedelta(days=days), "most": limit}).all()
    end(connection, old, UNVERIFIED, now)
    return len(old)


def end(connection: Connection, held: Sequence[Row[Any]], how: Ending, now: datetime) -> Mapping[UUID, str]:
    """End these (rows of id, person_id, unit_code that this transaction holds); the release codes by id.

    One transaction, the caller's: a crash leaves them as they were, with everything that was still to be asked.
    """
    if not held:
        return {}
    ids = [row.id for row in held]
    codes = _codes(connection, ids) if how.status == "completed" else {}
    ended = {"status": how.status, "ended_at": now, "ended_by": how.by, "end_reason": how.reason}
    _END.run(connection, [{"id": each, **ended, "release_code": codes.get(each)} for each in sorted(ids)])
    together.part_ended(connection, ids, now)
    connection.execute(_ASKED_NOW, {"ids": ids})
    connection.execute(_DROP, {"ids": ids, "from_": now})
    code, _, _note = how.reason.partition(": ")
    detail = {"reason": code} if code else {}
    events.append(
        connection,
        [Event(r.id, r.person_id, now, how.by, how.unit_code or r.unit_code, how.kind, detail) for r in held],
    )
    return codes


def drop_after(connection: Connection, ids: Sequence[UUID], end_on: date) -> None:
    """Nothing is asked behind that last day: rows made ahead go, and what is in line about them is withdrawn."""
    behind = {"ids": list(ids), "from_": datetime.combine(end_on + timedelta(days=1), time(), VIETNAM)}
    connection.execute(_WITHDRAW, behind)
    connection.execute(_DROP, behind)


def _codes(connection: Connection, ids: Sequence[UUID]) -> dict[UUID, str]:
    """A code for each that nobody has. Two transactions that make the same one at the same moment: the second fails
    whole, and the clock tries it again."""
    found: dict[UUID, str] = {}
    attempt = 0
    while waiting := [each for each in ids if each not in found]:
        made = {each: release_code(each, attempt) for each in waiting}
        taken = set(connection.scalars(_TAKEN, {"codes": list(made.values())})) | set(found.values())
        for each, code in made.items():
            if code not in taken:
                found[each] = code
                taken.add(code)
        attempt += 1
    return found
