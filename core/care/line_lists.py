"""The line lists: everybody who is followed, is to be verified, was lost or is to be called, each on exactly one.

One rule for the page, the file and the command: the first fact that holds decides. What happened today is what
the page of the day knows (`core.care.standing`); whether somebody can be written to is what the sender asks
(`core.messaging.route`). Each list is printed with how many are on all of them, so that they can be added up.
Whoever is not followed, or not known, stands there while an alert about them is open (`core.care.line_alerts`): of
people who are not known, their phone, once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CTE,
    ColumnElement,
    Connection,
    Date,
    Integer,
    Row,
    Select,
    SmallInteger,
    Text,
    Uuid,
    and_,
    bindparam,
    case,
    exists,
    false,
    func,
    literal,
    null,
    or_,
    select,
    true,
    union_all,
)

from core.access.scope import Scope
from core.care.contacting import phone_of
from core.care.follow_up_lists import CLOSED, SOON
from core.care.held_back import FREE
from core.care.line_alerts import ALERTED, whose
from core.care.line_facts import shown_where, way_of
from core.care.standing import TODAY, UNITS, Day, facts, one_of, parameters
from core.database.due import contact_attempts, ladder_steps
from core.database.following import follow_ups
from core.database.shared import Instant
from core.database.tables import persons
from core.messaging.channel import ChannelProfile
from core.messaging.route import heard_since
from core.people.same import kept
from core.reminders.ladder import in_force

PAGE = 50


class Line(StrEnum):
    """The lists, the most pressing first. What comes first where several facts hold: `_placed`."""

    URGENT = "urgent"  # danger, or something that a health worker must see now, and the alert is not closed
    HUMAN = "human"  # asked for a human
    SIGNS = "signs"  # said signs today
    VERIFY = "verify"  # nobody has looked at it yet; it has a deadline
    HELD = "held"  # their days are over, but something is not decided yet
    NO_PHONE = "no_phone"  # nobody can write to them: to be called on
    OPTED_OUT = "opted_out"  # said STOP; followed all the same
    UNREACHABLE = "unreachable"  # nothing arrives
    SILENT = "silent"  # due today, and no answer since
    PRESENCE = "presence"  # no sign of being where they are to be came; whether they are absent is not known
    ENDING = "ending"  # their days end today or in the next two days
    ANSWERED = "answered"
    WAITING = "waiting"  # nothing is due yet
    LOST = "lost"  # unseen for days, in the last weeks


TO_TRY = (Line.SILENT, Line.NO_PHONE, Line.OPTED_OUT, Line.UNREACHABLE, Line.PRESENCE)
"""Lists of whom nothing was heard: who is on the station's list, has a deadline."""

