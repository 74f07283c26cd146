"""Volunteers: who helps where, which households they look after, and what of these they need to know today."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Connection,
    DateTime,
    Row,
    Select,
    Text,
    Uuid,
    bindparam,
    exists,
    func,
    insert,
    lateral,
    select,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert
from uuid_utils.compat import uuid7

from core.access.scope import Scope
from core.care.standing import CLAIMING, one_of
from core.conversation.context import Check, Duty, Home, Member, State, UnitFacts, given_name, letter_at
from core.database.due import alerts, due_checks
from core.database.following import follow_ups
from core.database.households import assignments, consents, household_members, households, volunteers
from core.database.tables import persons, records

_AT = DateTime(timezone=True)
_IDS = bindparam("ids", type_=ARRAY(Uuid)).any_()
_NOW, _START = bindparam("now", type_=_AT), bindparam("start", type_=_AT)
_OPEN = one_of(volunteers.c.status, "waiting", "active")


class Outcome(StrEnum):
    """What became of what staff or a volunteer wanted."""

    DONE = "done"
    TOO_LATE = "too_late"  # it was so already, or is decided
    UNKNOWN = "unknown"  # not in the scope: it may exist, which is not told


@dataclass(frozen=True, slots=True)
class Volunteer:
    """Somebody who helps, or wants to."""

    id: UUID
    contact_id: UUID
    unit_code: str
    name: str
    status: str
    asked_at: datetime
    decided_at: datetime | None
    homes: int


@dataclass(frozen=True, slots=True)
class Decided:
    """What staff said, who (None: the operator) and when."""

    yes: bool
    by: UUID | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Wanted:
    """Someone who asks to help there. `id` is derived from the message that asked."""

    id: UUID
    contact_id: UUID
    name: str
    unit_code: str


_LOAD = select(*(volunteers.c[name] for name in ("id", "contact_id", "name", "unit_code", "status"))).where(
    volunteers.c.contact_id == _IDS, _OPEN
)
_newest_check = lateral(
    select(due_checks.c.status.label("seen"))
    .where(due_checks.c.person_id == persons.c.id, due_checks.c.due_at.between(_START, _NOW))
    .order_by(due_checks.c.due_at.desc())
    .limit(1),
    name="newest",
)
_open_check = lateral(
    select(due_checks.c.id.label("check_id"), due_checks.c.due_at)
    .where(
        due_checks.c.person_id == persons.c.id,
        due_checks.c.status.in_(("not_performed", "non_reporting")),
        due_checks.c.opens_at <= _NOW,
        due_checks.c.closes_at > _NOW,
    )
    .order_by(due_checks.c.reminded_at.desc().nulls_last(), due_checks.c.due_at)
    .limit(1),
    name="open_check",
)
_wants_nurse = exists().where(
    alerts.c.person_id == persons.c.id,
    one_of(alerts.c.status, "open", "taken"),
    alerts.c.kind.in_([kind.value for kind in CLAIMING]),
)
_said_today = exists().where(
    records.c.person_id == persons.c.id, records.c.declared_at.between(_START, _NOW), records.c.superseded_at.is_(None)
)
_agreed = exists().where(
    consents.c.person_id == persons.c.id,
    consents.c.purpose == "declare_for",
    consents.c.volunteer_id == assignments.c.volunteer_id,
    consents.c.given_at.is_not(None),
    consents.c.withdrawn_at.is_(None),
)
_WHO = ("full_name", "year_of_birth", "gender", "nationality", "unit_code", "address")


def _homes() -> Select[Any]:
    """One row for each person who ever lived in a household of these volunteers, by the order in which they joined;
    one without a person for an empty one."""
    joined = (
        select(
            household_members.c.household_id,
            household_members.c.person_id,
            func.min(household_members.c.joined_at).label("joined_at"),
            func.bool_or(household_members.c.left_at.is_(None)).label("here"),
        )
        .group_by(household_members.c.household_id, household_members.c.person_id)
        .subquery("joined")
    )
    return (
        select(
            assignments.c.volunteer_id,
            households.c.id.label("home_id"),
            households.c.label.label("home_label"),
            households.c.unit_code.label("home_unit"),
            joined.c.here,
            persons.c.id.label("person_id"),
            *(persons.c[name] for name in _WHO),
            persons.c.merged_into,
            follow_ups.c.end_on,
            follow_ups.c.group,
            _newest_check.c.seen,
            _open_check.c.check_id,
            _open_check.c.due_at,
            _wants_nurse.label("nurse"),
            _said_today.label("said"),
            _agreed.label("agreed"),
        )
        .select_from(assignments)
        .join(households, households.c.id == assignments.c.household_id)
        .outerjoin(joined, joined.c.household_id == households.c.id)
        .outerjoin(persons, persons.c.id == joined.c.person_id)
        .outerjoin(
            follow_ups,
            (follow_ups.c.person_id == persons.c.id) & one_of(follow_ups.c.status, "under_follow_up"),
        )
        .outerjoin(_newest_check, true())
        .outerjoin(_open_check, true())
        .where(assignments.c.volunteer_id == _IDS, assignments.c.to_at.is_(None))
        .order_by(assignments.c.volunteer_id, households.c.id, joined.c.joined_at, persons.c.id)
    )


_HOMES = _homes()


def load_duties(
    connection: Connection, contacts: Sequence[UUID], span: tuple[datetime, datetime], units: Mapping[str, UnitFacts]
) -> dict[UUID, Duty]:
    """What those of these contacts who are volunteers look after, by contact. `span`: the day's start, and now.

    One SELECT, and another one if any of them is one.
    """
    found = connection.execute(_LOAD, {"ids": list(contacts)}).all()
    active = [row.id for row in found if row.status == "active"]
    homes: dict[UUID, dict[UUID, list[Row[Any]]]] = defaultdict(lambda: defaultdict(list))
    if active:
        start, now = span
        for row in connection.execute(_HOMES, {"ids": active, "start": start, "now": now}):
            homes[row.volunteer_id][row.home_id].append(row)
    return {
        row.contact_id: Duty(
            row.id,
            row.name,
            row.unit_code,
            row.status == "active",
            tuple(_home(people, units) for people in homes[row.id].values()),
        )
        for row in found
    }


def _home(rows: Sequence[Row[Any]], units: Mapping[str, UnitFacts]) -> Home:
    first = rows[0]
    lived = [(letter_at(place), row) for place, row in enumerate(r for r in rows if r.person_id is not None)]
    here_ids = {row.person_id for _, row in lived if row.here}
    here = [(letter, row) for letter, row in lived if row.here and row.merged_into not in here_ids and row.full_name]
    letters = {letter for letter, _ in here}
    return Home(
        first.home_id,
        first.home_label,
        units.get(first.home_unit) or UnitFacts(first.home_unit, ""),
        _state([row for _, row in here]),
        tuple(_member(letter, row) for letter, row in here),
        frozenset(letter for letter, _ in lived if letter not in letters),
        frozenset(letter for letter, row in here if not row.agreed),
    )


def _state(rows: Iterable[Row[Any]]) -> State:
    people = list(rows)
    if any(row.nurse for row in people):
        return State.NURSE
    if any(row.seen in ("not_performed", "non_reporting", "missed", "not_attempted") for row in people):
        return State.SILENT
    answered = [row for row in people if row.said or row.seen in ("seen_ok", "seen_not_ok")]
    return State.ANSWERED if answered else State.WAITING


def _member(letter: str, row: Row[Any]) -> Member:
    """By the given name. A reminder that went to somebody's own phone is not what a volunteer answers."""
    return Member(
        person_id=row.person_id,
        letter=letter,
        name=given_name(row.full_name),
        year_of_birth=row.year_of_birth,
        gender=row.gender,
        nationality=row.nationality,
        unit_code=row.unit_code,
        address=row.address,
        follow_up_until=row.end_on,
        group=row.group or "",
        check=Check(row.check_id, row.due_at, None) if row.check_id else None,
    )


