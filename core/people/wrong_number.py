"""A number that passed to somebody else: whatever of us still leads to it is cut, so that a stranger learns nothing.

Persons, their records and their follow-ups stay; who was asked there is among those without a phone, whom staff call.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Connection, DateTime, Uuid, bindparam, case, delete, func, or_, select, update
from sqlalchemy.sql.expression import HasCTE, Update

from core.care.standing import one_of
from core.database.due import alerts, due_checks
from core.database.following import follow_ups
from core.database.households import assignments, consents, handovers, households, volunteers
from core.database.tables import contacts, members, outbox, visits
from core.messaging.withdrawn import WITHDRAWN

_IDS = bindparam("ids", type_=ARRAY(Uuid)).any_()
_NOW = bindparam("now", type_=DateTime(timezone=True))


def _nowhere(table: Any, *where: Any) -> Update:
    return update(table).where(table.c.contact_id == _IDS, *where).values(contact_id=None)


_helping = one_of(volunteers.c.status, "waiting", "active")
_helped = select(volunteers.c.id).where(volunteers.c.contact_id == _IDS)
_CUTS: tuple[HasCTE, ...] = (
    delete(members).where(members.c.contact_id == _IDS),
    update(contacts).where(contacts.c.id == _IDS).values(unit_code=None, phone=""),
    update(outbox)
    .where(outbox.c.contact_id == _IDS, outbox.c.inbound_id.is_(None), outbox.c.status == "queued")
    .values(WITHDRAWN),
    _nowhere(follow_ups),
    _nowhere(due_checks, one_of(due_checks.c.status, "not_performed")),
    _nowhere(
        alerts,
        one_of(alerts.c.status, "waiting", "open", "taken"),
        alerts.c.person_id.is_not(None),
        alerts.c.kind != "wrong_number",
    ),
    _nowhere(households),
    update(visits).where(visits.c.contact_id == _IDS, visits.c.ask_at.is_not(None)).values(ask_at=None),
    update(assignments)
    .where(assignments.c.volunteer_id.in_(_helped), assignments.c.to_at.is_(None))
    .values(to_at=_NOW),
    update(handovers)
    .where(
        or_(handovers.c.from_id.in_(_helped), handovers.c.to_id.in_(_helped)),
        handovers.c.answered_at.is_(None),
    )
    .values(answered_at=_NOW, accepted=False),
    update(consents)
    .where(or_(consents.c.contact_id == _IDS, consents.c.volunteer_id.in_(_helped)))
    .values(
        withdrawn_at=func.coalesce(consents.c.withdrawn_at, _NOW),
        contact_id=case((consents.c.contact_id == _IDS, None), else_=consents.c.contact_id),
    ),
    update(volunteers)
    .where(volunteers.c.contact_id == _IDS)
    .values(
        status=case((_helping, "stopped"), else_=volunteers.c.status),
        stopped_at=case((_helping, _NOW), else_=volunteers.c.stopped_at),
        told_at=func.coalesce(volunteers.c.told_at, _NOW),
    ),
)
"""What was agreed to on a number that is not theirs is no consent; whom an alert is about is called elsewhere. Who
helped from there helps no more: their households go back to the unit's list."""


_CUT = select(1).add_cte(*(each.cte(f"cut_{number}") for number, each in enumerate(_CUTS)))
"""All at once, each on a table of its own."""


def cut(connection: Connection, ids: Sequence[UUID], now: datetime) -> None:
    """Nobody known answers on these contacts any more, and nothing of us goes there. They are held by the caller's
    transaction: a crash leaves all of it as it was, and the message is read again."""
    if ids:
        connection.execute(_CUT, {"ids": list(ids), "now": now})
