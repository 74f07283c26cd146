"""Asking for a sign of presence: the questions that staff or a rule want are put in line, one text a phone.

Only rows are written. A question is marked in the transaction that puts its text in line: a crash leaves neither or
both. Whose contact somebody else holds is asked the next time. Never in quiet hours and never after STOP; who cannot be
asked is marked with the reason, and staff see that. Somebody of the household is asked only if they agreed to be, and
is told nothing of why; who was not asked yet whether they agree is asked that (`core.care.relatives`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, DateTime, Row, bindparam, select, update

from core.care import presence, presence_end, relatives
from core.care.presence import STILL_HEARD, Kind
from core.care.standing import one_of
from core.clock import VIETNAM
from core.conversation.answers import YES_NO
from core.conversation.context import UnitFacts, given_name
from core.conversation.ids import derived
from core.conversation.messages import N_, Listed, Param, Say, Term
from core.conversation.turn import address_as
from core.database.batch import Batch
from core.database.due import presence_checks
from core.database.following import follow_ups
from core.database.tables import members, persons
from core.messaging.channel import MessageKind
from core.messaging.quiet import is_quiet
from core.messaging.route import Address, Barred
from core.pipeline.services import Services
from core.pipeline.tell import Telling, tell

_AT = DateTime(timezone=True)
_TO_TELL = (
    select(
        *(presence_checks.c[name] for name in ("id", "person_id", "follow_up_id", "kind", "asked_at")),
        follow_ups.c.contact_id,
        follow_ups.c.unit_code,
        follow_ups.c.status.label("follow_up"),
        persons.c.full_name,
        persons.c.year_of_birth,
        persons.c.gender,
        members.c.letter,
    )
    .join(follow_ups, follow_ups.c.id == presence_checks.c.follow_up_id)
    .join(persons, persons.c.id == presence_checks.c.person_id)
    .outerjoin(
        members,
        (members.c.contact_id == follow_ups.c.contact_id) & (members.c.person_id == presence_checks.c.person_id),
    )
    .where(one_of(presence_checks.c.outcome, ""), presence_checks.c.told_at.is_(None))
    .where(presence_checks.c.asked_at <= bindparam("now", type_=_AT))
    .order_by(presence_checks.c.asked_at, presence_checks.c.id)
    .limit(bindparam("most"))
    .with_for_update(of=presence_checks, skip_locked=True)
)
_SETTLED = Batch(presence_checks, ["id", "contact_id", "told_at", "expires_at", "outcome"])
_SETTLE = (
    update(presence_checks)
    .values({name: _SETTLED.data.c[name] for name in ("contact_id", "told_at", "expires_at", "outcome")})
    .where(presence_checks.c.id == _SETTLED.data.c.id)
)


@dataclass(frozen=True, slots=True)
class _Asked:
    """One text: about whom, to which phone."""

    checks: tuple[Row[Any], ...]
    telling: Telling


def plan_presence(services: Services) -> int:
    """Make today's questions of the rules, once a day; how many."""
    with services.engine.begin() as connection:
        return presence.plan(connection, services.units(), services.clock.now())


def expire_presence(services: Services, limit: int = 500) -> int:
    """Write down that no sign came in time; how many, at most `limit`."""
    with services.engine.begin() as connection:
        return presence_end.expire(connection, services.clock.now(), limit)


def tell_presence(services: Services, limit: int = 200) -> int:
    """Put the questions that are wanted in line, at most `limit`; how many were seen to. In quiet hours none."""
    now = services.clock.now()
    if is_quiet(now):
        return 0
    with services.engine.begin() as connection:
        wanted = connection.execute(_TO_TELL, {"now": now, "most": limit}).all()
        if not wanted:
            return 0
        settled = [_settled(row, None, now, why) for row in wanted if (why := _against(row, now))]
        going = [row for row in wanted if not _against(row, now)]
        asked, unasked = _worded(connection, services, going, now)
        settled += unasked
        ways = tell(connection, services, [each.telling for each in asked], now)
        for each in asked:
            if (way := ways.get(each.telling.id)) is not None:
                why = way.value if isinstance(way, Barred) else ""
                settled += [_settled(row, each, now, why) for row in each.checks]
        if settled:
            connection.execute(_SETTLE, _SETTLED.parameters(settled))
        return len(settled)


def _against(row: Row[Any], now: datetime) -> str:
    """Why nobody is asked any more."""
    if row.follow_up != "under_follow_up":
        return "over"
    if now - row.asked_at > STILL_HEARD:
        return "too_late"
    alone = row.contact_id is None or row.letter is None
    return "no_phone" if alone and row.kind != Kind.HOUSEHOLD else ""


def _settled(row: Row[Any], asked: _Asked | None, now: datetime, why: str) -> dict[str, Any]:
    contact = asked.telling.contact_id if asked else row.contact_id
    until = asked.telling.expires_at if asked else now
    return {"id": row.id, "contact_id": contact, "told_at": None if why else now, "expires_at": until, "outcome": why}


