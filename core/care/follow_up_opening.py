"""Opening follow-ups, one or a page of a list: the person, their place on a phone, the follow-up, its first due rows.
Who was only to be verified is verified by that, and followed from today on.

One transaction, the caller's. A crash leaves none of it. Two at once about the same unit wait for each other, so that
the second finds what the first has opened: nobody is followed twice, and nobody becomes two persons.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Connection, Text, Uuid, bindparam, func, select, update
from uuid_utils.compat import uuid7

from core.care import due, events, follow_up_rows, proposals
from core.care.events import Event, Kind
from core.care.follow_up_rows import NewPerson, Source
from core.care.follow_up_terms import Settled
from core.care.likeness import Described, Likeness, likeness
from core.care.opening_page import CALL, Page, known, phones_of
from core.care.standing import one_of
from core.conversation.context import free_letter
from core.conversation.fold import fold
from core.database.batch import BatchInsert, BatchUpdate, Row
from core.database.due import due_checks
from core.database.following import follow_ups
from core.database.tables import contacts as contact_rows
from core.database.tables import persons
from core.people import contacts
from core.people.persons import link


@dataclass(frozen=True, slots=True)
class Line:
    """Where a person answers: a contact that the directory knows, and its address."""

    contact_id: UUID
    channel: str
    address: str

    @property
    def asked_at(self) -> UUID | None:
        """The contact, if it can be written to."""
        return None if self.channel == CALL else self.contact_id


@dataclass(frozen=True, slots=True)
class Wanted:
    """One follow-up. `who`: somebody known, by id, or as staff describe them: then a known person of that phone with
    the same name and year is taken for them, or one of the unit who is clearly the same (`core.care.likeness`). `line`
    None: they have no phone, or that of a known person is taken.
    """

    who: UUID | NewPerson
    line: Line | None
    settled: Settled
    unit_code: str


class Outcome(StrEnum):
    """What became of one."""

    OPENED = "opened"
    VERIFIED = "verified"  # they had one that was to be verified: now it is, under these terms
    ALREADY = "already"  # they are followed
    PERHAPS = "perhaps"  # they may be the person named, or another one: nothing was done
    PROPOSED = "proposed"  # they are followed for less: the nearer level is proposed
    GONE = "gone"  # staff ended their follow-up since they died or left: nothing was done


@dataclass(frozen=True, slots=True)
class Opened:
    """What became of one, and whose it is."""

    outcome: Outcome
    person_id: UUID


@dataclass(frozen=True, slots=True)
class _Who:
    """Whom a row is about, or may be, and where they are asked. `joins`: the phone that they are not on yet."""

    person_id: UUID
    contact_id: UUID | None
    joins: Line | None = None
    sure: bool = True


def open_all(
    connection: Connection, wanted: Sequence[Wanted], source: Source, unit_code: str, now: datetime
) -> list[Opened]:
    """Open these, in their order. `unit_code`: of whoever opens them. A dozen statements, however many. `source` has no
    deadline: what staff open needs no verifying."""
    if not wanted:
        return []
    _queue(connection, wanted)
    given = [each.who for each in wanted if isinstance(each.who, UUID)]
    lines = [each.line for each in wanted if each.line]
    phones = phones_of(connection, given)
    _hold(connection, lines, phones.values(), now)
    named = {_key(each.who, each.unit_code) for each in wanted if isinstance(each.who, NewPerson)}
    page = known(connection, {line.contact_id for line in lines}, phones, given, named)
    made = [_one(page, each, now) for each in wanted]
    _NEW_PERSON.run(connection, page.new)
    link(connection, page.links)
    rows = follow_up_rows.sourced(page.rows, source, now)
    written = follow_up_rows.insert(connection, rows)
    fresh = [row for row in rows if row["id"] in written]
    _VERIFY.run(connection, [{name: row[name] for name in _VERIFIED} for row in page.verified])
    for row in page.reached:
        connection.execute(_REACH, row)
        connection.execute(_REACH_CHECKS, row)
    unwritten = {row["id"] for row in rows} - written
    nearer = [one for one in page.nearer if one.follow_up["id"] not in unwritten]
    decided = proposals.propose_listed(connection, nearer, now)
    due.plan_for(connection, fresh + page.verified, now)
    _settle_units(connection, fresh + page.verified)
    said = [(row, Kind.OPENED) for row in fresh] + [(row, Kind.VERIFIED) for row in page.verified]
    reached = [
        Event(row["follow_up"], row["person"], now, source.by, unit_code, Kind.PHONE, {}) for row in page.reached
    ]
    events.append(connection, [*(_event(row, kind, source, (unit_code, now)) for row, kind in said), *reached])
    missed = {row["person_id"] for row in rows if row["id"] in unwritten}
    nothing = {Outcome.PROPOSED: missed | decided}
    return [Opened(Outcome.ALREADY if who in nothing.get(what, missed) else what, who) for who, what in made]


def _queue(connection: Connection, wanted: Sequence[Wanted]) -> None:
    """One at a time for each unit: two imports of the same list, or two nurses with the same paper."""
    for code in sorted({each.unit_code for each in wanted}):
        connection.execute(_ONE_AT_A_TIME, {"what": f"follow-ups {code}"})


def _hold(connection: Connection, lines: Sequence[Line], others: Iterable[UUID], now: datetime) -> None:
    """Their phones, so that nobody gets a letter there meanwhile; before all else, as whoever reads messages does."""
    met = {one.contact_id: one for one in lines}
    rows = [{"id": o.contact_id, "channel": o.channel, "address": o.address, "seen_at": now} for o in met.values()]
    contacts.ensure(connection, rows)
    contacts.lock(connection, sorted({*met, *others}), wait=True)


def _key(who: NewPerson, unit_code: str) -> tuple[str, str, int | None]:
    return unit_code, fold(who.full_name).text, who.year_of_birth


def _one(page: Page, wanted: Wanted, now: datetime) -> tuple[UUID, Outcome]:
    """Whose it is, and what becomes of it. A follow-up that is verified stays with the unit where it was declared."""
    who = _person(page, wanted, now)
    person = who.person_id
    if not who.sure:
        return person, Outcome.PERHAPS
    if person in page.made or person in page.followed:
        return person, _again(page, wanted, who)
    open_ = page.to_verify.get(person)
    if open_ and isinstance(wanted.who, NewPerson) and open_["unit_code"] != wanted.unit_code:
        return person, Outcome.ALREADY  # that unit verifies them, and knows what they declared
    if not open_ and isinstance(wanted.who, NewPerson) and person in page.gone:
        return person, Outcome.GONE
    _join(page, who)
    if open_:
        begun = {"status": "under_follow_up", "verify_by": None, "contact_id": who.contact_id or open_["contact_id"]}
        terms = follow_up_rows.settled_columns(wanted.settled) | {"start_on": wanted.settled.start_on}
        page.made[person] = verified = open_ | terms | begun
        page.verified.append(verified)
        return person, Outcome.VERIFIED
    page.made[person] = opened = follow_up_rows.row(uuid7(), person, who.contact_id, wanted.unit_code, wanted.settled)
    page.rows.append(opened)
    return person, Outcome.OPENED


def _again(page: Page, wanted: Wanted, who: _Who) -> Outcome:
    """Who is followed stays so, on the phone where they are asked: another one is for staff to enter on their page. One
    who had none is asked on this; and a nearer level than theirs is proposed to whoever decides about it."""
    person = who.person_id
    open_ = page.made.get(person) or page.followed[person]
    if person not in page.made and open_["contact_id"] is None and who.contact_id and open_["person_id"] == person:
        _join(page, who)
        page.reached.append({"follow_up": open_["id"], "person": person, "contact": who.contact_id})
    if not proposals.is_nearer(wanted.settled.group, open_["group"]):
        return Outcome.ALREADY
    page.nearer.append(proposals.Listed(person, open_, wanted.settled.group, wanted.settled.last_contact_on))
    return Outcome.PROPOSED


def _person(page: Page, wanted: Wanted, now: datetime) -> _Who:
    """Who they are, met here if nobody knew them."""
    line, who = wanted.line, wanted.who
    asked_at = line.asked_at if line else None
    if isinstance(who, UUID):
        if line is None:
            return _Who(who, page.phones.get(who))
        known_there = {person for (contact, *_), person in page.people.items() if contact == line.contact_id}
        return _Who(who, asked_at, None if who in known_there else line)
    key = _key(who, wanted.unit_code)
    if line and (person := page.people.get((line.contact_id, *key[1:]))):
        there = (line.contact_id, person) in page.there  # else only a twin of theirs is
        return _Who(person, asked_at, None if there else line)
    one = Described(uuid7(), who.gender, who.hamlet, who.address, line is not None)
    likely = [(likeness(one, other), other) for other in page.called[key]]
    same = next((other.person_id for how, other in likely if how is Likeness.SAME), None)
    if same is None and (unsure := next((other for how, other in likely if how is Likeness.UNSURE), None)):
        return _Who(unsure.person_id, None, sure=False)
    if same is None:
        page.called[key].append(one)
        page.new.append(follow_up_rows.person_row(one.person_id, who, now))
    if line:
        page.people[line.contact_id, *key[1:]] = same or one.person_id
    return _Who(same or one.person_id, asked_at, line)


def _join(page: Page, who: _Who) -> None:
    """A letter on the phone for whoever is followed there from now on."""
    if line := who.joins:
        letter = free_letter(page.letters[line.contact_id])
        page.letters[line.contact_id].append(letter)
        page.there.add((line.contact_id, who.person_id))
        page.links.append({"contact_id": line.contact_id, "letter": letter, "person_id": who.person_id})


def _settle_units(connection: Connection, fresh: Sequence[Row]) -> None:
    """A phone of nobody known belongs to the unit now."""
    for code in sorted({row["unit_code"] for row in fresh}):
        ids = [row["contact_id"] for row in fresh if row["unit_code"] == code and row["contact_id"]]
        connection.execute(_SETTLE, {"ids": ids, "unit": code})


def _event(row: Mapping[str, Any], kind: Kind, source: Source, where: tuple[str, datetime]) -> Event:
    unit_code, now = where
    detail = {
        "source": source.kind,
        "group": row["group"],
        "end_on": row["end_on"].isoformat(),
        "document": row["document"],
    }
    return Event(row["id"], row["person_id"], now, source.by, unit_code, kind, detail)


_IDS = bindparam("ids", type_=ARRAY(Uuid)).any_()
_ONE_AT_A_TIME = select(func.pg_advisory_xact_lock(func.hashtextextended(bindparam("what", type_=Text), 0)))
_NEW_PERSON = BatchInsert(
    persons,
    [
        "id",
        "full_name",
        "folded_name",
        "sort_key",
        "year_of_birth",
        "gender",
        "nationality",
        "unit_code",
        "address",
        "hamlet",
        "created_at",
    ],
)
_REACH = (
    update(follow_ups)
    .where(follow_ups.c.id == bindparam("follow_up", type_=Uuid))
    .values(contact_id=bindparam("contact", type_=Uuid), welcomed_at=None)
)
_REACH_CHECKS = (
    update(due_checks)
    .where(
        due_checks.c.follow_up_id == bindparam("follow_up", type_=Uuid),
        one_of(due_checks.c.status, "not_performed"),
        due_checks.c.contact_id.is_(None),
    )
    .values(contact_id=bindparam("contact", type_=Uuid))
)
_TERMS = ("group", "place", "end_on", "watch_from", "last_contact_on", "vaccinated", "document", "test_days", "hours")
_VERIFIED = ("id", "contact_id", "status", "verify_by", "start_on", *_TERMS)
_VERIFY = BatchUpdate(follow_ups, "id", _VERIFIED[1:])
_SETTLE = (
    update(contact_rows)
    .where(contact_rows.c.id == _IDS, contact_rows.c.unit_code.is_(None))
    .values(unit_code=bindparam("unit", type_=Text))
)
