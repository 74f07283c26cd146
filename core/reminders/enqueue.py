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

from sqlalchemy import (
    ARRAY,
    Connection,
    DateTime,
    Integer,
    Row,
    Text,
    Uuid,
    bindparam,
    cast,
    func,
    literal_column,
    select,
    update,
)

from core.care.standing import one_of
from core.conversation.context import UnitFacts
from core.conversation.ids import derived
from core.conversation.wording import word, word_choices
from core.database.batch import BatchUpdate
from core.database.due import due_checks
from core.database.following import follow_ups
from core.database.tables import contacts, members, persons
from core.messaging.buttons import stored
from core.messaging.channel import Rendered
from core.messaging.route import Address, Barred, route
from core.pipeline.fallback import by_contact
from core.pipeline.services import Services
from core.reminders.may import Facts, Moment, may, moment
from core.reminders.rows import REMINDERS
from core.reminders.words import Whom, answers, reminder, whom_of

AGAIN = timedelta(hours=1)
"""Who cannot be asked now, since nothing arrives, is looked at again so much later: they may write from another phone.
Who said STOP is asked at their next hour, if they said BAT DAU by then."""

_IDS = cast(
    func.string_to_array(bindparam("ids", type_=Text), ","), ARRAY(Uuid)
)  # an array costs twice as much to send
_NOW = bindparam("now", type_=DateTime(timezone=True))
_OPEN = (
    one_of(due_checks.c.status, "not_performed"),
    due_checks.c.reminded_at.is_(None),
    due_checks.c.contact_id.is_not(None),
)
_part = func.mod(
    func.abs(func.uuid_hash(due_checks.c.contact_id, type_=Integer).op("/")(literal_column("2"))),
    bindparam("parts", type_=Integer),
)
_WHERE_DUE = (
    select(due_checks.c.contact_id)
    .where(*_OPEN, due_checks.c.remind_at <= _NOW, due_checks.c.closes_at > _NOW)
    .where(_part == bindparam("part", type_=Integer))
    .order_by(due_checks.c.remind_at)
    .limit(bindparam("most"))
)
_LINES = (
    select(*(contacts.c[name] for name in ("id", "seq", "language", "accents", "channel", "address")))
    .where(contacts.c.id == _IDS.any_())
    .order_by(contacts.c.id)
    .with_for_update(key_share=True, skip_locked=True)
)
_there = members.alias("there")
_alone = select(func.count()).where(_there.c.contact_id == due_checks.c.contact_id).scalar_subquery() == 1
_WHO = (
    select(
        due_checks.c.id,
        due_checks.c.contact_id,
        due_checks.c.unit_code,
        due_checks.c.status,
        due_checks.c.remind_at,
        due_checks.c.closes_at,
        due_checks.c.reminded_at,
        follow_ups.c.status.label("follow_up"),
        follow_ups.c.watch_from,
        (follow_ups.c.group == "F0").label("ill"),
        members.c.letter,
        persons.c.full_name,
        persons.c.year_of_birth,
        persons.c.gender,
        _alone.label("alone"),
    )
    .join(follow_ups, follow_ups.c.id == due_checks.c.follow_up_id)
    .join(persons, persons.c.id == due_checks.c.person_id)
    .outerjoin(
        members, (members.c.contact_id == due_checks.c.contact_id) & (members.c.person_id == due_checks.c.person_id)
    )
    # one text an answering phone: whoever is due there by now is in it, however their minutes are spread
    .where(due_checks.c.contact_id == _IDS.any_(), *_OPEN, due_checks.c.due_at <= _NOW, due_checks.c.closes_at > _NOW)
    .order_by(due_checks.c.contact_id, func.length(members.c.letter), members.c.letter, due_checks.c.due_at)
)
_MARK = update(due_checks).where(due_checks.c.id == _IDS.any_(), *_OPEN).values(reminded_at=_NOW)
_NEVER = update(due_checks).where(due_checks.c.id == _IDS.any_(), *_OPEN).values(remind_at=due_checks.c.closes_at)
_LATER = update(due_checks).where(due_checks.c.id == _IDS.any_(), *_OPEN).values(remind_at=_NOW + AGAIN)
_COUNT = BatchUpdate(contacts, "id", ["seq"])


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
    """What one page writes: outbox rows by their words, the checks that are asked about, and those that are not."""

    worded: dict[_Wording, int] = field(default_factory=dict)
    words: list[dict[str, Any]] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)
    asked: list[UUID] = field(default_factory=list)
    again: list[UUID] = field(default_factory=list)
    never: list[UUID] = field(default_factory=list)


