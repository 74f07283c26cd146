"""Check-ins that staff enter for people they have seen: records like any other, by whoever entered them.

Each settles the due checks of its half of the day that were due by then, is triaged, alerted and forwarded. Who has
answered for that half already gets a further record: nothing replaces what was said before, and a check-in that was
well is not any more if the second look saw signs. Good ones go in while bad ones are handed back with what is wrong.
All of it is the caller's transaction: after a crash the whole page is sent again, and what had gone in is there once,
since a record's id follows from whom, which half day and what it says.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Connection, Row, Uuid, bindparam, exists, func, or_, select, update

from core.access.scope import Scope
from core.care import alerts, due
from core.care import records as record_rows
from core.care.handling import By
from core.care.rules import RuleSet, in_force
from core.care.standing import UNITS, one_of
from core.care.triage import About, Level, Triaged, triage
from core.clock import VIETNAM
from core.conversation.context import PastRecord
from core.conversation.effects import SOMEBODY, AlertKind
from core.conversation.form import Answers
from core.conversation.ids import derived
from core.conversation.limits import age_in
from core.conversation.signs import DANGER
from core.database.due import due_checks
from core.database.following import facilities, follow_ups
from core.database.tables import members, persons, records
from core.forms.load import load_all
from core.forwarding import jobs

CHANNEL, FORM, BASIS = "staff", "checkin", "duty"
LOWEST, HIGHEST = 34.0, 43.0
"""Degrees that a living person can have."""

_NOON = time(12)


class Half(StrEnum):
    """Which of a day's two rounds. Noon belongs to the afternoon."""

    MORNING = "morning"
    AFTERNOON = "afternoon"


class Problem(StrEnum):
    """Why a row did not go in."""

    NOT_HERE = "not_here"  # nobody whom this scope follows up, or has in that facility
    ANSWERED = "answered"  # just this was entered for this half of the day already
    MOVED = "moved"  # to another room, after the page was opened
    EARLY = "early"  # it is not yet time for this half
    TEMPERATURE = "temperature"  # no number, or one that nobody can have
    NOT_SAID = "not_said"  # a temperature alone: neither well nor a sign
    BOTH = "both"  # well, and a sign or a fever


@dataclass(frozen=True, slots=True)
class Entry:
    """What was seen of one person. `temperature` in °C; None: not measured. `well`: chosen, never assumed."""

    person_id: UUID
    well: bool
    signs: tuple[str, ...] = ()
    temperature: float | None = None


@dataclass(frozen=True, slots=True)
class Round:
    """What was seen in one half of a day: of today, if `on` is None, or of an earlier one. `facility_id`: where the
    round was; it is entered for whoever is there, also for those whom another unit follows up."""

    half: Half
    entries: Sequence[Entry]
    on: date | None = None
    facility_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Means:
    """What a record needs besides: the next receipt's code, and where units' records go (`Services.destinations`)."""

    next_code: Callable[[], str]
    destinations: Mapping[str, Sequence[UUID]]


_IDS = bindparam("ids", type_=ARRAY(Uuid)).any_()
_IN_FACILITY = exists().where(
    facilities.c.id == bindparam("facility", type_=Uuid),
    facilities.c.id == follow_ups.c.facility_id,
    facilities.c.unit_code == UNITS.any_(),
)
_FOLLOWED = (
    select(
        follow_ups.c.id,
        follow_ups.c.person_id,
        follow_ups.c.contact_id,
        follow_ups.c.unit_code,
        follow_ups.c.group,
        persons.c.year_of_birth,
        func.coalesce(members.c.letter, SOMEBODY).label("letter"),
    )
    .join(persons, persons.c.id == follow_ups.c.person_id)
    .outerjoin(
        members, (members.c.contact_id == follow_ups.c.contact_id) & (members.c.person_id == follow_ups.c.person_id)
    )
    .where(follow_ups.c.person_id == _IDS, one_of(follow_ups.c.status, "under_follow_up"))
    .where(or_(follow_ups.c.unit_code == UNITS.any_(), _IN_FACILITY))
    .order_by(follow_ups.c.id)
    .with_for_update(of=follow_ups, key_share=True)
)
_CHECKS = (
    select(*(due_checks.c[name] for name in ("id", "person_id", "status", "opens_at", "due_at")))
    .where(due_checks.c.person_id == _IDS)
    .where(due_checks.c.due_at >= bindparam("start"), due_checks.c.due_at < bindparam("end"))
    .order_by(due_checks.c.due_at)
)
_SAID_BEFORE = (
    select(records.c.root, records.c.person_id, records.c.declared_at, records.c.signs, records.c.temperature)
    .where(records.c.person_id == _IDS, records.c.superseded_at.is_(None))
    .where(records.c.declared_at >= bindparam("since"), records.c.declared_at <= bindparam("now"))
    .order_by(records.c.declared_at.desc(), records.c.number.desc())
)
_LOOKED_BACK = timedelta(days=7)
_USUAL = {Half.MORNING: time(8), Half.AFTERNOON: time(16)}
"""When somebody without a due check is looked at."""
_THERE = select(records.c.id).where(records.c.id == _IDS)
_BY = update(records).where(records.c.id == _IDS, records.c.entered_by.is_(None)).values(entered_by=bindparam("who"))


