"""Telling people that they are followed for other days now, because their level changed. Nobody else is named.

A row is marked in the transaction that puts its text in line: a crash leaves neither or both. Whose contact is held by
somebody else is told the next time. Who cannot be reached anywhere is marked all the same: staff see that.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Connection, DateTime, Row, Uuid, bindparam, func, select, update

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
        level_proposals.c.id,
        follow_ups.c.contact_id,
        follow_ups.c.unit_code,
        follow_ups.c.end_on,
        persons.c.full_name,
        persons.c.year_of_birth,
        persons.c.gender,
        select(func.count()).where(members.c.contact_id == follow_ups.c.contact_id).scalar_subquery().label("people"),
    )
    .select_from(level_proposals)
    .join(follow_ups, follow_ups.c.id == level_proposals.c.follow_up_id)
    .join(persons, persons.c.id == follow_ups.c.person_id)
    .where(one_of(level_proposals.c.status, "confirmed"), level_proposals.c.told_at.is_(None))
    .order_by(level_proposals.c.decided_at, level_proposals.c.id)
    .limit(bindparam("most"))
    .with_for_update(of=level_proposals, skip_locked=True)
)
_MARK = (
    update(level_proposals)
    .where(level_proposals.c.id == bindparam("ids", type_=ARRAY(Uuid)).any_())
    .values(told_at=bindparam("now", type_=DateTime(timezone=True)))
)


def tell_days(services: Services, limit: int = 500) -> int:
    """Put the texts in line for at most `limit` confirmed levels; how many were seen to. In quiet hours none."""
    now = services.clock.now()
    if is_quiet(now):
        return 0
    with services.engine.begin() as connection:
        return _tell(connection, services, limit)


def _tell(connection: Connection, services: Services, limit: int) -> int:
    now = services.clock.now()
    found = connection.execute(_UNTOLD, {"most": limit}).all()
    silent = [row.id for row in found if row.contact_id is None]
    today = now.astimezone(VIETNAM).date()
    told = {derived(row.id, "days"): row for row in found if row.contact_id is not None}
    tellings = [_telling(services, message, row, today) for message, row in told.items()]
    ways = tell(connection, services, tellings, now)
    done: list[UUID] = silent + [told[message].id for message in ways]
    if done:
        connection.execute(_MARK, {"ids": done, "now": now})
    return len(done)


def _telling(services: Services, message: UUID, row: Row[Any], today: date) -> Telling:
    unit = services.units().facts.get(row.unit_code, UnitFacts(row.unit_code, ""))
    alone = row.people <= 1
    called: Param = Term(address_as(row.year_of_birth, row.gender, today.year)) if alone else given_name(row.full_name)
    said = Say(_TEXT, {"unit": unit.name, "people": called, "day": f"{row.end_on:%d/%m/%Y}"})
    return Telling(message, row.contact_id, said, MessageKind.REMINDER, services.clock.now() + _KEPT)
