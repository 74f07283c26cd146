"""What staff do with a follow-up: open, verify, extend, release, cancel. Each within their scope, each written down.

Every act is one transaction, the caller's, and holds the follow-up's row: of two at once the second finds what the
first has done, and is told.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Connection, Row, Uuid, bindparam, literal, select, update

from core.access.scope import Scope
from core.care import due, events, follow_up_end, follow_up_rows, lost
from core.care.dossier import visible
from core.care.events import Event, Kind
from core.care.follow_up_end import Ending
from core.care.follow_up_opening import Line, Opened, Wanted, open_all
from core.care.follow_up_rows import NewPerson, Source
from core.care.follow_up_terms import Impossible, Problem, Settled, Terms, settle, wrong_end
from core.care.gone import gone
from core.care.handling import NOTE, By, Outcome
from core.care.standing import UNITS, one_of
from core.clock import VIETNAM
from core.database.following import follow_ups
from core.database.tables import persons
from core.people.same import twins

OPEN = ("to_verify", "under_follow_up")


class CancelReason(StrEnum):
    """Why nobody is followed. Stored as it is, with the note behind a colon if there is one."""

    NO_CONTACT = "no_contact"  # verified: there was no contact, or not such a one
    MISTAKE = "mistake"
    TWICE = "twice"  # they are followed under another name
    ELSEWHERE = "elsewhere"  # outside the province
    DIED = "died"
    OTHER = "other"


AWAY = (CancelReason.DIED, CancelReason.ELSEWHERE)
"""Who is not there to be followed (`core.care.gone`)."""


class ExtendReason(StrEnum):
    """Why the last day moves."""

    LATER_CONTACT = "later_contact"
    POSITIVE = "positive"  # they, or somebody they live with
    SIGNS = "signs"
    DOCUMENT = "document"  # a new rule
    MISTAKE = "mistake"
    OTHER = "other"


class ReleaseReason(StrEnum):
    """Why it is over before, or with, its last day."""

    DAYS = "days"  # all days are done
    NEGATIVE = "negative"
    RECOVERED = "recovered"
    DOCUMENT = "document"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Extension:
    """A new last day. `seen`: the one on the page that was looked at."""

    end_on: date
    seen: date
    reason: ExtendReason
    document: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class NewCase:
    """Somebody to be followed: known, or as staff describe them; where they answer, if anywhere."""

    who: UUID | NewPerson
    line: Line | None
    terms: Terms
    unit_code: str


@dataclass(frozen=True, slots=True)
class StillFollowed:
    """It is done here, and that unit goes on asking them, or whom staff merged with them: it is to be told."""

    unit_code: str


def open_one(connection: Connection, scope: Scope, case: NewCase, by: By) -> Opened | Impossible | None:
    """Begin a follow-up today. None if the unit or the person is none of the scope's."""
    if case.unit_code not in scope.codes:
        return None
    if isinstance(case.who, UUID) and not may_open(connection, scope, case.who):
        return None
    settled = settle(case.terms, _today(by.at))
    if isinstance(settled, Impossible):
        return settled
    wanted = Wanted(case.who, case.line, settled, case.unit_code)
    (opened,) = open_all(connection, [wanted], Source("staff", by=by.staff_id), scope.unit_code, by.at)
    return opened


def verify(connection: Connection, scope: Scope, follow_up_id: UUID, terms: Terms, by: By) -> Outcome | Impossible:
    """It is so: follow them from today on, under these terms."""
    held = _hold(connection, scope, follow_up_id)
    if held is None or held.status != "to_verify":
        return _missed(held)
    settled = settle(terms, _today(by.at))
    if isinstance(settled, Impossible):
        return settled
    columns = follow_up_rows.settled_columns(settled)
    begun = {"status": "under_follow_up", "start_on": settled.start_on, "verify_by": None}
    _change(connection, follow_up_id, columns | begun)
    due.plan_for(connection, [dict(held._mapping) | columns | begun], by.at)
    events.append(connection, _decided(held, scope, by, Kind.VERIFIED, _said(settled)))
    return Outcome.DONE


def extend(connection: Connection, scope: Scope, follow_up_id: UUID, wanted: Extension, by: By) -> Outcome | Impossible:
    """Move the last day, later or earlier, never before today. What is asked behind it goes, what is missing comes."""
    held = _hold(connection, scope, follow_up_id)
    if held is None or held.status != "under_follow_up" or held.end_on != wanted.seen:
        return _missed(held)
    if wanted.end_on < _today(by.at):
        return Impossible(Problem.END_BEFORE_START)
    if problem := wrong_end(wanted.end_on, held.start_on):
        return Impossible(problem)
    document = wanted.document or held.document
    values: dict[str, Any] = {"end_on": wanted.end_on, "document": document, "last_day_told_at": None}
    if wanted.end_on != held.end_on:
        values["days_changed_at"] = by.at
    if held.watch_from and held.watch_from > wanted.end_on:
        values["watch_from"] = None
    _change(connection, follow_up_id, values)
    follow_up_end.drop_after(connection, [follow_up_id], wanted.end_on)
    due.plan_for(connection, [dict(held._mapping) | values], by.at)
    detail = {
        "from": held.end_on.isoformat(),
        "to": wanted.end_on.isoformat(),
        "document": wanted.document,
        "reason": wanted.reason.value,
        "note": _short(wanted.note),
    }
    events.append(connection, _decided(held, scope, by, Kind.EXTENDED, detail))
    return Outcome.DONE


