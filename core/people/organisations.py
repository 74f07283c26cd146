"""Organisations: schools, offices, teams and unions whose members declare, and who their members are.

An organisation sees how many of its members have declared, never who, nor what anybody said.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Connection, Text, bindparam, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from uuid_utils.compat import uuid7

from core.access.scope import Scope
from core.conversation.ids import derived
from core.database.households import consents, organisation_members, organisations
from core.database.tables import persons
from core.people.own_phones import of_phone
from core.people.same import all_of, kept

PURPOSE = "organisation"
"""Of the consent that somebody gives by joining."""

_CODES = range(1000, 10000)
_HERE = organisation_members.c.left_at.is_(None)


class Kind(StrEnum):
    """What it is."""

    SCHOOL = "school"
    OFFICE = "office"
    TEAM = "team"
    UNION = "union"


@dataclass(frozen=True, slots=True)
class NewOrganisation:
    """`code`: what its members type to join; "": one is drawn. `id`: so that a form that is sent twice makes one."""

    name: str
    kind: Kind
    unit_code: str
    code: str = ""
    id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Organisation:
    """One, and how many members it has."""

    id: UUID
    code: str
    name: str
    kind: str
    unit_code: str
    active: bool
    people: int


def add(connection: Connection, new: NewOrganisation, now: datetime) -> str | None:
    """Make one; the code by which members join, None if the wanted code is taken. One of that id that is there already
    is the one."""
    id_ = new.id or uuid7()
    wanted = [new.code] if new.code else [str(secrets.SystemRandom().choice(_CODES)) for _ in range(20)]
    for code in wanted:
        row = {"id": id_, "code": code, "name": new.name, "kind": new.kind, "unit_code": new.unit_code}
        made = upsert(organisations).values({**row, "created_at": now}).on_conflict_do_nothing()
        if connection.scalar(made.returning(organisations.c.id)):
            return code
    return connection.scalar(select(organisations.c.code).where(organisations.c.id == id_))


def rename(connection: Connection, scope: Scope, code: str, name: str) -> bool:
    """It is called so from now on. False if it is none of the scope's, or closed."""
    return connection.execute(update(organisations).where(*_open(scope, code)).values(name=name)).rowcount > 0


def close(connection: Connection, scope: Scope, code: str) -> bool:
    """Nobody joins it, nor is counted for it, any more."""
    return connection.execute(update(organisations).where(*_open(scope, code)).values(active=False)).rowcount > 0


def _open(scope: Scope, code: str) -> tuple[ColumnElement[bool], ...]:
    return organisations.c.code == code, organisations.c.unit_code.in_(scope.codes), organisations.c.active


def listed(connection: Connection, scope: Scope) -> tuple[Organisation, ...]:
    """Those of the scope's units that are open, by name."""
    return tuple(Organisation(*row) for row in connection.execute(_LISTED, {"units": list(scope.codes)}))


def of_code(connection: Connection, code: str) -> tuple[UUID, str] | None:
    """Id and name of an open one."""
    found = select(organisations.c.id, organisations.c.name).where(organisations.c.code == code, organisations.c.active)
    row = connection.execute(found).one_or_none()
    return (row.id, row.name) if row else None


def of_people(connection: Connection, people: Sequence[UUID]) -> tuple[tuple[UUID, str, str], ...]:
    """Id, code and name of each that one of these people belongs to, whoever of those who are the same joined."""
    found = (
        select(organisations.c.id, organisations.c.code, organisations.c.name)
        .distinct()
        .join(organisation_members, organisation_members.c.organisation_id == organisations.c.id)
        .where(_HERE, organisation_members.c.person_id.in_(all_of(people)))
        .order_by(organisations.c.name)
    )
    return tuple((row.id, row.code, row.name) for row in connection.execute(found))


def joined_on(connection: Connection, contact: UUID, people: Sequence[UUID]) -> frozenset[UUID]:
    """Those of these people who agreed on that phone to be a member of something."""
    agreed = (consents.c.person_id.in_(people), consents.c.purpose == PURPOSE, consents.c.contact_id == contact)
    return frozenset(connection.scalars(select(consents.c.person_id).where(*agreed, consents.c.withdrawn_at.is_(None))))


@dataclass(frozen=True, slots=True)
class Joining:
    """Who joins what, and the message and phone that said so."""

    organisation: UUID
    person: UUID
    contact: UUID
    inbound: UUID


def join(connection: Connection, said: Joining, now: datetime) -> None:
    """They are a member, and agreed to that by their text."""
    row = {"organisation_id": said.organisation, "person_id": said.person, "joined_at": now, "left_at": None}
    again = {"joined_at": now, "left_at": None}
    keys = organisation_members.primary_key
    connection.execute(upsert(organisation_members).values(row).on_conflict_do_update(constraint=keys, set_=again))
    id_ = derived(said.inbound, f"organisation:{said.organisation}:{said.person}")
    if connection.scalar(select(consents.c.id).where(consents.c.id == id_)) is None:
        agreed = {"id": id_, "person_id": said.person, "purpose": PURPOSE, "basis": "text", "contact_id": said.contact}
        when = {"asked_at": now, "told_at": now, "given_at": now, "inbound_id": said.inbound}
        connection.execute(insert(consents).values(agreed | when))


def leave(connection: Connection, people: Sequence[UUID], now: datetime, code: str = "") -> None:
    """These people are members no more: of that organisation, or of any; nor is whoever is the same."""
    people = connection.scalars(all_of(people)).all()
    left = update(organisation_members).where(organisation_members.c.person_id.in_(people), _HERE)
    if code:
        wanted = select(organisations.c.id).where(organisations.c.code == code)
        left = left.where(organisation_members.c.organisation_id.in_(wanted))
    connection.execute(left.values(left_at=now))
    still = select(organisation_members.c.person_id).where(organisation_members.c.person_id.in_(people), _HERE)
    over = update(consents).where(consents.c.person_id.in_(people), consents.c.person_id.not_in(still))
    connection.execute(
        over.where(consents.c.purpose == PURPOSE, consents.c.withdrawn_at.is_(None)).values(withdrawn_at=now)
    )


def leave_all(connection: Connection, contact: UUID, now: datetime) -> None:
    """RUT: nobody whose own phone that is, and nobody who joined on it, is a member of anything."""
    here = (consents.c.contact_id == contact, consents.c.purpose == PURPOSE)
    people = {*of_phone(connection, contact), *connection.scalars(select(consents.c.person_id).where(*here))}
    if people:
        leave(connection, tuple(people), now)


_people = (
    select(func.count(kept().distinct()))
    .join(persons, persons.c.id == organisation_members.c.person_id)
    .where(organisation_members.c.organisation_id == organisations.c.id, _HERE)
    .correlate(organisations)
    .scalar_subquery()
)
_LISTED = (
    select(*(organisations.c[n] for n in ("id", "code", "name", "kind", "unit_code", "active")), _people)
    .where(organisations.c.active, organisations.c.unit_code == bindparam("units", type_=ARRAY(Text)).any_())
    .order_by(organisations.c.name, organisations.c.code)
)
