"""A sign that somebody is where they are to be, as far as a phone with buttons can give one. Off until a unit's rule
says otherwise (`presence_rules`: dated, with its document).

A question is wanted by staff, or by the rule a few times a week, at hours that follow from person and week: nobody can
know them before, and two clocks choose the same. The clock puts it in line (`core.reminders.presence`). What was
answered is a fact about a phone; what was not is a list for humans (`core.care.line_lists`) and never an absence.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from hashlib import blake2b
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Boolean,
    Connection,
    Date,
    DateTime,
    Row,
    Text,
    Uuid,
    bindparam,
    func,
    insert,
    or_,
    select,
    update,
)
from uuid_utils.compat import uuid7

from core.access.scope import Scope
from core.care.handling import By, Outcome
from core.care.standing import UNITS, one_of
from core.clock import VIETNAM
from core.conversation.context import AskedPresence
from core.conversation.ids import derived
from core.database.batch import Batch, BatchInsert
from core.database.due import presence_checks, presence_rules
from core.database.following import follow_ups
from core.database.tables import members
from core.places.tree import UnitTree, ancestry, subtree


class Kind(StrEnum):
    """How a sign may be given."""

    CALL_BACK = "call_back"  # a text from their own phone within some minutes
    HOUSEHOLD = "household"  # a word of somebody who lives with them, and agreed to be asked
    LOCATION = "location"  # a point that they share in a chat, if they want


STILL_HEARD = timedelta(hours=24)
"""How long an answer that comes too late is still written down as one."""

FIRST_HOUR, LAST_HOUR = 8, 19
"""Local hours between which the rule asks: never at night, and there is time to answer."""

_AT = DateTime(timezone=True)
_WEEK = 7
_OPEN = one_of(presence_checks.c.outcome, "", "unanswered", "unreachable", "stopped")
_COLUMNS = ["id", "person_id", "follow_up_id", "contact_id", "kind", "asked_at", "asked_by", "expires_at"]
_INSERT = BatchInsert(presence_checks, _COLUMNS)
_ANSWERED = Batch(presence_checks, ["id", "outcome", "place", "answered_at"])
_ANSWER = (
    update(presence_checks)
    .values({name: _ANSWERED.data.c[name] for name in ("outcome", "place", "answered_at")})
    .where(presence_checks.c.id == _ANSWERED.data.c.id, _OPEN)
)


@dataclass(frozen=True, slots=True)
class Rule:
    """Where it is on. `times_a_week`: by itself, for each person at home; 0: only when staff ask."""

    unit_code: str
    from_on: date
    times_a_week: int
    minutes: int
    document: str
    approved_by: str


@dataclass(frozen=True, slots=True)
class Check:
    """One question, as a page shows it. `outcome` is "" while it is open."""

    kind: str
    asked_at: datetime
    told_at: datetime | None
    expires_at: datetime
    answered_at: datetime | None
    asked_by: UUID | None
    outcome: str
    place: str


_RULE = tuple(presence_rules.c[name] for name in Rule.__dataclass_fields__)
_TODAY = bindparam("today", type_=Date)
_HOLDS = (presence_rules.c.until_on.is_(None), presence_rules.c.from_on <= _TODAY)


def switch_on(connection: Connection, rule: Rule, now: datetime) -> None:
    """From a day on, for a unit and those below it that have no rule of their own. A rule that held there ends."""
    switch_off(connection, rule.unit_code, rule.from_on)
    row = {name: getattr(rule, name) for name in Rule.__dataclass_fields__}
    connection.execute(insert(presence_rules).values(id=uuid7(), created_at=now, **row))


def switch_off(connection: Connection, unit_code: str, day: date) -> bool:
    """From that day on nobody is asked by that rule any more. False if there was none. Its row is kept."""
    open_ = (presence_rules.c.unit_code == unit_code, presence_rules.c.until_on.is_(None))
    return bool(connection.execute(update(presence_rules).where(*open_).values(until_on=day)).rowcount)


def rules(connection: Connection, today: date) -> tuple[Rule, ...]:
    """Those that hold, by unit."""
    found = select(*_RULE).where(*_HOLDS).order_by(presence_rules.c.unit_code)
    return tuple(Rule(*row) for row in connection.execute(found, {"today": today}))


def rule_of(connection: Connection, tree: UnitTree, unit_code: str, today: date) -> Rule | None:
    """The nearest rule from a unit on upwards; None: nobody there is asked."""
    known = {rule.unit_code: rule for rule in rules(connection, today)}
    return next((known[code] for code in ancestry(unit_code, tree.parents) if code in known), None) if known else None


def ask(connection: Connection, scope: Scope, person_id: UUID, kind: Kind, by: By) -> Outcome:
    """Staff want a sign now. TOO_LATE: one of that sort, from their own phone or of a relative, is open; WRONG: they
    have no phone to be asked on. The caller knows that a rule holds there. The minutes begin when it is put in line."""
    told = {"person": person_id, "units": list(scope.codes)}
    follow = connection.execute(_FOLLOWED, told).one_or_none()
    if follow is None:
        return Outcome.UNKNOWN
    if follow.contact_id is None and kind is not Kind.HOUSEHOLD:
        return Outcome.WRONG
    if connection.scalar(_ONE_OPEN, told | {"relatives": kind is Kind.HOUSEHOLD}):
        return Outcome.TOO_LATE
    whose = (follow.id, person_id, None if kind is Kind.HOUSEHOLD else follow.contact_id)
    _INSERT.run(connection, [_row(uuid7(), whose, kind, by.at, by.staff_id)])
    return Outcome.DONE


def set_home(connection: Connection, scope: Scope, person_id: UUID, point: tuple[float, float] | None) -> bool:
    """Where they are to stay, as staff entered it, to some hundred metres; None takes it out. False: not theirs."""
    said = "" if point is None else f"{point[0]:.3f},{point[1]:.3f}"
    told = {"person": person_id, "units": list(scope.codes)}
    return bool(connection.execute(_SET_HOME, {**told, "point": said}).rowcount)


def home(connection: Connection, scope: Scope, person_id: UUID) -> str:
    """Where they are to stay, as staff entered it; "" if nobody did."""
    return connection.scalar(_HOME, {"person": person_id, "units": list(scope.codes)}) or ""


def of_person(connection: Connection, person_id: UUID) -> tuple[Check, ...]:
    """The newest questions about somebody, newest first; those that are only planned are nobody's to see."""
    return tuple(Check(*row) for row in connection.execute(_OF_PERSON, {"person": person_id}))