def half_of(now: datetime) -> Half:
    """The round that it is time for."""
    return Half.MORNING if now.astimezone(VIETNAM).time() < _NOON else Half.AFTERNOON


def problem_of(entry: Entry, rules: RuleSet) -> Problem | None:
    """What is wrong with a row by itself."""
    heat = entry.temperature
    if heat is not None and not LOWEST <= heat <= HIGHEST:
        return Problem.TEMPERATURE
    if entry.well and (entry.signs or (heat or 0) >= rules.fever):
        return Problem.BOTH
    return None if entry.well or entry.signs or (heat or 0) >= rules.fever else Problem.NOT_SAID


def enter(connection: Connection, scope: Scope, round_: Round, by: By, means: Means) -> Mapping[UUID, Problem | None]:
    """Write the good rows of one round; what was wrong with each row, by person. None: it went in.

    A page that is sent twice, or by two at once, finds the second time that this was entered. What is entered later
    than its half day is a record of its hour then.
    """
    rules = in_force(by.at.astimezone(VIETNAM).date())
    found: dict[UUID, Problem | None] = {entry.person_id: problem_of(entry, rules) for entry in round_.entries}
    looks = _looks(connection, scope, round_, by)
    there = set(connection.scalars(_THERE, {"ids": [look.key for look in looks.values()]}))
    for person, problem in found.items():
        found[person] = problem or _placed(looks.get(person), there, by)
    good = [looks[entry.person_id] for entry in round_.entries if found[entry.person_id] is None]
    before = _before(connection, good)
    rows = []
    for look in good:
        said = _triaged(look, before.get(look.entry.person_id, ()))
        rows.append(_record(look, by, means) | {"level": said.level, "triaged": said, "letter": look.follow.letter})
    _write(connection, rows, {look.key: [check.id for check in look.checks] for look in good}, by, means)
    return found


@dataclass(frozen=True, slots=True)
class _Look:
    """One entry, whose it is, and what it is about: the check-ins it settles, the newest last. `at`: when it was seen;
    `opens`: from when that could be."""

    entry: Entry
    follow: Row[Any]
    checks: Sequence[Row[Any]]
    key: UUID
    at: datetime
    opens: datetime


def _looks(connection: Connection, scope: Scope, round_: Round, by: By) -> Mapping[UUID, _Look]:
    """By person whom the scope follows up, or has in the facility of the round."""
    told = {"ids": sorted(entry.person_id for entry in round_.entries)}
    here = {"units": list(scope.codes), "facility": round_.facility_id}
    followed = {row.person_id: row for row in connection.execute(_FOLLOWED, told | here)}
    start, end = _span(round_.half, round_.on or by.at.astimezone(VIETNAM).date())
    checks: dict[UUID, list[Row[Any]]] = defaultdict(list)
    for row in connection.execute(_CHECKS, told | {"start": start, "end": end}):
        checks[row.person_id].append(row)
    found: dict[UUID, _Look] = {}
    for entry in round_.entries:
        if follow := followed.get(entry.person_id):
            settled = _until(checks[entry.person_id], by)
            check = settled[-1] if settled else None
            usual = datetime.combine(start, _USUAL[round_.half], VIETNAM)
            at = by.at if by.at < end else check.due_at if check else usual
            seen = f"{entry.well}:{','.join(sorted(entry.signs))}:{entry.temperature}"
            key = derived(check.id if check else follow.id, f"staff:{start:%F}:{round_.half}:{seen}")
            opens = check.opens_at if check else start
            found[entry.person_id] = _Look(entry, follow, settled, key, at, opens)
    return found


def _until(checks: Sequence[Row[Any]], by: By) -> Sequence[Row[Any]]:
    """Those of one half day that this look settles: up to the newest that was due by then, or the first. The hour alone
    says which, so that a page that is sent twice means the same."""
    return [check for check in checks if check.due_at <= by.at] or checks[:1]


