"""NHAM SO: the number has passed to somebody else. Asked once more if anybody answers here, for it cannot be undone."""

from __future__ import annotations

import re
from datetime import timedelta

from core.conversation import asking
from core.conversation.effects import AlertKind, RaiseAlert, Unlink
from core.conversation.fold import fold
from core.conversation.messages import N_
from core.conversation.parsers import choice, yesno
from core.conversation.parsers.command import Command
from core.conversation.session import IDLE
from core.conversation.turn import Turn
from core.conversation.understanding import Choice, Understood
from core.messaging.channel import MessageKind

_FORGOTTEN = timedelta(hours=6)
_OF_A_SUMMARY = re.compile(r"(?:bi |da )?(?:sai|nham|lon) (?:o |cho |cau |muc |so )*(\d{1,2})\b(.*)")
_OVER = re.compile(r"(?: |roi|a|nhe|nha|oi|ban|em|chau|bac si|[.,!])*")
_YES, _NO = "yes", "no"
_OPTIONS = (Choice(_YES, N_("Đúng, nhầm số")), Choice(_NO, N_("Không nhầm")))


def run(turn: Turn, rest: str) -> bool:
    """Unlink the number at once if nobody answers here; else ask first, and name nobody to who may be a stranger."""
    if not turn.context.members:
        _unlink(turn)
        return True
    turn.change(wrong_at=turn.now, asked_at=turn.now)
    text = N_("Có phải {unit} đã nhắn nhầm người? Nếu đúng, số này sẽ không nhận tin nhắc nữa.")
    turn.say(text, MessageKind.QUESTION, _OPTIONS)
    return True


def answered(turn: Turn, ordered: Command | None) -> bool:
    """Whether the message says if the number is wrong; anything else leaves all as it is, and is read on."""
    if turn.session.wrong_at is None:
        return False
    asked = _asked(turn)
    turn.change(wrong_at=None)
    said = _said(turn.text, ordered) if asked else None
    if said is None:
        return False
    if said:
        _unlink(turn)
    else:
        turn.say(N_("Dạ, số này vẫn nhận tin như trước. Không muốn được nhắc nữa thì nhắn STOP."))
        asking.ask_again(turn)
    return True


def of_a_summary(text: str) -> tuple[str, str] | None:
    """ "Sai so 4", "nham cau 4 Le Van Tam": the number in the summary, and what it should be."""
    found = _OF_A_SUMMARY.fullmatch(fold(text).text)
    if found is None:
        return None
    rest = "" if _OVER.fullmatch(found[2]) else text.split(found[1], 1)[1]
    return found[1], rest.strip(" :.,=-")


def _asked(turn: Turn) -> bool:
    """Whether this is what we asked about last: only then is a bare yes about it."""
    at = turn.session.wrong_at
    if at is None or turn.now - at > _FORGOTTEN:
        return False
    return not turn.context.asked_after(at)


def _said(text: str, ordered: Command | None) -> bool | None:
    if ordered is not None:
        return True if ordered is Command.WRONG_NUMBER else None
    picked = choice.parse(text, _OPTIONS)
    if isinstance(picked, Understood):
        return picked.value == _YES
    said = yesno.parse(text)
    return said.value if isinstance(said, Understood) and not said.rest else None


def _unlink(turn: Turn) -> None:
    turn.do(RaiseAlert(AlertKind.WRONG_NUMBER))
    turn.do(Unlink())
    turn.change(**IDLE, last=None, together=(), others=(), agreed=(), waiting=(), doubt=(), doubt_at=None)
    turn.change(serving=None, served=(), unsure=None, late=(), joining=None)
    turn.say(N_("Xin lỗi đã làm phiền. Số này sẽ không nhận tin nhắc nữa."))
