"""A follow-up goes from one unit to another once that one takes it; until then the old unit acts.

Both see the offer and what became of it. With the acceptance go the follow-up, what is still due, alerts that nobody
has closed, levels that wait and the person's own row; what was said and done before stays with the unit where it was.
Everything of one decision is the caller's transaction: a crash leaves the person with one unit, never with none or two.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, DateTime, Row, Uuid, and_, bindparam, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from uuid_utils.compat import uuid7

from core.access.scope import Scope
from core.care import events
from core.care.events import Event, Kind
from core.care.handling import NOTE, By, Outcome
from core.care.standing import UNITS, one_of
from core.care.today import Who
from core.conversation.fold import words
from core.database.due import alert_notices, alerts, due_checks
from core.database.following import follow_ups, level_proposals, test_results, transfers
from core.database.tables import contacts, members, persons
from core.people import contacts as phone_rows
from core.people import households
from core.places.tree import UnitTree

MOST = 200
RECENT = timedelta(days=30)
"""How long an answered offer is listed."""


@dataclass(frozen=True, slots=True)
class Offer:
    """To whom a person's follow-up is offered, and why."""

    person_id: UUID
    to_unit: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the other unit says. `word` is never empty where it refuses. `hamlet`, `address`: where the person is to be
    found from now on; empty: as it was.
    """

    transfer_id: UUID
    accepted: bool
    word: str = ""
    hamlet: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class TransferRow:
    """An offer and what became of it: offered, accepted, refused, withdrawn."""

    id: UUID
    who: Who
    from_unit: str
    to_unit: str
    status: str
    reason: str
    offered_at: datetime
    answered_at: datetime | None
    answer: str
    group: str
    place: str


_OPEN = one_of(follow_ups.c.status, "to_verify", "under_follow_up")
_OFFERED = one_of(transfers.c.status, "offered")
_ID = bindparam("wanted", type_=Uuid)
_FOLLOW = (
    select(follow_ups.c.id, follow_ups.c.person_id, follow_ups.c.contact_id, follow_ups.c.unit_code)
    .where(_OPEN)
    .with_for_update(key_share=True)
)
_OF_PERSON = _FOLLOW.where(follow_ups.c.person_id == _ID, follow_ups.c.unit_code == UNITS.any_())
_OF_TRANSFER = _FOLLOW.where(follow_ups.c.id == _ID, follow_ups.c.unit_code == bindparam("unit"))
_TO_US = select(transfers).where(transfers.c.id == _ID, transfers.c.to_unit == UNITS.any_()).with_for_update()
_FROM_US = select(transfers).where(transfers.c.id == _ID, transfers.c.from_unit == UNITS.any_()).with_for_update()
_PHONE_OF = (
    select(follow_ups.c.contact_id)
    .join(transfers, transfers.c.follow_up_id == follow_ups.c.id)
    .where(transfers.c.id == _ID, follow_ups.c.contact_id.is_not(None))
)
_UNTELL = delete(alert_notices).where(
    alert_notices.c.alert_id.in_(select(alerts.c.id).where(alerts.c.person_id == _ID, one_of(alerts.c.status, "open")))
)
_ALONE = (
    update(contacts)
    .where(contacts.c.id == bindparam("contact", type_=Uuid))
    .where(select(func.count()).where(members.c.contact_id == bindparam("contact", type_=Uuid)).scalar_subquery() == 1)
    .values(unit_code=bindparam("unit"))
)


def units_called(tree: UnitTree, asked: str, beside: str) -> tuple[str, ...]:
    """Units by code, or by words of their name in any spelling: those called exactly so, else those with all the words.
    Never `beside` itself."""
    if asked.strip() in tree.facts:
        return (asked.strip(),)
    wanted = words(asked)
    if not wanted:
        return ()
    names = {code: words(facts.name) for code, facts in tree.facts.items() if code != beside}
    exact = sorted(code for code, name in names.items() if name == wanted)
    return tuple(exact or sorted(code for code, name in names.items() if set(wanted.split()) <= set(name.split())))


def elsewhere(tree: UnitTree, unit: str, other: str) -> bool:
    """Whether they belong to different provinces: a follow-up cannot go there."""
    return tree.provinces.get(unit) != tree.provinces.get(other)


def offer(connection: Connection, scope: Scope, offered: Offer, by: By, tree: UnitTree) -> Outcome:
    """Ask another unit to take somebody. WRONG: no such unit, the same one, or one of another province. TOO_LATE: it is
    offered already."""
    follow = connection.execute(_OF_PERSON, {"wanted": offered.person_id, "units": list(scope.codes)}).one_or_none()
    if follow is None:
        return Outcome.UNKNOWN
    to = offered.to_unit
    if to not in tree.facts or to == follow.unit_code or elsewhere(tree, follow.unit_code, to):
        return Outcome.WRONG
    row = {
        "id": uuid7(),
        "follow_up_id": follow.id,
        "person_id": follow.person_id,
        "from_unit": follow.unit_code,
        "to_unit": to,
        "reason": _short(offered.reason),
        "offered_at": by.at,
        "offered_by": by.staff_id,
    }
    made = insert(transfers).values(row).on_conflict_do_nothing().returning(transfers.c.id)
    if connection.scalar(made) is None:
        return Outcome.TOO_LATE
    _note(connection, scope, row, by, (Kind.OFFERED, {"to": to}))
    return Outcome.DONE


def answer(connection: Connection, scope: Scope, said: Answer, by: By) -> Outcome:
    """Take somebody over, or refuse with a word. TOO_LATE: withdrawn, answered, or the follow-up ended or moved."""
    if not said.accepted and not said.word.strip():
        return Outcome.WRONG
    phones = list(connection.scalars(_PHONE_OF, {"wanted": said.transfer_id}))
    phone_rows.lock(connection, phones, wait=True)  # before anything that a message on that phone holds later
    found = connection.execute(_TO_US, {"wanted": said.transfer_id, "units": list(scope.codes)}).one_or_none()
    if found is None:
        return Outcome.UNKNOWN
    if found.status != "offered":
        return Outcome.TOO_LATE
    follow = connection.execute(_OF_TRANSFER, {"wanted": found.follow_up_id, "unit": found.from_unit}).one_or_none()
    if follow is None:
        _settle(connection, found.id, "withdrawn", by, "")
        return Outcome.TOO_LATE
    status = "accepted" if said.accepted else "refused"
    _settle(connection, found.id, status, by, said.word)
    if said.accepted:
        _move(connection, follow, found.to_unit, said, by)
        if follow.contact_id in phones:
            connection.execute(_ALONE, {"contact": follow.contact_id, "unit": found.to_unit})
    kind = Kind.MOVED if said.accepted else Kind.ANSWERED
    _note(connection, scope, found._mapping, by, (kind, {"from": found.from_unit, "to": found.to_unit}))
    return Outcome.DONE


def withdraw(connection: Connection, scope: Scope, transfer_id: UUID, by: By) -> Outcome:
    """Take an offer back that nobody has answered yet."""
    found = connection.execute(_FROM_US, {"wanted": transfer_id, "units": list(scope.codes)}).one_or_none()
    if found is None:
        return Outcome.UNKNOWN
    if found.status != "offered":
        return Outcome.TOO_LATE
    _settle(connection, found.id, "withdrawn", by, "")
    _note(connection, scope, found._mapping, by, (Kind.ANSWERED, {"withdrawn": True, "to": found.to_unit}))
    return Outcome.DONE


def listed(connection: Connection, scope: Scope, now: datetime) -> tuple[TransferRow, ...]:
    """Offers from and to the scope's units: open ones first, then the newest of the last month."""
    told = {"units": list(scope.codes), "since": now - RECENT, "most": MOST}
    return tuple(_row(row) for row in connection.execute(_LISTED, told))