def load_asked(
    connection: Connection, contacts: Sequence[UUID], now: datetime
) -> Mapping[UUID, tuple[AskedPresence, ...]]:
    """What each of these contacts was asked and may still answer."""
    found: dict[UUID, tuple[AskedPresence, ...]] = defaultdict(tuple)
    told = {"ids": list(contacts), "since": now - STILL_HEARD}
    for row in connection.execute(_ASKED, told) if contacts else ():
        asked = AskedPresence(row.id, row.kind, row.letter or "", row.expires_at, point_of(row.home_point))
        found[row.contact_id] = (*found[row.contact_id], asked)
    return found


def answer(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """What was said: each row id, outcome, place, answered_at. The first word counts."""
    if rows:
        connection.execute(_ANSWER, _ANSWERED.parameters(rows))


def plan(connection: Connection, tree: UnitTree, now: datetime) -> int:
    """Make today's questions of every rule whose day was not planned yet; how many. A crash leaves a rule's whole day
    or nothing of it; a rule that another clock is planning is left to it."""
    today = now.astimezone(VIETNAM).date()
    due = connection.execute(_UNPLANNED, {"today": today}).all()
    if not due:
        return 0
    known = {rule.unit_code for rule in rules(connection, today)}
    made = 0
    for rule in due:
        below = subtree(rule.unit_code, tree.parents)
        codes = [code for code in below if _nearest(tree, code, known) == rule.unit_code]
        made += _plan(connection, codes, rule.times_a_week, today, now)
    connection.execute(_PLANNED, {"ids": [rule.id for rule in due], "today": today})
    return made


def point_of(text: str) -> tuple[float, float] | None:
    """A point as it is stored, or as staff copy it from a map: "22.533,103.891"."""
    latitude, mark, longitude = text.partition(",")
    try:
        point = float(latitude), float(longitude)
    except ValueError:
        return None
    return point if mark and abs(point[0]) <= 90 and abs(point[1]) <= 180 else None


def chosen(person_id: UUID, day: date, times: int) -> time | None:
    """When somebody is asked on that day by a rule of so many times a week; None: not on that day. Some of the week's
    days, and an hour of each, as a hash of both says."""
    week = day.isocalendar()
    ranked = sorted(range(1, _WEEK + 1), key=lambda weekday: _hash(person_id, week.year, week.week, weekday))
    if week.weekday not in ranked[:times]:
        return None
    minutes = _hash(person_id, day.toordinal(), "minute") % ((LAST_HOUR - FIRST_HOUR) * 60)
    return time(FIRST_HOUR + minutes // 60, minutes % 60)


def _hash(*parts: object) -> int:
    return int.from_bytes(blake2b(repr(parts).encode(), digest_size=8).digest())


def _nearest(tree: UnitTree, code: str, known: set[str]) -> str:
    return next((each for each in ancestry(code, tree.parents) if each in known), "")


def _plan(connection: Connection, codes: Sequence[str], times: int, today: date, now: datetime) -> int:
    """A page at a time, however many are followed."""
    made = 0
    for page in connection.execute(_AT_HOME, {"units": list(codes), "today": today}).partitions(500):
        rows = list(_of_today(page, times, today, now))
        _INSERT.run(connection, rows)
        made += len(rows)
    return made


def _of_today(page: Sequence[Row[Any]], times: int, today: date, now: datetime) -> Iterator[dict[str, Any]]:
    for follow in page:
        at = chosen(follow.person_id, today, times)
        asked_at = datetime.combine(today, at, VIETNAM) if at else None
        if asked_at and asked_at > now:
            id_ = derived(follow.id, f"presence:{today}")
            yield _row(id_, (follow.id, follow.person_id, follow.contact_id), Kind.CALL_BACK, asked_at, None)


def _row(id_: UUID, whose: tuple[UUID, UUID, UUID | None], kind: Kind, at: datetime, by: UUID | None) -> dict[str, Any]:
    follow_up, person, contact = whose
    row = {"id": id_, "follow_up_id": follow_up, "person_id": person, "contact_id": contact}
    return row | {"kind": kind, "asked_at": at, "asked_by": by, "expires_at": at + STILL_HEARD}


_PERSON = bindparam("person", type_=Uuid)
_MINE = (one_of(follow_ups.c.status, "under_follow_up"), follow_ups.c.unit_code == UNITS.any_())
_FOLLOWED = select(follow_ups.c.id, follow_ups.c.contact_id).where(follow_ups.c.person_id == _PERSON, *_MINE)
_SET_HOME = update(follow_ups).where(follow_ups.c.person_id == _PERSON, *_MINE).values(home_point=bindparam("point"))
_HOME = select(follow_ups.c.home_point).where(follow_ups.c.person_id == _PERSON, *_MINE)
_ONE_OPEN = (
    select(presence_checks.c.id)
    .where(presence_checks.c.person_id == _PERSON, one_of(presence_checks.c.outcome, ""))
    .where(presence_checks.c.asked_by.is_not(None) | presence_checks.c.told_at.is_not(None))
    .where((presence_checks.c.kind == "household") == bindparam("relatives", type_=Boolean))
    .limit(1)
)
_OF_PERSON = (
    select(*(presence_checks.c[name] for name in Check.__dataclass_fields__))
    .where(presence_checks.c.person_id == _PERSON)
    .where(presence_checks.c.asked_by.is_not(None) | presence_checks.c.told_at.is_not(None))
    .order_by(presence_checks.c.asked_at.desc())
    .limit(60)
)
_ASKED = (
    select(
        presence_checks.c.id,
        presence_checks.c.contact_id,
        presence_checks.c.kind,
        presence_checks.c.expires_at,
        follow_ups.c.home_point,
        members.c.letter,
    )
    .join(follow_ups, follow_ups.c.id == presence_checks.c.follow_up_id)
    .outerjoin(
        members,
        (members.c.contact_id == presence_checks.c.contact_id) & (members.c.person_id == presence_checks.c.person_id),
    )
    .where(presence_checks.c.contact_id == bindparam("ids", type_=ARRAY(Uuid)).any_(), _OPEN)
    .where(presence_checks.c.told_at > bindparam("since", type_=_AT))
    # who took their number back, or moved to another phone, answers there no more
    .where(or_(one_of(presence_checks.c.kind, "household"), members.c.letter.is_not(None)))
    .order_by(presence_checks.c.contact_id, members.c.letter, presence_checks.c.told_at)
)
_UNPLANNED = (
    select(presence_rules.c.id, presence_rules.c.unit_code, presence_rules.c.times_a_week)
    .where(*_HOLDS, presence_rules.c.times_a_week > 0)
    .where(presence_rules.c.planned_on.is_(None) | (presence_rules.c.planned_on < _TODAY))
    .with_for_update(skip_locked=True)
)
_PLANNED = (
    update(presence_rules)
    .where(presence_rules.c.id == bindparam("ids", type_=ARRAY(Uuid)).any_())
    .values(planned_on=_TODAY)
)
_AT_HOME = (
    select(follow_ups.c.id, follow_ups.c.person_id, follow_ups.c.contact_id)
    .where(
        one_of(follow_ups.c.status, "under_follow_up"),
        follow_ups.c.unit_code == bindparam("units", type_=ARRAY(Text)).any_(),
        follow_ups.c.place == "home",
        follow_ups.c.contact_id.is_not(None),
        _TODAY.between(follow_ups.c.start_on, func.coalesce(follow_ups.c.watch_from - 1, follow_ups.c.end_on)),
    )
    .execution_options(stream_results=True, max_row_buffer=500)
)
