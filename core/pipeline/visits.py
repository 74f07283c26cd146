"""Visits in a batch: venues and earlier visits looked up once for all its texts, the replies that name a venue, rows.

Two SELECTs for however many texts, and none where nobody tells of a visit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

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
from core.messaging.channel import MessageKind
from core.pipeline.cause import Cause
from core.pipeline.inbox import Arrived
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


class Visits:
    """What one batch needs to know of venues. `told`: see `core.care.visits.newest`; it grows as the batch is read.
    `kept`: days, for the words about consent.
    """

    def __init__(
        self, places: Mapping[str, Venue], told: Mapping[tuple[UUID, str], Told], now: datetime, kept: int
    ) -> None:
        self._places = places
        self._told = dict(told)
        self._now = now
        self._kept = kept

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
        """What a guard says of the owner of a phone, who will be asked there, on the guard's channel."""
        nobody = {"contact_id": None, "person_id": None, "confirmed_at": None}
        asked = {"channel": cause.message.channel, "address": phone, "ask_at": self._now}
        return {"by_contact_id": cause.context.contact_id, **nobody, **asked}

    def _judge(self, visit: Visit, cause: Cause) -> tuple[_Verdict, str]:
        """What becomes of it, and the phone of somebody else that it is about, or ""."""
        place, sender = self._places.get(visit.code), cause.message.address
        phone = "" if visit.phone == sender else visit.phone
        if place is None:
            return _Verdict.NOWHERE, phone
        if not place.active:
            return _Verdict.CLOSED, phone
        if phone and sender not in place.guards:
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
        place = self._places.get(visit.code)
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
            "kept": self._kept,
        }
        kind = MessageKind.INFO if verdict in _REFUSED else MessageKind.RECEIPT
        return Reply(Say(_TEXTS[verdict, visit.direction], params), kind)


def look_up(connection: Connection, arrived: Sequence[Arrived], now: datetime) -> Visits:
    """What the visits that these messages tell of need to know."""
    kept = in_force(now.astimezone(VIETNAM).date()).visit_days
    told = [(a.contact_id, said) for a in arrived if (said := parser.parse(a.message.text)) and said.fault is None]
    if not told:
        return Visits({}, {}, now, kept)
    places = venues.find(connection, {said.code for _, said in told})
    return Visits(places, visits.newest(connection, sorted({contact for contact, _ in told}), now), now, kept)


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
