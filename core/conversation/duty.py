"""Duty phones: NHAN takes an alert, XONG closes it. Alerts stand in the database, so the pipeline looks them up and
words the answers (`core.pipeline.duty`); here it is read what is wanted. Whoever is on duty is a citizen too: a form
goes on.
"""

from __future__ import annotations

from core.conversation import asking
from core.conversation.effects import CloseAlert, TakeAlert
from core.conversation.messages import N_
from core.conversation.parsers import duty
from core.conversation.parsers.duty import CODE_LENGTH, Said
from core.conversation.turn import Turn


def heard(turn: Turn) -> bool:
    """Whether a duty phone wrote of an alert. How it ended is about somebody else: signs in it are no danger of the
    writer's. What stands behind NHAN may be."""
    said = duty.parse(turn.text) if turn.context.on_duty else None
    if said is None or (said.rest and not said.done):
        return False
    turn.change(strays=0)
    if said.code and len(said.code) != CODE_LENGTH:
        turn.say(N_("Mã việc có 4 số. Xin xem lại tin báo, rồi nhắn NHAN hoặc XONG và mã, ví dụ NHAN 4127."))
    else:
        _order(turn, said)
    asking.ask_again(turn)
    return True


def unknown(turn: Turn) -> bool:
    """Whether any phone wrote so where nothing else was meant. It is answered as if there were no such code."""
    said = duty.parse(turn.text)
    if said is None or len(said.code) != CODE_LENGTH:
        return False
    _order(turn, said)
    return True


def _order(turn: Turn, said: Said) -> None:
    turn.do(CloseAlert(said.code, said.rest) if said.done else TakeAlert(said.code))
