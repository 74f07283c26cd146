"""NHAN and XONG from duty phones in a batch: who may, what the alert is, and the answers. No statement where nobody
writes these words.

An alert is locked when its code is looked up, and changed when the whole step is in order (`keep`): of two phones at
once the first has it, and a step that fails changes nothing. What somebody else holds at that moment is not waited for.
A phone that is none of the alert's unit, nor of one that was told, gets the answer of a code that nobody has.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Connection, Row, Text, Uuid, bindparam, case, exists, literal_column, or_, select, update

from core.access import staff
from core.access.scope import Scope
from core.care import alerts as care_alerts
from core.care import closing, duty, handling
from core.care.closing import Ended
from core.care.contacting import phone_of
from core.care.duty import DutyPhone
from core.care.duty_results import result_of
from core.care.handling import By, Result
from core.care.standing import one_of
from core.conversation.effects import AlertKind, CloseAlert, StopReminders, TakeAlert, Unlink
from core.conversation.engine import Step
from core.conversation.ids import derived
from core.conversation.labels import SIGN_LABELS
from core.conversation.messages import N_, Listed, Param, Reply, Say, Term
from core.conversation.parsers import duty as words
from core.database.due import alert_notices, alerts
from core.database.shared import Instant
from core.database.tables import persons
from core.messaging.channel import InboundMessage, MessageKind
from core.pipeline.cause import Cause
from core.pipeline.inbox import Arrived
from core.pipeline.notify import LATER, URGENCY, place_of
from core.pipeline.services import Services
from core.pipeline.visits import spoken, when
from core.places.tree import UnitTree, ancestry

_LISTED = 6  # alerts that one text names
_COLUMNS = ("id", "code", "kind", "letter", "person_id", "unit_code", "signs", "status", "tier", "taken_by", "taken_at")
_gravity = case({AlertKind.DANGER.value: 0, AlertKind.URGENT.value: 1}, value=alerts.c.kind, else_=2)
_FOUND = (
    select(
        *(alerts.c[name] for name in _COLUMNS),
        persons.c.full_name,
        persons.c.year_of_birth,
        phone_of(alerts.c.contact_id).label("phone"),
    )
    .outerjoin(persons, persons.c.id == alerts.c.person_id)
    .where(
        alerts.c.code == bindparam("code", type_=Text),
        alerts.c.code != literal_column("''"),
        alerts.c.status.in_([literal_column("'open'"), literal_column("'taken'")]),  # as the index has it
    )
)
_LOCKED = _FOUND.with_for_update(of=alerts, key_share=True, skip_locked=True)
_DUTIES = bindparam("duties", type_=ARRAY(Uuid)).any_()
_notice = exists().where(alert_notices.c.alert_id == alerts.c.id, alert_notices.c.duty_id == _DUTIES)
_TOLD = select(alert_notices.c.duty_id).where(
    alert_notices.c.alert_id == bindparam("alert", type_=Uuid), alert_notices.c.duty_id == _DUTIES
)
_OPEN = (
    select(alerts.c.code, alerts.c.kind, alerts.c.unit_code, persons.c.hamlet)
    .outerjoin(persons, persons.c.id == alerts.c.person_id)
    .where(
        alerts.c.status == literal_column("'open'"),
        alerts.c.code != literal_column("''"),
        or_(alerts.c.unit_code == bindparam("units", type_=ARRAY(Text)).any_(), _notice),
    )
    .order_by(_gravity, alerts.c.raise_at, alerts.c.id)
    .limit(_LISTED)
)
_TAKEN = (
    select(alerts.c.code)
    .where(alerts.c.status == literal_column("'taken'"), alerts.c.taken_by == _DUTIES)
    .order_by(alerts.c.taken_at.desc())
    .limit(_LISTED)
)


_BACK = (
    update(alerts)
    .where(
        alerts.c.contact_id == bindparam("contact", type_=Uuid),
        alerts.c.kind == AlertKind.DUTY_STOPPED.value,
        one_of(alerts.c.status, "open", "taken"),
    )
    .values(status="closed", closed_at=bindparam("now", type_=Instant), result=Result.WELL.value)
)


@dataclass(frozen=True, slots=True)
class _Mine:
    """An alert that a phone may act on, and as which of its duties."""

    row: Row[Any]
    phone: DutyPhone


Mine = Sequence[DutyPhone]
"""One telephone's duties: it may have several units."""


