"""Somebody answers on another phone now: what they are asked there, also for those they agree for, and what else of
their household still led to the old one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, Uuid, and_, bindparam, exists, insert, or_, select, update
from uuid_utils.compat import uuid7

from core.database.households import consents, household_members, households, volunteers
from core.database.tables import members, outbox
from core.messaging.withdrawn import WITHDRAWN
from core.people.consents import QUESTIONS
from core.people.own_phones import own
from core.people.same import twins

_OLD, _NEW = bindparam("old", type_=Uuid), bindparam("new", type_=Uuid)
_PERSON = bindparam("person", type_=Uuid)
_HERE = household_members.c.left_at.is_(None)
_homes = select(household_members.c.household_id).where(household_members.c.person_id.in_(twins(_PERSON)), _HERE)
_stays = members.alias()
_answers_there = exists().where(
    household_members.c.household_id == households.c.id,
    _HERE,
    _stays.c.person_id == household_members.c.person_id,
    _stays.c.contact_id == _OLD,
    own(_stays),
)
_NO_PHONE = (
    update(households)
    .where(households.c.id.in_(_homes), households.c.contact_id == _OLD, ~_answers_there)
    .values(contact_id=None)
)
_children = select(household_members.c.person_id).where(household_members.c.guardian_id == _PERSON, _HERE)
_is_there, _guardians = members.alias(), members.alias()
_still_there = exists().where(_is_there.c.person_id == consents.c.person_id, _is_there.c.contact_id == _OLD)
_guardian_there = exists().where(
    household_members.c.person_id == consents.c.person_id,
    _HERE,
    _guardians.c.person_id == household_members.c.guardian_id,
    _guardians.c.contact_id == _OLD,
    own(_guardians),
)
_asked_themselves = and_(consents.c.person_id.in_(twins(_PERSON)), ~_still_there, ~_guardian_there)
"""Their other half may answer on that phone still, and so may who agrees for them, who is asked there."""
_END = (
    update(consents)
    .where(
        consents.c.contact_id == _OLD,
        or_(_asked_themselves, consents.c.person_id.in_(_children)),
        *(consents.c[name].is_(None) for name in ("given_at", "refused_at", "withdrawn_at")),
    )
    .returning(*(consents.c[name] for name in ("id", "person_id", "purpose", "volunteer_id")))
)
_IS_THEIRS = select(volunteers.c.id).where(volunteers.c.contact_id == _NEW)


def leave(connection: Connection, person: UUID, old: UUID, new: UUID | None, now: datetime) -> None:
    """They are no member of `old` any more. It answers for their household no more, unless somebody who lives there
    has it as their own. What they had not answered there, for themselves or for whom they agree for, is asked once
    more on `new`, unless nobody can be written to there, or it is the phone of the volunteer in question. What their
    own guardian is asked there stays. The caller's transaction."""
    connection.execute(_NO_PHONE, {"person": person, "old": old})
    ended = connection.execute(_END.values(withdrawn_at=now), {"person": person, "old": old}).all()
    ask_again(connection, ended, new, now)


def ask_again(connection: Connection, ended: Sequence[Row[Any]], new: UUID | None, now: datetime) -> None:
    """These questions (rows of id, person_id, purpose, volunteer_id) were not answered and are over where they were
    asked: texts in line are withdrawn, and they are asked once more on `new`, as `leave` says. The caller's
    transaction."""
    if not ended:
        return
    waits = (outbox.c.id.in_([row.id for row in ended]), outbox.c.status == "queued")
    connection.execute(update(outbox).where(*waits).values(WITHDRAWN))
    theirs = set(connection.scalars(_IS_THEIRS, {"new": new}))
    asked = {"basis": "text", "contact_id": new, "asked_at": now}
    again = [
        {"id": uuid7(), "person_id": row.person_id, "purpose": row.purpose, "volunteer_id": row.volunteer_id} | asked
        for row in ended
        if new and row.purpose in QUESTIONS and row.volunteer_id not in theirs
    ]
    if again:
        connection.execute(insert(consents), again)
