"""In and out of venues. What is known of a venue stands in the pipeline, so its name is said there
(`core.pipeline.visits`); here a text is read, and the answer to "were you there?"."""

from __future__ import annotations

from datetime import timedelta

from core.conversation import alarm, asking, checkins
from core.conversation.answers import YES_NO
from core.conversation.context import AskedVisit
from core.conversation.effects import AnswerVisit, Visit
from core.conversation.messages import N_
from core.conversation.parsers import command, visit, yesno
from core.conversation.parsers.command import Command
from core.conversation.parsers.visit import Direction, Fault, Said
from core.conversation.turn import VIETNAM, Turn
from core.conversation.understanding import Understood
from core.messaging.channel import MessageKind

_GOING_ON = timedelta(hours=1)
"""A form that was asked so lately is going on, and a bare yes or no is for its question."""

_WORDS = {Direction.IN: "VAO", Direction.OUT: "RA"}


def run(turn: Turn, rest: str) -> bool:
    """Have a visit written, or say what is wrong with its code; what was said beside it counts too."""
    said = visit.parse(turn.text)
    if said is None:
        return False
    turn.change(strays=0)
    if said.fault is None:
        _go(turn, said)
    else:
        turn.say(_FAULTS[said.fault], word=_WORDS[said.direction], number=said.code)
    if not _heard_beside(turn, said):
        asking.ask_again(turn)
    return True


def beside(turn: Turn) -> None:
    """A visit told of in a text that may mean danger: it is written, whatever becomes of that question."""
    said = visit.parse(turn.text)
    if said and said.fault is None:
        _go(turn, said)


def answered(turn: Turn) -> bool:
    """Whether the message says if a guard was right, and that was the last thing asked. Only then does it count."""
    asked = _asked(turn)
    said = yesno.parse(turn.text)
    if asked is None or not isinstance(said, Understood) or said.rest:
        return False
    turn.do(AnswerVisit(asked.id, said.value))
    if not said.value:
        turn.say(_DENIED)
    elif asked.direction is Direction.IN:
        turn.say(_CONFIRMED_IN, MessageKind.RECEIPT, number=asked.venue_code, kept=turn.context.rules.visit_days)
    else:
        turn.say(_CONFIRMED_OUT, MessageKind.RECEIPT, kept=turn.context.rules.visit_days)
    asking.ask_again(turn)
    return True


def ask_again(turn: Turn) -> bool:
    """Ask once more after a text that can be nothing else either. False if nothing was asked."""
    asked = _asked(turn)
    if asked is None:
        return False
    text = _WHICH_IN if asked.direction is Direction.IN else _WHICH_OUT
    turn.say(text, MessageKind.QUESTION, YES_NO, when=f"{asked.at.astimezone(VIETNAM):%H:%M %d/%m}")
    return True


def _go(turn: Turn, said: Said) -> None:
    """Several people share a phone: whose visit it is is known only where one person answers and names nobody."""
    member = turn.alone() if said.plain else None
    letter = member.letter if member and member.name else ""
    turn.do(Visit(said.direction, said.code, turn.address_as(), said.phone, letter))


def _heard_beside(turn: Turn, said: Said) -> bool:
    """Whether a report stood behind the code, and was taken. What a guard says of somebody else is none."""
    if not said.rest or said.fault is Fault.PHONE:
        return False
    ordered = command.parse(said.rest)
    if isinstance(ordered, Understood) and ordered.value is Command.EMERGENCY and not alarm.said(turn):
        alarm.danger(turn)
    day = checkins.reported(said.rest)
    if day is None:
        return False
    if turn.session.busy:
        return checkins.heard(turn, said.rest)
    checkins.credit(turn, day, said.rest)
    return True


def _asked(turn: Turn) -> AskedVisit | None:
    """The visit that is asked about, if that is what we asked about last."""
    asked = turn.context.visit
    if asked is None or turn.context.asked_after(asked.asked_at):
        return None
    at = turn.session.asked_at
    if turn.session.busy and at and (at > asked.asked_at or turn.now - at < _GOING_ON):
        return None
    return asked


_FAULTS = {
    Fault.NO_CODE: N_("Xin nhắn {word} và mã 7 số ghi trên bảng ở cửa, ví dụ {word} 1234567."),
    Fault.LENGTH: N_(
        "Mã ở cửa có 7 số, {you} nhắn {number}. Xin xem lại bảng ở cửa, hoặc hỏi người trực, rồi nhắn {word} và mã."
    ),
    Fault.CHECK: N_(
        "Mã {number} chưa đúng: có lẽ nhầm một số, hoặc hai số đổi chỗ. Xin xem lại bảng ở cửa, hoặc hỏi người trực, "
        "rồi nhắn {word} và mã."
    ),
    Fault.PHONE: N_(
        "Số điện thoại sau mã chưa đúng, hoặc không nhận được tin nhắn. Xin nhắn lại, ví dụ {word} {number} 0900000001."
    ),
}
_CONFIRMED_IN = N_(
    "Cảm ơn {you}, đã ghi và giữ {kept} ngày để phòng dịch. Khi về nhắn RA {number}. Muốn xóa thì nhắn DU LIEU."
)
_CONFIRMED_OUT = N_("Cảm ơn {you}, đã ghi và giữ {kept} ngày để phòng dịch. Muốn xóa thì nhắn DU LIEU.")
_DENIED = N_("Dạ, không tính lượt đó. Xin lỗi đã làm phiền {you}. Không muốn được hỏi nữa thì nhắn STOP.")
_WHICH_IN = N_("Xin trả lời bằng số: lúc {when} {you} có vào nơi mà người trực đã báo không?")
_WHICH_OUT = N_("Xin trả lời bằng số: lúc {when} {you} có ra khỏi nơi mà người trực đã báo không?")