def of_person(connection: Connection, scope: Scope, person_id: UUID) -> TransferRow | None:
    """The newest offer about somebody that is from or to one of the scope's units."""
    told = {"units": list(scope.codes), "wanted": person_id}
    row = connection.execute(_NEWEST, told).one_or_none()
    return _row(row) if row else None


def _move(connection: Connection, follow: Row[Any], to: str, said: Answer, by: By) -> None:
    """An alert that somebody of the old unit had taken is open again: those who act now are told, with a new code,
    however old it is; and the duty phones that were told until now act no more."""
    told_anew = {"code": "", "tier": 0, "escalate_at": None, "again_at": None, "moved_at": by.at}
    person = follow.person_id
    found = {"hamlet": _short(said.hamlet), "address": _short(said.address)}
    where = {name: value for name, value in found.items() if value} or {"hamlet": ""}
    moved = update(follow_ups).where(follow_ups.c.id == follow.id)
    connection.execute(moved.values(unit_code=to, facility_id=None, room=""))
    connection.execute(update(persons).where(persons.c.id == person).values(unit_code=to, **where))
    households.part(connection, [person], by.at)
    mine = due_checks.c.follow_up_id == follow.id
    connection.execute(
        update(due_checks).where(mine, one_of(due_checks.c.status, "not_performed")).values(unit_code=to)
    )
    raised = update(alerts).where(alerts.c.person_id == person)
    connection.execute(raised.where(one_of(alerts.c.status, "waiting")).values(unit_code=to))
    again = {"status": "open", "taken_by": None, "taken_at": None, "unit_code": to}
    connection.execute(raised.where(one_of(alerts.c.status, "open", "taken")).values(again | told_anew))
    connection.execute(_UNTELL, {"wanted": person})
    waits = update(level_proposals).where(level_proposals.c.follow_up_id == follow.id)
    connection.execute(waits.where(one_of(level_proposals.c.status, "proposed")).values(unit_code=to))
    tests = update(test_results).where(test_results.c.person_id == person, test_results.c.result == "pending")
    connection.execute(tests.values(unit_code=to))


