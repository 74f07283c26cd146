"""Households: who lives together, whose phone answers, who agrees for a child. Nobody lives in two at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, Connection, Integer, Text, Uuid, bindparam, exists, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from uuid_utils.compat import uuid7

from core.conversation.fold import words
from core.database.households import consents, household_members, households
from core.database.shared import Instant
from core.database.tables import members, persons
from core.people.consents import ADULT, QUESTIONS
from core.people.household_lists import patterns, said_of
from core.people.household_page import phone_of
from core.people.left_phone import ask_again
from core.people.own_phones import own
from core.people.same import twins

MOST_FOUND = 5
"""Households that a volunteer is shown for a name; whoever sees more types more of it."""

_HERE = household_members.c.left_at.is_(None)


@dataclass(frozen=True, slots=True)
class NewHome:
    """`label`: as neighbours say it ("nhà bà Mẩy"). `contact_id`: whose phone answers for it, if any does. `also`: whom
    staff know to live there, of those who were declared on that phone."""

    unit_code: str
    label: str
    hamlet: str = ""
    address: str = ""
    contact_id: UUID | None = None
    also: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Declared:
    """Somebody who was declared on another one's phone: a child there, or a neighbour."""

    person_id: UUID
    name: str
    year_of_birth: int | None


@dataclass(frozen=True, slots=True)
class Found:
    """A household as a volunteer finds it."""

    id: UUID
    label: str
    hamlet: str


def make(connection: Connection, home: NewHome, by: UUID | None, now: datetime, id_: UUID | None = None) -> UUID:
    """A household with nobody in it yet."""
    made = id_ or uuid7()
    row = {"id": made, "unit_code": home.unit_code, "label": home.label, "folded_label": words(home.label)}
    rest = {"hamlet": home.hamlet, "address": home.address, "contact_id": home.contact_id}
    connection.execute(
        upsert(households).values({**row, **rest, "created_at": now, "created_by": by}).on_conflict_do_nothing()
    )
    return made


def of_phone(connection: Connection, contact: UUID, unit_code: str) -> tuple[UUID, ...]:
    """Those of a unit whose own phone that is, who have a name and live in no household yet, by letter. A phone may be
    several families': staff move people afterwards. A neighbour who was declared there once is not of the household."""
    mine = _ON_PHONE.where(own(members)).with_only_columns(persons.c.id)
    return tuple(connection.scalars(mine, {"phone": contact, "unit": unit_code}))


def declared_on(connection: Connection, contact: UUID, unit_code: str) -> tuple[Declared, ...]:
    """The others on that phone, as `of_phone` has its own: staff say who of them lives there."""
    rows = connection.execute(_ON_PHONE.where(~own(members)), {"phone": contact, "unit": unit_code})
    return tuple(Declared(*row) for row in rows)


def settle(connection: Connection, person: UUID, home: NewHome, by: UUID | None, now: datetime) -> UUID:
    """The household of that unit in which somebody lives. Who lives in none gets this one, with everybody whose own its
    phone is, or whom staff named, and who lives in none either. Asked twice, or by two at once, it is one: the second
    waits for the people of that phone, and finds it. A crash leaves nothing of it."""
    known = {"person": person, "phone": home.contact_id}
    connection.execute(_HOLD_ALL, known)
    lives = connection.scalar(_HOME, known | {"unit": home.unit_code})
    if lives is not None:
        return UUID(str(lives))
    made = make(connection, home, by, now)
    join(connection, made, list(dict.fromkeys((person, *_others(connection, home)))), now)
    return made


def _others(connection: Connection, home: NewHome) -> tuple[UUID, ...]:
    if home.contact_id is None:
        return ()
    declared = declared_on(connection, home.contact_id, home.unit_code) if home.also else ()
    named = (one.person_id for one in declared if one.person_id in home.also)
    return (*of_phone(connection, home.contact_id, home.unit_code), *named)


def join(connection: Connection, home: UUID, people: Sequence[UUID], now: datetime) -> None:
    """They live there from now on, and have moved out of where they lived. In the order given: letters follow it."""
    connection.execute(_HOLD, {"ids": list(people)})
    for person in people:
        elsewhere = (household_members.c.person_id == person, _HERE, household_members.c.household_id != home)
        for left in connection.scalars(select(household_members.c.household_id).where(*elsewhere)).all():
            leave(connection, left, person, now)
        row = {"household_id": home, "person_id": person, "joined_at": now}
        connection.execute(upsert(household_members).values(row).on_conflict_do_nothing())


