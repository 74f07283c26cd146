"""Whether somebody of their household is told when they are silent: people are asked once, soon after they came under
follow-up; where somebody agrees for them, that one is, on their own phone."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, DateTime, bindparam, case, exists, or_, select

from core.care.standing import one_of
from core.conversation.ids import derived
from core.database.following import follow_ups
from core.database.households import consents, household_members, households
from core.database.tables import members
from core.people.consents import TELL_HOUSEHOLD, write
from core.people.own_phones import own

_FIRST_DAYS, _SETTLING = timedelta(days=3), timedelta(hours=1)  # in which somebody new is asked
_AT = DateTime(timezone=True)


def ask_of_households(connection: Connection, now: datetime, limit: int) -> int:
    """Write down that people who came under follow-up lately are to be asked, once, whether somebody of their household
    is told when they are silent: where there is another phone than the one where they are asked. Where staff entered
    who agrees for them, that one is asked, or nobody without a phone of theirs. How many."""
    rows = connection.execute(_TO_TELL, {"since": now - _FIRST_DAYS, "until": now - _SETTLING, "most": limit}).all()
    for row in rows:
        asked = {"id": derived(row.id, "consent:household"), "person_id": row.person_id, "purpose": TELL_HOUSEHOLD}
        write(connection, asked | {"basis": "text", "contact_id": row.contact_id, "asked_at": now})
    return len(rows)


_lives, _housemates = household_members.alias(), household_members.alias()
_another, _theirs = members.alias(), members.alias()
_other_phone = or_(
    exists().where(
        _lives.c.person_id == follow_ups.c.person_id,
        _lives.c.left_at.is_(None),
        households.c.id == _lives.c.household_id,
        households.c.contact_id != follow_ups.c.contact_id,
    ),
    exists().where(
        _another.c.person_id == follow_ups.c.person_id, _another.c.contact_id != follow_ups.c.contact_id, own(_another)
    ),
    exists().where(
        _lives.c.person_id == follow_ups.c.person_id,
        _lives.c.left_at.is_(None),
        _housemates.c.household_id == _lives.c.household_id,
        _housemates.c.left_at.is_(None),
        _theirs.c.person_id == _housemates.c.person_id,
        _theirs.c.contact_id != follow_ups.c.contact_id,
        own(_theirs),
    ),
)
"""Where somebody of their household answers, or they themselves; a neighbour who declared them once is no household."""

_asked_before = exists().where(consents.c.person_id == follow_ups.c.person_id, consents.c.purpose == TELL_HOUSEHOLD)
_guarded, _guardians = household_members.alias(), members.alias()
_guardians_phone = (
    select(_guardians.c.contact_id)
    .where(_guardians.c.person_id == _guarded.c.guardian_id, own(_guardians))
    .order_by(_guardians.c.contact_id)
    .limit(1)
    .correlate(_guarded)
    .scalar_subquery()
)
_asked_on = case((_guarded.c.guardian_id.is_(None), follow_ups.c.contact_id), else_=_guardians_phone)
_TO_TELL = (
    select(follow_ups.c.id, follow_ups.c.person_id, _asked_on.label("contact_id"))
    .outerjoin(_guarded, (_guarded.c.person_id == follow_ups.c.person_id) & _guarded.c.left_at.is_(None))
    .where(
        one_of(follow_ups.c.status, "under_follow_up"),
        follow_ups.c.contact_id.is_not(None),
        _asked_on.is_not(None),
        follow_ups.c.opened_at.between(bindparam("since", type_=_AT), bindparam("until", type_=_AT)),
        _other_phone,
        ~_asked_before,
    )
    .order_by(follow_ups.c.opened_at)
    .limit(bindparam("most"))
)
