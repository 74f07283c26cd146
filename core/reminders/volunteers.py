"""What people are asked and told about volunteers, by the clock: whether one may declare for them, what the unit
decided about one, which household another one offers.

A row is marked in the transaction that puts its text in line: a crash leaves neither or both. Whose contact is held by
somebody else is taken up the next time; where nobody can be reached a question is dropped, for it is asked on no
other phone. In quiet hours nothing is begun. Nobody is asked in the midst of something else.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, DateTime, Row, Table, and_, bindparam, or_, select, update

from core.care.standing import one_of
from core.conversation.answers import YES_NO
from core.conversation.context import given_name
from core.conversation.ids import derived
from core.conversation.messages import N_, Say
from core.database.households import handovers, households, volunteers
from core.messaging.channel import MessageKind
from core.messaging.quiet import is_quiet
from core.messaging.route import Address
from core.people import consents, contacts, household_question
from core.people.consents import Question
from core.pipeline.services import Services
from core.pipeline.tell import Telling, tell

_AT = DateTime(timezone=True)
_KEPT = timedelta(days=1)
_LATELY = timedelta(days=3)  # within which somebody who was stopped is still told so
_GOING_ON = timedelta(hours=1)  # a form that was asked so lately is going on

_FROM = volunteers.alias("offering")
_OFFERED = (
    select(handovers.c.id, volunteers.c.contact_id, _FROM.c.name, households.c.label)
    .join(volunteers, volunteers.c.id == handovers.c.to_id)
    .join(_FROM, _FROM.c.id == handovers.c.from_id)
    .join(households, households.c.id == handovers.c.household_id)
    .where(handovers.c.told_at.is_(None), handovers.c.answered_at.is_(None))
    .order_by(handovers.c.at)
    .limit(bindparam("most"))
    .with_for_update(of=handovers, skip_locked=True)
)
_decided = and_(
    or_(one_of(volunteers.c.status, "active"), one_of(volunteers.c.status, "refused")),
    volunteers.c.decided_at.is_not(None),
)
_stopped = and_(one_of(volunteers.c.status, "stopped"), volunteers.c.stopped_at > bindparam("since", type_=_AT))
_DECIDED = (
    select(volunteers.c.id, volunteers.c.contact_id, volunteers.c.name, volunteers.c.status)
    .where(or_(_decided, _stopped), volunteers.c.told_at.is_(None))
    .order_by(volunteers.c.decided_at, volunteers.c.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)


def tell_of_volunteers(services: Services, limit: int = 200) -> int:
    """Put in line what is to be asked and told, at most `limit` of each; how many were seen to."""
    now = services.clock.now()
    if is_quiet(now):
        return 0
    return sum(_in_one(services, deed, now, limit) for deed in (_ask, _offer, _decide))


def ask_of_households(services: Services, limit: int = 200) -> int:
    """Find those new under follow-up who are to be asked whether their household is told of their silence."""
    with services.engine.begin() as connection:
        return household_question.ask_of_households(connection, services.clock.now(), limit)


def _in_one(services: Services, deed: Callable[..., int], now: datetime, limit: int) -> int:
    with services.engine.begin() as connection:
        return deed(connection, services, now, limit)


def _ask(connection: Connection, services: Services, now: datetime, limit: int) -> int:
    found = consents.questions(connection, now, limit)
    held = contacts.lock(connection, sorted({each.contact_id for each in found}), wait=False)
    free = [each for each in found if each.contact_id in held and not _is_busy(held[each.contact_id].session, now)]
    ways = tell(connection, services, [_question(each, now) for each in free], now)
    gone = [id_ for id_, way in ways.items() if not isinstance(way, Address)]
    consents.told(connection, [id_ for id_ in ways if id_ not in gone], now)
    consents.drop(connection, gone, now)
    return len(ways)


def _is_busy(session: Any, now: datetime) -> bool:
    at = session.newest.asked_at if session.newest.busy else session.doubt_at
    return at is not None and now - at < _GOING_ON


def _question(asked: Question, now: datetime) -> Telling:
    said = Say(_QUESTIONS[asked.purpose], {"volunteer": asked.volunteer or "", "person": given_name(asked.person)})
    return Telling(asked.id, asked.contact_id, said, MessageKind.REMINDER, now + _KEPT, YES_NO)


def _offer(connection: Connection, services: Services, now: datetime, limit: int) -> int:
    rows = connection.execute(_OFFERED, {"most": limit}).all()
    said = [(row, Say(_OFFER, {"volunteer": row.name, "home": row.label})) for row in rows]
    return _mark(connection, handovers, _told(connection, services, said, now), now)


def _decide(connection: Connection, services: Services, now: datetime, limit: int) -> int:
    rows = connection.execute(_DECIDED, {"most": limit, "since": now - _LATELY}).all()
    said = [(row, Say(_DECISIONS[row.status], {"name": row.name})) for row in rows]
    return _mark(connection, volunteers, _told(connection, services, said, now), now)


def _told(
    connection: Connection, services: Services, said: Sequence[tuple[Row[Any], Say]], now: datetime
) -> list[UUID]:
    """Whoever cannot be reached counts as told: they see it when they write."""
    rows = {_telling(row): row.id for row, _ in said}
    until = now + _KEPT
    reminder = MessageKind.REMINDER
    tellings = [Telling(_telling(row), row.contact_id, say, reminder, until) for row, say in said]
    return [rows[id_] for id_ in tell(connection, services, tellings, now)]


def _telling(row: Row[Any]) -> UUID:
    """Another one for a volunteer who was told that they may help, and is stopped."""
    return derived(row.id, "told stopped" if getattr(row, "status", "") == "stopped" else "told")


def _mark(connection: Connection, table: Table, ids: Sequence[UUID], now: datetime) -> int:
    if ids:
        connection.execute(update(table).where(table.c.id.in_(ids)).values(told_at=now))
    return len(ids)


_MAY_DECLARE = N_(
    "Tình nguyện viên {volunteer} xin khai báo sức khỏe hộ {person}. Trả lời DONG Y hoặc KHONG. Đổi ý: nhắn RUT."
)
_MAY_BE_TOLD = N_(
    "Khi {person} không trả lời, có báo tình nguyện viên {volunteer} đến hỏi thăm không? Trả lời DONG Y hoặc KHONG."
)
_MAY_TELL = N_(
    "Khi {person} không trả lời tin nhắn, có nhờ người nhà hỏi thăm không? Trả lời DONG Y hoặc KHONG. Đổi ý: nhắn RUT."
)
_QUESTIONS = {
    consents.DECLARE: _MAY_DECLARE,
    consents.TELL_VOLUNTEER: _MAY_BE_TOLD,
    consents.TELL_HOUSEHOLD: _MAY_TELL,
}
_OFFER = N_("Tình nguyện viên {volunteer} bàn giao {home}. Nhận: NHAN NHA. Không nhận: KHONG NHAN NHA.")
_WELCOME = N_("Trạm y tế đã nhận {name} làm tình nguyện viên. Xem các nhà: DANH SACH. Tìm nhà: TIM và tên.")
_STOPPED = N_(
    "Từ nay {name} thôi làm tình nguyện viên, các nhà về lại trạm y tế. Tin nhắn tính cho người ở máy này. "
    "Muốn hỏi thêm, nhắn GOI."
)
_NOT_NOW = N_("Trạm y tế chưa nhận {name} làm tình nguyện viên. Muốn hỏi thêm, nhắn GOI.")
_DECISIONS = {"active": _WELCOME, "refused": _NOT_NOW, "stopped": _STOPPED}
