"""Whether a channel hears: where texts that ask left to many and nothing at all comes back, the line is dead, and
nobody who was asked through it is silent. Of a few it may well be that nobody answers (`deaf_from` of `ladder.toml`).
A telephone number is one address, whichever the gateway: all SMS channels hear as one, also for one that only sends.

A SELECT each, through the indexes of what left and what came by channel and time, however many people there are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import (
    ARRAY,
    Column,
    ColumnElement,
    Connection,
    Date,
    Integer,
    Text,
    bindparam,
    case,
    exists,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import array

from core.care.rules import in_force
from core.care.standing import one_of
from core.clock import VIETNAM
from core.database.shared import Instant
from core.database.tables import inbox, outbox
from core.messaging.quiet import is_quiet
from core.reminders import ladder

_LEFT = (one_of(outbox.c.kind, "reminder"), one_of(outbox.c.status, "sent", "delivered"))
_EACH: Final = 10
"""Texts that ask one phone in a day: so many are read, at most, for each phone that is counted."""

_DAY: ColumnElement[timedelta] = literal_column("interval '1 day'")
_first = select(func.min(outbox.c.channel).label("channel")).where(*_LEFT).cte("through", recursive=True)
_next = select(func.min(outbox.c.channel)).where(*_LEFT, outbox.c.channel > _first.c.channel).scalar_subquery()
_THROUGH = _first.union_all(select(_next).where(_first.c.channel.is_not(None)))
"""The channels through which any text that asks ever left, and null: a step through the index for each."""

_SMS = bindparam("sms", type_=ARRAY(Text))


def _ears(channel: ColumnElement[str]) -> Any:
    """The channels through which what is answered to a text of that channel may come: a step through the index each."""
    heard = case((channel == _SMS.any_(), _SMS), else_=array([channel]))
    return func.unnest(heard, type_=Text).table_valued("channel").render_derived(name="ear")


def _asked(*when: ColumnElement[bool]) -> Any:
    """Of a channel and a time: how many phones were asked, as far as it takes to know that they are many, and when the
    first text left."""
    text = (
        select(outbox.c.contact_id, func.greatest(outbox.c.sent_at, outbox.c.created_at).label("left_at"))
        .where(*_LEFT, outbox.c.channel == _THROUGH.c.channel, *when)
        .order_by(outbox.c.channel, outbox.c.created_at)
        .limit(bindparam("most", type_=Integer))
        .correlate_except(outbox)
        .subquery("text")
    )
    phones = func.count(text.c.contact_id.distinct()).label("phones")
    return select(phones, func.min(text.c.left_at).label("first")).lateral("asked")


_days = (
    func.unnest(bindparam("days", type_=ARRAY(Instant)))
    .table_valued(Column("start", Instant))
    .render_derived(name="days")
)
_of_day = _asked(outbox.c.created_at >= _days.c.start, outbox.c.created_at < _days.c.start + _DAY)
_ONE: ColumnElement[int] = literal_column("1")
_always: ColumnElement[bool] = literal_column("true")
_BY_DAY = select(_THROUGH.c.channel, _days.c.start, _of_day.c.phones).select_from(
    _THROUGH.join(_days, _always).join(_of_day, _always)
)
_ear = _ears(_THROUGH.c.channel)
_newest = select(func.max(inbox.c.received_at).label("at")).where(inbox.c.channel == _ear.c.channel).lateral("newest")
_heard = select(func.max(_newest.c.at).label("at")).select_from(_ear.join(_newest, _always)).lateral("heard")
_since = _asked(outbox.c.created_at > func.greatest(_heard.c.at, bindparam("woken", type_=Instant)))
_SINCE = (
    select(_THROUGH.c.channel, _since.c.phones, _since.c.first)
    .select_from(_THROUGH.join(_heard, _always).join(_since, _always))
    .where(_THROUGH.c.channel.is_not(None))
)

_many = (
    func.unnest(bindparam("many_channels", type_=ARRAY(Text)), bindparam("many_days", type_=ARRAY(Date)))
    .table_valued("channel", "day")
    .render_derived(name="many")
)


def heard_through(day: ColumnElement[date], since: ColumnElement[Any], to: ColumnElement[Any]) -> ColumnElement[bool]:
    """Of a row of the outbox that left on that day: whether an answer to it would have been heard in that span. Takes
    the parameters of `Many`."""
    ear = _ears(outbox.c.channel)
    there = (inbox.c.channel == ear.c.channel, inbox.c.received_at.between(since, to))
    found = select(_ONE.label("one")).where(*there).order_by(inbox.c.channel, inbox.c.received_at).limit(_ONE)
    first = found.correlate_except(inbox).lateral("first")  # one step: EXISTS may be read as a whole day
    anywhere = select(_ONE).select_from(ear.join(first, _always)).limit(_ONE)
    came = anywhere.correlate_except(ear, first).scalar_subquery().is_not(None)
    listed = exists().where(_many.c.channel == outbox.c.channel, _many.c.day == day).correlate_except(_many)
    return or_(~listed, came)


@dataclass(frozen=True, slots=True)
class Many:
    """Channels and days on which so many were asked there that somebody is heard, if the line is not dead. `sms`: the
    channels whose addresses are telephone numbers."""

    days: tuple[tuple[str, date], ...] = ()
    sms: tuple[str, ...] = ()

    @property
    def parameters(self) -> Mapping[str, Any]:
        """Of `heard_through`."""
        channels, days = [name for name, _ in self.days], [day for _, day in self.days]
        return {"many_channels": channels, "many_days": days, "sms": list(self.sms)}


NONE: Final = Many()


def many(connection: Connection, days: Iterable[date], deaf_from: int, sms: Collection[str]) -> Many:
    """On which of these days at least so many phones were asked, by channel; through all of `sms` together."""
    starts = [datetime.combine(day, time(), VIETNAM) for day in sorted(set(days))]
    told = {"days": starts, "most": deaf_from * _EACH}
    found: Sequence[Any] = connection.execute(_BY_DAY, told).all() if starts else ()
    phones: Counter[tuple[str, datetime]] = Counter()
    for channel, start, count in found:
        phones[_line(channel, sms), start] += count
    enough = (row for row in found if phones[_line(row.channel, sms), row.start] >= deaf_from)
    return Many(tuple((row.channel, row.start.astimezone(VIETNAM).date()) for row in enough), tuple(sms))


def silences(connection: Connection, now: datetime, sms: Collection[str]) -> Mapping[str, timedelta]:
    """By channel through which people are asked: how long ago the first text left today after which nothing was heard
    there of anybody, though many were asked. None, while few were, or at night. All of `sms`, through which anything
    left, are as one."""
    local = now.astimezone(VIETNAM)
    deaf_from = ladder.in_force(local.date()).deaf_from
    woken = datetime.combine(local.date(), time(in_force(local.date()).quiet_hours[1]), VIETNAM)
    rows = connection.execute(_SINCE, {"woken": woken, "most": deaf_from * _EACH, "sms": list(sms)}).all()
    phones: Counter[str] = Counter()
    first: dict[str, datetime] = {}
    for row in rows:
        line = _line(row.channel, sms)
        phones[line] += row.phones
        first[line] = min(row.first or now, first.get(line, now))
    dead = {}
    for row in rows:
        line = _line(row.channel, sms)
        is_dead = row.phones and phones[line] >= deaf_from
        dead[row.channel] = now - first[line] if is_dead else timedelta()
    return dict.fromkeys(dead, timedelta()) if is_quiet(now) else dead


def _line(channel: str, sms: Collection[str]) -> str:
    """What hears as one: a channel, or all of SMS."""
    return "sms" if channel in sms else channel