def _worded(
    connection: Connection, services: Services, rows: Sequence[Row[Any]], now: datetime
) -> tuple[list[_Asked], list[dict[str, Any]]]:
    """The texts, one a phone, and the questions that are not asked, with the reason."""
    today = now.astimezone(VIETNAM).date()
    phones: dict[tuple[UUID, str], list[Row[Any]]] = defaultdict(list)
    asked: list[_Asked] = []
    unasked: list[dict[str, Any]] = []
    for row in rows:
        rule = presence.rule_of(connection, services.units(), row.unit_code, today)
        if rule is None:
            unasked.append(_settled(row, None, now, "off"))
        elif row.kind == Kind.HOUSEHOLD:
            found, why = _relative(connection, services, row, now, rule.minutes)
            asked += found
            unasked += [_settled(row, None, now, why)] if why else []
        else:
            phones[row.contact_id, row.kind].append(row)
    for (contact, kind), together in phones.items():
        checks = sorted(together, key=lambda row: row.letter)  # as every text of a household names its people
        rule = presence.rule_of(connection, services.units(), checks[0].unit_code, today)
        minutes = rule.minutes if rule else 0
        say = _question(services, checks, kind, minutes, today.year)
        telling = _telling(derived(checks[0].id, "ask"), contact, say, now, minutes)
        asked.append(_Asked(tuple(checks), telling))
    return asked, unasked


def _question(services: Services, checks: Sequence[Row[Any]], kind: str, minutes: int, year: int) -> Say:
    first = checks[0]
    params: dict[str, Param] = {"unit": _unit(services, first), "minutes": minutes}
    if len(checks) > 1:
        called = tuple(f"{row.letter} {given_name(row.full_name)}" for row in checks)
        return Say(_SEVERAL, {**params, "people": Listed(called), "letter": first.letter})
    you = Term(address_as(first.year_of_birth, first.gender, year))
    return Say(_LOCATION if kind == Kind.LOCATION else _CALL_BACK, {**params, "you": you})


def _relative(
    connection: Connection, services: Services, row: Row[Any], now: datetime, minutes: int
) -> tuple[list[_Asked], str]:
    """A question to somebody who agreed to be asked; else the question whether they agree, and that nobody has."""
    found = relatives.of(connection, row.person_id, row.follow_up_id, row.contact_id, now)
    if not found:
        return [], "nobody"
    first = found[0]
    name, unit = given_name(row.full_name), _unit(services, row)
    if first.agreed:
        say = Say(_HOUSEHOLD, {"unit": unit, "name": name, "minutes": minutes})
        telling = _telling(derived(row.id, "ask"), first.contact_id, say, now, minutes)
        return [_Asked((row,), telling)], ""
    if first.refused:  # and all behind them
        return [], "relatives_refused"
    if first.asked_at is None:
        _ask_to_agree(connection, services, row, first, now)
    return [], "not_agreed"


def _ask_to_agree(connection: Connection, services: Services, row: Row[Any], who: Row[Any], now: datetime) -> None:
    """A no is left alone for good, silence until there is a reason to ask again (`core.care.relatives`)."""
    made = relatives.question(row.id, who.id)
    telling = Telling(
        made,
        who.contact_id,
        Say(_AGREE, {"unit": _unit(services, row)}),
        MessageKind.REMINDER,
        now + STILL_HEARD,
        YES_NO,
    )
    if isinstance(tell(connection, services, [telling], now).get(made), Address):
        relatives.asked_to_agree(connection, row.id, who, now)


def _telling(id_: UUID, contact: UUID, say: Say, now: datetime, minutes: int) -> Telling:
    """It leaves within its minutes or not at all: nobody is late by a provider's fault."""
    return Telling(id_, contact, say, MessageKind.REMINDER, now + timedelta(minutes=minutes))


def _unit(services: Services, row: Row[Any]) -> str:
    return services.units().facts.get(row.unit_code, UnitFacts(row.unit_code, "")).name


_CALL_BACK = N_(
    "{unit} hỏi: {you} có mặt ở nơi theo dõi thì nhắn CO MAT trong {minutes} phút. Không nhắn được thì cán bộ gọi hỏi."
)
_LOCATION = N_(
    "{unit} hỏi {you} có mặt không: nhắn CO MAT trong {minutes} phút. Muốn thì gửi vị trí, so xong bỏ ngay, không lưu."
)
_SEVERAL = N_("{unit} hỏi {people}: ai có mặt thì nhắn CO MAT và chữ cái trong {minutes} phút, ví dụ CO MAT {letter}.")
_HOUSEHOLD = N_("{unit} hỏi: {name} có ở nhà không? Nhắn CO MAT hoặc KHONG CO MAT trong {minutes} phút. Cảm ơn.")
_AGREE = N_("{unit} hỏi: khi cần, trạm nhắn hỏi người nhà có ở nhà không, có được không? Nhắn CO hoặc KHONG.")
