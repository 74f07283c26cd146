"""What a person's page says about being asked: whether they may be reminded now, or why not, and what was done about
their silence. The same rule decides as for the sender (`core.reminders.may`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, Uuid, bindparam, func, literal, select

from core.care.standing import one_of
from core.database.due import due_checks, ladder_steps
from core.database.following import follow_ups
from core.database.shared import Instant
from core.database.tables import addresses, contacts, members
from core.messaging.channel import ChannelProfile
from core.messaging.route import Address, Barred, route
from core.reminders import ladder
from core.reminders.ladder import Step
from core.reminders.may import Facts, Verdict, Why, may, moment

_Phone = tuple[Address | Barred | None, bool]
"""Where a phone is written to, or why nowhere, and whether the person is among those who answer on it."""

_PERSON = bindparam("person", type_=Uuid)
_NEWEST = (
    select(follow_ups.c.id, follow_ups.c.contact_id, follow_ups.c.status, follow_ups.c.watch_from)
    .where(follow_ups.c.person_id == _PERSON)
    .order_by(follow_ups.c.status.not_in(("to_verify", "under_follow_up")), follow_ups.c.start_on.desc())
    .limit(1)
)
_there = due_checks.alias("there")
_WITH = (
    select(func.min(_there.c.remind_at))
    .where(
        _there.c.contact_id == due_checks.c.contact_id,
        one_of(_there.c.status, "not_performed"),
        _there.c.reminded_at.is_(None),
        _there.c.remind_at >= due_checks.c.due_at,
    )
    .correlate(due_checks)
    .scalar_subquery()
)
"""Who shares a phone is asked in one text, as soon as the first of them is."""

_CHECKS = (
    select(*(due_checks.c[name] for name in ("status", "closes_at", "reminded_at", "contact_id")))
    .add_columns(func.least(due_checks.c.remind_at, _WITH).label("remind_at"))
    .where(due_checks.c.person_id == _PERSON, due_checks.c.closes_at > bindparam("now", type_=Instant))
    .order_by(due_checks.c.due_at)
    .limit(6)
)
_ANSWERS = select(literal(1)).where(
    members.c.contact_id == bindparam("contact", type_=Uuid), members.c.person_id == _PERSON
)
_LINE = select(contacts.c.channel, contacts.c.address).where(contacts.c.id == bindparam("contact", type_=Uuid))
_WAYS = select(addresses).where(addresses.c.contact_id == bindparam("contact", type_=Uuid))
_STEPS = (
    select(ladder_steps.c.step, ladder_steps.c.outcome, ladder_steps.c.at, due_checks.c.due_at)
    .join(due_checks, due_checks.c.id == ladder_steps.c.due_check_id)
    .where(ladder_steps.c.person_id == _PERSON)
    .order_by(ladder_steps.c.at.desc(), ladder_steps.c.rung.desc())
    .limit(60)
)


@dataclass(frozen=True, slots=True)
class StepDone:
    """One rung of the silence ladder, about the check-in that was due then. `deadline`: until when staff are to try."""

    step: Step
    outcome: str
    at: datetime
    due_at: datetime
    deadline: datetime | None


def verdict(connection: Connection, person_id: UUID, now: datetime, on: Mapping[str, ChannelProfile]) -> Verdict:
    """Whether this person may be reminded now, of the check-in that is open or comes next."""
    followed = connection.execute(_NEWEST, {"person": person_id}).one_or_none()
    if followed is None:
        return Verdict(Why.NOT_FOLLOWED)
    checks = connection.execute(_CHECKS, {"person": person_id, "now": now}).all()
    # where the sender asks is the check's own phone: it may be another than the follow-up's by now
    whose = {check.contact_id for check in checks} or {followed.contact_id}
    phones = {contact: _phone(connection, (person_id, contact), now, on) for contact in whose}
    facts = [_facts(followed, check, phones[check.contact_id]) for check in checks]
    at = moment(now)
    verdicts = [may(each, at) for each in facts or [_facts(followed, None, phones.popitem()[1])]]
    return next((each for each in verdicts if each.why not in (Why.ANSWERED, Why.PASSED)), verdicts[-1])


def steps(connection: Connection, person_id: UUID) -> tuple[StepDone, ...]:
    """What was done about their silence, or why not, newest first."""
    return tuple(_step(row) for row in connection.execute(_STEPS, {"person": person_id}))


def _step(row: Row[Any]) -> StepDone:
    step = Step(row.step)
    deadline = ladder.in_force(row.at.date()).deadline(row.at) if step is Step.STATION else None
    return StepDone(step, row.outcome, row.at, row.due_at, deadline)


def _facts(followed: Row[Any], check: Row[Any] | None, phone: _Phone) -> Facts:
    way, there = phone
    if check is None:
        return Facts(followed.status, followed.watch_from, "", None, None, None, way, there)
    times = (check.remind_at, check.closes_at, check.reminded_at)
    return Facts(followed.status, followed.watch_from, check.status, *times, way, there)


def _phone(
    connection: Connection, whose: tuple[UUID, UUID | None], now: datetime, on: Mapping[str, ChannelProfile]
) -> _Phone:
    """Of the person and the contact in `whose`."""
    told = dict(zip(("person", "contact"), whose, strict=True))
    line = connection.execute(_LINE, told).one_or_none() if whose[1] else None
    if line is None:
        return None, True
    known = [
        Address(row.channel, row.address, row.heard_at, row.stopped_at is not None, row.unreachable_at is not None)
        for row in connection.execute(_WAYS, told)
    ]
    there = connection.scalar(_ANSWERS, told) is not None
    return route(known, (line.channel, line.address), on, now), there
