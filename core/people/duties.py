"""What of the households that a volunteer looks after they need to know today: two SELECTs a batch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Connection,
    DateTime,
    Row,
    Select,
    Uuid,
    bindparam,
    exists,
    func,
    lateral,
    select,
    true,
)

from core.care.standing import CLAIMING, one_of
from core.conversation.context import Check, Duty, Home, Member, State, UnitFacts, given_name, letter_at
from core.database.due import alerts, due_checks
from core.database.following import follow_ups
from core.database.households import assignments, consents, household_members, households, volunteers
from core.database.tables import persons, records
from core.people.consents import TELL_VOLUNTEER, refused
from core.people.same import twins

_AT = DateTime(timezone=True)
_IDS = bindparam("ids", type_=ARRAY(Uuid)).any_()
_NOW, _START = bindparam("now", type_=_AT), bindparam("start", type_=_AT)
_OPEN = one_of(volunteers.c.status, "waiting", "active")
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
    consents.c.person_id.in_(twins(persons.c.id)),
    consents.c.purpose == "declare_for",
    consents.c.volunteer_id == assignments.c.volunteer_id,
    consents.c.given_at.is_not(None),
    consents.c.withdrawn_at.is_(None),
)
_no, _yes = consents.alias(), consents.alias()
_of_silence = (_no.c.purpose == TELL_VOLUNTEER, _no.c.volunteer_id == assignments.c.volunteer_id)
_changed = exists().where(
    _yes.c.person_id.in_(twins(_no.c.person_id)),
    *(_yes.c[name] == _no.c[name] for name in ("purpose", "volunteer_id")),
    _yes.c.given_at > _no.c.refused_at,
    _yes.c.withdrawn_at.is_(None),
)
_untold = exists().where(
    _no.c.person_id.in_(twins(persons.c.id)), *_of_silence, _no.c.refused_at.is_not(None), ~_changed
)
"""Whether somebody said no, and no yes since, to this volunteer's being told of their silence."""

_WHO = ("full_name", "year_of_birth", "gender", "nationality", "unit_code", "address")


def _homes() -> Select[Any]:
    """One row for each person who ever lived in a household of these volunteers, by the order in which they joined;
    one without a person for an empty one. LATERAL: else all households' people are grouped for one volunteer's."""
    joined = lateral(
        select(
            household_members.c.person_id,
            func.min(household_members.c.joined_at).label("joined_at"),
            func.bool_or(household_members.c.left_at.is_(None)).label("here"),
        )
        .where(household_members.c.household_id == households.c.id)
        .group_by(household_members.c.person_id),
        name="joined",
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
            follow_ups.c.unit_code.label("followed_by"),
            follow_ups.c.end_on,
            follow_ups.c.group,
            _newest_check.c.seen,
            _open_check.c.check_id,
            _open_check.c.due_at,
            _wants_nurse.label("nurse"),
            _said_today.label("said"),
            _agreed.label("agreed"),
            refused(persons.c.id).label("refused"),
            _untold.label("untold"),
        )
        .select_from(assignments)
        .join(households, households.c.id == assignments.c.household_id)
        .outerjoin(joined, true())
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


HOMES = _homes()


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
        for row in connection.execute(HOMES, {"ids": active, "start": start, "now": now}):
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
        _state([row for _, row in here if not (row.refused or row.untold)]),
        tuple(_member(letter, row, units) for letter, row in here),
        frozenset(letter for letter, _ in lived if letter not in letters),
        frozenset(letter for letter, row in here if not row.agreed),
        frozenset(letter for letter, row in here if row.refused),
    )


def _state(rows: Iterable[Row[Any]]) -> State:
    """How they are, but for those who want nobody to declare for them, or nobody told of their silence."""
    people = list(rows)
    if any(row.nurse for row in people):
        return State.NURSE
    if any(row.seen in ("not_performed", "non_reporting", "missed", "not_attempted") for row in people):
        return State.SILENT
    answered = [row for row in people if row.said or row.seen in ("seen_ok", "seen_not_ok")]
    return State.ANSWERED if answered else State.WAITING


def _member(letter: str, row: Row[Any], units: Mapping[str, UnitFacts]) -> Member:
    """By the given name. A reminder that went to somebody's own phone is not what a volunteer answers."""
    return Member(
        person_id=row.person_id,
        letter=letter,
        name=given_name(row.full_name),
        year_of_birth=row.year_of_birth,
        gender=row.gender,
        nationality=row.nationality,
        unit_code=row.unit_code,
        unit=units.get(row.followed_by or row.unit_code or ""),
        address=row.address,
        follow_up_until=row.end_on,
        group=row.group or "",
        check=Check(row.check_id, row.due_at, None) if row.check_id else None,
    )