def enqueue(services: Services, limit: int = 500, *, part: int = 0, parts: int = 1) -> int:
    """Put the reminders that are due in line, about at most `limit` check-ins; how many were due. Call again while it
    is `limit`. Of a phone that somebody else holds, none is counted.

    The text goes where the person wrote last, or to another address of theirs (`core.messaging.route`). Who cannot be
    asked is not marked as asked; where nothing arrives it is looked at again after `AGAIN`. One text a contact, also
    when several people there are due. In quiet hours nobody is looked at. `part` of `parts`: those phones alone, so
    that several threads share a morning.
    """
    now = services.clock.now()
    at = moment(now)
    if at.quiet:
        return 0
    with services.engine.begin() as connection:
        told = {"now": now, "most": limit, "part": part, "parts": parts}
        where = connection.scalars(_WHERE_DUE, told).all()
        lines = connection.execute(_LINES, {"ids": _joined(set(where))}).all() if where else []
        if not lines:
            return 0
        held = {line.id: line for line in lines}
        ids = {"ids": _joined(held), "now": now}
        page = _page(services, connection.execute(_WHO, ids).all(), held, by_contact(connection, held), at)
        _write(connection, page, now)
    return sum(contact in held for contact in where)


def _write(connection: Connection, page: _Page, now: datetime) -> None:
    REMINDERS.run(connection, page.rows, page.words, now)
    _COUNT.run(connection, [{"id": row["contact_id"], "seq": row["seq"]} for row in page.rows])
    for statement, ids in ((_MARK, page.asked), (_LATER, page.again), (_NEVER, page.never)):
        if ids:
            connection.execute(statement, {"ids": _joined(ids), "now": now})


def _joined(ids: Iterable[UUID]) -> str:
    return ",".join([each.hex for each in ids])


def _page(
    services: Services,
    due: Sequence[Row[Any]],
    held: Mapping[UUID, Row[Any]],
    known: Mapping[UUID, list[Address]],
    at: Moment,
) -> _Page:
    """One outbox row a contact with somebody who may be asked, about the first of those. Words are found once, not once
    a person: most people are spoken to in one of five ways."""
    on = {profile.name: profile for profile in services.on}
    page = _Page()
    for contact, checks in _by_contact(due).items():
        line = held[contact]
        way = route(known.get(contact, ()), (line.channel, line.address), on, at.now)
        asked = _asked(checks, way, at)
        page.asked += [check.id for check in asked]
        if len(asked) < len(checks):
            others = [check.id for check in checks if check not in asked]
            (page.again if isinstance(way, Barred) and way is not Barred.STOPPED else page.never).extend(others)
        if asked and isinstance(way, Address):
            page.rows.append(_row(asked[0], line, way.address, _words(services, page, _wording(asked, line, way, at))))
    return page


def _asked(checks: Sequence[Row[Any]], way: Address | Barred, at: Moment) -> list[Row[Any]]:
    """Those who may be asked. Nobody is who does not answer on that phone any more."""
    return [
        check
        for check in checks
        if check.letter is not None
        and may(
            Facts(
                check.follow_up,
                check.watch_from,
                check.status,
                None,  # they come with whoever is due on their phone
                check.closes_at,
                check.reminded_at,
                way,
            ),
            at,
        ).now
    ]


def _by_contact(rows: Iterable[Row[Any]]) -> Mapping[UUID, list[Row[Any]]]:
    found: dict[UUID, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        found[row.contact_id].append(row)
    return found


def _wording(asked: Sequence[Row[Any]], line: Row[Any], way: Address, at: Moment) -> _Wording:
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


def _row(check: Row[Any], line: Row[Any], address: str, number: int) -> dict[str, Any]:
    return {
        "id": derived(check.id, "reminder"),
        "contact_id": line.id,
        "seq": line.seq + 1,
        "due_check_id": check.id,
        "address": address,
        "expires_at": check.closes_at,
        "number": number,
    }
