"""Opening follow-ups, one or a page of a list: the person, their place on a phone, the follow-up, its first due rows.

One transaction, the caller's. A crash leaves none of it. Two at once about the same unit wait for each other, so that
the second finds what the first has opened: nobody is followed twice, and nobody becomes two persons.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Connection, SmallInteger, Text, Uuid, bindparam, func, select, update
from uuid_utils.compat import uuid7

from core.care import due, events, follow_up_rows
from core.care.events import Event, Kind
from core.care.follow_up_rows import NewPerson, Source
from core.care.follow_up_terms import Settled
from core.care.standing import one_of
from core.conversation.context import free_letter
from core.conversation.fold import fold
from core.database.batch import BatchInsert, Row
from core.database.following import follow_ups
from core.database.tables import contacts as contact_rows
from core.database.tables import members, persons
from core.people import contacts
from core.people.persons import link

CALL = "call"
"""The channel of a number that gets no text: a landline. It is called."""


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
    the same name and year is taken for them. `line` None: they have no phone, or that of a known person is taken.
    """

    who: UUID | NewPerson
    line: Line | None
    settled: Settled
    unit_code: str


class Outcome(StrEnum):
    """What became of one."""

    OPENED = "opened"
    ALREADY = "already"  # they have an open one


@dataclass(frozen=True, slots=True)
class Opened:
    """What became of one, and whose it is."""

    outcome: Outcome
    person_id: UUID


@dataclass(slots=True)
class _Page:
    """What a page is about to write. `people` by who they are on which phone."""

    people: dict[tuple[UUID | None, str, int | None], UUID]
    letters: dict[UUID, list[str]]
    phones: dict[UUID, UUID]  # of a known person: where they wrote last
    followed: set[UUID]
    new: list[Row] = field(default_factory=list)
    links: list[Row] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)


def open_all(
    connection: Connection, wanted: Sequence[Wanted], source: Source, unit_code: str, now: datetime
) -> list[Opened]:
    """Open these, in their order. `unit_code`: of whoever opens them. A dozen statements, however many."""
    if not wanted:
        return []
    _queue(connection, wanted)
    _hold(connection, [each.line for each in wanted if each.line], now)
    page = _known(connection, wanted)
    made = [_one(page, each, now) for each in wanted]
    _NEW_PERSON.run(connection, page.new)
    link(connection, page.links)
    rows = follow_up_rows.sourced(page.rows, source, now)
    written = follow_up_rows.insert(connection, rows)
    fresh = [row for row in rows if row["id"] in written]
    if not source.verify_by:
        due.plan_for(connection, fresh, now)
    _settle_units(connection, fresh)
    events.append(connection, [_event(row, source, unit_code, now) for row in fresh])
    opened = {row["person_id"] for row in fresh}
    outcomes = {True: Outcome.OPENED, False: Outcome.ALREADY}
    return [Opened(outcomes[first and person in opened], person) for person, first in made]


def _queue(connection: Connection, wanted: Sequence[Wanted]) -> None:
    """One at a time for each unit: two imports of the same list, or two nurses with the same paper."""
    for code in sorted({each.unit_code for each in wanted}):
        connection.execute(_ONE_AT_A_TIME, {"what": f"follow-ups {code}"})


def _hold(connection: Connection, lines: Sequence[Line], now: datetime) -> None:
    """Their phones, so that nobody gets a letter there meanwhile."""
    met = {one.contact_id: one for one in lines}
    rows = [{"id": o.contact_id, "channel": o.channel, "address": o.address, "seen_at": now} for o in met.values()]
    contacts.ensure(connection, rows)
    contacts.lock(connection, sorted(met), wait=True)


def _known(connection: Connection, wanted: Sequence[Wanted]) -> _Page:
    lines = sorted({each.line.contact_id for each in wanted if each.line})
    given = [each.who for each in wanted if isinstance(each.who, UUID)]
    people: dict[tuple[UUID | None, str, int | None], UUID] = {}
    letters: dict[UUID, list[str]] = defaultdict(list)
    for row in connection.execute(_ON_PHONES, {"ids": lines}):
        letters[row.contact_id].append(row.letter)
        people.setdefault((row.contact_id, row.folded_name, row.year_of_birth), row.person_id)
    for row in connection.execute(_WITHOUT_PHONE, _described(wanted)):
        people.setdefault((None, row.folded_name, row.year_of_birth), row.person_id)
    phones = {row.person_id: row.contact_id for row in connection.execute(_PHONES, {"ids": given})}
    ids = [*given, *people.values()]
    followed = set(connection.scalars(_FOLLOWED, {"ids": ids}))
    return _Page(people, letters, phones, followed)