def _placed(look: _Look | None, there: Collection[UUID], by: By) -> Problem | None:
    if look is None:
        return Problem.NOT_HERE
    if look.key in there:
        return Problem.ANSWERED
    return Problem.EARLY if look.opens > by.at else None


def _write(
    connection: Connection, rows: Sequence[dict[str, Any]], checks: Mapping[UUID, Sequence[UUID]], by: By, means: Means
) -> None:
    if not rows:
        return
    fresh = record_rows.insert(connection, rows)
    connection.execute(_BY, {"ids": [row["id"] for row in rows], "who": by.staff_id})
    jobs.enqueue(connection, fresh, means.destinations, by.at)
    due.answer(connection, [_answer(row, check) for row in rows for check in checks[row["id"]]])
    newest = [_answer(row, checks[row["id"]][-1]) for row in rows if checks[row["id"]]]
    due.worsen(connection, [row for row in newest if row["status"] == "seen_not_ok"])
    alerts.insert(connection, [_alert(row, by) for row in rows if _kind(row)])


def _answer(row: Mapping[str, Any], check: UUID) -> dict[str, Any]:
    status = "seen_ok" if row["level"] is Level.NONE else "seen_not_ok"
    return {"id": check, "status": status, "record_id": row["id"]}


def _record(look: _Look, by: By, means: Means) -> dict[str, Any]:
    return {
        "id": look.key,
        "root": look.key,
        "version": 1,
        "code": means.next_code(),
        "form": FORM,
        "form_hash": load_all()[FORM].hash,
        "person_id": look.entry.person_id,
        "contact_id": look.follow.contact_id,
        "inbound_id": look.key,
        "entered_by": by.staff_id,
        "channel": CHANNEL,
        "unit_code": look.follow.unit_code,
        "answers": _answers(look.entry),
        "signs": tuple(look.entry.signs),
        "temperature": look.entry.temperature,
        "legal_basis": BASIS,
        "on_behalf": True,
        "declared_at": look.at,
        "confirmed_at": by.at,
        "forwarded_at": by.at,
    }


def _answers(entry: Entry) -> Answers:
    measured: Answers = {} if entry.temperature is None else {"temperature": entry.temperature}
    return {"signs": tuple(entry.signs), "at_home": True, **measured}


def _before(connection: Connection, good: Sequence[_Look]) -> Mapping[UUID, list[PastRecord]]:
    """What was said of these people in the days before they were looked at, newest first."""
    found: dict[UUID, list[PastRecord]] = defaultdict(list)
    if not good:
        return found
    until = {look.entry.person_id: look.at for look in good}
    told = {"ids": list(until), "since": min(until.values()) - _LOOKED_BACK, "now": max(until.values())}
    for row in connection.execute(_SAID_BEFORE, told):
        if row.declared_at <= until[row.person_id]:
            past = PastRecord(row.root, row.declared_at, tuple(row.signs), row.temperature)
            found[row.person_id].append(past)
    return found


def _triaged(look: _Look, before: Sequence[PastRecord]) -> Triaged:
    day = look.at.astimezone(VIETNAM).date()
    about = About(look.at, look.follow.group, age_in(day.year, look.follow.year_of_birth), before)
    return triage(_answers(look.entry), in_force(day), about)


def _kind(row: Mapping[str, Any]) -> AlertKind | None:
    """Nobody was told of danger when it was seen: it is told now."""
    said: Triaged = row["triaged"]
    return AlertKind.DANGER if DANGER & set(row["signs"]) else said.alert


def _alert(row: Mapping[str, Any], by: By) -> dict[str, Any]:
    """By the letter of its person: what is said of them there is known then, and of nobody else."""
    return {
        "id": derived(row["id"], "alert"),
        "kind": _kind(row),
        "letter": row["letter"],
        "contact_id": row["contact_id"],
        "person_id": row["person_id"],
        "unit_code": row["unit_code"],
        "signs": row["signs"],
        "reasons": [reason.value for reason in row["triaged"].reasons],
        "inbound_id": row["id"],
        "status": "open",
        "raise_at": by.at,
    }


def _span(half: Half, day: date) -> tuple[datetime, datetime]:
    """The half of that day, in Vietnam."""
    midnight = datetime.combine(day, time(), VIETNAM)
    noon = midnight + timedelta(hours=12)
    return (midnight, noon) if half is Half.MORNING else (noon, midnight + timedelta(days=1))
