"""Who is asked alike: a reminder that was decided and worded once is put in line for everybody of the same kind, by one
statement, however many they are.

Most people under follow-up answer for themselves alone, on one telephone, of which nothing is known but that it can be
texted. Whether such a person is asked follows from the facts in `MAY_KEY`, and in which words from those in `SAY_KEY`,
and from nothing else. The first of a kind is decided row by row (`core.reminders.enqueue`, which asks
`core.reminders.may`) and learned here; the database then recognises the others by the same two expressions. Whoever is
not of a kind that was learned, or is not simple, is left to be decided row by row.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import (
    ARRAY,
    CTE,
    ColumnElement,
    Connection,
    Integer,
    LargeBinary,
    Select,
    SmallInteger,
    Text,
    Uuid,
    and_,
    bindparam,
    cast,
    exists,
    func,
    insert,
    literal,
    literal_column,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB

from core.care.standing import one_of
from core.conversation.turn import address_as
from core.database.due import due_checks
from core.database.following import follow_ups
from core.database.shared import Instant
from core.database.tables import addresses, contacts, members, outbox, persons
from core.messaging.channel import ChannelProfile, MessageKind
from core.pipeline.replies import PRIORITY
from core.reminders.rows import purpose

NOW: Final = bindparam("now", type_=Instant)
GIVEN: Final = cast(func.string_to_array(bindparam("ids", type_=Text), literal_column("','")), ARRAY(Uuid))
"""Contacts by their ids. As one text: an array costs twice as much to send."""

OPEN: Final = (
    one_of(due_checks.c.status, "not_performed"),
    due_checks.c.reminded_at.is_(None),
    due_checks.c.contact_id.is_not(None),
)
"""Who may be due. As the index of those knows them, to find who is."""

UNASKED: Final = func.num_nonnulls(due_checks.c.reminded_at) == literal_column("0")
STILL_OPEN: Final = (
    due_checks.c.status == select(literal_column("'not_performed'", Text)).scalar_subquery(),
    UNASKED,
)
"""The same of rows that are known by their ids or phones already, so said that no index is seen to hold it: where the
planner's statistics lag behind, it takes that index for empty, and would read the whole of it for each page."""
_alone_due = func.count().over(partition_by=due_checks.c.contact_id) == literal_column("1")
_OF_CHECK = (
    "id",
    "follow_up_id",
    "person_id",
    "contact_id",
    "unit_code",
    "status",
    "due_at",
    "closes_at",
    "reminded_at",
)
DUE: Final = (
    select(*(due_checks.c[name] for name in _OF_CHECK), _alone_due.label("alone"))
    .where(due_checks.c.contact_id == GIVEN.any_(), one_of(due_checks.c.status, "not_performed"), UNASKED)
    .where(due_checks.c.due_at <= NOW, due_checks.c.closes_at > NOW)
    .cte("due")
    .prefix_with("MATERIALIZED")
)
"""One text an answering phone: whoever is due there by now is in it, however their minutes are spread. Found before
anything is joined: the planner takes an address for rarer than it is, and would begin with all contacts."""

_GENDERS = ("male", "female", "other", None)
THERE: Final = (
    select(
        func.min(members.c.letter).filter(members.c.person_id == DUE.c.person_id).label("letter"),
        (func.count() == literal_column("1")).label("alone"),
    )
    .where(members.c.contact_id == DUE.c.contact_id)
    .lateral("there")
)
"""The person's letter on the phone, and whether nobody else answers there."""

_own = and_(addresses.c.channel == contacts.c.channel, addresses.c.address == contacts.c.address)
_REACH = (
    select(
        (func.count() == literal_column("1")).label("one"),
        func.bool_and(_own).label("own"),
        func.bool_or(addresses.c.stopped_at.is_not(None)).label("stopped"),
        func.bool_or(addresses.c.unreachable_at.is_not(None)).label("unreachable"),
    )
    .where(addresses.c.contact_id == contacts.c.id)
    .correlate(contacts)
    .lateral("reach")
)
ILL: Final = follow_ups.c.group == literal_column("'F0'")
SIMPLE: Final = and_(
    DUE.c.alone,
    THERE.c.alone,
    THERE.c.letter.is_not(None),
    contacts.c.channel == bindparam("plain", type_=ARRAY(Text)).any_(),
    _REACH.c.one,
    _REACH.c.own,
)
"""One person, one check-in, one telephone."""


