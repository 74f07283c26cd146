"""On which list of the day a person is, and why: one rule, for the lists, the counters and the person's page.

The lists exclude each other. `RULE` says what comes first: a person with an open alert is not also silent.
Everything is seen through a unit's scope and at one moment of domain time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CTE,
    ColumnElement,
    Connection,
    Date,
    Integer,
    Label,
    Select,
    Text,
    Uuid,
    and_,
    bindparam,
    case,
    exists,
    false,
    func,
    literal,
    literal_column,
    or_,
    select,
    union,
)

from core.access.scope import Scope
from core.clock import VIETNAM
from core.conversation.effects import AlertKind
from core.database.due import alerts, contact_attempts, due_checks
from core.database.following import follow_ups
from core.database.shared import Instant
from core.database.tables import persons, records
from core.forms.load import load_all
from core.people.same import is_same

DAILY = tuple(form.key for form in load_all().values() if form.daily)
"""The forms of a day's check-in; every other form is a declaration."""

CLAIMING = (
    *(AlertKind.DANGER, AlertKind.URGENT, AlertKind.SEEN_ILL, AlertKind.UNFINISHED, AlertKind.CALL_BACK),
    AlertKind.LEFT_PLACE,
)
"""Alerts that a nurse answers by calling the person: they take the person off the other lists. Who was looked for and
not found is among them, also if they answer from elsewhere. A wish to see one's data says nothing of one's health and
hides nobody."""

UNITS = bindparam("units", type_=ARRAY(Text))
NOW = bindparam("now", type_=Instant)
START = bindparam("start", type_=Instant)
END = bindparam("end", type_=Instant)
TODAY = bindparam("today", type_=Date)
_LIMIT = bindparam("limit", type_=Integer)
_PERSON = bindparam("person", type_=Uuid)


def one_of(column: ColumnElement[str], *values: str) -> ColumnElement[bool]:
    """With the values in the SQL itself: a partial index is used only where the planner sees them."""
    return column.in_([literal_column(f"'{value}'", Text) for value in values])


ANSWERED = one_of(due_checks.c.status, "seen_ok", "seen_not_ok")
OPEN_ALERT = and_(one_of(alerts.c.status, "open", "taken"), alerts.c.unit_code == UNITS.any_())
FOLLOWED = and_(
    one_of(follow_ups.c.status, "under_follow_up"),
    follow_ups.c.unit_code == UNITS.any_(),
    TODAY.between(follow_ups.c.start_on, follow_ups.c.end_on),
)


_twins = select(persons.c.id, persons.c.merged_into).where(persons.c.merged_into.is_not(None)).cte("twins")
"""Few: whom staff have merged into somebody else."""


class ListName(StrEnum):
    """The lists of a day."""

    ALERT = "alert"  # somebody must call them now
    SIGNS = "signs"  # said signs today
    SILENT = "silent"  # due, and no answer since
    DECLARED = "declared"  # declared today, without signs
    SEEN = "seen"  # answered today, well
    WAITING = "waiting"  # under follow-up, nothing due yet


RULE = (
    (ListName.ALERT, "alerted"),
    (ListName.SIGNS, "signs"),
    (ListName.SILENT, "silent"),
    (ListName.DECLARED, "declared"),
    (ListName.SEEN, "seen"),
)
"""The first fact that is true decides; with none a person waits for their hour."""


@dataclass(frozen=True, slots=True)
class Day:
    """The local day of a moment: [start, end), aware."""

    now: datetime
    today: date
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Placed:
    """Those on one list: how many, how many of them are under follow-up, how many of those answered their newest
    check-in; and the first of them, in the list's order.
    """

    total: int = 0
    followed: int = 0
    answered: int = 0
    people: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one person is today, and since when what put them there is so."""

    on: ListName
    since: datetime | None


def day_of(now: datetime) -> Day:
    """The day in Vietnam at that instant."""
    today = now.astimezone(VIETNAM).date()
    start = datetime.combine(today, time(), VIETNAM)
    return Day(now, today, start, start + timedelta(days=1))


def parameters(scope: Scope, day: Day) -> dict[str, Any]:
    """What every statement about a day is told."""
    return {"units": list(scope.codes), "now": day.now, "start": day.start, "end": day.end, "today": day.today}


def decided(facts: CTE) -> ColumnElement[str]:
    """The list, as SQL: the rule above and nothing else."""
    return case(*((facts.c[fact], literal(on.value)) for on, fact in RULE), else_=literal(ListName.WAITING.value))


def place(connection: Connection, scope: Scope, day: Day, limit: int) -> Mapping[ListName, Placed]:
    """Who is on which list, at most `limit` named on each."""
    placed = {on: Placed() for on in ListName}
    for row in connection.execute(_PLACE, parameters(scope, day) | {"limit": limit}):
        on = ListName(row.on)
        placed[on] = Placed(row.total, row.followed, row.answered, (*placed[on].people, row.person_id))
    return placed


def standing(connection: Connection, scope: Scope, day: Day, person_id: UUID) -> Standing | None:
    """One person's place today; None when nothing puts them on any list."""
    row = connection.execute(_STANDING, parameters(scope, day) | {"person": person_id}).one_or_none()
    return Standing(ListName(row.on), row.since) if row else None