def _described(wanted: Sequence[Wanted]) -> dict[str, Any]:
    new = [(each.who, each.unit_code) for each in wanted if isinstance(each.who, NewPerson) and each.line is None]
    return {
        "units": [unit for _, unit in new],
        "names": [fold(who.full_name).text for who, _ in new],
        "years": [who.year_of_birth for who, _ in new],
    }


def _one(page: _Page, wanted: Wanted, now: datetime) -> tuple[UUID, bool]:
    """Whose it is, and whether they had none before."""
    person, contact = _person(page, wanted, now)
    if person in page.followed:
        return person, False
    page.followed.add(person)
    page.rows.append(follow_up_rows.row(uuid7(), person, contact, wanted.unit_code, wanted.settled))
    return person, True


def _person(page: _Page, wanted: Wanted, now: datetime) -> tuple[UUID, UUID | None]:
    """Who they are, met here if nobody knew them, and where they are asked."""
    line = wanted.line
    if isinstance(wanted.who, UUID):
        if line is None:
            return wanted.who, page.phones.get(wanted.who)
        if wanted.who not in {person for (contact, *_), person in page.people.items() if contact == line.contact_id}:
            _link(page, line, wanted.who)
        return wanted.who, line.asked_at
    key = (line.contact_id if line else None, fold(wanted.who.full_name).text, wanted.who.year_of_birth)
    person = page.people.get(key)
    if person is None:
        person = page.people[key] = uuid7()
        page.new.append(follow_up_rows.person_row(person, wanted.who, now))
        if line:
            _link(page, line, person)
    return person, line.asked_at if line else None


def _link(page: _Page, line: Line, person: UUID) -> None:
    letter = free_letter(page.letters[line.contact_id])
    page.letters[line.contact_id].append(letter)
    page.links.append({"contact_id": line.contact_id, "letter": letter, "person_id": person})


def _settle_units(connection: Connection, fresh: Sequence[Row]) -> None:
    """A phone of nobody known belongs to the unit now."""
    for code in sorted({row["unit_code"] for row in fresh}):
        ids = [row["contact_id"] for row in fresh if row["unit_code"] == code and row["contact_id"]]
        connection.execute(_SETTLE, {"ids": ids, "unit": code})


def _event(row: Mapping[str, Any], source: Source, unit_code: str, now: datetime) -> Event:
    detail = {
        "source": source.kind,
        "group": row["group"],
        "end_on": row["end_on"].isoformat(),
        "document": row["document"],
    }
    return Event(row["id"], row["person_id"], now, source.by, unit_code, Kind.OPENED, detail)


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
_STANDS = func.coalesce(persons.c.merged_into, persons.c.id).label("person_id")
_ON_PHONES = (
    select(members.c.contact_id, members.c.letter, persons.c.folded_name, persons.c.year_of_birth, _STANDS)
    .join(persons, persons.c.id == members.c.person_id)
    .where(members.c.contact_id == _IDS)
)
_looked_for = (
    func.unnest(
        bindparam("units", type_=ARRAY(Text)),
        bindparam("names", type_=ARRAY(Text)),
        bindparam("years", type_=ARRAY(SmallInteger)),
    )
    .table_valued("unit", "name", "year")
    .render_derived(name="looked_for")
)
_WITHOUT_PHONE = select(persons.c.folded_name, persons.c.year_of_birth, _STANDS).join(
    _looked_for,
    (persons.c.unit_code == _looked_for.c.unit)
    & (persons.c.folded_name == _looked_for.c.name)
    & persons.c.year_of_birth.is_not_distinct_from(_looked_for.c.year)
    & ~select(members.c.person_id).where(members.c.person_id == persons.c.id).exists(),
)
_PHONES = (
    select(members.c.person_id, members.c.contact_id)
    .distinct(members.c.person_id)
    .join(contact_rows, contact_rows.c.id == members.c.contact_id)
    .where(members.c.person_id == _IDS, contact_rows.c.channel != CALL)
    .order_by(members.c.person_id, contact_rows.c.seen_at.desc(), members.c.contact_id)
)
_FOLLOWED = select(follow_ups.c.person_id).where(
    follow_ups.c.person_id == _IDS, one_of(follow_ups.c.status, "to_verify", "under_follow_up")
)
_SETTLE = (
    update(contact_rows)
    .where(contact_rows.c.id == _IDS, contact_rows.c.unit_code.is_(None))
    .values(unit_code=bindparam("unit", type_=Text))
)
