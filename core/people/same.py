"""Who is the same person: what is said of somebody, or agreed to, is said of whoever staff merged with them."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Select, Uuid, any_, bindparam, func, or_, select

from core.database.following import follow_ups
from core.database.tables import persons

Same = Callable[[Any, Any], ColumnElement[bool]]
"""Whether two ids, as SQL, are one person's: `is_same`, or `operator.eq` where nobody was merged."""


def kept(person: Any = persons) -> Any:
    """The one whom a row of persons stands for: whom staff merged them into, or they themselves."""
    return func.coalesce(person.c.merged_into, person.c.id)


def of_root(person: Any, root: Any) -> ColumnElement[bool]:
    """Whether a row of persons is that one, or was merged into them."""
    return or_(person.c.id == root, person.c.merged_into == root)


def twins(person: Any) -> Any:
    """The ids of that person, of whoever staff said is the same, and of whom they are: a select for IN."""
    one, twin = persons.alias(), persons.alias()
    root = select(kept(one)).where(one.c.id == person)
    found = root.correlate_except(one).scalar_subquery()
    return select(twin.c.id).where(of_root(twin, found)).correlate_except(twin)


def all_of(people: Collection[UUID] | Select[Any]) -> Any:
    """The same of several persons."""
    one, twin = persons.alias(), persons.alias()
    roots = any_(func.array(select(kept(one)).where(one.c.id.in_(people)).scalar_subquery()))
    return select(twin.c.id).where(of_root(twin, roots))


def is_same(person_id: Any, person: Any) -> ColumnElement[bool]:
    """Whether a row is about that person, or about whoever is the same. By an array, so that an index finds it also
    where PostgreSQL makes a join of what is asked."""
    found: ColumnElement[bool] = person_id == any_(func.array(twins(person).scalar_subquery()))
    return found


def followed_as(connection: Connection, person_id: UUID) -> UUID:
    """Under which id that person is followed: their own, or that of somebody who was merged into them. Their own where
    neither is."""
    return connection.scalar(_FOLLOWED_AS, {"person": person_id}) or person_id


_PERSON = bindparam("person", type_=Uuid)
_FOLLOWED_AS = (
    select(follow_ups.c.person_id)
    .join(persons, persons.c.id == follow_ups.c.person_id)
    .where(of_root(persons, _PERSON))
    .where(follow_ups.c.status.in_(("to_verify", "under_follow_up")))
    .order_by(persons.c.id != _PERSON, follow_ups.c.id)
    .limit(1)
)
