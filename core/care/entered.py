"""Check-ins that staff enter for people they have seen: records like any other, by whoever entered them.

Each settles the due check of its half of the day, is triaged, alerted and forwarded. Good ones go in while bad ones are
handed back with what is wrong. All of it is the caller's transaction: after a crash the whole page is sent again, and
what had gone in is there once, since a record's id follows from whom and which half day it is about.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Connection, Row, Uuid, bindparam, select, update

from core.access.scope import Scope
from core.care import alerts, due
from core.care import records as record_rows
from core.care.handling import By
from core.care.rules import RuleSet, in_force
from core.care.standing import UNITS, one_of
from core.care.triage import About, Level, Triaged, triage
from core.clock import VIETNAM
from core.conversation.context import PastRecord
from core.conversation.effects import AlertKind
from core.conversation.form import Answers
from core.conversation.ids import derived
from core.conversation.limits import age_in
from core.conversation.signs import DANGER
from core.database.due import due_checks
from core.database.following import follow_ups
from core.database.tables import persons, records
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

    NOT_HERE = "not_here"  # nobody whom this scope follows up
    ANSWERED = "answered"  # this half of the day has an answer
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
class Means:
    """What a record needs besides: the next receipt's code, and where units' records go (`Services.destinations`)."""

    next_code: Callable[[], str]
    destinations: Mapping[str, Sequence[UUID]]


_IDS = bindparam("ids", type_=ARRAY(Uuid)).any_()
_FOLLOWED = (
    select(
        follow_ups.c.id,
        follow_ups.c.person_id,
        follow_ups.c.contact_id,
        follow_ups.c.unit_code,
        follow_ups.c.group,
        persons.c.year_of_birth,
    )
    .join(persons, persons.c.id == follow_ups.c.person_id)
    .where(follow_ups.c.person_id == _IDS, one_of(follow_ups.c.status, "under_follow_up"))
    .where(follow_ups.c.unit_code == UNITS.any_())
    .order_by(follow_ups.c.id)
    .with_for_update(of=follow_ups, key_share=True)
)
_CHECKS = (
    select(due_checks.c.id, due_checks.c.person_id, due_checks.c.status, due_checks.c.opens_at)
    .where(due_checks.c.person_id == _IDS)
    .where(due_checks.c.due_at >= bindparam("start"), due_checks.c.due_at < bindparam("end"))
    .order_by(due_checks.c.due_at.desc())
)
_SAID_BEFORE = (
    select(records.c.root, records.c.person_id, records.c.declared_at, records.c.signs, records.c.temperature)
    .where(records.c.person_id == _IDS, records.c.superseded_at.is_(None))
    .where(records.c.declared_at >= bindparam("since"), records.c.declared_at <= bindparam("now"))
    .order_by(records.c.declared_at.desc(), records.c.number.desc())
)
_LOOKED_BACK = timedelta(days=7)
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


def enter(
    connection: Connection, scope: Scope, round_: tuple[Half, Sequence[Entry]], by: By, means: Means
) -> Mapping[UUID, Problem | None]:
    """Write the good rows of one round; what was wrong with each row, by person. None: it went in.

    A page that is sent twice, or by two at once, finds the second time that there is an answer.
    """
    half, entries = round_
    rules = in_force(by.at.astimezone(VIETNAM).date())
    found: dict[UUID, Problem | None] = {entry.person_id: problem_of(entry, rules) for entry in entries}
    told = {"ids": sorted(found), "units": list(scope.codes)}
    followed = {row.person_id: row for row in connection.execute(_FOLLOWED, told)}
    start, end = _span(half, by.at)
    checks = {row.person_id: row for row in connection.execute(_CHECKS, told | {"start": start, "end": end})}
    keys = {
        p: derived(checks[p].id if p in checks else row.id, f"staff:{start:%F}:{half}") for p, row in followed.items()
    }
    there = set(connection.scalars(_THERE, {"ids": list(keys.values())}))
    for person, problem in found.items():
        check = checks.get(person)
        found[person] = problem or _placed(followed.get(person), check, keys.get(person) in there, by, start)
    good = [entry for entry in entries if found[entry.person_id] is None]
    before = _before(connection, good, by)
    rows = []
    for entry in good:
        follow = followed[entry.person_id]
        said = _triaged(entry, follow, before.get(entry.person_id, ()), by)
        rows.append(_record(entry, follow, keys[entry.person_id], by, means) | {"level": said.level, "triaged": said})
    _write(connection, rows, {p: row.id for p, row in checks.items()}, by, means)
    return found


def _placed(follow: Row[Any] | None, check: Row[Any] | None, there: bool, by: By, start: datetime) -> Problem | None:
    if follow is None:
        return Problem.NOT_HERE
    if there or (check is not None and check.status in ("seen_ok", "seen_not_ok")):
        return Problem.ANSWERED
    opens = check.opens_at if check is not None else start
    return Problem.EARLY if opens > by.at else None


def _write(
    connection: Connection, rows: Sequence[dict[str, Any]], checks: Mapping[UUID, UUID], by: By, means: Means
) -> None:
    if not rows:
        return
    fresh = record_rows.insert(connection, rows)
    connection.execute(_BY, {"ids": [row["id"] for row in rows], "who": by.staff_id})
    jobs.enqueue(connection, fresh, means.destinations, by.at)
    answered = [row for row in rows if row["person_id"] in checks]
    due.answer(connection, [_answer(row, checks[row["person_id"]]) for row in answered])
    alerts.insert(connection, [_alert(row, by) for row in rows if _kind(row)])


def _answer(row: Mapping[str, Any], check: UUID) -> dict[str, Any]:
    status = "seen_ok" if row["level"] is Level.NONE else "seen_not_ok"
    return {"id": check, "status": status, "record_id": row["id"]}


def _record(entry: Entry, follow: Row[Any], key: UUID, by: By, means: Means) -> dict[str, Any]:
    return {
        "id": key,
        "root": key,
        "version": 1,
        "code": means.next_code(),
        "form": FORM,
        "form_hash": load_all()[FORM].hash,
        "person_id": entry.person_id,
        "contact_id": follow.contact_id,
        "inbound_id": key,
        "entered_by": by.staff_id,
        "channel": CHANNEL,
        "unit_code": follow.unit_code,
        "answers": _answers(entry),
        "signs": tuple(entry.signs),
        "temperature": entry.temperature,
        "legal_basis": BASIS,
        "on_behalf": True,
        "declared_at": by.at,
        "confirmed_at": by.at,
        "forwarded_at": by.at,
    }


def _answers(entry: Entry) -> Answers:
    measured: Answers = {} if entry.temperature is None else {"temperature": entry.temperature}
    return {"signs": tuple(entry.signs), "at_home": True, **measured}


def _before(connection: Connection, good: Sequence[Entry], by: By) -> Mapping[UUID, list[PastRecord]]:
    """What was said of these people in the last days, newest first."""
    told = {"ids": [entry.person_id for entry in good], "since": by.at - _LOOKED_BACK, "now": by.at}
    found: dict[UUID, list[PastRecord]] = defaultdict(list)
    for row in connection.execute(_SAID_BEFORE, told) if good else ():
        found[row.person_id].append(PastRecord(row.root, row.declared_at, tuple(row.signs), row.temperature))
    return found


def _triaged(entry: Entry, follow: Row[Any], before: Sequence[PastRecord], by: By) -> Triaged:
    today = by.at.astimezone(VIETNAM).date()
    about = About(by.at, follow.group, age_in(today.year, follow.year_of_birth), before)
    return triage(_answers(entry), in_force(today), about)


def _kind(row: Mapping[str, Any]) -> AlertKind | None:
    """Nobody was told of danger when it was seen: it is told now."""
    said: Triaged = row["triaged"]
    return AlertKind.DANGER if DANGER & set(row["signs"]) else said.alert


def _alert(row: Mapping[str, Any], by: By) -> dict[str, Any]:
    return {
        "id": derived(row["id"], "alert"),
        "kind": _kind(row),
        "letter": "",
        "contact_id": row["contact_id"],
        "person_id": row["person_id"],
        "unit_code": row["unit_code"],
        "signs": row["signs"],
        "reasons": [reason.value for reason in row["triaged"].reasons],
        "inbound_id": row["id"],
        "status": "open",
        "raise_at": by.at,
    }


def _span(half: Half, now: datetime) -> tuple[datetime, datetime]:
    """The half of the day of `now`, in Vietnam."""
    midnight = datetime.combine(now.astimezone(VIETNAM).date(), time(), VIETNAM)
    noon = midnight + timedelta(hours=12)
    return (midnight, noon) if half is Half.MORNING else (noon, midnight + timedelta(days=1))
