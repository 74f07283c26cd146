""" "Their phone is now ...": a running follow-up is asked there from now on. Staff see first what that number is.

One transaction, the caller's: a crash leaves all as it was. Phones are held before the follow-up, as whoever reads
messages does; of two at once the second finds what the first has done. What was said and asked stays where it was said
and asked; alerts that are not closed lead to the new phone. On the phone where they were asked before they answer no
more, nor is anything asked or told there that is theirs (`core.people.left_phone`). The clock welcomes the new one
(`core.reminders.first_and_last`).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, Text, Uuid, bindparam, case, delete, exists, func, or_, select, update

from core.access.scope import Scope
from core.care import due, events
from core.care.events import Event, Kind
from core.care.follow_up_opening import Line
from core.care.handling import By, Outcome
from core.care.standing import TODAY, UNITS, one_of
from core.clock import VIETNAM
from core.conversation.context import free_letter
from core.conversation.session import IDLE, Session
from core.database.due import alerts, presence_checks
from core.database.following import follow_ups
from core.database.tables import addresses, members, persons
from core.database.tables import contacts as contact_rows
from core.people import contacts, left_phone
from core.people.contacts import Locked
from core.people.join import mentioned, store
from core.people.persons import link


class Notice(StrEnum):
    """What staff are to know before they say yes."""

    SHARED = "shared"  # others answer there: a family's phone
    WRONG = "wrong"  # somebody there said that the number is wrong
    STOPPED = "stopped"  # said STOP: nobody is written to there
    CALLED = "called"  # a landline, or no way to send: to be called


@dataclass(frozen=True, slots=True)
class Wanted:
    """That follow-up is to be asked there. `seen`: what staff were told of the number."""

    follow_up_id: UUID
    line: Line
    seen: frozenset[Notice] = frozenset()


@dataclass(frozen=True, slots=True)
class Ahead:
    """What would be. `letter`: by which they answer there; `others`: names of the unit's people who do so as well,
    `more`: how many others; `wrong_at`: when the number was said to be wrong; `already`: they are asked there."""

    person_id: UUID
    name: str
    letter: str
    others: tuple[str, ...]
    more: int
    wrong_at: datetime | None
    notices: tuple[Notice, ...]
    already: bool


def look(connection: Connection, scope: Scope, wanted: Wanted) -> Ahead | None:
    """What would be if they were asked there; None if the follow-up is none of the scope's, or over."""
    row = connection.execute(_READ, {"follow_up": wanted.follow_up_id, "units": list(scope.codes)}).one_or_none()
    return _ahead(connection, scope, row, wanted.line) if row else None


def move(connection: Connection, scope: Scope, wanted: Wanted, by: By) -> Outcome | Ahead:
    """They are asked there from now on. If there is more to know than staff were told, nothing is done and that is the
    answer. Done twice it is done once."""
    line = wanted.line
    told = {"follow_up": wanted.follow_up_id, "units": list(scope.codes)}
    before = connection.execute(_READ, told).one_or_none()
    if before is None:
        return Outcome.UNKNOWN
    new = {"id": line.contact_id, "channel": line.channel, "address": line.address, "seen_at": by.at}
    contacts.ensure(connection, [new])
    held = contacts.lock(connection, sorted({line.contact_id} | ({before.contact_id} - {None})), wait=True)
    row = connection.execute(_HELD, told).one_or_none()
    if row is None or row.contact_id not in {before.contact_id, line.contact_id}:
        return Outcome.TOO_LATE
    ahead = _ahead(connection, scope, row, line, mentioned(held[line.contact_id].session))
    if ahead.already:
        return Outcome.DONE
    if not set(ahead.notices) <= wanted.seen:
        return ahead
    _join(connection, row, line, ahead.letter)
    _alerts(connection, row, line, ahead.letter)
    if row.contact_id and row.contact_id != line.contact_id:
        _leave(connection, row, held[row.contact_id])
        left_phone.leave(connection, row.person_id, row.contact_id, line.asked_at, by.at)
    _ask_there(connection, row, line, by.at)
    detail = {"shared": Notice.SHARED in ahead.notices, "called": Notice.CALLED in ahead.notices}
    events.append(connection, [Event(row.id, row.person_id, by.at, by.staff_id, scope.unit_code, Kind.PHONE, detail)])
    return Outcome.DONE


def _ahead(connection: Connection, scope: Scope, row: Row[Any], line: Line, reserved: Collection[str] = ()) -> Ahead:
    told = {"contact": line.contact_id, "units": list(scope.codes)}
    there = connection.execute(_THERE, told).all()
    others = [each for each in there if each.person_id != row.person_id]
    own = next((each.letter for each in there if each.person_id == row.person_id), "")
    wrong_at = connection.scalar(_SAID_WRONG, told)
    so = {
        Notice.SHARED: bool(others),
        Notice.WRONG: wrong_at is not None,
        Notice.STOPPED: bool(connection.scalar(_STOPPED, told)),
        Notice.CALLED: line.asked_at is None,
    }
    named = tuple(each.full_name for each in others if each.full_name)
    return Ahead(
        person_id=row.person_id,
        name=row.full_name,
        letter=own or free_letter((*(each.letter for each in there), *reserved)),
        others=named,
        more=len(others) - len(named),
        wrong_at=wrong_at,
        notices=tuple(notice for notice, true in so.items() if true),
        already=bool(own) and row.contact_id == line.asked_at,
    )