def _settle(connection: Connection, transfer_id: UUID, status: str, by: By, word: str) -> None:
    decided = {"status": status, "answered_at": by.at, "answered_by": by.staff_id, "answer": _short(word)}
    connection.execute(update(transfers).where(transfers.c.id == transfer_id).values(decided))


def _note(
    connection: Connection, scope: Scope, about: Mapping[Any, Any], by: By, what: tuple[Kind, dict[str, Any]]
) -> None:
    whose = about["follow_up_id"], about["person_id"]
    events.append(connection, [Event(*whose, by.at, by.staff_id, scope.unit_code, *what)])


def _short(text: str) -> str:
    return " ".join(text.split())[:NOTE]


def _row(row: Row[Any]) -> TransferRow:
    who = Who(row.person_id, row.full_name, row.year_of_birth, row.gender)
    rest = (row.offered_at, row.answered_at, row.answer, row.group, row.place)
    return TransferRow(row.id, who, row.from_unit, row.to_unit, row.status, row.reason, *rest)


_HERE = or_(transfers.c.from_unit == UNITS.any_(), transfers.c.to_unit == UNITS.any_())
_SHOWN = (
    select(
        transfers,
        persons.c.full_name,
        persons.c.year_of_birth,
        persons.c.gender,
        follow_ups.c.group,
        follow_ups.c.place,
    )
    .join(persons, persons.c.id == transfers.c.person_id)
    .join(follow_ups, follow_ups.c.id == transfers.c.follow_up_id)
)
_LISTED = (
    _SHOWN.where(
        and_(_HERE, or_(_OFFERED, transfers.c.offered_at >= bindparam("since", type_=DateTime(timezone=True))))
    )
    .order_by(_OFFERED.desc(), transfers.c.offered_at.desc(), transfers.c.id)
    .limit(bindparam("most"))
)
_NEWEST = (
    _SHOWN.where(_HERE, transfers.c.person_id == _ID)
    .order_by(transfers.c.offered_at.desc(), transfers.c.id.desc())
    .limit(1)
)