_LISTED_LATELY = timedelta(days=2)  # older ones are on it again, for a newer check-in


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose lists, of which day. `on`: the channels that are switched on."""

    scope: Scope
    day: Day
    on: Mapping[str, ChannelProfile]


@dataclass(frozen=True, slots=True)
class Listed:
    """Somebody on a list. `since`: of what put them there; `until`: a deadline, if there is one: to verify them, or to
    try to reach them, once the silence ladder has put them on the station's list. `name` may be "". `person_id`: None
    for a phone of which it is not known who wrote; `whose`: the people who answer there; `volunteer`: who said it of
    somebody else. `end_on`: None for those who are not followed; `codes`: of the alerts of those."""

    person_id: UUID | None
    name: str
    year_of_birth: int | None
    gender: str | None
    unit_code: str
    address: str
    group: str
    place: str
    end_on: date | None
    since: datetime | None
    until: datetime | None
    phone: str
    codes: tuple[str, ...] = ()
    whose: tuple[str, ...] = ()
    volunteer: str = ""


def count(connection: Connection, asked: Asked) -> Mapping[Line, int]:
    """How many are on each list: their sum is everybody."""
    found = {_LINES[row.rank]: row.people for row in connection.execute(_COUNT, _told(asked))}
    return {line: found.get(line, 0) for line in Line}


def listed(connection: Connection, asked: Asked, line: Line, page: int = 1) -> tuple[Listed, ...]:
    """One page of a list, from 1 on: the nearest deadline, then the longest waiting first."""
    told = _told(asked) | {"rank": _LINES.index(line), "limit": PAGE, "offset": (page - 1) * PAGE}
    return tuple(_listed(row) for row in connection.execute(_LISTED, told))


def everybody(connection: Connection, asked: Asked, line: Line) -> Iterator[Listed]:
    """A list from end to end, for a file: read as it is written, never whole."""
    told = _told(asked) | {"rank": _LINES.index(line), "limit": None, "offset": 0}
    for row in connection.execute(_STREAMED, told):
        yield _listed(row)


def line_of(connection: Connection, asked: Asked, person_id: UUID) -> Line | None:
    """The list that somebody is on."""
    rank = connection.scalar(_OF, _told(asked) | {"whose": person_id})
    return None if rank is None else _LINES[rank]


def _told(asked: Asked) -> dict[str, Any]:
    channels, now = sorted(asked.on), asked.day.now
    return parameters(asked.scope, asked.day) | {
        "channels": channels,
        "heard": [heard_since(asked.on[name], now) for name in channels],
        "lost_since": now - CLOSED,
        "tried_since": now - _LISTED_LATELY,
    }


def _listed(row: Row[Any]) -> Listed:
    return Listed(
        person_id=row.person_id,
        name=row.full_name or "",
        year_of_birth=row.year_of_birth,
        gender=row.gender,
        unit_code=row.unit_code,
        address=row.address or "",
        group=row.group,
        place=row.place,
        end_on=row.end_on,
        since=row.since,
        until=row.until or (row.to_try and in_force(row.to_try.date()).deadline(row.to_try)),
        phone=row.phone or "",
        codes=tuple(row.codes or ()),
        whose=tuple(row.whose or ()),
        volunteer=row.volunteer or "",
    )


_LINES = tuple(Line)
_HERE = follow_ups.c.unit_code == UNITS.any_()
_NAMES = ("id", "person_id", "contact_id", "unit_code", "group", "place", "status", "end_on", "verify_by", "ended_at")


def _of_status(status: str, held: ColumnElement[bool], *wanted: ColumnElement[bool]) -> Select[Any]:
    """Each by the partial index of its status."""
    columns = (*(follow_ups.c[name] for name in _NAMES), held.label("held"))
    return select(*columns).where(_HERE, one_of(follow_ups.c.status, status), *wanted)


def _watched() -> CTE:
    over = follow_ups.c.end_on < TODAY
    recent = follow_ups.c.ended_at > bindparam("lost_since", type_=Instant)
    again = follow_ups.alias("again")
    open_again = exists().where(
        again.c.person_id == follow_ups.c.person_id, one_of(again.c.status, "to_verify", "under_follow_up")
    )
    return union_all(
        _of_status("under_follow_up", case((over, ~FREE), else_=false())),
        _of_status("to_verify", false()),
        _of_status("lost_to_follow_up", false(), follow_ups.c.ended_at.is_not(None), recent, ~open_again),
    ).cte("watched")


def _rule(watched: CTE, today: CTE, way: Any, missing: ColumnElement[Any]) -> Mapping[Line, ColumnElement[bool]]:
    """What puts somebody on a list: the first that holds. Who is not under follow-up is not asked anything."""
    lost, answered = watched.c.status == "lost_to_follow_up", func.coalesce(today.c.seen, false())
    return {
        Line.URGENT: today.c.grave,
        Line.HUMAN: today.c.alerted,
        Line.SIGNS: and_(~lost, today.c.signs),
        Line.LOST: lost,
        Line.VERIFY: watched.c.status == "to_verify",
        Line.HELD: watched.c.held,
        Line.NO_PHONE: and_(~answered, ~way.c.phone),
        Line.OPTED_OUT: and_(~answered, or_(way.c.stopped_last, and_(~way.c.fit, way.c.stopped))),
        Line.UNREACHABLE: and_(~answered, ~way.c.fit),
        Line.SILENT: today.c.silent,
        Line.PRESENCE: missing.is_not(None),
        Line.ENDING: watched.c.end_on <= TODAY + bindparam("soon", SOON.days, type_=Integer),
        Line.ANSWERED: answered,
    }


def _since(watched: CTE, today: CTE, missing: ColumnElement[Any]) -> ColumnElement[Any]:
    return case(
        (today.c.alerted, today.c.alerted_since),
        (today.c.signs, today.c.at),
        (watched.c.status == "lost_to_follow_up", watched.c.ended_at),
        (watched.c.status == "to_verify", null()),
        (today.c.silent, today.c.silent_due),
        else_=func.coalesce(missing, today.c.at),
    )


def _ranked() -> Select[Any]:
    """Everybody who is watched, by each of their follow-ups, with the number of the list that it would put them on."""
    watched, today = _watched(), facts()
    root = kept()
    way = way_of(watched.c.contact_id, watched.c.person_id)
    missing = case((watched.c.status == "under_follow_up", shown_where(watched.c.person_id)))
    rule = _rule(watched, today, way, missing)
    waiting = _LINES.index(Line.WAITING)
    rank = case(*((fact, literal(_LINES.index(line), SmallInteger)) for line, fact in rule.items()), else_=waiting)
    source = (
        watched.join(persons, persons.c.id == watched.c.person_id)
        .outerjoin(today, today.c.person_id == root)
        .outerjoin(way, true())
    )
    return select(
        root.label("key"),
        root.label("person_id"),
        rank.label("rank"),
        _since(watched, today, missing).label("since"),
        case((watched.c.status == "to_verify", watched.c.verify_by)).label("until"),
        *(watched.c[name] for name in ("contact_id", "unit_code", "group", "place", "end_on")),
        literal(None, ARRAY(Text)).label("codes"),
        literal(None, Text).label("volunteer"),
        false().label("only_alerted"),
    ).select_from(source)


def _alerted() -> Select[Any]:
    """Whoever an open alert is about, as the same columns."""
    rank = case((ALERTED.c.grave, _LINES.index(Line.URGENT)), else_=_LINES.index(Line.HUMAN))
    return select(
        func.coalesce(ALERTED.c.person_id, ALERTED.c.contact_id),
        ALERTED.c.person_id,
        rank,
        ALERTED.c.since,
        literal(None, Instant),
        ALERTED.c.contact_id,
        ALERTED.c.unit_code,
        literal(""),
        literal(""),
        literal(None, Date),
        ALERTED.c.codes,
        ALERTED.c.volunteer,
        true(),
    )


def _placed() -> CTE:
    """Everybody once, with the number of their list. What follows people counts alerts about them by itself."""
    rows = union_all(_ranked(), _alerted()).subquery("rows")
    return (
        select(*(each for each in rows.c if each.name not in ("key", "only_alerted")))
        .distinct(rows.c.key)
        .order_by(rows.c.key, rows.c.only_alerted, rows.c.rank)
        .cte("placed")
    )


def _to_try(person_id: ColumnElement[UUID], rank: ColumnElement[int]) -> ColumnElement[Any]:
    """When the silence ladder put them on the station's list lately, if nobody has tried since and they are silent."""
    tried = (
        exists()
        .where(contact_attempts.c.person_id == person_id, contact_attempts.c.at >= ladder_steps.c.at)
        .correlate_except(contact_attempts)
    )
    newest = (
        select(func.max(ladder_steps.c.at))
        .where(ladder_steps.c.person_id == person_id, ladder_steps.c.step == literal("station"), ~tried)
        .where(ladder_steps.c.at > bindparam("tried_since", type_=Instant))
        .correlate_except(ladder_steps, contact_attempts)
        .scalar_subquery()
    )
    return case((rank.in_([_LINES.index(line) for line in TO_TRY]), newest))


_placed_once = _placed()
_COUNT = select(_placed_once.c.rank, func.count().label("people")).group_by(_placed_once.c.rank)
_LISTED = (
    select(
        _placed_once,
        *(persons.c[name] for name in ("full_name", "year_of_birth", "gender", "address")),
        phone_of(_placed_once.c.contact_id).label("phone"),
        _to_try(_placed_once.c.person_id, _placed_once.c.rank).label("to_try"),
        whose(_placed_once.c.contact_id, _placed_once.c.person_id).label("whose"),
    )
    .outerjoin(persons, persons.c.id == _placed_once.c.person_id)
    .where(_placed_once.c.rank == bindparam("rank", type_=Integer))
    .order_by(
        _placed_once.c.until.asc().nulls_last(),
        _placed_once.c.since.asc().nulls_last(),
        persons.c.sort_key,
        persons.c.id,
        _placed_once.c.contact_id,
    )
    .limit(bindparam("limit", type_=Integer))
    .offset(bindparam("offset", type_=Integer))
)
_STREAMED = _LISTED.execution_options(stream_results=True, max_row_buffer=500)
_OF = select(_placed_once.c.rank).where(_placed_once.c.person_id == bindparam("whose", type_=Uuid))
