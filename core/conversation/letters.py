"""People told apart by letters, where it is not clear who has what: nothing is written down, and each is asked for."""

from __future__ import annotations

from core.conversation import household, whose
from core.conversation.asking import CHECKIN, ask_again, fever, tell_if_unfinished
from core.conversation.fold import fold
from core.conversation.form import Kind
from core.conversation.messages import N_
from core.conversation.parsers import temperature
from core.conversation.parsers.aside import lettered
from core.conversation.parsers.reader import read
from core.conversation.session import Stage
from core.conversation.turn import Turn
from core.messaging.channel import MessageKind


def of_strangers(turn: Turn, said: str) -> bool:
    """Whether a text tells of somebody by a letter that is nobody's here. It is asked whose it is, but not in the midst
    of a form, which goes on."""
    members = turn.context.members
    letter = household.strange(said, members)
    if not letter:
        return False
    danger, signs = turn.danger().present, read(fold(said)).present or fever(turn, degrees(said))
    if signs := tuple(sign for sign in signs if sign not in danger):  # of danger they were told at once
        tell_if_unfinished(turn, signs, "")
    if len(members) > 1:
        first, second = members[0].letter, members[1].letter
        turn.say(_NOBODY, MessageKind.QUESTION, letter=letter, first=first, second=second)
    elif turn.session.busy or lettered(fold(said)):
        turn.say(_WHO_IS_IT, MessageKind.QUESTION)
    else:
        whose.ask_who(turn, CHECKIN, said)
        return True
    ask_again(turn)
    return True


def beside_a_form(turn: Turn) -> bool:
    """Whether a text like that came in the midst of a form, in place of its answer; not where anything may be written,
    or where it is asked whom a text is about."""
    stage = turn.session.stage
    if stage in (Stage.IDLE, Stage.WHO, Stage.WHOSE):
        return False
    free = stage is Stage.ASKING and turn.pending.kind in (Kind.TEXT, Kind.NAME)
    return not free and of_strangers(turn, turn.text)


def of_several(turn: Turn, said: str) -> bool:
    """Whether a text tells people apart by letters that are nobody's: nothing is written down, each is asked for."""
    if not lettered(fold(said)):
        return False
    ask_of_each(turn, said) if len(turn.context.members) > 1 else turn.say(_WHO_IS_IT, MessageKind.QUESTION)
    return True


def ask_of_each(turn: Turn, said: str) -> None:
    """Whose it is; or what each has, when several are named and it is not clear who has what."""
    members = turn.context.members
    if household.several(said, members):
        first, second = members[0].letter, members[1].letter
        turn.say(whose.EACH, MessageKind.QUESTION, first=first, second=second)
    else:
        whose.ask_who(turn, CHECKIN, said)


def degrees(text: str) -> float | None:
    """The temperature in a text that is not understood otherwise."""
    try:
        return temperature.find(fold(text))
    except temperature.Ambiguous:
        return None


_WHO_IS_IT = N_("Ai có dấu hiệu đó? Của {you} xin nhắn riêng, ví dụ 37,8 HO. Của người khác xin nhắn KHAI HO.")
_NOBODY = N_(
    "Ở đây chưa có ai là {letter}. Xin nhắn từng người, ví dụ: {first} OK {second} 37,8 HO. "
    "Khai cho người khác: KHAI HO."
)
