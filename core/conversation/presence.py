"""A sign of presence: what was asked stands in the context, what was said becomes an effect. Pure.

It is said openly as what it is: an answer from a phone proves no place, and no answer is no absence. A shared point is
compared at once and dropped; only near or far is written down.
"""

from __future__ import annotations

from dataclasses import replace
from math import asin, cos, radians, sin, sqrt

from core.conversation import asking
from core.conversation.context import AskedPresence
from core.conversation.effects import AlertKind, AnswerPresence, RaiseAlert
from core.conversation.fold import tidy, words
from core.conversation.messages import N_
from core.conversation.parsers import presence as parser
from core.conversation.parsers.presence import Presence, Said
from core.conversation.turn import Turn
from core.messaging.channel import Media

NEAR = 500.0
"""Metres between a shared point and the home that still count as there: what a phone and a map are wrong by."""

_EARTH = 6_371_000.0


def heard(turn: Turn) -> bool:
    """Whether the message answers it. What is said behind it ("co mat, 38 do") is left to be read on."""
    asked = turn.context.presence
    said = parser.parse(turn.text)
    if said is None or (said.presence is Presence.REFUSED and not asked):
        return False
    if not asked:
        return _of_nothing(turn, said)
    if not said.plain and not _answers_this(turn, said, asked):
        return False
    if said.presence is not Presence.REFUSED:
        _settled(turn, said, asked)
    else:
        _settle(turn, asked, "refused")
        turn.say(_NOT_WANTED)
    if said.rest:
        turn.inbound = replace(turn.inbound, text=said.rest)
        return False
    asking.ask_again(turn)
    return True


def located(turn: Turn) -> bool:
    """Whether a shared point answers it. Where nobody asked it is read by nobody."""
    asked = tuple(each for each in turn.context.presence if each.kind != "household")
    if turn.inbound.media is not Media.LOCATION or turn.inbound.point is None or len(asked) != 1:
        return False
    home = asked[0].home
    place = "unknown" if home is None else "near" if distance(home, turn.inbound.point) <= NEAR else "far"
    _settle(turn, asked, "there", place)
    turn.say(_LOCATED[place])
    asking.ask_again(turn)
    return True


def distance(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Metres between two points, each latitude and longitude in degrees."""
    (a, b), (c, d) = (map(radians, point) for point in (one, other))
    half = sin((c - a) / 2) ** 2 + cos(a) * cos(c) * sin((d - b) / 2) ** 2
    return 2 * _EARTH * asin(min(1.0, sqrt(half)))


def _of_nothing(turn: Turn, said: Said) -> bool:
    """Said unasked, whole and in so many words: a kind word. Anything else is read on."""
    if said.presence is not Presence.THERE or said.rest or turn.session.busy or turn.context.consent:
        return False
    if not {"mat", "comat"} & set(words(turn.text).split()) and tidy(turn.text).casefold().strip(" .!") != "here":
        return False
    if any(member.check for member in turn.context.members):
        return False
    turn.say(_NOT_ASKED)
    return True


def _answers_this(turn: Turn, said: Said, asked: tuple[AskedPresence, ...]) -> bool:
    """Whether words that may mean anything answer this question: while nothing else is asked, and in its time. A bare
    no means that somebody is not there only where that was asked by yes or no."""
    if turn.session.busy or turn.context.consent or turn.context.visit:
        return False
    if any(turn.inbound.at > each.expires_at for each in asked):
        return False
    if said.bare and any(member.check for member in turn.context.members):
        return False
    return not said.bare or said.presence is Presence.THERE or all(each.kind == "household" for each in asked)


def _settled(turn: Turn, said: Said, asked: tuple[AskedPresence, ...]) -> None:
    """Of several people on a phone only those who are named; who is asked of several relatives answers the last."""
    named = tuple(each for each in asked if len(asked) == 1 or said.everybody or each.letter in said.letters)
    letters = [each.letter for each in asked if each.letter]
    named = named if letters or named else asked[-1:]
    there = said.presence is Presence.THERE
    if not named:
        turn.say(_WHO if there else _WHO_NOT, letter=letters[0])
    elif there:
        _there(turn, named)
    else:
        _away(turn, named)


def _there(turn: Turn, asked: tuple[AskedPresence, ...]) -> None:
    _settle(turn, asked, "there")
    if any(each.kind == "household" for each in asked):
        turn.say(_HELPED)
    else:
        turn.say(_THANKS if all(turn.inbound.at <= each.expires_at for each in asked) else _LATE)


def _away(turn: Turn, asked: tuple[AskedPresence, ...]) -> None:
    """Their own word is told to the unit at once. What a relative says is seen by staff: nobody is absent by it."""
    _settle(turn, asked, "not_there")
    own = tuple(each for each in asked if each.kind != "household")
    for each in own:
        turn.do(RaiseAlert(AlertKind.LEFT_PLACE, letter=each.letter))
    turn.say(_AWAY if own else _HELPED)


def _settle(turn: Turn, asked: tuple[AskedPresence, ...], outcome: str, place: str = "") -> None:
    for each in asked:
        late = outcome == "there" and turn.inbound.at > each.expires_at
        turn.do(AnswerPresence(each.id, "late" if late else outcome, place))


_THANKS = N_("Cảm ơn {you}, đã ghi là có trả lời đúng giờ.")
_LATE = N_("Cảm ơn {you}, đã ghi là trả lời muộn. {unit} sẽ xem lại.")
_HELPED = N_("Cảm ơn {you} đã trả lời giúp.")
_WHO = N_("Ai đang có mặt? Xin nhắn CO MAT và chữ cái từng người, ví dụ CO MAT {letter}.")
_WHO_NOT = N_("Ai không có mặt? Xin nhắn KHONG CO MAT và chữ cái từng người, ví dụ KHONG CO MAT {letter}.")
_AWAY = N_("Đã ghi và báo {unit}. Cán bộ sẽ gọi {you}. Khẩn cấp gọi 115.")
_NOT_WANTED = N_("Đã ghi là {you} không muốn trả lời. {unit} có thể gọi hoặc đến hỏi thăm.")
_NOT_ASKED = N_("Lúc này không ai hỏi {you} có mặt. Báo sức khỏe hôm nay: nhắn SK. Gặp cán bộ: nhắn GOI.")
_LOCATED = {
    "near": N_("Cảm ơn {you}, vị trí khớp nơi ở đã báo. So xong đã bỏ, không lưu."),
    "far": N_("Vị trí này xa nơi ở đã báo, {unit} sẽ hỏi lại {you}. So xong đã bỏ, không lưu."),
    "unknown": N_("Cảm ơn {you}. Chưa có nơi ở để so nên chỉ ghi là đã gửi. Vị trí đã bỏ, không lưu."),
}
