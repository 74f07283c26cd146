"""The first word and the last: a welcome when somebody is followed from now on, and on their last day what comes next.

One text a phone, about all of its people whose turn it is, once; neither is a reminder, so nobody is asked less for
it. A row is marked in the transaction that puts its text in line: a crash leaves neither or both, and two clocks cannot
tell twice. Whose contact is held by somebody else is told the next time; who cannot be told is marked as well. In quiet
hours nothing is begun.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Connection,
    Row,
    Select,
    SmallInteger,
    Uuid,
    and_,
    bindparam,
    cast,
    exists,
    func,
    not_,
    or_,
    select,
    update,
)

from core.care.held_back import FREE
from core.care.standing import NOW, TODAY, one_of
from core.clock import VIETNAM
from core.conversation.context import UnitFacts
from core.conversation.ids import derived
from core.conversation.messages import Say
from core.database.due import due_checks
from core.database.following import follow_up_events, follow_ups
from core.database.shared import Instant
from core.database.tables import members, persons
from core.messaging.channel import MessageKind
from core.messaging.quiet import is_quiet
from core.pipeline.services import Services
from core.pipeline.tell import Telling, tell
from core.reminders.words import Whom, last_day, still, welcome, whom_of

_KNOWN = timedelta(days=3)
"""Who was followed for so long, and asked, needs no welcome any more."""

_PATIENCE = timedelta(minutes=30)
"""How long after their last hour an answer is waited for, before they are told without."""

_WORTH = timedelta(days=1)
_IDS = bindparam("ids", type_=ARRAY(Uuid)).any_()
_FOLLOWED = one_of(follow_ups.c.status, "under_follow_up")
_there = members.alias("there")
_alone = select(func.count()).where(_there.c.contact_id == follow_ups.c.contact_id).scalar_subquery() == 1
_WHO = (
    select(
        *(follow_ups.c[name] for name in ("id", "contact_id", "unit_code", "end_on")),
        (follow_ups.c.group == "F0").label("ill"),
        members.c.letter,
        *(persons.c[name] for name in ("full_name", "year_of_birth", "gender")),
        _alone.label("alone"),
    )
    .join(persons, persons.c.id == follow_ups.c.person_id)
    .outerjoin(
        members, and_(members.c.contact_id == follow_ups.c.contact_id, members.c.person_id == follow_ups.c.person_id)
    )
    .order_by(follow_ups.c.contact_id, func.length(members.c.letter), members.c.letter)
)
_NEW = _WHO.where(
    _FOLLOWED, follow_ups.c.welcomed_at.is_(None), follow_ups.c.start_on <= TODAY, follow_ups.c.end_on >= TODAY
)
_OLD = (
    update(follow_ups)
    .where(
        _FOLLOWED,
        follow_ups.c.welcomed_at.is_(None),
        follow_ups.c.opened_at < bindparam("before", type_=Instant),
        exists().where(due_checks.c.follow_up_id == follow_ups.c.id, due_checks.c.reminded_at.is_not(None)),
        ~exists().where(  # asked there, and now elsewhere
            follow_up_events.c.follow_up_id == follow_ups.c.id,
            follow_up_events.c.kind == "phone",
            follow_up_events.c.at > bindparam("before", type_=Instant),
        ),
    )
    .values(welcomed_at=NOW)
)
_of_today = and_(
    due_checks.c.follow_up_id == follow_ups.c.id, due_checks.c.due_at >= bindparam("midnight", type_=Instant)
)
_last_hour = select(func.max(func.unnest(follow_ups.c.hours).column_valued("hour"))).scalar_subquery()
_ANSWERED = and_(
    exists().where(_of_today, one_of(due_checks.c.status, "seen_ok", "seen_not_ok")),
    ~exists().where(_of_today, due_checks.c.status.not_in(("seen_ok", "seen_not_ok"))),
)
_LAST = _WHO.where(
    _FOLLOWED,
    follow_ups.c.last_day_told_at.is_(None),
    follow_ups.c.end_on == TODAY,
    FREE,
    or_(_ANSWERED, cast(_last_hour, SmallInteger) * 60 <= bindparam("minutes", type_=SmallInteger)),
)
"""On their last day: all of it answered, or its last hour passed a while ago. Of whom something holds back nothing is
promised."""
_HELD = _WHO.where(_FOLLOWED, follow_ups.c.last_day_told_at.is_not(None), follow_ups.c.end_on < TODAY, not_(FREE))
"""Who was told that it was their last day, before something held them back."""


@dataclass(frozen=True, slots=True)
class _Deed:
    """Whom it is about, the column that says that it was said, and the words. `undoes`: what was said is so no more.
    `page` holds the first of them; `phone` the people of one phone; `phones` only reads those of several."""

    name: str
    page: Select[Any]
    phone: Select[Any]
    phones: Select[Any]
    column: str
    say: Callable[[str, Whom, Sequence[Row[Any]]], Say]
    undoes: bool = False


def tell_welcome(services: Services, limit: int = 500) -> int:
    """Welcome at most `limit` people; how many it was decided about. Call again while it is `limit`."""
    now = services.clock.now()
    if is_quiet(now):
        return 0
    with services.engine.begin() as connection:
        connection.execute(_OLD, {"before": now - _KNOWN, "now": now})
        return _tell(connection, services, _WELCOME, now, {"most": limit})


def tell_last_day(services: Services, limit: int = 500) -> int:
    """Tell at most `limit` people that this day is their last; how many it was decided about. Call again while it is
    `limit`."""
    now = services.clock.now()
    if is_quiet(now):
        return 0
    local = (now - _PATIENCE).astimezone(VIETNAM)
    midnight = datetime.combine(now.astimezone(VIETNAM).date(), time(), VIETNAM)
    minutes = local.hour * 60 + local.minute if local >= midnight else 0
    with services.engine.begin() as connection:
        return _tell(connection, services, _LAST_DAY, now, {"most": limit, "midnight": midnight, "minutes": minutes})


def tell_held(services: Services, limit: int = 500) -> int:
    """Tell at most `limit` people whose last day was announced and is over that it goes on all the same; how many it
    was decided about. Call again while it is `limit`."""
    now = services.clock.now()
    if is_quiet(now):
        return 0
    with services.engine.begin() as connection:
        return _tell(connection, services, _GOES_ON, now, {"most": limit})


def _tell(connection: Connection, services: Services, deed: _Deed, now: datetime, told: dict[str, Any]) -> int:
    rows = _whole(connection, deed, told | {"today": now.astimezone(VIETNAM).date()})
    by_phone: dict[UUID, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        if row.contact_id is not None and row.letter is not None:
            by_phone[row.contact_id].append(row)
    tellings = {contact: _telling(services, deed, those, now) for contact, those in by_phone.items()}
    ways = tell(connection, services, list(tellings.values()), now)
    waits = {contact for contact, telling in tellings.items() if telling.id not in ways}
    done = [row.id for row in rows if row.contact_id not in waits]
    if done:
        said = update(follow_ups).where(follow_ups.c.id == _IDS).values({deed.column: None if deed.undoes else now})
        connection.execute(said, {"ids": done})
    most: int = told["most"]
    return min(len(done), most)


def _whole(connection: Connection, deed: _Deed, told: dict[str, Any]) -> list[Row[Any]]:
    """Whose turn it is, held: of each phone everybody or nobody, so that no family hears the same in two texts. Where
    somebody else holds one of them just now, all of that phone wait."""
    rows = list(connection.execute(deed.page, told))
    if len(rows) == told["most"] and (last := rows[-1].contact_id) is not None:  # the page may end amid a family
        rows = [row for row in rows if row.contact_id != last]
        rows += connection.execute(deed.phone, told | {"phone": last})
    held = {row.id for row in rows}
    phones = {row.contact_id for row in rows if row.contact_id is not None}
    theirs = connection.execute(deed.phones, told | {"ids": sorted(phones)}) if phones else ()
    torn = {row.contact_id for row in theirs if row.id not in held}
    return [row for row in rows if row.contact_id not in torn]


def _telling(services: Services, deed: _Deed, those: Sequence[Row[Any]], now: datetime) -> Telling:
    first = those[0]
    unit = services.units().facts.get(first.unit_code, UnitFacts(first.unit_code, "")).name
    whom = whom_of(those, alone=first.alone, year=now.astimezone(VIETNAM).year)
    return Telling(
        id=derived(first.id, f"{deed.name}:{first.end_on}:{first.contact_id}"),
        contact_id=first.contact_id,
        say=deed.say(unit, whom, those),
        kind=MessageKind.REMINDER,
        expires_at=now + _WORTH,
    )


def _welcome(unit: str, whom: Whom, those: Sequence[Row[Any]]) -> Say:
    return welcome(unit, whom, [each.end_on for each in those])


def _still(unit: str, whom: Whom, _those: Sequence[Row[Any]]) -> Say:
    return still(unit, whom)


def _last_day(unit: str, whom: Whom, _those: Sequence[Row[Any]]) -> Say:
    return last_day(unit, whom)


def _deed(
    name: str,
    wanted: Select[Any],
    column: str,
    say: Callable[[str, Whom, Sequence[Row[Any]]], Say],
    *,
    undoes: bool = False,
) -> _Deed:
    held = wanted.with_for_update(of=follow_ups, key_share=True, skip_locked=True)
    phone = held.where(follow_ups.c.contact_id == bindparam("phone", type_=Uuid))
    phones = wanted.where(follow_ups.c.contact_id == _IDS).with_only_columns(follow_ups.c.id, follow_ups.c.contact_id)
    return _Deed(name, held.limit(bindparam("most")), phone, phones.order_by(None), column, say, undoes)


_WELCOME = _deed("welcome", _NEW, "welcomed_at", _welcome)
_LAST_DAY = _deed("last day", _LAST, "last_day_told_at", _last_day)
_GOES_ON = _deed("held back", _HELD, "last_day_told_at", _still, undoes=True)