def release(connection: Connection, scope: Scope, follow_up_id: UUID, reason: str, by: By) -> Outcome | str:
    """They are free, with a certificate: its code. `reason`: see `described`."""
    held = _hold(connection, scope, follow_up_id)
    if held is None or held.status != "under_follow_up":
        return _missed(held)
    how = Ending("completed", Kind.RELEASED, by.staff_id, scope.unit_code, reason)
    return follow_up_end.end(connection, [held], how, by.at)[follow_up_id]


def cancel(connection: Connection, scope: Scope, follow_up_id: UUID, reason: str, by: By) -> Outcome | StillFollowed:
    """It was none, or is none any more. Nothing more is asked; what was said stays. `reason`: see `described`.

    Of whoever was lost, or is not followed any more, it may be said that they died or left the province: who was lost
    comes back by no answer then, also whom staff merged with them, and what ended stays as it ended. TOO_LATE if that
    is known.
    """
    held = _hold(connection, scope, follow_up_id)
    code = reason.partition(": ")[0]
    if held is None or (held.status not in OPEN and code not in AWAY):
        return _missed(held)
    how = Ending("cancelled", Kind.CANCELLED, by.staff_id, scope.unit_code, reason)
    if code not in AWAY:
        follow_up_end.end(connection, [held], how, by.at)
        return Outcome.DONE
    people = list(connection.scalars(twins(literal(held.person_id, Uuid))))
    ends = connection.execute(_COME_BACK, {"people": people, **lost.since(by.at)}).all()
    if held.status in (*OPEN, "lost_to_follow_up"):
        ends = [held, *(row for row in ends if row.id != held.id)]
    elif not ends and gone(connection, people, {code, CancelReason.DIED}):
        return Outcome.TOO_LATE
    else:
        events.append(connection, _decided(held, scope, by, Kind.GONE, {"reason": code}))
    follow_up_end.end(connection, ends, how, by.at)
    elsewhere = connection.scalar(_ELSEWHERE, {"people": people})
    return StillFollowed(elsewhere) if elsewhere else Outcome.DONE


def described(reason: CancelReason | ReleaseReason, note: str) -> str:
    """A reason as stored."""
    short = _short(note)
    return f"{reason}: {short}" if short else str(reason)


def _short(note: str) -> str:
    return " ".join(note.split())[:NOTE]


def _hold(connection: Connection, scope: Scope, follow_up_id: UUID) -> Row[Any] | None:
    told = {"id": follow_up_id, "units": list(scope.codes)}
    return connection.execute(_HELD, told).one_or_none()


def _missed(held: Row[Any] | None) -> Outcome:
    return Outcome.TOO_LATE if held else Outcome.UNKNOWN


def may_open(connection: Connection, scope: Scope, person_id: UUID) -> bool:
    """The person is the scope's to see, and lives there or nowhere known."""
    told = {"person": person_id, "units": list(scope.codes)}
    return connection.execute(_SEEN, told).first() is not None


def _change(connection: Connection, follow_up_id: UUID, values: dict[str, Any]) -> None:
    connection.execute(update(follow_ups).where(follow_ups.c.id == follow_up_id).values(values))


def _decided(held: Row[Any], scope: Scope, by: By, kind: Kind, detail: dict[str, Any]) -> list[Event]:
    return [Event(held.id, held.person_id, by.at, by.staff_id, scope.unit_code, kind, detail)]


def _said(settled: Settled) -> dict[str, Any]:
    return {"group": settled.group, "end_on": settled.end_on.isoformat(), "document": settled.document}


def _today(now: datetime) -> date:
    return now.astimezone(VIETNAM).date()


_HELD = (
    select(follow_ups)
    .where(follow_ups.c.id == bindparam("id", type_=Uuid), follow_ups.c.unit_code == UNITS.any_())
    .with_for_update(key_share=True)
)
_THEIRS = follow_ups.c.person_id == bindparam("people", type_=ARRAY(Uuid)).any_()
_COME_BACK = (
    select(*(follow_ups.c[name] for name in ("id", "person_id", "unit_code")))
    .where(_THEIRS, lost.comes_back())
    .with_for_update(of=follow_ups, key_share=True)
)
_ELSEWHERE = select(follow_ups.c.unit_code).where(_THEIRS, one_of(follow_ups.c.status, *OPEN)).limit(1)
_SEEN = select(persons.c.id).where(
    persons.c.id == bindparam("person", type_=Uuid),
    persons.c.merged_into.is_(None),
    visible(),
    (persons.c.unit_code == UNITS.any_()) | persons.c.unit_code.is_(None),
)