def enrol(connection: Connection, wanted: Wanted, now: datetime) -> None:
    """They ask to help; whoever is one already, or waits, stays it."""
    row = {"id": wanted.id, "contact_id": wanted.contact_id, "name": wanted.name, "unit_code": wanted.unit_code}
    made = upsert(volunteers).values({**row, "status": "waiting", "asked_at": now})
    connection.execute(made.on_conflict_do_nothing())


def decide(connection: Connection, scope: Scope, whose: UUID, said: Decided) -> Outcome:
    """Staff let them help, or not."""
    here = (volunteers.c.id == whose, volunteers.c.unit_code.in_(scope.codes))
    values = {"status": "active" if said.yes else "refused", "decided_at": said.at, "decided_by": said.by}
    done = connection.execute(update(volunteers).where(*here, volunteers.c.status == "waiting").values(values))
    return _outcome(connection, done.rowcount, here)


def stop(connection: Connection, scope: Scope, whose: UUID, now: datetime) -> Outcome:
    """Staff end it: their households go back to the unit's list."""
    here = (volunteers.c.id == whose, volunteers.c.unit_code.in_(scope.codes))
    done = connection.execute(update(volunteers).where(*here, _OPEN).values(status="stopped", stopped_at=now))
    if done.rowcount:
        end_assignments(connection, whose, now)
    return _outcome(connection, done.rowcount, here)


