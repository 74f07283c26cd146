"""Forgetting strangers: what somebody unknown wrote about their health is acted on at once and kept for a day.

Source: domain, section 7: a stranger's health text is triaged, answered, and deleted after 24 h unless they agree.
They agree by a declaration, which gives their person a name; then everything stays. Who agreed and then left the form
is asked on for two weeks where they were, and forgotten after that. Receipts keep their numbers and
alerts stay with their unit until they are closed: only what was said of health goes, also what never became a report
because they refused, or left in the middle.

A contact is looked at a day after it wrote, and not again before it writes again: `contacts.forget_at` says when.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Connection,
    DateTime,
    Row,
    Text,
    Uuid,
    and_,
    bindparam,
    case,
    cast,
    delete,
    exists,
    func,
    or_,
    select,
    update,
)

from core.care.standing import one_of
from core.conversation.session import Session
from core.database.cell import cell
from core.database.due import alerts
from core.database.tables import contacts, forwards, inbox, members, outbox, persons, records
from core.people.contacts import KEPT

_LEFT = timedelta(days=14)  # how long a form that was agreed to and not ended is kept: the days that it asks about
_AGAIN = timedelta(hours=1)  # until a stranger who goes on writing is looked at again: so late some words may go
_CHOSEN = ("language", "accents")  # of a session: how to speak with somebody, not what was said

_IDS = bindparam("ids", type_=ARRAY(Uuid)).any_()
_AT = DateTime(timezone=True)
_NOW, _BEFORE = bindparam("now", type_=_AT), bindparam("before", type_=_AT)
_OLD = (
    select(records.c.id, records.c.person_id)
    .join(persons, persons.c.id == records.c.person_id)
    .where(one_of(records.c.legal_basis, "triage"), records.c.declared_at <= _BEFORE, persons.c.full_name == "")
    .order_by(records.c.declared_at)
    .limit(bindparam("most"))
    .with_for_update(of=[records, persons], skip_locked=True)
)
_DROPPED = (members, alerts)  # what goes with a person, or forgets them
_SPOKEN_OF = [
    key.parent
    for table in cell.tables.values()
    if table not in (*_DROPPED, persons)
    for key in table.foreign_keys
    if key.column is persons.c.id
]
_other = persons.alias("other")
_EMPTY = (
    select(persons.c.id)
    .where(persons.c.id == _IDS, ~exists().where(_other.c.merged_into == persons.c.id))
    .where(*(~exists().where(each == persons.c.id) for each in _SPOKEN_OF))
    .order_by(persons.c.id)
)
"""Nobody knows anything else of them: no report, no follow-up, no visit, no household."""

_DROP_FORWARDS = delete(forwards).where(forwards.c.record_id == _IDS)
_DROP_RECORDS = delete(records).where(records.c.id == _IDS)
_RELEASE_ALERTS = update(alerts).where(alerts.c.person_id == _IDS).values(person_id=None)
_DROP_MEMBERS = delete(members).where(members.c.person_id == _IDS)
_DROP_PERSONS = delete(persons).where(persons.c.id == _IDS)
_named = (
    exists()
    .where(members.c.contact_id == contacts.c.id, persons.c.id == members.c.person_id, persons.c.full_name != "")
    .correlate(contacts)
)
_agreed = (
    exists()
    .where(inbox.c.contact_id == contacts.c.id, records.c.inbound_id == inbox.c.id, records.c.legal_basis != "triage")
    .correlate(contacts)
)  # of a number that belongs to somebody else now, the words stay with the records
_asked_on = and_(contacts.c.session.has_key("agreed"), contacts.c.seen_at > bindparam("left", type_=_AT))
_LOOK = (
    select(contacts.c.id)
    .where(contacts.c.forget_at <= _NOW)
    .order_by(contacts.c.forget_at)
    .limit(bindparam("most"))
    .with_for_update(key_share=True, skip_locked=True)
)
_STRANGERS = select(contacts.c.id).where(contacts.c.id == _IDS, ~_named, ~_agreed, ~_asked_on)
_LOOKED = (
    update(contacts)
    .where(contacts.c.id == _IDS)
    .values(
        forget_at=case(
            (and_(~_named, ~_agreed, or_(contacts.c.seen_at > _BEFORE, _asked_on)), bindparam("again", type_=_AT))
        )
    )
)
_SAID = [field.name for field in fields(Session) if field.name not in _CHOSEN]
_called = exists().where(alerts.c.contact_id == contacts.c.id, alerts.c.status.in_(("waiting", "open", "taken")))
"""Whether staff may still have to call them."""

_BLANK_SIGNS = (
    update(alerts)
    .where(
        contacts.c.id == alerts.c.contact_id,
        ~_named,
        alerts.c.status.in_(("closed", "withdrawn")),
        alerts.c.raise_at <= _BEFORE,
        func.cardinality(alerts.c.signs) + func.cardinality(alerts.c.reasons) > 0,
    )
    .values(signs=[], reasons=[])
)
_BLANK = (
    update(inbox).where(inbox.c.contact_id == _IDS, inbox.c.received_at <= _BEFORE, inbox.c.text != "").values(text=""),
    update(outbox)
    .where(outbox.c.contact_id == _IDS, outbox.c.created_at <= _BEFORE, outbox.c.text != "")
    .values(text="", choices=[]),
    update(contacts)
    .where(
        contacts.c.id == _IDS,
        cast(contacts.c.session["last"]["at"].astext, DateTime(timezone=True)) <= _BEFORE,
    )
    .values(session=contacts.c.session.op("-")("last")),
    update(contacts)
    .where(contacts.c.id == _IDS, contacts.c.seen_at <= _BEFORE)
    .values(session=contacts.c.session.op("-")(cast(_SAID, ARRAY(Text)))),
    update(contacts)
    .where(contacts.c.id == _IDS, contacts.c.seen_at <= _BEFORE, contacts.c.phone != "", ~_called)
    .values(phone=""),
)


def forget_strangers(connection: Connection, now: datetime, limit: int = 500) -> int:
    """Delete at most `limit` reports of people who never agreed, a day after they came. How many; call again at
    `limit`. Safe to run twice and in two places: what somebody holds is left for the next time.
    """
    old = connection.execute(_OLD, {"before": now - KEPT, "most": limit}).all()
    if not old:
        return 0
    connection.execute(_DROP_FORWARDS, {"ids": [row.id for row in old]})
    connection.execute(_DROP_RECORDS, {"ids": [row.id for row in old]})
    _drop_persons(connection, old)
    return len(old)


def forget_words(connection: Connection, now: datetime, limit: int = 500) -> int:
    """Blank what strangers wrote and were told a day ago, on at most `limit` contacts: texts, the session but for how
    to speak with them, and the signs of alerts that are closed. On how many contacts was looked; the same otherwise.
    """
    before = now - KEPT
    looked_at = connection.scalars(_LOOK, {"now": now, "most": limit}).all()
    if looked_at:
        times = {"before": before, "left": now - _LEFT}
        strangers = {"ids": sorted(connection.scalars(_STRANGERS, {"ids": sorted(looked_at), **times})), **times}
        for statement in _BLANK:
            connection.execute(statement, strangers)
        connection.execute(_LOOKED, {"ids": sorted(looked_at), **times, "again": now + _AGAIN})
    connection.execute(_BLANK_SIGNS, {"before": before})
    return len(looked_at)


def _drop_persons(connection: Connection, old: Sequence[Row[Any]]) -> None:
    """People of whom nothing is left: no name, and no report of today."""
    ids: list[UUID] = list(connection.scalars(_EMPTY, {"ids": sorted({row.person_id for row in old})}))
    if ids:
        for statement in (_RELEASE_ALERTS, _DROP_MEMBERS, _DROP_PERSONS):
            connection.execute(statement, {"ids": ids})