def _key(*facts: ColumnElement[Any]) -> ColumnElement[str]:
    """Facts as one text, in which none can be taken for another."""
    texts = [func.coalesce(cast(fact, Text), literal_column("'-'")) for fact in facts]
    return func.concat_ws(literal_column("'|'"), *texts, type_=Text)


_age = func.width_bucket(persons.c.year_of_birth, bindparam("ages", type_=ARRAY(SmallInteger)))
MAY_KEY: Final = _key(
    follow_ups.c.status,
    follow_ups.c.watch_from,
    DUE.c.status,
    contacts.c.channel,
    _REACH.c.stopped,
    _REACH.c.unreachable,
)
SAY_KEY: Final = _key(
    DUE.c.unit_code, _age, persons.c.gender, ILL, contacts.c.language, contacts.c.accents, contacts.c.channel
)


def ages(year: int) -> list[int]:
    """The years of birth at which people are spoken to otherwise, in that year."""
    said = [tuple(address_as(born, gender, year) for gender in _GENDERS) for born in range(year - 150, year + 1)]
    return [year - 150 + n for n in range(1, len(said)) if said[n] != said[n - 1]]


def joined(picked: Sequence[ColumnElement[Any]]) -> Select[Any]:
    """These columns of all who are due on given contacts."""
    rows = DUE.join(contacts, contacts.c.id == DUE.c.contact_id)
    rows = rows.join(follow_ups, follow_ups.c.id == DUE.c.follow_up_id)
    rows = rows.join(persons, persons.c.id == DUE.c.person_id)
    return select(*picked).select_from(rows.join(THERE, literal_column("true")).join(_REACH, literal_column("true")))


_PURPOSE: ColumnElement[bytes] = bindparam("purpose", type_=LargeBinary)


def _message_id(check: ColumnElement[UUID], contact: ColumnElement[UUID]) -> ColumnElement[UUID]:
    """`core.reminders.rows.text_id("reminder", contact, [check], now)`."""

    def marked(byte: int, kept: int, mark: int) -> ColumnElement[int]:
        of_hash = func.get_byte(made, literal_column(str(byte)), type_=Integer)
        return of_hash.op("&")(literal_column(str(kept))).op("|")(literal_column(str(mark)))

    own = func.uuid_send(check, type_=LargeBinary)
    phone = func.uuid_send(contact, type_=LargeBinary)
    made = func.sha256(own.op("||")(_PURPOSE).op("||")(phone), type_=LargeBinary)
    tail = func.substr(made, literal_column("7"), literal_column("10"))
    tail = func.set_byte(tail, literal_column("0"), marked(6, 0x0F, 0x70))
    tail = func.set_byte(tail, literal_column("2"), marked(8, 0x3F, 0x80))
    head = func.substr(own, literal_column("1"), literal_column("6"))
    return cast(func.encode(head.op("||")(tail), literal_column("'hex'")), Uuid)


def _told() -> CTE:
    """Everybody who is of a kind that was learned, with their words."""
    learned = select(
        cast(bindparam("b_may", type_=Text), JSONB).label("may"),
        cast(bindparam("b_say", type_=Text), JSONB).label("say"),
    ).cte("learned")
    columns = (
        *(DUE.c[name] for name in ("id", "contact_id", "closes_at")),
        *(contacts.c[name] for name in ("seq", "channel", "address")),
        MAY_KEY.label("may_key"),
        SAY_KEY.label("say_key"),
        _message_id(DUE.c.id, DUE.c.contact_id).label("message_id"),
    )
    alike = joined(columns).where(SIMPLE).cte("alike").prefix_with("MATERIALIZED")  # else each key is made three times
    words = learned.c.say.op("->")(alike.c.say_key)
    return (
        select(alike, words.label("words"))
        .select_from(alike.join(learned, literal_column("true")))
        .where(learned.c.may.bool_op("?")(alike.c.may_key), learned.c.say.bool_op("?")(alike.c.say_key))
        .where(~exists().where(outbox.c.id == alike.c.message_id))  # half as dear as ON CONFLICT
        .cte("told")
    )