def resign(connection: Connection, whose: UUID, now: datetime) -> None:
    """They end it themselves."""
    ended = update(volunteers).where(volunteers.c.id == whose, _OPEN)
    connection.execute(ended.values(status="stopped", stopped_at=now))
    end_assignments(connection, whose, now)


def end_assignments(connection: Connection, whose: UUID, now: datetime) -> None:
    """All of theirs end, and with them what was agreed to for them."""
    open_ = (assignments.c.volunteer_id == whose, assignments.c.to_at.is_(None))
    connection.execute(update(assignments).where(*open_).values(to_at=now))
    theirs = update(consents).where(consents.c.volunteer_id == whose, consents.c.withdrawn_at.is_(None))
    connection.execute(theirs.values(withdrawn_at=now))


def assign(connection: Connection, whose: UUID, home: UUID, by: UUID | None, now: datetime) -> Outcome:
    """They look after that household of their own unit from now on, beside whoever else does."""
    fits = (
        select(households.c.id)
        .join(volunteers, volunteers.c.unit_code == households.c.unit_code)
        .where(households.c.id == home, volunteers.c.id == whose, volunteers.c.status == "active")
    )
    if connection.scalar(fits) is None:
        return Outcome.UNKNOWN
    row = {"volunteer_id": whose, "household_id": home, "from_at": now, "by": by}
    made = connection.execute(upsert(assignments).values(row).on_conflict_do_nothing())
    return Outcome.DONE if made.rowcount else Outcome.TOO_LATE


def unassign(connection: Connection, whose: UUID, home: UUID, now: datetime) -> Outcome:
    """They look after it no more. What is written down for it is over at that moment."""
    here = (assignments.c.volunteer_id == whose, assignments.c.household_id == home, assignments.c.to_at.is_(None))
    done = connection.execute(update(assignments).where(*here).values(to_at=now))
    return Outcome.DONE if done.rowcount else Outcome.TOO_LATE


def listed(connection: Connection, scope: Scope, most: int = 200) -> tuple[Volunteer, ...]:
    """Those who help in the scope, or wait to; who waits comes first."""
    rows = connection.execute(_LISTED, {"units": list(scope.codes), "most": most})
    return tuple(Volunteer(*row) for row in rows)


def by_contact(connection: Connection, contact: UUID, unit_code: str) -> UUID | None:
    """The active volunteer of that unit who writes from there."""
    one = (volunteers.c.contact_id == contact, volunteers.c.unit_code == unit_code, volunteers.c.status == "active")
    return connection.scalar(select(volunteers.c.id).where(*one))


def make(connection: Connection, contact: UUID, name: str, unit_code: str, now: datetime) -> UUID:
    """An active volunteer at once: for a demo, and for staff who know them."""
    whose = uuid7()
    row = {"id": whose, "contact_id": contact, "name": name, "unit_code": unit_code, "status": "active"}
    connection.execute(insert(volunteers).values({**row, "asked_at": now, "decided_at": now, "told_at": now}))
    return whose


def _outcome(connection: Connection, done: int, here: tuple[Any, ...]) -> Outcome:
    if done:
        return Outcome.DONE
    known = connection.scalar(select(volunteers.c.id).where(*here))
    return Outcome.TOO_LATE if known else Outcome.UNKNOWN


_count = (
    select(func.count())
    .where(assignments.c.volunteer_id == volunteers.c.id, assignments.c.to_at.is_(None))
    .correlate(volunteers)
    .scalar_subquery()
)
_LISTED = (
    select(
        *(volunteers.c[n] for n in ("id", "contact_id", "unit_code", "name", "status", "asked_at", "decided_at")),
        _count,
    )
    .where(_OPEN, volunteers.c.unit_code == bindparam("units", type_=ARRAY(Text)).any_())
    .order_by(volunteers.c.status.desc(), volunteers.c.asked_at)
    .limit(bindparam("most"))
)