def leave(connection: Connection, home: UUID, person: UUID, now: datetime) -> bool:
    """They moved out. Their letter goes to nobody else, what they said stays theirs; what they agreed to, or were
    asked, for a volunteer is over. They agree for no child there any more, and their phone answers for nobody there,
    unless somebody who stays answers on it too."""
    here = (household_members.c.household_id == home, household_members.c.person_id == person, _HERE)
    if not connection.execute(update(household_members).where(*here).values(left_at=now)).rowcount:
        return False
    told = {"home": home, "person": person, "now": now}
    for statement in (_END_FOR_VOLUNTEERS, _END_FOR_CHILDREN, _NO_GUARDIAN, _NO_PHONE):
        connection.execute(statement, told)
    return True


def part(connection: Connection, people: Sequence[UUID], now: datetime) -> None:
    """Those of these people who belong to another unit now than their household does have moved out of it."""
    for row in connection.execute(_ELSEWHERE, {"ids": list(people)}).all() if people else ():
        leave(connection, row.household_id, row.person_id, now)


def guard(connection: Connection, home: UUID, person: UUID, guardian: UUID | None, now: datetime) -> bool:
    """The guardian agrees for that person from now on: for a child, or for somebody who cannot decide; None: nobody
    does. False: a guardian lives there too, is no child, and has no guardian. What the person was asked and is not
    answered yet is asked on a phone of whoever agrees for them now, themselves if they are no child; and they agree for
    nobody themselves any more."""
    here = (household_members.c.household_id == home, household_members.c.person_id == person, _HERE)
    if not connection.scalar(select(exists().where(*here))):
        return False
    if guardian and (
        guardian == person
        or not connection.scalar(_MAY_GUARD, {"home": home, "person": guardian, "born": now.year - ADULT})
    ):
        return False
    new = update(household_members).where(*here, household_members.c.guardian_id.is_distinct_from(guardian))
    if connection.execute(new.values(guardian_id=guardian)).rowcount:
        told = {"home": home, "person": person, "now": now}
        for statement in (_END_FOR_CHILDREN, _NO_GUARDIAN) if guardian else ():
            connection.execute(statement, told)
        agrees = guardian or connection.scalar(_MAY_GUARD, told | {"born": now.year - ADULT})
        ended = connection.execute(_END_ELSEWHERE, told | {"agrees": agrees}).all()
        ask_again(connection, ended, phone_of(connection, agrees) if agrees else None, now)
    return True


def find(connection: Connection, unit_code: str, said: str) -> tuple[Found, ...]:
    """Households of one unit by words of their label or of the name of somebody who lives there; few of them."""
    wanted = patterns(said)
    rows = connection.execute(_FIND, {"unit": unit_code, "patterns": wanted, "most": MOST_FOUND}) if wanted else ()
    return tuple(Found(*row) for row in rows)


def living(connection: Connection, home: UUID) -> tuple[UUID, ...]:
    """Who lives there, by the order in which they joined."""
    here = select(household_members.c.person_id).where(household_members.c.household_id == home, _HERE)
    return tuple(connection.scalars(here.order_by(household_members.c.joined_at, household_members.c.person_id)))


def unit_of(connection: Connection, home: UUID) -> str | None:
    """Where it is; None if there is none."""
    return connection.scalar(select(households.c.unit_code).where(households.c.id == home))