def who(person_id: ColumnElement[UUID]) -> ColumnElement[UUID]:
    """Whom a row is about, of those with `_twins` joined: two persons whom staff merged are one."""
    return func.coalesce(_twins.c.merged_into, person_id)


def _of(person_id: ColumnElement[UUID]) -> ColumnElement[bool]:
    """Rows of the person named by a parameter, and of whoever was merged into them."""
    merged = select(persons.c.id).where(persons.c.merged_into == _PERSON)
    return or_(person_id == _PERSON, person_id.in_(merged))


def _said(one: Sequence[ColumnElement[bool]]) -> CTE:
    """Of each person with a record today."""
    return (
        select(
            who(records.c.person_id).label("person_id"),
            func.bool_or(records.c.level != "none").label("signs"),
            func.bool_or(records.c.level == "urgent").label("urgent"),
            func.bool_or(records.c.form.not_in(DAILY)).label("declared"),
            func.bool_or(records.c.form.in_(DAILY)).label("checked"),
            func.max(records.c.declared_at).label("at"),
        )
        .outerjoin(_twins, _twins.c.id == records.c.person_id)
        .where(today_in(records.c.unit_code, records.c.declared_at), records.c.superseded_at.is_(None), *one)
        .group_by(who(records.c.person_id))
        .cte("said")
    )


def today_in(unit: ColumnElement[str], at: ColumnElement[datetime]) -> ColumnElement[bool]:
    """Rows of the scope's units and of the day."""
    return and_(unit == UNITS.any_(), at >= START, at < END)


def lately(unit: ColumnElement[str], at: ColumnElement[datetime]) -> ColumnElement[bool]:
    """The same, of the day before as well: whoever is asked in the evening alone is silent until the next evening."""
    return and_(unit == UNITS.any_(), at >= START - timedelta(days=1), at < END)


def _heard_since() -> ColumnElement[bool]:
    """Whether they said something after that check-in was due, or a human reached them."""
    said, tried = records.alias("said_since"), contact_attempts
    reached = exists().where(is_same(tried.c.person_id, due_checks.c.person_id), tried.c.at >= due_checks.c.due_at)
    wrote = exists().where(is_same(said.c.person_id, due_checks.c.person_id), said.c.declared_at >= due_checks.c.due_at)
    return or_(wrote, reached.where(tried.c.outcome == "reached")).self_group()


def _checked(one: Sequence[ColumnElement[bool]]) -> CTE:
    """Of each person under follow-up with a check-in due today, or yesterday and not answered since, also while another
    unit followed them; what was answered there stays there. Signs that a correction took back are none."""
    first, well = records.alias("first"), records.alias("well")
    corrected = and_(well.c.root == first.c.root, well.c.superseded_at.is_(None), well.c.level == "none")
    due = due_checks.c.due_at
    today, here = due >= START, due_checks.c.unit_code == UNITS.any_()
    asked = or_(follow_ups.c.watch_from.is_(None), follow_ups.c.watch_from > TODAY)
    return (
        select(
            who(due_checks.c.person_id).label("person_id"),
            func.max(due).filter(ANSWERED).label("answered_due"),
            func.max(due).filter(ANSWERED, here).label("answered_here"),
            func.max(due).filter(~ANSWERED, due <= NOW, or_(today, and_(asked, ~_heard_since()))).label("silent_due"),
            func.bool_or(and_(today, here, due_checks.c.status == "seen_not_ok", well.c.id.is_(None))).label("signs"),
        )
        .join(follow_ups, follow_ups.c.id == due_checks.c.follow_up_id)
        .outerjoin(first, first.c.id == due_checks.c.record_id)
        .outerjoin(well, corrected)
        .outerjoin(_twins, _twins.c.id == due_checks.c.person_id)
        .where(lately(follow_ups.c.unit_code, due), one_of(follow_ups.c.status, "under_follow_up"), *one)
        .group_by(who(due_checks.c.person_id))
        .cte("checked")
    )


