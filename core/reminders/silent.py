"""What is known of those on whom a rung of the silence ladder is due: a few SELECTs, however many people."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Connection, Integer, Row, Uuid, bindparam, exists, func, or_, select

from core.database.due import contact_attempts, due_checks, ladder_steps
from core.database.following import follow_ups
from core.database.households import assignments, consents, household_members, households, volunteers
from core.database.shared import Instant
from core.database.tables import addresses, members, outbox, persons, records
from core.people.consents import TELL_HOUSEHOLD, TELL_VOLUNTEER
from core.people.own_phones import own
from core.people.same import twins

_IDS = bindparam("ids", type_=ARRAY(Uuid)).any_()
_NOW = bindparam("now", type_=Instant)
_later = due_checks.alias("later")
_there = members.alias("there")


def seen_since() -> ColumnElement[bool]:
    """Whether they were heard of, or reached, after that check-in opened: whoever staff merged is one person."""
    answered = exists().where(
        _later.c.person_id.in_(twins(due_checks.c.person_id)),
        _later.c.due_at > due_checks.c.due_at,
        _later.c.status.in_(("seen_ok", "seen_not_ok")),
    )
    said = exists().where(
        records.c.person_id.in_(twins(due_checks.c.person_id)), records.c.declared_at >= due_checks.c.opens_at
    )
    reached = exists().where(
        contact_attempts.c.person_id.in_(twins(due_checks.c.person_id)),
        contact_attempts.c.at >= due_checks.c.due_at,
        contact_attempts.c.outcome == "reached",
    )
    return or_(answered, said, reached)


_CLIMBING = (
    select(
        *(
            due_checks.c[name]
            for name in ("id", "follow_up_id", "person_id", "contact_id", "unit_code", "status", "rung", "climb_at")
        ),
        *(due_checks.c[name] for name in ("due_at", "reminded_at", "closes_at")),
        follow_ups.c.status.label("follow_up"),
        follow_ups.c.watch_from,
        follow_ups.c.end_on,
        (follow_ups.c.group == "F0").label("ill"),
        persons.c.full_name,
        persons.c.year_of_birth,
        persons.c.gender,
        members.c.letter,
        (select(func.count()).where(_there.c.contact_id == due_checks.c.contact_id).scalar_subquery() == 1).label(
            "alone"
        ),
        seen_since().label("seen"),
    )
    .join(follow_ups, follow_ups.c.id == due_checks.c.follow_up_id)
    .join(persons, persons.c.id == due_checks.c.person_id)
    .outerjoin(
        members, (members.c.contact_id == due_checks.c.contact_id) & (members.c.person_id == due_checks.c.person_id)
    )
    .where(due_checks.c.climb_at <= _NOW)
    .order_by(due_checks.c.climb_at)
    .limit(bindparam("most", type_=Integer))
)
_STANDING = select(due_checks.c.id, due_checks.c.rung, due_checks.c.contact_id).where(
    due_checks.c.id == _IDS, due_checks.c.climb_at.is_not(None)
)
_ASKED_AT = select(outbox.c.contact_id, outbox.c.channel, outbox.c.address).where(
    outbox.c.contact_id == _IDS,
    outbox.c.created_at >= bindparam("since", type_=Instant),
    outbox.c.kind == "reminder",
    outbox.c.status.not_in(("withdrawn", "expired")),
)
_AGREED = (
    select(consents.c.person_id, consents.c.purpose, consents.c.volunteer_id)
    .where(consents.c.person_id == _IDS, consents.c.given_at.is_not(None), consents.c.withdrawn_at.is_(None))
    .where(consents.c.purpose.in_((TELL_HOUSEHOLD, TELL_VOLUNTEER)))
)
_live = household_members.c.left_at.is_(None)
_OF_HOUSEHOLD = (
    select(household_members.c.person_id, households.c.contact_id)
    .join(households, households.c.id == household_members.c.household_id)
    .where(household_members.c.person_id == _IDS, _live, households.c.contact_id.is_not(None))
)
_written_to = exists().where(addresses.c.contact_id == members.c.contact_id)
_OWN_PHONES = (
    select(members.c.person_id, members.c.contact_id)
    .where(members.c.person_id == _IDS, _written_to, own(members))
    .order_by(members.c.contact_id)
)
_mate = household_members.alias("mate")
_PHONES_OF_HOUSEHOLD = (
    select(household_members.c.person_id, members.c.contact_id)
    .join(_mate, (_mate.c.household_id == household_members.c.household_id) & _mate.c.left_at.is_(None))
    .join(members, members.c.person_id == _mate.c.person_id)
    .where(household_members.c.person_id == _IDS, _live, _written_to, own(members))
    .order_by(members.c.contact_id)
)
_VOLUNTEERS = (
    select(household_members.c.person_id, volunteers.c.id, volunteers.c.contact_id)
    .join(assignments, assignments.c.household_id == household_members.c.household_id)
    .join(volunteers, volunteers.c.id == assignments.c.volunteer_id)
    .where(household_members.c.person_id == _IDS, _live, assignments.c.to_at.is_(None), volunteers.c.status == "active")
    .order_by(assignments.c.from_at)
)
_TOLD = (
    select(ladder_steps.c.person_id, func.min(ladder_steps.c.step).label("step"))
    .where(ladder_steps.c.person_id == _IDS, ladder_steps.c.at > bindparam("since", type_=Instant))
    .where(ladder_steps.c.step.in_(("household", "volunteer")), ladder_steps.c.outcome == "done")
    .group_by(ladder_steps.c.person_id)
)
_OPENED = select(due_checks.c.follow_up_id, due_checks.c.id, due_checks.c.closes_at).where(
    due_checks.c.follow_up_id == _IDS,
    due_checks.c.status == "not_performed",
    due_checks.c.opens_at <= _NOW,
    due_checks.c.closes_at > _NOW,
)


def climbing(connection: Connection, now: datetime, limit: int) -> Sequence[Row[Any]]:
    """The check-ins on which a rung is due, the longest waiting first."""
    return connection.execute(_CLIMBING, {"now": now, "most": limit}).all()


def standing(connection: Connection, checks: Sequence[UUID]) -> Mapping[UUID, tuple[int, UUID]]:
    """On which rung, and on which phone, those of these check-ins stand that were not answered, at this moment."""
    found = connection.execute(_STANDING, {"ids": list(checks)}) if checks else ()
    return {row.id: (row.rung, row.contact_id) for row in found}


def asked_at(connection: Connection, contacts: Sequence[UUID], since: datetime) -> Mapping[UUID, set[tuple[str, str]]]:
    """Where each of these contacts was asked since then: channel and address."""
    found: dict[UUID, set[tuple[str, str]]] = defaultdict(set)
    for row in connection.execute(_ASKED_AT, {"ids": list(contacts), "since": since}) if contacts else ():
        found[row.contact_id].add((row.channel, row.address))
    return found


def household(connection: Connection, people: Mapping[UUID, UUID | None]) -> Mapping[UUID, UUID | None]:
    """By person who agreed that their household is told: another contact that answers for it, of somebody who lives
    there, or of their own; or None: never a neighbour who declared them once. `people`: where each was asked."""
    agreed = {row.person_id for row in _agreed(connection, people, TELL_HOUSEHOLD)}
    found: dict[UUID, UUID | None] = dict.fromkeys(agreed)
    for statement in (_OF_HOUSEHOLD, _PHONES_OF_HOUSEHOLD, _OWN_PHONES):
        for row in connection.execute(statement, {"ids": list(agreed)}) if agreed else ():
            if found[row.person_id] is None and row.contact_id != people[row.person_id]:
                found[row.person_id] = row.contact_id
    return found


def volunteer(connection: Connection, people: Mapping[UUID, UUID | None]) -> Mapping[UUID, UUID | None]:
    """By person who agreed that a volunteer is told: the contact of one who looks after their household, or None."""
    agreed: dict[UUID, set[UUID | None]] = defaultdict(set)
    for row in _agreed(connection, people, TELL_VOLUNTEER):
        agreed[row.person_id].add(row.volunteer_id)
    found: dict[UUID, UUID | None] = dict.fromkeys(agreed)
    for row in connection.execute(_VOLUNTEERS, {"ids": list(agreed)}) if agreed else ():
        whom = agreed[row.person_id]
        if found[row.person_id] is None and (None in whom or row.id in whom):
            found[row.person_id] = row.contact_id
    return found


def told(connection: Connection, people: Sequence[UUID], since: datetime) -> Mapping[UUID, str]:
    """By person of whose silence others were told since then: the step, the household's first."""
    found = connection.execute(_TOLD, {"ids": list(people), "since": since}) if people else ()
    return {row.person_id: row.step for row in found}


def opened(connection: Connection, follow_ups: Sequence[UUID], now: datetime) -> Mapping[UUID, Row[Any]]:
    """By follow-up: its check-in that is open, id and end."""
    found = connection.execute(_OPENED, {"ids": list(follow_ups), "now": now}) if follow_ups else ()
    return {row.follow_up_id: row for row in found}


def _agreed(connection: Connection, people: Mapping[UUID, UUID | None], purpose: str) -> list[Row[Any]]:
    rows = connection.execute(_AGREED, {"ids": list(people)}).all() if people else []
    return [row for row in rows if row.purpose == purpose]
