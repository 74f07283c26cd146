"""Whose phone a phone is, as SQL: people's own are told from those on which a neighbour declared them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Connection, exists, func, or_, select

from core.care.standing import one_of
from core.database.following import follow_ups
from core.database.tables import contacts, members
from core.people.same import all_of


def own(member: Any) -> Any:
    """Whether a row of members is a phone of that person's own: where they declared themselves, or where their
    follow-up asks them. Where a neighbour declared them they are a member too, and are not asked what they agree to."""
    line = contacts.alias()
    declared = func.coalesce(line.c.session["others"].op("@>")(func.to_jsonb(member.c.letter)), False)
    by_another = exists().where(line.c.id == member.c.contact_id, declared)
    followed = exists().where(
        follow_ups.c.person_id == member.c.person_id,
        follow_ups.c.contact_id == member.c.contact_id,
        or_(one_of(follow_ups.c.status, "under_follow_up"), one_of(follow_ups.c.status, "to_verify")),
    )
    return or_(~by_another, followed)


def of_phone(connection: Connection, contact: UUID) -> tuple[UUID, ...]:
    """Whose own phone that is, with whoever is the same: not those whom its owner once declared."""
    theirs = select(members.c.person_id).where(members.c.contact_id == contact, own(members))
    return tuple(sorted(connection.scalars(all_of(theirs))))
