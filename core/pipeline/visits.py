"""Visits in a batch: venues and earlier visits looked up once for all its texts, the replies that name a venue, rows.

Three SELECTs for however many texts, and none where nobody tells of a visit.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select

from core.care import visits
from core.care.rules import in_force
from core.care.visits import SAME, Told
from core.clock import VIETNAM
from core.conversation.effects import Visit
from core.conversation.engine import Step
from core.conversation.ids import derived
from core.conversation.messages import N_, Param, Reply, Say
from core.conversation.parsers import visit as parser
from core.conversation.parsers.visit import Direction
from core.database.tables import addresses
from core.messaging.channel import MessageKind
from core.pipeline.cause import Cause
from core.pipeline.inbox import Arrived
from core.pipeline.services import Services
from core.places import venues
from core.places.venues import Venue


class _Verdict(StrEnum):
    """What becomes of a visit that was told of."""

    NOWHERE = "nowhere"
    CLOSED = "closed"
    NO_GUARD = "no_guard"
    AGAIN = "again"  # the same word twice
    FIRST = "first"  # written; the first ever from this phone
    WRITTEN = "written"
    TO_ASK = "to_ask"  # written by a guard


@dataclass(frozen=True, slots=True)
class Known:
    """What was looked up for a batch. `told`: see `core.care.visits.newest`. `numbers`: the telephones of those who
    write, who may chat. `kept`: days, for the words about consent. `sms`: channels with telephones, and through which
    of them we start an SMS.
    """

    places: Mapping[str, Venue]
    told: Mapping[tuple[UUID, str], Told]
    numbers: Mapping[UUID, frozenset[str]]
    kept: int
    sms: frozenset[str] = frozenset()
    out: str = ""


class Visits:
    """The visits of one batch. What was told of grows as it is read."""

    def __init__(self, known: Known, now: datetime) -> None:
        self._known = known
        self._told = dict(known.told)
        self._now = now

    def said(self, made: Step, cause: Cause) -> Step:
        """The step with the replies to its visits: behind danger, before what it asks."""
        answers = tuple(self._reply(each, cause) for each in made.effects if isinstance(each, Visit))
        if not answers:
            return made
        danger = tuple(reply for reply in made.replies if reply.kind is MessageKind.DANGER)
        others = tuple(reply for reply in made.replies if reply.kind is not MessageKind.DANGER)
        return replace(made, replies=(*danger, *answers, *others))

    def row(self, visit: Visit, cause: Cause) -> dict[str, Any] | None:
        """The row of a visit; None if it is none, or the same again."""
        verdict, phone = self._judge(visit, cause)
        if verdict not in (_Verdict.FIRST, _Verdict.WRITTEN, _Verdict.TO_ASK):
            return None
        contact, at = cause.context.contact_id, cause.message.received_at
        self._told[contact, phone] = Told(_id(cause), visit.code, visit.direction, at)
        made = {"id": _id(cause), "venue_code": visit.code, "direction": visit.direction, "at": at}
        return made | (self._theirs(cause, phone) if phone else _own(visit, cause))

    def _theirs(self, cause: Cause, phone: str) -> dict[str, Any]:
        """What a guard says of the owner of a phone, who will be asked there: through the guard's own gateway, or any
        if the guard chats. Where no SMS can be sent nobody is asked, and it never counts.
        """
        nobody = {"contact_id": None, "person_id": None, "confirmed_at": None}
        through = cause.message.channel if cause.message.channel in self._known.sms else self._known.out
        asked = {"channel": through or None, "address": phone, "ask_at": self._now if through else None}
        return {"by_contact_id": cause.context.contact_id, **nobody, **asked}

    def _judge(self, visit: Visit, cause: Cause) -> tuple[_Verdict, str]:
        """What becomes of it, and the phone of somebody else that it is about, or ""."""
        place = self._known.places.get(visit.code)
        own = {cause.message.address, *self._known.numbers.get(cause.context.contact_id, ())}
        phone = "" if visit.phone in own else visit.phone
        if place is None:
            return _Verdict.NOWHERE, phone
        if not place.active:
            return _Verdict.CLOSED, phone
        if phone and not own & place.guards:
            return _Verdict.NO_GUARD, phone
        before = self._told.get((cause.context.contact_id, phone))
        if before and before.id == _id(cause):  # this very message, read before
            before = None
        if before and _is_same(before, visit, cause):
            return _Verdict.AGAIN, phone
        if phone:
            return _Verdict.TO_ASK, phone
        return (_Verdict.WRITTEN if before else _Verdict.FIRST), phone

    def _reply(self, visit: Visit, cause: Cause) -> Reply:
        verdict, phone = self._judge(visit, cause)
        place = self._known.places.get(visit.code)
        at = cause.message.received_at
        if verdict is _Verdict.AGAIN:
            at = self._told[cause.context.contact_id, phone].at
            verdict = _Verdict.TO_ASK if phone else verdict
        params: Mapping[str, Param] = {
            "you": visit.you,
            "venue": place.name if place else "",
            "number": visit.code,
            "word": WORDS[visit.direction],
            "when": when(at),
            "other": spoken(phone),
            "kept": self._known.kept,
        }
        kind = MessageKind.INFO if verdict in _REFUSED else MessageKind.RECEIPT
        return Reply(Say(_TEXTS[verdict, visit.direction], params), kind)


def look_up(connection: Connection, services: Services, arrived: Sequence[Arrived], now: datetime) -> Visits:
    """What the visits that these messages tell of need to know."""
    kept = in_force(now.astimezone(VIETNAM).date()).visit_days
    told = [(a.contact_id, said) for a in arrived if (said := parser.parse(a.message.text)) and said.fault is None]
    if not told:
        return Visits(Known({}, {}, {}, kept), now)
    contacts = sorted({contact for contact, _ in told})
    places = venues.find(connection, {said.code for _, said in told})
    known = Known(
        places,
        visits.newest(connection, contacts, now),
        _numbers(connection, services.sms, contacts),
        kept,
        services.sms,
        services.sms_out.name if services.sms_out else "",
    )
    return Visits(known, now)


def _numbers(connection: Connection, sms: Collection[str], contacts: Sequence[UUID]) -> Mapping[UUID, frozenset[str]]:
    """The telephones of these contacts."""
    ours = select(addresses.c.contact_id, addresses.c.address).where(
        addresses.c.contact_id.in_(contacts), addresses.c.channel.in_(sms)
    )
    found: dict[UUID, frozenset[str]] = {}
    for row in connection.execute(ours):
        found[row.contact_id] = found.get(row.contact_id, frozenset()) | {row.address}
    return found


def when(at: datetime) -> str:
    """A moment as people are told it: "08:15 21/11"."""
    return f"{at.astimezone(VIETNAM):%H:%M %d/%m}"


def spoken(phone: str) -> str:
    """A Vietnamese mobile number as it is read: "0900 000 001"."""
    return f"0{phone[3:6]} {phone[6:9]} {phone[9:]}" if phone else ""


def _id(cause: Cause) -> UUID:
    return derived(cause.inbound_id, "visit")


def _own(visit: Visit, cause: Cause) -> dict[str, Any]:
    """What somebody says of themselves: it counts."""
    member = cause.context.member(visit.letter) if visit.letter else None
    nobody = {"by_contact_id": None, "channel": None, "address": None, "ask_at": None}
    whose = {"contact_id": cause.context.contact_id, "person_id": member.person_id if member else None}
    return {**whose, "confirmed_at": cause.message.received_at, **nobody}


def _is_same(before: Told, visit: Visit, cause: Cause) -> bool:
    again = (before.venue_code, before.direction) == (visit.code, visit.direction)
    return again and cause.message.received_at - before.at < SAME


_REFUSED = (_Verdict.NOWHERE, _Verdict.CLOSED, _Verdict.NO_GUARD)

WORDS = {Direction.IN: "VAO", Direction.OUT: "RA"}
"""What people write."""

_NOWHERE = N_("Chưa có nơi nào mang mã {number}. Xin xem lại bảng ở cửa, hoặc hỏi người trực ở đó.")
_CLOSED = N_("{venue} không dùng mã {number} nữa. Xin hỏi người trực ở cửa.")
_NO_GUARD = N_("Chỉ người trực ở {venue} mới ghi hộ được. Mỗi người tự nhắn {word} {number} từ máy của mình.")
_OF_OTHERS = {
    Direction.IN: N_(
        "Đã ghi: số {other} vào {venue} lúc {when}. Chúng tôi sẽ hỏi lại số đó; họ trả lời Có thì mới tính."
    ),
    Direction.OUT: N_(
        "Đã ghi: số {other} ra khỏi {venue} lúc {when}. Chúng tôi sẽ hỏi lại số đó; họ trả lời Có thì mới tính."
    ),
}
_TEXTS: Mapping[tuple[_Verdict, Direction], str] = {
    **{(_Verdict.NOWHERE, way): _NOWHERE for way in Direction},
    **{(_Verdict.CLOSED, way): _CLOSED for way in Direction},
    **{(_Verdict.NO_GUARD, way): _NO_GUARD for way in Direction},
    **{(_Verdict.TO_ASK, way): text for way, text in _OF_OTHERS.items()},
    (_Verdict.FIRST, Direction.IN): N_(
        "Đã ghi: {you} vào {venue} lúc {when}. Khi về nhắn RA {number}. Nhắn tin là đồng ý giữ {kept} ngày để "
        "phòng dịch. Xóa: DU LIEU."
    ),
    (_Verdict.FIRST, Direction.OUT): N_(
        "Đã ghi: {you} ra khỏi {venue} lúc {when}. Nhắn tin là đồng ý giữ {kept} ngày để phòng dịch. Xóa: DU LIEU."
    ),
    (_Verdict.WRITTEN, Direction.IN): N_(
        "Đã ghi: {you} vào {venue} lúc {when}. Khi về nhắn RA {number}. Thấy sốt, ho thì nhắn SK."
    ),
    (_Verdict.WRITTEN, Direction.OUT): N_("Đã ghi: {you} ra khỏi {venue} lúc {when}. Thấy sốt, ho thì nhắn SK."),
    (_Verdict.AGAIN, Direction.IN): N_("Đã ghi rồi: {you} vào {venue} lúc {when}. Khi về nhắn RA {number}."),
    (_Verdict.AGAIN, Direction.OUT): N_("Đã ghi rồi: {you} ra khỏi {venue} lúc {when}."),
}
