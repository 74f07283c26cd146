"""Telling people that their follow-up is over, with the code of their paper: once, in waking hours.

Only rows are written; the worker sends them. That they were told is marked in the same transaction, so that a crash
leaves neither or both, and two clocks cannot tell twice. Who cannot be reached is marked as well: staff hand the paper
out. What somebody holds is left for the next time.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Connection, DateTime, Row, Uuid, bindparam, exists, func, select, update

from core.care.certificate import RELEASED, RELEASED_EARLY, followed_until
from core.care.release_code import spoken
from core.care.standing import one_of
from core.clock import VIETNAM
from core.conversation.context import UnitFacts, given_name
from core.conversation.ids import derived
from core.conversation.messages import Param, Say, Term
from core.conversation.turn import address_as
from core.database.following import follow_ups
from core.database.tables import members, persons
from core.messaging.channel import MessageKind
from core.messaging.quiet import is_quiet
from core.pipeline.services import Services
from core.pipeline.tell import Telling, tell

_WORTH = timedelta(days=3)
"""After that nobody is told any more that it was over."""

_OF_FOLLOW_UP = ("id", "contact_id", "unit_code", "start_on", "end_on", "ended_at", "release_code")
_OF_PERSON = ("full_name", "year_of_birth", "gender")
_here = select(func.count()).where(members.c.contact_id == follow_ups.c.contact_id).scalar_subquery()
_there = exists().where(members.c.contact_id == follow_ups.c.contact_id, members.c.person_id == follow_ups.c.person_id)
_UNTOLD = (
    select(
        _there.label("there"),
        *(follow_ups.c[name] for name in _OF_FOLLOW_UP),
        *(persons.c[name] for name in _OF_PERSON),
        _here.label("here"),
    )
    .join(persons, persons.c.id == follow_ups.c.person_id)
    .where(
        one_of(follow_ups.c.status, "completed"),
        follow_ups.c.release_told_at.is_(None),
        follow_ups.c.ended_at > bindparam("since", type_=DateTime(timezone=True)),
    )
    .order_by(follow_ups.c.ended_at)
    .limit(bindparam("most"))
    .with_for_update(of=follow_ups, key_share=True, skip_locked=True)
)
_TOLD = (
    update(follow_ups)
    .where(follow_ups.c.id == bindparam("ids", type_=ARRAY(Uuid)).any_())
    .values(release_told_at=bindparam("now", type_=DateTime(timezone=True)))
)


def tell_released(services: Services, limit: int = 500) -> int:
    """Tell at most `limit` people; how many it was decided about. Call again while it is `limit`."""
    now = services.clock.now()
    if is_quiet(now):
        return 0
    with services.engine.begin() as connection:
        rows = connection.execute(_UNTOLD, {"since": now - _WORTH, "most": limit}).all()
        return _tell(connection, services, rows, now)


def _tell(connection: Connection, services: Services, rows: Sequence[Row[Any]], now: datetime) -> int:
    tellings = {row.id: _telling(services, row, row.contact_id, now) for row in rows if row.there}
    decided = tell(connection, services, list(tellings.values()), now)
    told = [row.id for row in rows if row.id not in tellings or tellings[row.id].id in decided]
    if told:
        connection.execute(_TOLD, {"ids": told, "now": now})
    return len(told)


def _telling(services: Services, row: Row[Any], contact_id: UUID, now: datetime) -> Telling:
    unit = services.units().facts.get(row.unit_code, UnitFacts(row.unit_code, ""))
    year = now.astimezone(VIETNAM).year
    alone = row.here <= 1 or not row.full_name
    who = Term(address_as(row.year_of_birth, row.gender, year)) if alone else given_name(row.full_name)
    ended = followed_until(row)
    params: dict[str, Param] = {
        "unit": unit.name,
        "who": who,
        "until": f"{ended:%d/%m/%Y}",
        "code": spoken(row.release_code),
    }
    return Telling(
        id=derived(row.id, "release"),
        contact_id=contact_id,
        say=Say(RELEASED_EARLY if ended < row.end_on else RELEASED, params),
        kind=MessageKind.REMINDER,
        expires_at=now + timedelta(days=1),
    )