@dataclass(frozen=True, slots=True)
class Known:
    """The duty phones of those who write such words, by channel and address. `contacts`: whose these are. `sms`: the
    channels by which one telephone may be heard."""

    phones: Mapping[tuple[str, str], Sequence[DutyPhone]] = field(default_factory=dict)
    contacts: frozenset[UUID] = frozenset()
    sms: Collection[str] = ()

    def find(self, connection: Connection, messages: Collection[InboundMessage]) -> Mapping[tuple[str, str], Mine]:
        """Those of these messages' senders that are duty phones: one SELECT."""
        known = duty.at(connection, {message.address for message in messages})
        found = {}
        for message in messages:
            ways = self.sms if message.channel in self.sms else (message.channel,)
            if mine := [phone for phone in known if phone.address == message.address and phone.channel in ways]:
                found[message.channel, message.address] = mine
        return found


class Duties:
    """What one batch's duty phones write."""

    def __init__(
        self, connection: Connection, known: Known, arrived: Sequence[Arrived], units: UnitTree, now: datetime
    ) -> None:
        self._connection = connection
        self._known = known
        self._arrived = arrived
        self._senders: Mapping[tuple[str, str], Mine] | None = None
        self._units = units
        self._now = now
        self._noted: list[Callable[[], object]] = []
        self.contacts = known.contacts

    def said(self, made: Step, cause: Cause) -> Step:
        """The step with the answers to these words, before what it asks."""
        self._noted = []
        made = self._switched(made, cause)
        wanted = [each for each in made.effects if isinstance(each, TakeAlert | CloseAlert)]
        if not wanted:
            return made
        phones = self._known.phones.get((cause.message.channel, cause.message.address), ())
        answers = [Reply(self._answer(each, phones), MessageKind.INFO) for each in wanted]
        return replace(made, replies=(*answers, *made.replies))

    def _switched(self, made: Step, cause: Cause) -> Step:
        """STOP takes a duty phone off duty: whoever holds it is told so, and the unit; the word for its end is as well.
        NHAM SO does so for good, and only the unit is told: a stranger has that phone. These words are rare: only then
        it is looked up who has a duty phone."""
        gone = any(isinstance(each, Unlink) for each in made.effects)
        stops = gone or next((each.stop for each in made.effects if isinstance(each, StopReminders)), None)
        if stops is None:
            return made
        phones = self._of_senders().get((cause.message.channel, cause.message.address), ())
        if not phones:
            return made
        if gone:
            self._noted += [lambda: self._report(phones, cause), lambda: self._remove(phones)]
            return made
        told = {"unit": self._units.facts[phones[0].unit_code].name}
        said = Reply(Say(_OFF_DUTY if stops else _ON_DUTY, told), MessageKind.INFO)
        self._noted.append(lambda: self._report(phones, cause) if stops else self._settle(cause))
        return replace(made, replies=(*made.replies, said))

    def _of_senders(self) -> Mapping[tuple[str, str], Mine]:
        """The duty phones of all who wrote, by channel and address: one SELECT a batch."""
        if self._senders is None:
            self._senders = self._known.find(self._connection, [each.message for each in self._arrived])
        return self._senders

    def _report(self, phones: Mine, cause: Cause) -> None:
        """One alert for each unit that had counted on this phone."""
        kind, contact = AlertKind.DUTY_STOPPED, cause.context.contact_id
        rows = {
            phone.unit_code: {
                "id": derived(cause.inbound_id, f"off duty:{phone.unit_code}"),
                "kind": kind,
                "letter": "",
                "contact_id": contact,
                "person_id": None,
                "unit_code": phone.unit_code,
                "signs": (),
                "inbound_id": derived(cause.inbound_id, phone.unit_code),
                "status": "open",
                "raise_at": self._now,
            }
            for phone in phones
        }
        care_alerts.insert(self._connection, list(rows.values()))

    def _remove(self, phones: Mine) -> None:
        for phone in phones:
            duty.remove(self._connection, phone.unit_code, phone.address)

    def _settle(self, cause: Cause) -> None:
        self._connection.execute(_BACK, {"contact": cause.context.contact_id, "now": self._now})

    def keep(self) -> None:
        """The step is in order: do what it says."""
        for deed in self._noted:
            deed()
        self._noted = []

    def _answer(self, wanted: TakeAlert | CloseAlert, phones: Sequence[DutyPhone]) -> Say:
        if not wanted.code:
            return self._forgot(phones) if isinstance(wanted, CloseAlert) else self._list(phones)
        unknown = Say(_UNKNOWN, {"number": wanted.code})
        if not phones:
            return unknown
        row = self._connection.execute(_LOCKED, {"code": wanted.code}).one_or_none()
        if row is None:
            held = self._connection.execute(_FOUND, {"code": wanted.code}).one_or_none()
            return Say(_BUSY, {"number": wanted.code}) if held and self._mine(held, phones) else unknown
        mine = self._mine(row, phones)
        if mine is None:
            return unknown
        return self._close(mine, wanted.said) if isinstance(wanted, CloseAlert) else self._take(mine)

    def _mine(self, row: Row[Any], phones: Sequence[DutyPhone]) -> _Mine | None:
        """Of the alert's unit, of those above that were told, or told themselves before the alert moved."""
        chain = list(ancestry(row.unit_code, self._units.parents))[: max(row.tier, 0) + 1]
        near = next((phone for phone in phones if phone.unit_code in chain), None)
        if near is None:
            asked = {"alert": row.id, "duties": [phone.id for phone in phones]}
            told = set(self._connection.scalars(_TOLD, asked))
            near = next((phone for phone in phones if phone.id in told), None)
        return _Mine(row, near) if near else None

    def _take(self, mine: _Mine) -> Say:
        row = mine.row
        if row.status == "taken" and row.taken_by != mine.phone.id:
            known = {**staff.names(self._connection, [row.taken_by]), **duty.names(self._connection, [row.taken_by])}
            who = known.get(row.taken_by) or Term(_SOMEBODY)
            return Say(_TOO_LATE, {"number": row.code, "who": who, "when": when(row.taken_at)})
        if row.status == "open":
            self._do(handling.take, mine)
        return _told(row)

    def _close(self, mine: _Mine, said: str) -> Say:
        result = result_of(said) if said else Result.OTHER
        self._do(closing.close, mine, Ended(result, said, "duty"))
        return Say(_CLOSED, {"number": mine.row.code, "result": Term(_RESULTS[result])})

    def _do(self, deed: Callable[..., object], mine: _Mine, *more: object) -> None:
        scope, by = Scope(mine.phone.unit_code, (mine.row.unit_code,)), By(mine.phone.id, self._now)
        self._noted.append(lambda: deed(self._connection, scope, mine.row.id, by, *more))

    def _list(self, phones: Sequence[DutyPhone]) -> Say:
        asked = {"units": [phone.unit_code for phone in phones], "duties": [phone.id for phone in phones]}
        found = self._connection.execute(_OPEN, asked).all()
        if not found:
            return Say(_NONE)
        items: tuple[Param, ...] = tuple(self._item(row) for row in found)
        return Say(_WAITING, {"items": Listed(items, mark="; ")})

    def _item(self, row: Row[Any]) -> Say:
        urgency = Term(URGENCY.get(AlertKind(row.kind), LATER))
        place = place_of(self._units, row.unit_code, row.hamlet or "")
        return Say(_ITEM, {"number": row.code, "urgency": urgency, "place": place})

    def _forgot(self, phones: Sequence[DutyPhone]) -> Say:
        taken = list(self._connection.scalars(_TAKEN, {"duties": [phone.id for phone in phones]}))
        return Say(_WHICH, {"items": Listed(tuple(taken))}) if taken else Say(_FORGOT)


