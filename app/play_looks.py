"""What a scenario may ask of the database: a phone's records, alerts and due check-ins, as words."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, Row, func, select

from core.database.due import alerts, due_checks
from core.database.tables import inbox, persons, records, visits

NONE = "none"


def newest_record(engine: Engine, contact: UUID, form: str) -> Row[Any] | None:
    """The newest version of a contact's records of that form, or of any if it is "", with its person's name and how
    many records there are of all forms."""
    count = select(func.count(records.c.root.distinct())).where(records.c.contact_id == contact)
    query = (
        select(*records.c, persons.c.full_name, count.scalar_subquery().label("records"))
        .join(persons, persons.c.id == records.c.person_id)
        .where(records.c.contact_id == contact, (records.c.form == form) | (form == ""))
        .order_by(records.c.number.desc())
        .limit(1)
    )
    with engine.connect() as connection:
        return connection.execute(query).first()


def record_facts(row: Row[Any]) -> dict[str, str]:
    """A record as words by name: its answers, and what is known beside them."""
    known = {
        **row.answers,
        "signs": row.signs,
        "temperature": row.temperature,
        "unit": row.unit_code,
        "person": row.full_name,
        "level": row.level,
        "version": row.version,
        "basis": row.legal_basis,
        "on_behalf": row.on_behalf,
        "confirmed": row.confirmed_at is not None,
        "forwarded": row.forwarded_at is not None,
        "records": row.records,
    }
    return {name: _word(value) for name, value in known.items()}


def visit_facts(engine: Engine, contact: UUID) -> dict[str, str]:
    """A contact's newest visit as words by name, and how many there are; nothing without one."""
    count = select(func.count()).where(visits.c.contact_id == contact).scalar_subquery().label("visits")
    query = (
        select(*visits.c, persons.c.full_name, count)
        .outerjoin(persons, persons.c.id == visits.c.person_id)
        .where(visits.c.contact_id == contact)
        .order_by(visits.c.at.desc())
        .limit(1)
    )
    with engine.connect() as connection:
        row = connection.execute(query).first()
    if row is None:
        return {}
    known = {
        "direction": row.direction,
        "venue": row.venue_code,
        "person": row.full_name,
        "by_guard": row.by_contact_id is not None,
        "confirmed": row.confirmed_at is not None,
        "denied": row.denied_at is not None,
        "visits": row.visits,
    }
    return {name: _word(value) for name, value in known.items()}


def failures(engine: Engine, contact: UUID) -> int:
    """How many of a contact's messages the program could not carry out."""
    query = select(func.count()).where(inbox.c.contact_id == contact, inbox.c.state != "done")
    with engine.connect() as connection:
        return connection.scalar(query) or 0


def alert_kinds(engine: Engine, contact: UUID) -> tuple[str, ...]:
    """The kinds of a contact's open alerts, sorted."""
    query = select(alerts.c.kind).where(alerts.c.contact_id == contact, alerts.c.status == "open")
    with engine.connect() as connection:
        return tuple(sorted(connection.scalars(query)))


def due_status(engine: Engine, contact: UUID, due_at: datetime, name: str) -> str:
    """The status of the check-in due then, of the person of that name if one is given; NONE if there is none."""
    query = (
        select(due_checks.c.status)
        .join(persons, persons.c.id == due_checks.c.person_id)
        .where(due_checks.c.contact_id == contact, due_checks.c.due_at == due_at)
    )
    if name:
        query = query.where(persons.c.full_name == name)
    with engine.connect() as connection:
        found = connection.scalars(query).all()
    return " and ".join(found) or NONE


def _word(value: object) -> str:
    if value is None or value == []:
        return NONE
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ",".join(str(item) for item in value)
    return f"{value:g}" if isinstance(value, float) else str(value)
