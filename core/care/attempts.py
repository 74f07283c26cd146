"""A human tried to reach somebody: by telephone, at their door. What came of it is written down and acted on.

`absent` and `left_the_place` are said by nobody but a human who looked; both are told to the station's duty phones.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, Uuid, bindparam, insert, select, update

from core.care import alerts, lost
from core.care.entered import Half, half_of
from core.care.handling import NOTE
from core.care.standing import one_of
from core.conversation.effects import AlertKind
from core.conversation.ids import derived
from core.database.due import contact_attempts, due_checks
from core.database.following import follow_ups
from core.database.shared import Instant
from core.database.tables import members
from core.people.same import is_same


class Via(StrEnum):
    """How they tried."""

    PHONE = "phone"
    VISIT = "visit"
    CHAT = "chat"


class Came(StrEnum):
    """What came of it."""

    REACHED = "reached"
    NOT_REACHED = "not_reached"
    REFUSED = "refused"
    LEFT_THE_PLACE = "left_the_place"
    ABSENT = "absent"


LOOKED = frozenset({Came.ABSENT, Came.LEFT_THE_PLACE})
"""What only somebody who went there can say."""

_STATUS = {
    Came.NOT_REACHED: "missed",
    Came.ABSENT: "missed",
    Came.LEFT_THE_PLACE: "missed",
    Came.REFUSED: "uncooperative",
}
_PERSON = bindparam("person", type_=Uuid)
_FOLLOWED = (
    select(follow_ups.c.id, follow_ups.c.contact_id, members.c.letter)
    .outerjoin(
        members, (members.c.contact_id == follow_ups.c.contact_id) & (members.c.person_id == follow_ups.c.person_id)
    )
    .where(is_same(follow_ups.c.person_id, _PERSON), one_of(follow_ups.c.status, "under_follow_up"))
    .order_by((follow_ups.c.person_id == _PERSON).desc())
    .limit(1)
)
_SETTLE = (
    update(due_checks)
    .where(
        is_same(due_checks.c.person_id, _PERSON),
        due_checks.c.status.in_(("non_reporting", "not_attempted", "missed")),
        due_checks.c.due_at > bindparam("since", type_=Instant),
    )
    .values(status=bindparam("now_status"))
)
_OPEN = (
    select(due_checks.c.due_at)
    .where(is_same(due_checks.c.person_id, _PERSON), due_checks.c.status.not_in(("seen_ok", "seen_not_ok")))
    .where(due_checks.c.opens_at <= bindparam("now"), due_checks.c.closes_at > bindparam("now"))
    .order_by(due_checks.c.due_at)
    .limit(1)
)
_TRIES = (
    select(*(contact_attempts.c[name] for name in ("at", "via", "outcome", "note", "by", "by_kind")))
    .where(is_same(contact_attempts.c.person_id, _PERSON))
    .order_by(contact_attempts.c.at.desc())
    .limit(50)
)
_DAY = 86_400


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try. `key` makes it once, however often the button is pressed; `by_kind`: staff, duty, volunteer."""

    key: UUID
    person_id: UUID
    unit_code: str
    by: UUID
    at: datetime
    via: Via
    came: Came
    note: str = ""
    by_kind: str = "staff"


@dataclass(frozen=True, slots=True)
class Tried:
    """One try, as a page shows it."""

    at: datetime
    via: str
    outcome: str
    note: str
    by: UUID
    by_kind: str


def record(connection: Connection, attempt: Attempt) -> bool:
    """Write a try down, of whoever staff merged as of one person; what was silent in the last two days is `missed`, or
    `uncooperative` where they refused. What is open keeps its time, and is judged when it closes (`core.care.due`).
    False if that key was used before. One transaction, the caller's; whether they may see the person is the caller's to
    know.

    ValueError if `came` says what only a visit can tell, and it was none.
    """
    if attempt.came in LOOKED and attempt.via is not Via.VISIT:
        raise ValueError(f"{attempt.came}: only somebody who looked can say so")
    made = derived(attempt.key, "attempt")
    if connection.scalar(select(contact_attempts.c.id).where(contact_attempts.c.id == made)):
        return False
    told = {"person": attempt.person_id}
    follow = connection.execute(_FOLLOWED, told).first()
    connection.execute(insert(contact_attempts).values(_row(attempt, made, follow.id if follow else None)))
    if attempt.came is Came.REACHED:
        lost.found(connection, [attempt.person_id], attempt.at)
    else:
        since = datetime.fromtimestamp(attempt.at.timestamp() - 2 * _DAY, attempt.at.tzinfo)
        connection.execute(_SETTLE, {**told, "since": since, "now_status": _STATUS[attempt.came]})
    if attempt.came in LOOKED:
        alerts.insert(connection, [_alert(attempt, made, follow)])
    return True


def half(connection: Connection, person_id: UUID, now: datetime) -> Half:
    """The round of the day to which what they say now belongs: that of the check-in that is open, if one is."""
    due_at = connection.scalar(_OPEN, {"person": person_id, "now": now})
    return half_of(due_at or now)


def of_person(connection: Connection, person_id: UUID) -> tuple[Tried, ...]:
    """The newest tries to reach somebody, newest first."""
    return tuple(Tried(*row) for row in connection.execute(_TRIES, {"person": person_id}))


def _row(attempt: Attempt, made: UUID, follow_up: UUID | None) -> dict[str, object]:
    return {
        "id": made,
        "person_id": attempt.person_id,
        "follow_up_id": follow_up,
        "unit_code": attempt.unit_code,
        "by_kind": attempt.by_kind,
        "by": attempt.by,
        "at": attempt.at,
        "via": attempt.via,
        "outcome": attempt.came,
        "note": " ".join(attempt.note.split())[:NOTE],
    }


def _alert(attempt: Attempt, made: UUID, follow: Row[Any] | None) -> dict[str, object]:
    """Of the phone where they are asked: whoever takes it calls there first."""
    return {
        "id": derived(made, "alert"),
        "kind": AlertKind.LEFT_PLACE,
        "letter": (follow.letter if follow else None) or "",
        "contact_id": follow.contact_id if follow else None,
        "person_id": attempt.person_id,
        "unit_code": attempt.unit_code,
        "signs": (),
        "inbound_id": made,
        "status": "open",
        "raise_at": attempt.at,
    }