def look_up(connection: Connection, services: Services, arrived: Sequence[Arrived], now: datetime) -> Duties:
    """Which of those who write such words hold duty phones: one SELECT, or none where nobody writes them."""
    known = Known(sms=services.sms)
    told = [a for a in arrived if words.parse(a.message.text)]
    if told:
        phones = known.find(connection, [each.message for each in told])
        theirs = frozenset(a.contact_id for a in told if (a.message.channel, a.message.address) in phones)
        known = replace(known, phones=phones, contacts=theirs)
    return Duties(connection, known, arrived, services.units(), now)


def _told(row: Row[Any]) -> Say:
    """Who it is about, how to call them, and why: to whoever took it."""
    who: Param = row.full_name or Term(N_("chưa rõ tên"))
    if row.full_name and row.year_of_birth:
        who = f"{row.full_name}, {row.year_of_birth}"
    phone: Param = spoken(row.phone) if row.phone else Term(N_("không có số điện thoại"))
    why: Param = Term(WHY[AlertKind(row.kind)])
    if row.signs:
        why = Listed(tuple(Term(SIGN_LABELS.get(code, code)) for code in row.signs))
    return Say(_YOURS, {"number": row.code, "who": who, "phone": phone, "why": why})


WHY: Mapping[AlertKind, str] = {
    AlertKind.DANGER: N_("kêu cứu"),
    AlertKind.URGENT: N_("cần cán bộ y tế ngay"),
    AlertKind.NEW_SIGN: N_("có dấu hiệu mới"),
    AlertKind.LEFT_PLACE: N_("không ở nơi cách ly"),
    AlertKind.SEEN_ILL: N_("tình nguyện viên thấy ốm"),
    AlertKind.UNFINISHED: N_("nói có dấu hiệu rồi bỏ dở"),
    AlertKind.CALL_BACK: N_("xin gọi lại"),
    AlertKind.MISUNDERSTOOD: N_("máy không hiểu tin nhắn"),
    AlertKind.WRONG_NUMBER: N_("báo nhầm số"),
    AlertKind.RISK: N_("khai có nguy cơ"),
    AlertKind.REPORT: N_("phản ánh"),
    AlertKind.MY_DATA: N_("hỏi về dữ liệu"),
    AlertKind.DUTY_STOPPED: N_("máy trực này đã nhắn STOP"),
}
"""What an alert is about, where it names no sign."""

