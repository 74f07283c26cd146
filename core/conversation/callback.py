"""A number to call: who chats has an address that no nurse can ring. Asked for when staff are told to call, and read
whenever somebody writes one.
"""

from __future__ import annotations

from core.conversation import asking
from core.conversation.effects import RaiseAlert, SayPhone, TellSeenIll
from core.conversation.fold import fold
from core.conversation.form import Kind
from core.conversation.messages import N_
from core.conversation.parsers import phone
from core.conversation.parsers.visit import is_mobile
from core.conversation.session import Stage
from core.conversation.turn import Turn
from core.conversation.understanding import Understood

_BESIDE = 5  # words around the number: "so cua toi la", no story
_TAKES_NUMBERS = (Kind.PHONE, Kind.TEXT)


def heard(turn: Turn) -> bool:
    """Whether the message is a telephone number, where staff have none and no question asks for one."""
    if turn.context.callable or (turn.session.stage is Stage.ASKING and turn.pending.kind in _TAKES_NUMBERS):
        return False
    said = phone.parse(turn.text)
    letters = [word for word in fold(turn.text).text.split() if word.isalpha()]
    if not isinstance(said, Understood) or not is_mobile(said.value) or len(letters) > _BESIDE:
        return False
    turn.do(SayPhone(said.value))
    number = f"0{said.value.removeprefix('+84')}"
    turn.say(N_("Đã ghi số {number}. Cán bộ y tế sẽ gọi số này khi cần, không hỏi OTP, không đòi tiền."), number=number)
    asking.ask_again(turn)
    return True


def ask(turn: Turn) -> None:
    """Staff were told to call just now: where?"""
    told = any(
        isinstance(effect, TellSeenIll) or (isinstance(effect, RaiseAlert) and not effect.wait)
        for effect in turn.effects
    )
    if told and not turn.context.callable:
        turn.say(N_("Xin nhắn số điện thoại vào đây để cán bộ y tế gọi lại."))
