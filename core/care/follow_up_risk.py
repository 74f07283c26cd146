"""A declared risk begins a follow-up that staff verify: by a deadline, and never a second one for the same person.

Written in the transaction of the record. The id follows from the record's, so that a message that is read again, or a
correction, opens nothing anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import ARRAY, Connection, Uuid, bindparam, exists, select

from core.care import durations, events, follow_up_rows
from core.care.durations import days_of, plan_of
from core.care.events import Event, Kind
from core.care.follow_up_rows import Source
from core.care.follow_up_terms import Settled
from core.care.rules import in_force
from core.care.standing import one_of
from core.clock import VIETNAM
from core.conversation.ids import derived
from core.database.following import follow_ups
from core.database.tables import persons
from core.people.same import is_same, kept

FORM = "risk"

_GROUPS = (("contact_patient", "F1"), ("contact_area", "F2"), ("came_from_area", "arrival"))
"""What is declared, the gravest first, and the group to be verified."""

_open = one_of(follow_ups.c.status, "to_verify", "under_follow_up")
_WHO = select(
    persons.c.id,
    kept().label("stands"),
    exists().where(is_same(follow_ups.c.person_id, persons.c.id), _open).label("followed"),
).where(persons.c.id == bindparam("ids", type_=ARRAY(Uuid)).any_())


@dataclass(frozen=True, slots=True)
class Risk:
    """What one record of the form says. `root`: the record's first version. `answers`: by question."""

    root: UUID
    person_id: UUID
    contact_id: UUID
    unit_code: str
    answers: Mapping[str, object]


def group_of(answers: Mapping[str, object]) -> str | None:
    """The group to be verified; None where no risk was declared."""
    return next((group for key, group in _GROUPS if answers.get(key) is True), None)


def open_to_verify(connection: Connection, risks: Sequence[Risk], now: datetime) -> None:
    """Open one for each that declares a risk and whose person has none, nor whoever staff merged with them. Three
    statements, and none for nothing."""
    today = now.astimezone(VIETNAM).date()
    verify_by = now + timedelta(hours=in_force(today).verify_hours)
    rows = []
    for risk in _not_followed(connection, [risk for risk in risks if group_of(risk.answers)]):
        if group := group_of(risk.answers):
            settled = _provisional(group, today, _day(risk.answers.get("last_contact_on")))
            made = follow_up_rows.row(
                derived(risk.root, "follow-up"), risk.person_id, risk.contact_id, risk.unit_code, settled
            )
            rows += follow_up_rows.sourced([made], Source(FORM, risk.root, verify_by=verify_by), now)
    written = follow_up_rows.insert(connection, rows)
    opened = [row for row in rows if row["id"] in written]
    events.append(connection, [_event(row, now) for row in opened])


def _not_followed(connection: Connection, risks: Sequence[Risk]) -> list[Risk]:
    """The first of each person of whom nobody is followed yet, nor to be verified."""
    ids = {risk.person_id for risk in risks}
    found = {row.id: row for row in connection.execute(_WHO, {"ids": sorted(ids)})} if ids else {}
    first: dict[UUID, Risk] = {}
    for risk in risks:
        if not found[risk.person_id].followed:
            first.setdefault(found[risk.person_id].stands, risk)
    return list(first.values())


def _provisional(group: str, today: date, last_contact_on: date | None) -> Settled:
    """What staff see until they have verified it. Where no rule states the days, the declaration's own window."""
    known = last_contact_on if last_contact_on and last_contact_on <= today else None
    row = plan_of(group, None, today)
    plan = days_of(row, today, known)
    end_on = plan.end_on if plan else (known or today) + timedelta(days=in_force(today).window_days)
    return Settled(
        group=group,
        place="home",
        start_on=today,
        end_on=max(end_on, today),
        watch_from=None,
        last_contact_on=known,
        vaccinated=None,
        test_days=row.test_days,
        hours=durations.hours_of(row, today),
        document=plan.document if plan else "",
    )


def _day(value: object) -> date | None:
    """A day as answers hold it: a date, or as JSON writes one."""
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value)) if value else None
    except ValueError:
        return None


def _event(row: Mapping[str, object], now: datetime) -> Event:
    detail = {"source": FORM, "group": row["group"], "record": str(row["source_id"])}
    return Event(
        UUID(str(row["id"])), UUID(str(row["person_id"])), now, None, str(row["unit_code"]), Kind.OPENED, detail
    )
