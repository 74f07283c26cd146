"""Forgetting strangers: what somebody unknown wrote about their health is acted on at once and kept for a day.

Source: domain, section 7: a stranger's health text is triaged, answered, and deleted after 24 h unless they agree.
They agree by a declaration, which gives their person a name; then everything stays. Receipts keep their numbers and
alerts stay with their unit: only what was said of health goes.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Connection, DateTime, Row, Uuid, bindparam, cast, delete, exists, select, update

from core.database.tables import alerts, contacts, forwards, inbox, members, outbox, persons, records

KEPT = timedelta(hours=24)
"""How long a stranger's report is kept."""

_IDS = bindparam("ids", type_=ARRAY(Uuid)).any_()
_BEFORE = bindparam("before", type_=DateTime(timezone=True))
_OLD = (
    select(records.c.id, records.c.person_id, records.c.contact_id)
    .join(persons, persons.c.id == records.c.person_id)
    .where(records.c.legal_basis == "triage", records.c.declared_at <= _BEFORE, persons.c.full_name == "")
    .order_by(records.c.declared_at)
    .limit(bindparam("most"))
    .with_for_update(of=[records, persons], skip_locked=True)
)
_EMPTY = (
    select(persons.c.id)
    .where(persons.c.id == _IDS, ~exists().where(records.c.person_id == persons.c.id))
    .order_by(persons.c.id)
)
_DROP_FORWARDS = delete(forwards).where(forwards.c.record_id == _IDS)
_DROP_RECORDS = delete(records).where(records.c.id == _IDS)
_RELEASE_ALERTS = update(alerts).where(alerts.c.person_id == _IDS).values(person_id=None)
_DROP_MEMBERS = delete(members).where(members.c.person_id == _IDS)
_DROP_PERSONS = delete(persons).where(persons.c.id == _IDS)
_BLANK = (
    update(inbox).where(inbox.c.contact_id == _IDS, inbox.c.received_at <= _BEFORE, inbox.c.text != "").values(text=""),
    update(outbox)
    .where(outbox.c.contact_id == _IDS, outbox.c.created_at <= _BEFORE, outbox.c.text != "")
    .values(text="", choices=[]),
    update(alerts)
    .where(alerts.c.contact_id == _IDS, alerts.c.raise_at <= _BEFORE, alerts.c.status.in_(("closed", "withdrawn")))
    .values(signs=[]),
    update(contacts)
    .where(
        contacts.c.id == _IDS,
        cast(contacts.c.session["last"]["at"].astext, DateTime(timezone=True)) <= _BEFORE,
    )
    .values(session=contacts.c.session.op("-")("last")),
)


def forget_strangers(connection: Connection, now: datetime, limit: int = 500) -> int:
    """Delete at most `limit` reports of people who never agreed, a day after they came. How many; call again at
    `limit`. Safe to run twice and in two places: what somebody holds is left for the next time.
    """
    before = now - KEPT
    old = connection.execute(_OLD, {"before": before, "most": limit}).all()
    if not old:
        return 0
    connection.execute(_DROP_FORWARDS, {"ids": [row.id for row in old]})
    connection.execute(_DROP_RECORDS, {"ids": [row.id for row in old]})
    _drop_persons(connection, old)
    contacts_of = sorted({row.contact_id for row in old})
    for statement in _BLANK:
        connection.execute(statement, {"ids": contacts_of, "before": before})
    return len(old)


def _drop_persons(connection: Connection, old: Sequence[Row[Any]]) -> None:
    """People of whom nothing is left: no name, and no report of today."""
    ids: list[UUID] = list(connection.scalars(_EMPTY, {"ids": sorted({row.person_id for row in old})}))
    if ids:
        for statement in (_RELEASE_ALERTS, _DROP_MEMBERS, _DROP_PERSONS):
            connection.execute(statement, {"ids": ids})
