"""Telling people that they are followed for other days now: their level changed, or staff moved the last day. Why is
not said, and nobody else is named.

A follow-up is marked in the transaction that puts its text in line: a crash leaves neither or both. Whose contact is
held by somebody else is told the next time. Who cannot be reached anywhere is marked all the same: staff see that.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Connection, DateTime, Row, Uuid, bindparam, exists, func, select, update

from core.care.standing import one_of
from core.clock import VIETNAM
from core.conversation.context import UnitFacts, given_name
from core.conversation.ids import derived
from core.conversation.messages import N_, Param, Say, Term
from core.conversation.turn import address_as
from core.database.following import follow_ups, level_proposals
from core.database.tables import members, persons
from core.messaging.channel import MessageKind
from core.messaging.quiet import is_quiet
from core.pipeline.services import Services
from core.pipeline.tell import Telling, tell

_TEXT = N_("{unit}: số ngày theo dõi của {people} thay đổi, nay đến hết ngày {day}. Muốn hỏi, xin nhắn GOI.")
_KEPT = timedelta(days=2)  # then somebody who could not be told hears it with the next reminder, or by telephone

_UNTOLD = (
    select(
        follow_ups.c.id,
        follow_ups.c.status,
        follow_ups.c.days_changed_at,
        follow_ups.c.welcomed_at,
        follow_ups.c.contact_id,
        follow_ups.c.unit_code,
        follow_ups.c.end_on,
        persons.c.full_name,
        persons.c.year_of_birth,
        persons.c.gender,
        select(func.count()).where(members.c.contact_id == follow_ups.c.contact_id).scalar_subquery().label("people"),
        exists()
        .where(members.c.contact_id == follow_ups.c.contact_id, members.c.person_id == follow_ups.c.person_id)
        .label("there"),
    )
    .join(persons, persons.c.id == follow_ups.c.person_id)
    .where(follow_ups.c.days_changed_at.is_not(None))
    .order_by(follow_ups.c.days_changed_at, follow_ups.c.id)
    .limit(bindparam("most"))
    .with_for_update(of=follow_ups, key_share=True, skip_locked=True)
)
_IDS = bindparam("ids", type_=ARRAY(Uuid)).any_()
_MARK = update(follow_ups).where(follow_ups.c.id == _IDS).values(days_changed_at=None)
_TOLD = (
    update(level_proposals)
    .where(
        level_proposals.c.follow_up_id == _IDS,
        one_of(level_proposals.c.status, "confirmed"),
        level_proposals.c.told_at.is_(None),
    )
    .values(told_at=bindparam("now", type_=DateTime(timezone=True)))
)


def tell_days(services: Services, limit: int = 500) -> int:
    """Put the texts in line for at most `limit` changed follow-ups; how many were seen to. Who is not followed any
    more, or does not answer there, hears nothing of it; nor who was not welcomed yet: that word says the day. In quiet
    hours nobody does."""
    now = services.clock.now()
    if is_quiet(now):
        return 0
    with services.engine.begin() as connection:
        return _tell(connection, services, limit)


def _tell(connection: Connection, services: Services, limit: int) -> int:
    now = services.clock.now()
    found = connection.execute(_UNTOLD, {"most": limit}).all()
    followed = [row for row in found if row.status == "under_follow_up" and row.there and row.welcomed_at]
    silent = [row.id for row in found if row not in followed]
    today = now.astimezone(VIETNAM).date()
    told = {derived(row.id, f"days:{row.days_changed_at.timestamp()}"): row for row in followed}
    tellings = [_telling(services, message, row, today) for message, row in told.items()]
    ways = tell(connection, services, tellings, now)
    done: list[UUID] = silent + [told[message].id for message in ways]
    if done:
        connection.execute(_MARK, {"ids": done})
        connection.execute(_TOLD, {"ids": done, "now": now})
    return len(done)


def _telling(services: Services, message: UUID, row: Row[Any], today: date) -> Telling:
    unit = services.units().facts.get(row.unit_code, UnitFacts(row.unit_code, ""))
    alone = row.people <= 1
    called: Param = Term(address_as(row.year_of_birth, row.gender, today.year)) if alone else given_name(row.full_name)
    said = Say(_TEXT, {"unit": unit.name, "people": called, "day": f"{row.end_on:%d/%m/%Y}"})
    return Telling(message, row.contact_id, said, MessageKind.REMINDER, services.clock.now() + _KEPT)
