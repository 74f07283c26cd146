"""Reminders: who is due is asked once per due time. Only rows are written; the worker sends them.

The due rows are marked in the same transaction that puts their text in line, under the lock of their contact: a crash
leaves neither or both, and two clocks cannot ask twice. The claim looks once more before sending
(`core.messaging.outbox`): somebody who answered meanwhile is not asked.

Who is asked is decided by `core.reminders.may` and nowhere else: the statement that finds who is due only spares it
those of whom it would say that they were asked already, or that their time has not come.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Integer, Row, Text, bindparam, cast, func, literal_column, select, update

from core.conversation.context import UnitFacts
from core.conversation.wording import word, word_choices
from core.database.due import due_checks
from core.database.following import follow_ups
from core.database.tables import contacts, persons
from core.messaging.buttons import stored
from core.messaging.channel import Rendered
from core.messaging.route import Address, Barred, route
from core.people.addresses import by_contact
from core.people.lines import Line, count, hold
from core.pipeline.services import Services
from core.reminders.alike import (
    DUE,
    GIVEN,
    ILL,
    MAY_KEY,
    NOW,
    OPEN,
    PLAN,
    SAY_KEY,
    SIMPLE,
    STILL_OPEN,
    THERE,
    Learned,
    joined,
    parameters,
)
from core.reminders.may import Facts, Moment, may, moment
from core.reminders.rows import REMINDERS, text_id
from core.reminders.words import Whom, answers, reminder, whom_of

AGAIN = timedelta(hours=1)
"""Who cannot be asked now, since nothing arrives, is looked at again so much later: they may write from another phone.
Who said STOP is asked at their next hour, if they said BAT DAU by then."""

_part = func.mod(
    func.abs(func.uuid_hash(due_checks.c.contact_id, type_=Integer).op("/")(literal_column("2"))),
    bindparam("parts", type_=Integer),
)
"""Compared by how far it is from the wanted one: of an equality the planner expects one row in two hundred, and reads
and sorts the whole table for each page rather than the beginning of an index."""
_PAGE = (
    select(due_checks.c.contact_id)
    .where(*OPEN, due_checks.c.remind_at <= NOW, due_checks.c.closes_at > NOW)
    .where(func.abs(_part - bindparam("part", type_=Integer)) < literal_column("1"))
    .order_by(due_checks.c.remind_at)
    .limit(bindparam("most"))
    .subquery("page")
)
_WHERE_DUE = select(func.string_agg(cast(_PAGE.c.contact_id, Text), literal_column("','")))
_held = (
    select(contacts.c.id)
    .where(contacts.c.id == GIVEN.any_())
    .order_by(contacts.c.id)
    .with_for_update(key_share=True, skip_locked=True)
    .cte("held")
)
_given = select(func.unnest(GIVEN).label("id")).subquery("given")
_HOLD = select(
    select(func.string_agg(cast(_held.c.id, Text), literal_column("','"))).scalar_subquery(),
    select(func.count()).select_from(_given.join(_held, _held.c.id == _given.c.id)).scalar_subquery(),
    *PLAN,
)
_WHO = joined(
    (
        *(DUE.c[name] for name in ("id", "contact_id", "unit_code", "status", "closes_at", "reminded_at")),
        follow_ups.c.status.label("follow_up"),
        follow_ups.c.watch_from,
        ILL.label("ill"),
        THERE.c.letter,
        persons.c.full_name,
        persons.c.year_of_birth,
        persons.c.gender,
        THERE.c.alone,
        func.coalesce(SIMPLE, literal_column("false")).label("simple"),
        MAY_KEY.label("may_key"),
        SAY_KEY.label("say_key"),
    )
).order_by(DUE.c.contact_id, func.length(THERE.c.letter), THERE.c.letter, DUE.c.due_at)
MARK = update(due_checks).where(due_checks.c.id == GIVEN.any_(), *STILL_OPEN).values(reminded_at=NOW)
_NEVER = update(due_checks).where(due_checks.c.id == GIVEN.any_(), *STILL_OPEN).values(remind_at=due_checks.c.closes_at)
_LATER = update(due_checks).where(due_checks.c.id == GIVEN.any_(), *STILL_OPEN).values(remind_at=NOW + AGAIN)


@dataclass(frozen=True, slots=True)
class _Wording:
    """What the words of a reminder depend on."""

    unit_code: str
    whom: Whom
    language: str
    channel: str
    accents: bool


@dataclass(slots=True)
class _Page:
    """What one page writes: outbox rows by their words, the checks that are asked about, and those that are not;
    of the simple ones that are, the number of their words."""

    worded: dict[_Wording, int] = field(default_factory=dict)
    words: list[dict[str, Any]] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)
    asked: list[UUID] = field(default_factory=list)
    again: list[UUID] = field(default_factory=list)
    never: list[UUID] = field(default_factory=list)
    simple: list[tuple[Row[Any], int]] = field(default_factory=list)


def enqueue(
    services: Services, limit: int = 500, *, part: int = 0, parts: int = 1, learned: Learned | None = None
) -> int:
    """Put the reminders that are due in line, about at most `limit` check-ins; how many were due. Call again while it
    is `limit`. Of a phone that somebody else holds, none is counted.

    The text goes where the person wrote last, or to another address of theirs (`core.messaging.route`). Who cannot be
    asked is not marked as asked; where nothing arrives it is looked at again after `AGAIN`. One text a contact, also
    when several people there are due. In quiet hours nobody is looked at. `part` of `parts`: those phones alone, so
    that several threads share a morning. `learned`: from the pages before, of this thread.
    """
    at = moment(services.clock.now())
    if at.quiet:
        return 0
    known = learned or Learned()
    known.begin(at.today)
    with services.engine.begin() as connection:
        where = connection.scalar(_WHERE_DUE, {"now": at.now, "most": limit, "part": part, "parts": parts})
        held, found, *_ = connection.execute(_HOLD, {"ids": where}).one() if where else ("", 0)
        told = parameters(at.now, at.today.year, services.on.values())
        if held and (left := known.put(connection, held, told)):
            _one_by_one(connection, services, at, (left, told, known))
    return int(found)


def _one_by_one(
    connection: Connection, services: Services, at: Moment, those: tuple[str, Mapping[str, Any], Learned]
) -> None:
    """Decide row by row, and learn of whom is simple. `those`: contacts, what statements are told, what is known."""
    ids, told, known = those
    lines = hold(connection, list(map(UUID, ids.split(","))))
    due = connection.execute(_WHO, {"ids": ids, **told}).all()
    page = _page(services, due, lines, by_contact(connection, lines), at)
    _write(connection, page, at.now)
    for check, number in page.simple:
        known.learn(check.may_key, check.say_key, page.words[number])


def _write(connection: Connection, page: _Page, now: datetime) -> None:
    REMINDERS.run(connection, page.rows, page.words, now)
    count(connection, {row["contact_id"]: row["seq"] for row in page.rows})
    for statement, ids in ((MARK, page.asked), (_LATER, page.again), (_NEVER, page.never)):
        if ids:
            connection.execute(statement, {"ids": _joined(ids), "now": now})


def _joined(ids: Iterable[UUID]) -> str:
    return ",".join([each.hex for each in ids])


def _page(
    services: Services,
    due: Sequence[Row[Any]],
    held: Mapping[UUID, Line],
    known: Mapping[UUID, list[Address]],
    at: Moment,
) -> _Page:
    """One outbox row a contact with somebody who may be asked, about the first of those. Words are found once, not once
    a person: most people are spoken to in one of five ways."""
    page = _Page()
    for contact, checks in _by_contact(due).items():
        line = held[contact]
        way = route(known.get(contact, ()), (line.channel, line.address), services.on, at.now)
        asked = _asked(checks, way, at)
        page.asked += [check.id for check in asked]
        if len(asked) < len(checks):
            others = [check.id for check in checks if check not in asked]
            (page.again if isinstance(way, Barred) and way is not Barred.STOPPED else page.never).extend(others)
        if asked and isinstance(way, Address):
            number = _words(services, page, _wording(asked, line, way, at))
            page.rows.append(_row(asked, line, way.address, number, at.now))
            if asked[0].simple:
                page.simple.append((asked[0], number))
    return page


def _asked(checks: Sequence[Row[Any]], way: Address | Barred, at: Moment) -> list[Row[Any]]:
    """Those who may be asked. Nobody is who does not answer on that phone any more."""
    return [
        check
        for check in checks
        if may(
            Facts(
                check.follow_up,
                check.watch_from,
                check.status,
                None,  # they come with whoever is due on their phone
                check.closes_at,
                check.reminded_at,
                way,
                there=check.letter is not None,
            ),
            at,
        ).now
    ]


def _by_contact(rows: Iterable[Row[Any]]) -> Mapping[UUID, list[Row[Any]]]:
    found: dict[UUID, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        found[row.contact_id].append(row)
    return found


def _wording(asked: Sequence[Row[Any]], line: Line, way: Address, at: Moment) -> _Wording:
    people = list({check.letter: check for check in asked}.values()) if len(asked) > 1 else asked
    whom = whom_of(people, alone=asked[0].alone, year=at.today.year)
    return _Wording(asked[0].unit_code, whom, line.language, way.channel, line.accents)


def _words(services: Services, page: _Page, key: _Wording) -> int:
    """The number of these words among those of the page."""
    number = page.worded.get(key)
    if number is None:
        number = page.worded[key] = len(page.words)
        text = _worded(services, key)
        told = {"text": text.text, "choices": stored(text.choices), "parts": text.parts}
        page.words.append({"number": number, "channel": key.channel, **told})
    return number


def _worded(services: Services, key: _Wording) -> Rendered:
    unit = services.units().facts.get(key.unit_code, UnitFacts(key.unit_code, ""))
    words = services.words[key.language]
    said = word(reminder(unit.name, key.whom), words)
    choices = word_choices(answers(key.whom), words)
    return services.channels[key.channel].render(said, choices, accents=key.accents)


def _row(asked: Sequence[Row[Any]], line: Line, address: str, number: int, now: datetime) -> dict[str, Any]:
    first = asked[0]
    return {
        "id": text_id("reminder", line.id, [check.id for check in asked], now),
        "contact_id": line.id,
        "seq": line.seq + 1,
        "due_check_id": first.id,
        "address": address,
        "expires_at": first.closes_at,
        "number": number,
    }