def _join(connection: Connection, row: Row[Any], line: Line, letter: str) -> None:
    link(connection, [{"contact_id": line.contact_id, "letter": letter, "person_id": row.person_id}])
    connection.execute(_SETTLE, {"contact": line.contact_id, "unit": row.unit_code})


def _alerts(connection: Connection, row: Row[Any], line: Line, letter: str) -> None:
    """What a human has still to do about them leads there. A message that was about several keeps them apart."""
    told = {"person": row.person_id, "old": row.contact_id, "new": line.contact_id, "new_letter": letter}
    connection.execute(_MOVE_ALERTS, told | {"other": f"~{letter}"})


def _leave(connection: Connection, row: Row[Any], old: Locked) -> None:
    """What that phone's conversation knows of them is over: their letter may become somebody else's."""
    here = (members.c.contact_id == old.id, members.c.person_id == row.person_id)
    letters = set(connection.scalars(delete(members).where(*here).returning(members.c.letter)))
    if letters & mentioned(old.session):
        store(connection, old.id, _without(old.session, letters))


def _without(session: Session, letters: Collection[str]) -> Session:
    told = {each.letter for each in (session.last, *session.together) if each}
    plain = replace(
        session,
        waiting=tuple(each for each in session.waiting if each not in letters),
        others=tuple(each for each in session.others if each not in letters),
        agreed=tuple(each for each in session.agreed if each.partition(":")[0] not in letters),
        together=tuple(each for each in session.together if each.letter not in letters),
        last=None if told & set(letters) else session.last,
    )
    if session.doubt_of in letters:
        plain = replace(plain, doubt=(), doubt_at=None, doubt_of="")
    return replace(plain, **IDLE) if session.busy else plain


def _ask_there(connection: Connection, row: Row[Any], line: Line, now: datetime) -> None:
    asked = {"follow_up": row.id, "contact": line.asked_at, "today": now.astimezone(VIETNAM).date()}
    connection.execute(_ASK, asked)
    due.move(connection, row.id, line.asked_at, now)
    connection.execute(_ASK_PRESENCE, asked)


_ID, _CONTACT = bindparam("follow_up", type_=Uuid), bindparam("contact", type_=Uuid)
_READ = (
    select(*(follow_ups.c[name] for name in ("id", "person_id", "contact_id", "unit_code")), persons.c.full_name)
    .join(persons, persons.c.id == follow_ups.c.person_id)
    .where(
        follow_ups.c.id == _ID,
        follow_ups.c.unit_code == UNITS.any_(),
        one_of(follow_ups.c.status, "to_verify", "under_follow_up"),
    )
)
_HELD = _READ.with_for_update(of=follow_ups, key_share=True)
_THERE = (
    select(members.c.person_id, members.c.letter)
    .add_columns(case((persons.c.unit_code == UNITS.any_(), persons.c.full_name), else_="").label("full_name"))
    .join(persons, persons.c.id == members.c.person_id)
    .where(members.c.contact_id == _CONTACT)
    .order_by(func.length(members.c.letter), members.c.letter)
)
_SAID_WRONG = select(func.max(alerts.c.raise_at)).where(
    alerts.c.contact_id == _CONTACT, one_of(alerts.c.kind, "wrong_number")
)
_STOPPED = select(func.bool_or(addresses.c.stopped_at.is_not(None))).where(addresses.c.contact_id == _CONTACT)
_SETTLE = (
    update(contact_rows)
    .where(contact_rows.c.id == _CONTACT, contact_rows.c.unit_code.is_(None))
    .values(unit_code=bindparam("unit", type_=Text))
)
_NEW, _LETTER = bindparam("new", type_=Uuid), bindparam("new_letter", type_=Text)
_other = alerts.alias("other_alert")
_taken = exists().where(
    _other.c.inbound_id == alerts.c.inbound_id, _other.c.kind == alerts.c.kind, _other.c.letter == _LETTER
)
_MOVE_ALERTS = (
    update(alerts)
    .where(
        alerts.c.person_id == bindparam("person", type_=Uuid),
        one_of(alerts.c.status, "waiting", "open", "taken"),
        or_(alerts.c.contact_id.is_(None), alerts.c.contact_id == bindparam("old", type_=Uuid)),
    )
    .values(contact_id=_NEW, letter=case((_taken, bindparam("other", type_=Text)), else_=_LETTER))
)
_ASK = (
    update(follow_ups)
    .where(follow_ups.c.id == _ID)
    .values(
        contact_id=_CONTACT,
        welcomed_at=None,
        last_day_told_at=case((follow_ups.c.end_on >= TODAY, None), else_=follow_ups.c.last_day_told_at),
    )
)
_ASK_PRESENCE = (
    update(presence_checks)
    .where(presence_checks.c.follow_up_id == _ID, presence_checks.c.outcome == "", presence_checks.c.told_at.is_(None))
    .values(contact_id=_CONTACT)
)
