"""What the line lists ask of a phone, and of whoever was asked for a sign of presence."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Column, ColumnElement, Text, and_, bindparam, exists, false, func, or_, select

from core.database.due import contact_attempts, presence_checks
from core.database.shared import Instant
from core.database.tables import addresses, contacts, members

_OPEN_CHANNELS = (
    func.unnest(bindparam("channels", type_=ARRAY(Text)), bindparam("heard", type_=ARRAY(Instant)))
    .table_valued(Column("name", Text), Column("heard_since", Instant))
    .render_derived(name="open_channels")
)


def way_of(contact_id: ColumnElement[UUID], person_id: ColumnElement[UUID]) -> Any:
    """What `core.messaging.route` would say of a phone: may it be written to, and if not, is it for a STOP."""
    stopped, here = addresses.c.stopped_at.is_not(None), addresses.c.contact_id == contact_id
    last = and_(contacts.c.channel == addresses.c.channel, contacts.c.address == addresses.c.address)
    heard = or_(_OPEN_CHANNELS.c.heard_since.is_(None), addresses.c.heard_at > _OPEN_CHANNELS.c.heard_since)
    fit = and_(~stopped, addresses.c.unreachable_at.is_(None), _OPEN_CHANNELS.c.name.is_not(None), heard)
    asked = (
        exists().where(members.c.contact_id == contact_id, members.c.person_id == person_id).correlate_except(members)
    )
    return (
        select(
            func.coalesce(func.bool_or(fit), false()).label("fit"),
            func.coalesce(func.bool_or(stopped), false()).label("stopped"),
            func.coalesce(func.bool_or(and_(stopped, last)), false()).label("stopped_last"),
            and_(func.count() > 0, asked).label("phone"),
        )
        .select_from(
            addresses.join(contacts, contacts.c.id == addresses.c.contact_id).outerjoin(
                _OPEN_CHANNELS, _OPEN_CHANNELS.c.name == addresses.c.channel
            )
        )
        .where(here)
        .lateral("way")
    )


def shown_where(person_id: ColumnElement[UUID]) -> ColumnElement[Any]:
    """When the newest sign of presence failed to come, unless a human has tried since."""
    newest = (
        select(*(presence_checks.c[name] for name in ("outcome", "place", "expires_at")))
        .where(presence_checks.c.person_id == person_id, presence_checks.c.outcome != "")
        .order_by(presence_checks.c.asked_at.desc())
        .limit(1)
        .correlate_except(presence_checks)
        .subquery("newest")
    )
    tried = exists().where(contact_attempts.c.person_id == person_id, contact_attempts.c.at > newest.c.expires_at)
    return (
        select(newest.c.expires_at)
        .where(or_(newest.c.outcome.in_(("unanswered", "refused", "not_there")), newest.c.place == "far"), ~tried)
        .scalar_subquery()
    )
