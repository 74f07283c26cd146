"""Who is the same person, and whose own a phone is: what a yes or a no of somebody holds for."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Select, Uuid, bindparam, func, or_, select

from core.care.standing import one_of
from core.database.following import follow_ups
from core.database.tables import members, persons
from core.people.own_phones import own


def kept(person: Any = persons) -> Any:
    """The one whom a row of persons stands for: whom staff merged them into, or they themselves."""
    return func.coalesce(person.c.merged_into, person.c.id)


def twins(person: Any) -> Any:
    """The ids of that person, of whoever staff said is the same, and of whom they are: a select for IN."""
    one, twin = persons.alias(), persons.alias()
    root = select(kept(one)).where(one.c.id == person)
    found = root.correlate_except(one).scalar_subquery()
    return select(twin.c.id).where(or_(twin.c.id == found, twin.c.merged_into == found)).correlate_except(twin)


def all_of(people: Collection[UUID] | Select[Any]) -> Any:
    """The same of several persons."""
    one, twin = persons.alias(), persons.alias()
    roots = select(kept(one)).where(one.c.id.in_(people))
    return select(twin.c.id).where(or_(twin.c.id.in_(roots), twin.c.merged_into.in_(roots)))


def followed_as(connection: Connection, person_id: UUID) -> UUID:
    """Under which id that person is followed: their own, or that of somebody who was merged into them. Their own where
    neither is."""
    return connection.scalar(_FOLLOWED_AS, {"person": person_id}) or person_id


def of_phone(connection: Connection, contact: UUID) -> tuple[UUID, ...]:
    """Whose own phone that is, with whoever is the same: not those whom its owner once declared."""
    theirs = select(members.c.person_id).where(members.c.contact_id == contact, own(members))
    return tuple(sorted(connection.scalars(all_of(theirs))))


_PERSON = bindparam("person", type_=Uuid)
_FOLLOWED_AS = (
    select(follow_ups.c.person_id)
    .join(persons, persons.c.id == follow_ups.c.person_id)
    .where(or_(persons.c.id == _PERSON, persons.c.merged_into == _PERSON))
    .where(one_of(follow_ups.c.status, "to_verify", "under_follow_up"))
    .order_by(persons.c.id != _PERSON, follow_ups.c.id)
    .limit(1)
)