_PERSON = bindparam("person", type_=Uuid)
_HOME_ID = bindparam("home", type_=Uuid)
_NOW = bindparam("now", type_=Instant)
_ANSWER_THERE = select(members.c.person_id).where(members.c.contact_id == bindparam("phone", type_=Uuid))
_lives_somewhere = exists().where(household_members.c.person_id == persons.c.id, _HERE)
_ON_PHONE = (
    select(persons.c.id, persons.c.full_name, persons.c.year_of_birth)
    .join(members, members.c.person_id == persons.c.id)
    .where(members.c.contact_id == bindparam("phone", type_=Uuid), persons.c.unit_code == bindparam("unit", type_=Text))
    .where(persons.c.full_name != "", persons.c.merged_into.is_(None), ~_lives_somewhere)
    .order_by(func.length(members.c.letter), members.c.letter)
)
_HOLD_ALL = (
    select(persons.c.id)
    .where(or_(persons.c.id == _PERSON, persons.c.id.in_(_ANSWER_THERE)))
    .order_by(persons.c.id)
    .with_for_update(key_share=True)
)
_HOLD = (
    select(persons.c.id)
    .where(persons.c.id == bindparam("ids", type_=ARRAY(Uuid)).any_())
    .order_by(persons.c.id)
    .with_for_update(key_share=True)
)
_HOME = (
    select(households.c.id)
    .join(household_members, household_members.c.household_id == households.c.id)
    .where(household_members.c.person_id == _PERSON, _HERE, households.c.unit_code == bindparam("unit", type_=Text))
)
_guarded = (household_members.c.household_id == _HOME_ID, household_members.c.guardian_id == _PERSON, _HERE)
_END_FOR_VOLUNTEERS = (
    update(consents)
    .where(consents.c.person_id.in_(twins(_PERSON)))
    .where(consents.c.volunteer_id.is_not(None), consents.c.withdrawn_at.is_(None))
    .values(withdrawn_at=_NOW)
)
_their_phones = select(members.c.contact_id).where(members.c.person_id == _PERSON)
_END_FOR_CHILDREN = (
    update(consents)
    .where(consents.c.person_id.in_(select(household_members.c.person_id).where(*_guarded)))
    .where(consents.c.contact_id.in_(_their_phones))
    .where(*(consents.c[name].is_(None) for name in ("given_at", "refused_at", "withdrawn_at")))
    .values(withdrawn_at=_NOW)
)
"""What they were asked for somebody they agree for, and have not answered."""
_MAY_GUARD = (
    select(persons.c.id)
    .join(household_members, household_members.c.person_id == persons.c.id)
    .where(household_members.c.household_id == _HOME_ID, _HERE, persons.c.id == _PERSON)
    .where(household_members.c.guardian_id.is_(None))
    .where(func.coalesce(persons.c.year_of_birth, 0) <= bindparam("born", type_=Integer))
)
_agrees = members.alias()
_asked_there = exists().where(
    _agrees.c.contact_id == consents.c.contact_id,
    _agrees.c.person_id == bindparam("agrees", type_=Uuid),
    own(_agrees),
)
_END_ELSEWHERE = (
    update(consents)
    .where(consents.c.person_id.in_(twins(_PERSON)), consents.c.purpose.in_(QUESTIONS), ~_asked_there)
    .where(*(consents.c[name].is_(None) for name in ("given_at", "refused_at", "withdrawn_at")))
    .values(withdrawn_at=_NOW)
    .returning(*(consents.c[name] for name in ("id", "person_id", "purpose", "volunteer_id")))
)
"""What they were asked on another phone than of whoever agrees for them, and is not answered."""
_NO_GUARDIAN = update(household_members).where(*_guarded).values(guardian_id=None)
_stays = members.alias()
_stayers = (
    select(_stays.c.contact_id)
    .join(household_members, household_members.c.person_id == _stays.c.person_id)
    .where(household_members.c.household_id == _HOME_ID, _HERE, own(_stays))
)
_NO_PHONE = (
    update(households)
    .where(households.c.id == _HOME_ID, households.c.contact_id.in_(_their_phones.where(own(members))))
    .where(households.c.contact_id.not_in(_stayers))
    .values(contact_id=None)
)
_ELSEWHERE = (
    select(household_members.c.household_id, household_members.c.person_id)
    .join(households, households.c.id == household_members.c.household_id)
    .join(persons, persons.c.id == household_members.c.person_id)
    .where(_HERE, persons.c.id == bindparam("ids", type_=ARRAY(Uuid)).any_())
    .where(persons.c.unit_code != households.c.unit_code)
)
_FIND = (
    select(households.c.id, households.c.label, households.c.hamlet)
    .where(households.c.unit_code == bindparam("unit", type_=Text), said_of)
    .order_by(households.c.folded_label, households.c.id)
    .limit(bindparam("most"))
)
