"""Who agreed to what: asked on their own phone, or heard by a volunteer. Never assumed, one purpose a row.

A withdrawal is written into the row that it ends (law 91/2025/QH15; domain, section 7).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Connection,
    DateTime,
    Uuid,
    and_,
    bindparam,
    exists,
    insert,
    literal,
    or_,
    select,
    update,
)

from core.conversation.context import AskedConsent
from core.conversation.ids import derived
from core.database.households import assignments, consents, household_members, households, volunteers
from core.database.tables import members, persons
from core.people.own_phones import own
from core.people.same import all_of, twins

DECLARE = "declare_for"
TELL_HOUSEHOLD = "tell_household"
TELL_VOLUNTEER = "tell_volunteer"
QUESTIONS = frozenset({DECLARE, TELL_HOUSEHOLD, TELL_VOLUNTEER})
"""The purposes that are asked about as soon as they are written down (`questions`)."""

ADULT = 16
"""Years of age from which people agree for themselves; for whoever is younger somebody of the household does."""

HEARD = timedelta(days=3)
"""How long the answer to a question counts."""

_AGAIN = timedelta(days=7)  # until somebody who said no, or nothing, may be asked again
_AT = DateTime(timezone=True)
_IDS = bindparam("ids", type_=ARRAY(Uuid)).any_()
_SINCE = bindparam("since", type_=_AT)
_OPEN = and_(consents.c.given_at.is_(None), consents.c.refused_at.is_(None), consents.c.withdrawn_at.is_(None))


@dataclass(frozen=True, slots=True)
class Who:
    """A person who is to be asked, and on which phone. `guarded`: somebody else agrees for them. No contact: nobody can
    be asked by text."""

    person_id: UUID
    contact_id: UUID | None
    guarded: bool
    asked: bool


@dataclass(frozen=True, slots=True)
class Question:
    """A question that was not put yet."""

    id: UUID
    contact_id: UUID
    purpose: str
    volunteer: str | None
    person: str
    born: int | None


_ASKED = (
    select(consents.c.contact_id, consents.c.id, consents.c.told_at)
    .distinct(consents.c.contact_id)
    .where(consents.c.contact_id == _IDS, _OPEN, consents.c.told_at > _SINCE)
    .order_by(consents.c.contact_id, consents.c.told_at)
)


def load_asked(connection: Connection, ids: Sequence[UUID], now: datetime) -> Mapping[UUID, AskedConsent]:
    """The question that each of these contacts has not answered yet."""
    rows = connection.execute(_ASKED, {"ids": list(ids), "since": now - HEARD})
    return {row.contact_id: AskedConsent(row.id, row.told_at) for row in rows}


def to_ask(connection: Connection, home: UUID, volunteer: UUID, people: Sequence[UUID], now: datetime) -> list[Who]:
    """On which phone each of these people of a household is asked: on one of their own; a child, and whoever staff
    entered a guardian for, on the guardian's. Never on one where somebody else declared them, nor on the volunteer's
    own."""
    rows = connection.execute(_PHONES, {"home": home, "ids": list(people), "volunteer": volunteer}).all()
    lately = _lately(connection, volunteer, people, now)
    found = []
    for row in rows:
        guarded = row.guardian_id is not None or is_child(row.year_of_birth, now.year)
        found.append(Who(row.id, row.guardians if guarded else row.own, guarded, row.id in lately))
    return found


def is_child(born: int | None, year: int) -> bool:
    """Whether somebody born then is known to be too young to agree, for themselves or for others."""
    return born is not None and year - born < ADULT


def _lately(connection: Connection, volunteer: UUID, people: Sequence[UUID], now: datetime) -> set[UUID]:
    """Who was asked for this volunteer so lately, or said no to anybody."""
    waits = (consents.c.volunteer_id == volunteer) & consents.c.withdrawn_at.is_(None)
    asked = select(consents.c.person_id).where(
        consents.c.person_id.in_(people),
        consents.c.purpose == DECLARE,
        consents.c.basis == "text",
        or_(waits & (consents.c.asked_at > now - _AGAIN), consents.c.refused_at > now - _AGAIN),
    )
    return set(connection.scalars(asked))


def ask(connection: Connection, source: UUID, volunteer: UUID, who: Who, now: datetime) -> None:
    """Write down that they are to be asked; the clock puts the question (`core.reminders.consents`). `source`: the
    message that wants it."""
    row = {"id": derived(source, f"consent:{who.person_id}"), "person_id": who.person_id, "purpose": DECLARE}
    rest = {"basis": "text", "contact_id": who.contact_id, "volunteer_id": volunteer, "asked_at": now}
    write(connection, row | rest)


def spoken(connection: Connection, source: UUID, volunteer: UUID, person: UUID, now: datetime) -> None:
    """The volunteer heard them agree. Staff see that it was spoken. It is no answer to their own no: that stands until
    they take it back themselves."""
    if connection.scalar(select(refused(literal(person, Uuid)))):
        return
    row = {"id": derived(source, f"spoken:{person}"), "person_id": person, "purpose": DECLARE, "basis": "spoken"}
    rest = {"volunteer_id": volunteer, "asked_at": now, "given_at": now, "inbound_id": source}
    write(connection, row | rest)


def answer(connection: Connection, source: UUID, consent: UUID, now: datetime, *, yes: bool) -> None:
    """They said yes or no, or their guardian did, which is noted. A no ends what was heard of a yes. A yes to a
    volunteer who asked for the household gives them the household, and asks once whether they may be told when the
    person is silent; anew once that is over."""
    column = "given_at" if yes else "refused_at"
    said = update(consents).where(consents.c.id == consent, _OPEN)
    said = said.values({column: now, "inbound_id": source, "given_by": _GUARDIAN})
    row = connection.execute(said.returning(*consents.c)).one_or_none()
    if row is None or row.purpose != DECLARE or row.volunteer_id is None:
        return
    if not yes:
        them = consents.c.person_id.in_(twins(literal(row.person_id, Uuid)))
        known = (them, consents.c.volunteer_id == row.volunteer_id)
        over = update(consents).where(*known, consents.c.given_at.is_not(None), consents.c.withdrawn_at.is_(None))
        connection.execute(over.values(withdrawn_at=now))
        return
    connection.execute(_ASSIGN, {"volunteer": row.volunteer_id, "person": row.person_id, "now": now})
    more = {"id": derived(source, "consent:tell"), "person_id": row.person_id, "purpose": TELL_VOLUNTEER}
    asked = {"basis": "text", "contact_id": row.contact_id, "volunteer_id": row.volunteer_id, "asked_at": now}
    once = exists().where(
        consents.c.person_id == row.person_id,
        consents.c.purpose == TELL_VOLUNTEER,
        consents.c.volunteer_id == row.volunteer_id,
        consents.c.withdrawn_at.is_(None),
    )
    if not connection.scalar(select(once)):
        write(connection, more | asked)


def end_of_home(connection: Connection, volunteer: UUID, home: UUID, now: datetime) -> None:
    """A volunteer looks after a household no more: what its people agreed to for them ends."""
    lived = select(household_members.c.person_id).where(household_members.c.household_id == home)
    theirs = consents.c.person_id.in_(all_of(lived))
    known = (consents.c.volunteer_id == volunteer, consents.c.withdrawn_at.is_(None), theirs)
    connection.execute(update(consents).where(*known).values(withdrawn_at=now))


def refused(person: Any) -> Any:
    """Whether somebody said no to being declared for, or not any more, and wrote no yes since: in a statement."""
    no, yes = consents.alias(), consents.alias()
    changed = exists().where(
        yes.c.person_id.in_(twins(no.c.person_id)),
        yes.c.purpose == DECLARE,
        yes.c.basis == "text",
        yes.c.given_at > no.c.refused_at,
        yes.c.withdrawn_at.is_(None),
    )
    them = no.c.person_id.in_(twins(person))
    return exists().where(them, no.c.purpose == DECLARE, no.c.refused_at.is_not(None), ~changed)


def questions(connection: Connection, now: datetime, limit: int) -> list[Question]:
    """Questions that were not put yet, oldest first, one for a phone: none while another is open there."""
    return [Question(*row) for row in connection.execute(_QUESTIONS, {"most": limit, "since": now - HEARD})]


def told(connection: Connection, ids: Sequence[UUID], now: datetime) -> None:
    """These questions are in line."""
    connection.execute(update(consents).where(consents.c.id.in_(ids)).values(told_at=now))


def drop(connection: Connection, ids: Sequence[UUID], now: datetime) -> None:
    """Nobody can be asked there: they said STOP, or nothing arrives."""
    connection.execute(update(consents).where(consents.c.id.in_(ids)).values(withdrawn_at=now))


def write(connection: Connection, row: Mapping[str, Any]) -> None:
    """A row, once, however often it is written."""
    known = exists().where(consents.c.id == row["id"])
    if not connection.scalar(select(known)):
        connection.execute(insert(consents).values(row))


def _phone_of(person: Any) -> Any:
    """The oldest phone of somebody's own, but for the volunteer's."""
    one = members.alias()
    here = select(one.c.contact_id).where(one.c.person_id == person, one.c.contact_id != _VOLUNTEERS, own(one))
    return here.order_by(one.c.contact_id).limit(1).correlate(household_members, persons).scalar_subquery()


_VOLUNTEERS = (
    select(volunteers.c.contact_id).where(volunteers.c.id == bindparam("volunteer", type_=Uuid)).scalar_subquery()
)
_guardians = members.alias()
_GUARDIAN = (
    select(household_members.c.guardian_id)
    .where(household_members.c.person_id == consents.c.person_id, household_members.c.left_at.is_(None))
    .where(
        exists().where(
            _guardians.c.person_id == household_members.c.guardian_id,
            _guardians.c.contact_id == consents.c.contact_id,
            own(_guardians),
        )
    )
    .scalar_subquery()
)
"""Who agrees for the person of a consent, if they were asked on that one's phone."""
_PHONES = (
    select(
        persons.c.id,
        persons.c.year_of_birth,
        household_members.c.guardian_id,
        _phone_of(persons.c.id).label("own"),
        _phone_of(household_members.c.guardian_id).label("guardians"),
    )
    .select_from(household_members)
    .join(persons, persons.c.id == household_members.c.person_id)
    .where(
        household_members.c.household_id == bindparam("home", type_=Uuid),
        household_members.c.left_at.is_(None),
        persons.c.id == _IDS,
    )
    .order_by(household_members.c.joined_at, persons.c.id)
)
_ASSIGN = insert(assignments).from_select(
    ["volunteer_id", "household_id", "from_at"],
    select(volunteers.c.id, households.c.id, bindparam("now", type_=_AT))
    .select_from(household_members)
    .join(households, households.c.id == household_members.c.household_id)
    .join(volunteers, volunteers.c.unit_code == households.c.unit_code)
    .where(
        household_members.c.person_id == bindparam("person", type_=Uuid),
        household_members.c.left_at.is_(None),
        volunteers.c.id == bindparam("volunteer", type_=Uuid),
        volunteers.c.status == "active",
    )
    .suffix_with("ON CONFLICT DO NOTHING"),
)
_other = consents.alias("other")
_open_there = exists().where(
    _other.c.contact_id == consents.c.contact_id,
    _other.c.told_at > bindparam("since", type_=_AT),
    _other.c.given_at.is_(None),
    _other.c.refused_at.is_(None),
    _other.c.withdrawn_at.is_(None),
)
_FIRST = (
    select(consents.c.id)
    .distinct(consents.c.contact_id)
    .where(_OPEN, consents.c.told_at.is_(None), consents.c.contact_id.is_not(None), ~_open_there)
    .order_by(consents.c.contact_id, consents.c.asked_at, consents.c.person_id)
)
_QUESTIONS = (
    select(
        consents.c.id,
        consents.c.contact_id,
        consents.c.purpose,
        volunteers.c.name,
        persons.c.full_name,
        persons.c.year_of_birth,
    )
    .outerjoin(volunteers, volunteers.c.id == consents.c.volunteer_id)
    .join(persons, persons.c.id == consents.c.person_id)
    .where(consents.c.id.in_(_FIRST), or_(consents.c.volunteer_id.is_(None), volunteers.c.status == "active"))
    .order_by(consents.c.asked_at)
    .limit(bindparam("most"))
)
