"""Whether somebody may be given up as lost: nothing was heard of them in any way since a check-in, and on enough days
since it is known that they were asked, or that they could not be and a human was to try. Whoever we did not ask, since
we were away, or whose texts never left, or where nobody's answer arrives, is silent by our fault. SELECTs, however many
people.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Connection,
    Date,
    FromClause,
    Row,
    Text,
    Uuid,
    and_,
    bindparam,
    exists,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy import cast as as_type

from core.care.standing import CLAIMING, one_of
from core.clock import VIETNAM
from core.database.due import alerts, contact_attempts, due_checks, ladder_steps, presence_checks
from core.database.following import follow_ups
from core.database.tables import addresses, inbox, members, outbox
from core.people.same import twins
from core.reminders.hearing import Many, heard_through
from core.reminders.silent import seen_since

_IDS = bindparam("ids", type_=ARRAY(Uuid)).any_()
_TODAY = bindparam("today", type_=Date)
_IN_TIME = timedelta(days=1)
"""A station that had somebody on its list so soon knew of it that day; what a clock writes that was away is later."""
_REMINDER: ColumnElement[str] = select(literal_column("'reminder'", Text)).scalar_subquery()
"""So said that no index is seen to hold it but that of a contact's texts."""
_check = due_checks.alias("check")
_there, _alone = members.alias("there"), members.alias("alone")


def _signs() -> ColumnElement[bool]:
    """Whether there was a sign of life that answers no check-in: of presence, a refusal that somebody heard, or any
    text from a phone of theirs alone."""
    by_household = presence_checks.c.kind == "household"
    shown = exists().where(
        presence_checks.c.person_id.in_(twins(due_checks.c.person_id)),
        presence_checks.c.answered_at >= due_checks.c.opens_at,
        or_(
            presence_checks.c.outcome.in_(("there", "late")),
            and_(~by_household, presence_checks.c.outcome.in_(("not_there", "refused"))),
        ),
    )
    refused = exists().where(
        contact_attempts.c.person_id.in_(twins(due_checks.c.person_id)),
        contact_attempts.c.at >= due_checks.c.due_at,
        contact_attempts.c.outcome == "refused",
    )
    others = exists().where(
        _alone.c.contact_id == _there.c.contact_id, _alone.c.person_id.not_in(twins(_there.c.person_id))
    )
    wrote = exists().where(
        _there.c.person_id.in_(twins(due_checks.c.person_id)),
        inbox.c.contact_id == _there.c.contact_id,
        inbox.c.received_at >= due_checks.c.opens_at,
        ~others,
    )
    return or_(shown, refused, wrote)


def _asked(check: FromClause, *more: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether a text that asks for it left. A family's is about its first; what was put in line at that moment is
    theirs all the same, and so is what asked once more."""
    return exists().where(
        outbox.c.contact_id == check.c.contact_id,
        outbox.c.created_at.between(check.c.reminded_at, check.c.closes_at),
        outbox.c.kind == _REMINDER,
        outbox.c.status.in_(("sent", "delivered")),
        *more,
    )


def _day(check: FromClause) -> ColumnElement[date]:
    return as_type(func.timezone(literal_column(f"'{VIETNAM.key}'"), check.c.due_at), Date)


def _heard_through(check: FromClause) -> ColumnElement[bool]:
    """Whether what they answered to that text until then would have been heard."""
    return heard_through(_day(check), check.c.reminded_at, check.c.closes_at)


def _tried() -> ColumnElement[bool]:
    return exists().where(
        contact_attempts.c.person_id.in_(twins(_check.c.person_id)),
        contact_attempts.c.at.between(_check.c.due_at, _check.c.due_at + _IN_TIME),
    )


def _can(check: FromClause) -> ColumnElement[bool]:
    """Whether something can be written to them."""
    return exists().where(
        addresses.c.contact_id == members.c.contact_id,
        members.c.contact_id == check.c.contact_id,
        members.c.person_id == check.c.person_id,
        addresses.c.stopped_at.is_(None),
        addresses.c.unreachable_at.is_(None),
    )


def _left_to_humans() -> ColumnElement[bool]:
    """Whether nothing can be written to them, and the station had them on its list for it in time."""
    listed = exists().where(
        ladder_steps.c.due_check_id == _check.c.id,
        ladder_steps.c.step == "station",
        ladder_steps.c.at <= _check.c.due_at + _IN_TIME,
    )
    return and_(_check.c.reminded_at.is_(None), ~_can(_check), listed)


def _days() -> Any:
    """On how many whole days since, this one included, it was so. What was asked elsewhere, or was not, before their
    phone was known, says nothing of who would answer on it."""
    day = _day(_check)
    asked = _asked(_check, _heard_through(_check))
    return (
        select(func.count(day.distinct()))
        .join(follow_ups, follow_ups.c.id == _check.c.follow_up_id)
        .where(_check.c.follow_up_id == due_checks.c.follow_up_id, _check.c.due_at >= due_checks.c.due_at)
        .where(_check.c.contact_id.is_not_distinct_from(follow_ups.c.contact_id))
        .where(day < _TODAY, or_(asked, _tried(), _left_to_humans()))
        .correlate(due_checks)
        .scalar_subquery()
    )


_seen_to = exists().where(
    alerts.c.person_id.in_(twins(due_checks.c.person_id)),
    one_of(alerts.c.status, "waiting", "open", "taken"),
    one_of(alerts.c.kind, *CLAIMING),
)
_UNSEEN = select(
    due_checks.c.id,
    or_(seen_since(), _signs()).label("heard"),
    _seen_to.label("seen_to"),
    _days().label("days"),
).where(due_checks.c.id == _IDS)
_HEARD = select(due_checks.c.follow_up_id).where(due_checks.c.id == _IDS, or_(seen_since(), _signs(), _seen_to))
_ASKED = select(
    due_checks.c.id,
    _asked(due_checks).label("left"),
    _asked(due_checks, _heard_through(due_checks)).label("hears"),
    _can(due_checks).label("can"),
).where(due_checks.c.id == _IDS)


def unseen(connection: Connection, checks: Sequence[UUID], today: date, many: Many) -> Mapping[UUID, Row[Any]]:
    """By check-in: `heard` of since, in any way; `seen_to`: an alert of theirs is not closed, so a human has to see
    to them; `days`: on how many they were asked since where answers are heard, or a human was to try."""
    told = {"ids": list(checks), "today": today, **many.parameters}
    found = connection.execute(_UNSEEN, told) if checks else ()
    return {row.id: row for row in found}


def asked(connection: Connection, checks: Sequence[UUID], many: Many) -> Mapping[UUID, Row[Any]]:
    """By check-in: whether a text that asks for it `left`; `hears`: where their answer would have been heard; whether
    anything `can` be written to them."""
    found = connection.execute(_ASKED, {"ids": list(checks), **many.parameters}) if checks else ()
    return {row.id: row for row in found}


def heard(connection: Connection, checks: Sequence[UUID]) -> set[UUID]:
    """Those follow-ups of these check-ins whose people were heard of since, also a moment ago, or are seen to."""
    return set(connection.scalars(_HEARD, {"ids": list(checks)})) if checks else set()