def _alerted(one: Sequence[ColumnElement[bool]]) -> CTE:
    claiming = and_(one_of(alerts.c.kind, *CLAIMING), alerts.c.person_id.is_not(None))
    return (
        select(
            who(alerts.c.person_id).label("person_id"),
            func.min(alerts.c.raise_at).label("since"),
            func.bool_or(alerts.c.kind != AlertKind.CALL_BACK.value).label("grave"),
        )
        .outerjoin(_twins, _twins.c.id == alerts.c.person_id)
        .where(OPEN_ALERT, claiming, *one)
        .group_by(who(alerts.c.person_id))
        .cte("alerted")
    )


def _followed(one: Sequence[ColumnElement[bool]]) -> CTE:
    return (
        select(who(follow_ups.c.person_id).label("person_id"))
        .distinct()
        .outerjoin(_twins, _twins.c.id == follow_ups.c.person_id)
        .where(FOLLOWED, *one)
        .cte("followed")
    )


def facts(*, one: bool = False) -> CTE:
    """What is so of each person who is on any list today; with `one`, of the person named by a parameter."""
    said, checked, alerted, followed = (
        make([_of(table.c.person_id)] if one else [])
        for make, table in ((_said, records), (_checked, due_checks), (_alerted, alerts), (_followed, follow_ups))
    )
    people = union(*(select(c.c.person_id) for c in (said, alerted, followed))).cte("people")
    latest_answered = checked.c.answered_due >= func.coalesce(checked.c.silent_due, checked.c.answered_due)
    answered = and_(latest_answered, checked.c.answered_here >= START)
    columns = (
        followed.c.person_id.is_not(None).label("followed"),
        alerted.c.person_id.is_not(None).label("alerted"),
        _true_if("signs", or_(_so(said.c.signs), _so(checked.c.signs))),
        _true_if("silent", and_(checked.c.silent_due.is_not(None), ~_so(latest_answered))),
        _true_if("declared", said.c.declared),
        _true_if("seen", or_(_so(answered), _so(said.c.checked))),
        _true_if("urgent", said.c.urgent),
        said.c.at,
        checked.c.silent_due,
        alerted.c.since.label("alerted_since"),
        _true_if("grave", alerted.c.grave),
    )
    source = people.join(persons, persons.c.id == people.c.person_id)
    for part in (said, checked, alerted, followed):
        source = source.outerjoin(part, part.c.person_id == people.c.person_id)
    return select(people.c.person_id, persons.c.sort_key, *columns).select_from(source).cte("facts")


def _so(fact: ColumnElement[bool]) -> ColumnElement[bool]:
    return func.coalesce(fact, false())


def _true_if(name: str, fact: ColumnElement[bool]) -> Label[bool]:
    return _so(fact).label(name)


def _place() -> Select[Any]:
    """Gravest first among signs, longest first among the silent, newest first elsewhere."""
    known = facts()
    on = decided(known)
    longest = case((on == ListName.SILENT.value, known.c.silent_due))
    order = (known.c.urgent.desc(), longest.asc(), known.c.at.desc().nulls_last(), known.c.sort_key, known.c.person_id)
    ranked = select(
        known.c.person_id,
        on.label("on"),
        func.row_number().over(partition_by=on, order_by=order).label("rank"),
        func.count().over(partition_by=on).label("total"),
        func.count().filter(known.c.followed).over(partition_by=on).label("followed"),
        func.count().filter(known.c.followed, known.c.seen).over(partition_by=on).label("answered"),
    ).subquery("ranked")
    return select(ranked).where(ranked.c.rank <= _LIMIT).order_by(ranked.c.on, ranked.c.rank)


def _standing() -> Select[Any]:
    known = facts(one=True)
    on = decided(known)
    since = case(
        (on == ListName.ALERT.value, known.c.alerted_since),
        (on == ListName.SILENT.value, known.c.silent_due),
        else_=known.c.at,
    )
    return select(on.label("on"), since.label("since"))


_PLACE = _place()
_STANDING = _standing()