_RESULTS: Mapping[Result, str] = {
    Result.WELL: N_("đã gặp, không có gì nặng"),
    Result.REFERRED: N_("đã chuyển đi khám"),
    Result.AMBULANCE: N_("đã gọi 115"),
    Result.VISITED: N_("đã đến tận nơi"),
    Result.NOT_REACHED: N_("không liên lạc được"),
    Result.MISTAKE: N_("báo nhầm"),
    Result.OTHER: N_("đã xử lý"),
}
_OFF_DUTY = N_("Số này là máy trực của {unit}: nay không nhận tin báo nào nữa. Nhận lại: BAT DAU.")
_ON_DUTY = N_("Máy trực của {unit} nhận tin báo trở lại.")
_SOMEBODY = N_("người khác")
_YOURS = N_("{number}: {who}, {phone}: {why}. Xong thì nhắn XONG {number} và kết quả.")
_TOO_LATE = N_("Việc {number} đã có {who} nhận lúc {when}.")
_CLOSED = N_("Đã đóng việc {number}: {result}. Cảm ơn.")
_UNKNOWN = N_("Không có việc nào đang chờ mang mã {number}: có thể đã xong, hoặc nhầm số. Xin xem lại tin báo.")
_BUSY = N_("Việc {number} đang có người ghi. Xin nhắn lại sau ít giây.")
_WAITING = N_("Đang chờ: {items}. Nhắn NHAN và mã để nhận việc.")
_ITEM = N_("{number} {urgency} {place}")
_NONE = N_("Không có việc nào đang chờ.")
_WHICH = N_("Xin nhắn XONG, mã và kết quả. Đang nhận: {items}.")
_FORGOT = N_("Xin nhắn XONG, mã 4 số và kết quả, ví dụ: XONG 4127 da gap, khoe.")
