"""RUT: whatever those of a phone agreed to is over, for themselves and for their children."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, Connection, Integer, Uuid, and_, bindparam, exists, func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from core.conversation.ids import derived
from core.database.households import consents, household_members
from core.database.tables import members, persons
from core.people.consents import ADULT, DECLARE
from core.people.own_phones import of_phone
from core.people.same import twins


def withdraw(connection: Connection, contact: UUID, now: datetime) -> None:
    """Whatever those whose own phone this is agreed to is over, however it was given, and so is what was asked or
    agreed here, or was heard for their children. It is a no that stands, also of those who were never asked: nobody
    can say a yes for them. Said twice it changes nothing."""
    theirs = of_phone(connection, contact)
    theirs = (*theirs, *_children(connection, theirs, contact, now.year))
    of_them = or_(consents.c.contact_id == contact, consents.c.person_id.in_(theirs))
    over = {"withdrawn_at": now, "refused_at": func.coalesce(consents.c.refused_at, now)}
    connection.execute(update(consents).where(of_them, consents.c.withdrawn_at.is_(None)).values(over))
    declare = (consents.c.person_id.in_(theirs), consents.c.purpose == DECLARE)
    connection.execute(update(consents).where(*declare, consents.c.refused_at.is_(None)).values(refused_at=now))
    known = set(connection.scalars(select(consents.c.person_id).where(*declare)))
    for person in theirs:
        if person not in known:
            row = {"id": derived(contact, f"no:{person}"), "person_id": person, "purpose": DECLARE, "basis": "text"}
            rest = {"contact_id": contact, "asked_at": now, "refused_at": now, "withdrawn_at": now}
            connection.execute(upsert(consents).values(row | rest).on_conflict_do_nothing())


def _children(connection: Connection, parents: tuple[UUID, ...], contact: UUID, year: int) -> list[UUID]:
    """For whom they agree: whoever lives with them and has them as guardian, or, while nobody is, a child declared on
    that phone. A neighbour's child whom they once declared is not theirs."""
    known = {"parents": list(parents), "contact": contact, "born": year - ADULT}
    found = connection.scalars(_CHILDREN, known).all() if parents else ()
    same = [
        connection.scalars(select(persons.c.id).where(persons.c.id.in_(twins(literal(id_, Uuid))))) for id_ in found
    ]
    return sorted({id_ for ids in same for id_ in ids})


_PARENTS = bindparam("parents", type_=ARRAY(Uuid))
_parent, _child = household_members.alias(), household_members.alias()
_on_this_phone = exists().where(
    members.c.contact_id == bindparam("contact", type_=Uuid), members.c.person_id == _child.c.person_id
)
_CHILDREN = (
    select(persons.c.id)
    .distinct()
    .select_from(_parent)
    .join(_child, _child.c.household_id == _parent.c.household_id)
    .join(persons, persons.c.id == _child.c.person_id)
    .where(
        _parent.c.person_id == _PARENTS.any_(),
        _parent.c.left_at.is_(None),
        _child.c.left_at.is_(None),
        persons.c.id != _PARENTS.all_(),
        or_(
            _child.c.guardian_id == _PARENTS.any_(),
            and_(
                _child.c.guardian_id.is_(None),
                _on_this_phone,
                persons.c.year_of_birth > bindparam("born", type_=Integer),
            ),
        ),
    )
)
