"""Whether a relative may be asked if somebody is at home: only after their own yes, and who said no is left alone.

Who said nothing may be asked once more: for a follow-up that was opened since, or where staff wish it and say why.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Connection, DateTime, Row, Uuid, bindparam, exists, func, insert, select, update

from core.access.scope import Scope
from core.care.events import Event, Kind, append
from core.care.handling import By
from core.care.standing import UNITS, one_of
from core.conversation.ids import derived
from core.database.following import follow_ups
from core.database.households import consents, household_members
from core.database.tables import members, persons
from core.people.consents import ADULT
from core.people.own_phones import own

CONFIRM = "confirm_presence"
"""The purpose of the consent of somebody who may be asked whether a relative is at home."""

SILENT = timedelta(days=1)
"""How long an answer to that question is waited for before it may be asked again."""


class Why(StrEnum):
    """Why staff wish that relatives who said nothing are asked again."""

    TOLD = "told"  # somebody spoke to them
    MISSED = "missed"  # they may not have seen it
    NEEDED = "needed"  # nobody reaches the person otherwise
    OTHER = "other"


_PERSON = bindparam("person", type_=Uuid)
_AT = DateTime(timezone=True)
_BEFORE = bindparam("before", type_=_AT)
_NEVER = (consents.c.purpose == CONFIRM, consents.c.person_id == persons.c.id)
_open = (consents.c.given_at.is_(None), consents.c.refused_at.is_(None), consents.c.withdrawn_at.is_(None))
_here, _theirs = household_members.alias("here"), members.alias("theirs")
_agreed = exists().where(*_NEVER, consents.c.given_at.is_not(None), consents.c.withdrawn_at.is_(None))
_refused = exists().where(*_NEVER, consents.c.refused_at.is_not(None)) & ~_agreed
_agreed_on = exists().where(
    *_NEVER,
    consents.c.contact_id == _theirs.c.contact_id,
    consents.c.given_at.is_not(None),
    consents.c.withdrawn_at.is_(None),
)
_asked_at = select(func.max(consents.c.asked_at)).where(*_NEVER, *_open).scalar_subquery()
_MATES = (
    select(household_members.c.person_id)
    .join(_here, household_members.c.household_id == _here.c.household_id)
    .where(_here.c.person_id == _PERSON, _here.c.left_at.is_(None))
    .where(household_members.c.left_at.is_(None), household_members.c.person_id != _PERSON)
)
_RELATIVES = (
    select(
        persons.c.id,
        _theirs.c.contact_id,
        _agreed.label("agreed"),
        _refused.label("refused"),
        _asked_at.label("asked_at"),
    )
    .select_from(persons)
    .join(_theirs, _theirs.c.person_id == persons.c.id)
    .where(persons.c.id.in_(_MATES), own(_theirs))
    .where(_theirs.c.contact_id.is_distinct_from(bindparam("phone", type_=Uuid)))
    .where(func.coalesce(persons.c.year_of_birth, 0) <= bindparam("born"))
    .order_by(_agreed.desc(), _refused, _asked_at.asc().nulls_first(), persons.c.id)
    .order_by(_agreed_on.desc(), _theirs.c.contact_id)
)
_OPENED = select(follow_ups.c.opened_at).where(follow_ups.c.id == bindparam("follow_up", type_=Uuid)).scalar_subquery()
_LET_GO = (
    update(consents)
    .where(consents.c.purpose == CONFIRM, *_open, consents.c.asked_at < _BEFORE)
    .values(withdrawn_at=bindparam("now", type_=_AT))
)
_AGAIN = _LET_GO.where(consents.c.person_id.in_(_MATES))
_FOLLOWED = select(follow_ups.c.id, follow_ups.c.unit_code).where(
    follow_ups.c.person_id == _PERSON,
    one_of(follow_ups.c.status, "under_follow_up"),
    follow_ups.c.unit_code == UNITS.any_(),
)
_EARLIER = _LET_GO.where(
    consents.c.person_id == bindparam("ids", type_=ARRAY(Uuid)).any_(), consents.c.asked_at < _OPENED
)


def of(
    connection: Connection, person_id: UUID, follow_up_id: UUID, phone: UUID | None, now: datetime
) -> Sequence[Row[Any]]:
    """Adults who live with somebody and have a phone of their own, another than `phone`: id, contact_id, agreed,
    refused, asked_at (when they were asked whether they agree, and said nothing). Who agreed comes first, on the phone
    on which they did; then who was not asked, nor in this follow-up. Never where a neighbour declared them. The
    caller's transaction: an earlier question that nobody answered is over with it."""
    told = {"person": person_id, "phone": phone, "born": now.year - ADULT}
    found = connection.execute(_RELATIVES, told).all()
    silent = [row.id for row in found if row.asked_at is not None]
    before = {"ids": silent, "follow_up": follow_up_id, "before": now - SILENT, "now": now}
    if silent and connection.execute(_EARLIER, before).rowcount:
        return connection.execute(_RELATIVES, told).all()
    return found


def ask_again(connection: Connection, scope: Scope, person_id: UUID, why: Why, by: By) -> bool:
    """Staff wish that those of their household who said nothing for a day are asked again, and say why; whether there
    are any. It stands in the follow-up's history; the next question for a sign asks them."""
    follow = connection.execute(_FOLLOWED, {"person": person_id, "units": list(scope.codes)}).one_or_none()
    asked = {"person": person_id, "before": by.at - SILENT, "now": by.at}
    if follow is None or not connection.execute(_AGAIN, asked).rowcount:
        return False
    why_so = {"reason": why.value}
    append(connection, [Event(follow.id, person_id, by.at, by.staff_id, follow.unit_code, Kind.RELATIVES, why_so)])
    return True


def asked_to_agree(connection: Connection, check_id: UUID, who: Row[Any], now: datetime) -> None:
    """The question for a sign of that id put the question whether they agree in line. The caller's transaction."""
    asked = {"basis": "text", "contact_id": who.contact_id, "asked_at": now, "told_at": now}
    made = question(check_id, who.id)
    connection.execute(insert(consents).values(id=made, person_id=who.id, purpose=CONFIRM, **asked))


def question(check_id: UUID, person_id: UUID) -> UUID:
    """The id of the question whether they agree: the same for one question for a sign, however often it is tried."""
    return derived(check_id, f"{CONFIRM}:{person_id}")