def _statement() -> Select[Any]:
    told = _told()
    values: dict[str, ColumnElement[Any]] = {
        "id": told.c.message_id,
        "contact_id": told.c.contact_id,
        "seq": told.c.seq + literal_column("1"),
        "due_check_id": told.c.id,
        "channel": told.c.channel,
        "address": told.c.address,
        "kind": literal(MessageKind.REMINDER.value, Text),
        "priority": literal(PRIORITY[MessageKind.REMINDER], SmallInteger),
        "text": told.c.words.op("->>")(literal_column("'text'")),
        "choices": told.c.words.op("->")(literal_column("'choices'")),
        "parts": cast(told.c.words.op("->>")(literal_column("'parts'")), SmallInteger),
        "created_at": NOW,
        "due_at": NOW,
        "expires_at": told.c.closes_at,
    }
    rows = select(*values.values()).select_from(told)
    put = insert(outbox).from_select(list(values), rows).cte("put")
    counted = update(contacts).where(contacts.c.id == told.c.contact_id).values(seq=told.c.seq + literal_column("1"))
    marked = update(due_checks).where(due_checks.c.id == told.c.id, *STILL_OPEN).values(reminded_at=NOW)
    left = select(func.unnest(GIVEN).label("id")).except_(select(told.c.contact_id)).subquery("rest")
    wanted = select(func.string_agg(cast(left.c.id, Text), literal_column("','")))
    return wanted.add_cte(put, counted.cte("counted"), marked.cte("marked"))


_ALIKE = _statement()
_SETTINGS = {"plan_cache_mode": "force_generic_plan"} | dict.fromkeys(
    ("enable_seqscan", "enable_hashjoin", "enable_mergejoin"), "off"
)
PLAN: Final = [
    func.set_config(literal_column(f"'{name}'"), literal_column(f"'{value}'"), literal_column("true"))
    for name, value in _SETTINGS.items()
]
"""Said in the SELECT before: a page is found by indexes, however the planner guesses, and planned once."""


@dataclass(slots=True)
class Learned:
    """What was decided and worded in one go of the clock, on one day: reminders are few in kind."""

    day: date | None = None
    may: dict[str, int] = field(default_factory=dict)
    say: dict[str, dict[str, Any]] = field(default_factory=dict)
    _told: dict[str, str] = field(default_factory=dict)

    def begin(self, day: date) -> None:
        """Forget what was learned on another day."""
        if self.day != day:
            self.day = day
            self.may.clear()
            self.say.clear()
            self._told.clear()

    def learn(self, may_key: str, say_key: str, words: Mapping[str, Any]) -> None:
        """Somebody simple was asked, in these words: text, choices, parts."""
        if may_key not in self.may or say_key not in self.say:
            self.may[may_key] = 1
            self.say[say_key] = {name: words[name] for name in ("text", "choices", "parts")}
            self._told.clear()

    def put(self, connection: Connection, ids: str, told: Mapping[str, Any]) -> str:
        """Put in line, count and mark those of these contacts (ids with commas, held by the caller) who are of a kind
        that was learned; the others, in the same shape. `told`: `parameters`."""
        if not self.may:
            return ids
        if not self._told:
            self._told = {"b_may": orjson.dumps(self.may).decode(), "b_say": orjson.dumps(self.say).decode()}
        return connection.scalar(_ALIKE, {"ids": ids, **self._told, **told}) or ""


def parameters(now: datetime, year: int, on: Iterable[ChannelProfile]) -> dict[str, Any]:
    """What the statements are told besides contacts. `on`: the channels that are switched on."""
    plain = [profile.name for profile in on if profile.window is None]
    return {"now": now, "purpose": purpose("reminder", now).encode(), "plain": plain, "ages": ages(year)}
