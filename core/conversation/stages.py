"""An answer to the question that was asked last, one reader for each stage of a conversation.

Each says whether the message was such an answer. What is none is read on: as a command, a report, a miss.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from core.conversation import (
    alarm,
    asking,
    checkins,
    commands,
    correcting,
    opening,
    records,
    seen_ill,
    whose,
    wrong_number,
)
from core.conversation.effects import TellSeenIll
from core.conversation.fold import fold, words
from core.conversation.form import Kind
from core.conversation.messages import N_
from core.conversation.parsers import checkin, choice, identity, on_behalf, yesno
from core.conversation.parsers.command import Command
from core.conversation.session import IDLE, Stage
from core.conversation.turn import Turn
from core.conversation.understanding import Unclear, Understood

_AGREES = re.compile(r"\b(?<!khong )(?<!chua )(?:dong [yi]|nhat tri|agree)\b")
_NOT = re.compile(r"\b(?:khong|ko|k|chua|not|don't)\b|\?")
_STORY = 5  # words: our commands have fewer


def read(turn: Turn, ordered: Understood[Command] | None) -> bool:
    """Whether the message answers what is pending. `ordered`: the command that it may be instead."""
    return _STAGES[turn.session.stage](turn, ordered)


def _idle(turn: Turn, ordered: Understood[Command] | None) -> bool:
    return False


def _who(turn: Turn, ordered: Understood[Command] | None) -> bool:
    if checkins.all_of_us(turn):
        return True
    letter = whose.who(turn)
    if letter is None:
        return False
    letter = turn.context.free_letter() if letter == whose.MINE else letter
    held, key = turn.session.held, turn.form.key
    turn.change(**IDLE)
    if letter == whose.NEW and turn.library.form(key).daily:
        opening.start_for(turn, opening.DECLARATION, letter, held)
    elif turn.library.form(key).daily:
        checkins.start_for(turn, letter, held)
    else:
        opening.start_for(turn, key, letter, held)
    return True


def _which(turn: Turn, ordered: Understood[Command] | None) -> bool:
    said, held = choice.parse(turn.text, turn.session.options), turn.session.held
    if isinstance(said, Unclear):
        return False
    turn.change(**IDLE)
    opening.start(turn, said.value, held)
    return True


def _whose(turn: Turn, ordered: Understood[Command] | None) -> bool:
    return correcting.picked(turn)


def _legal(turn: Turn, ordered: Understood[Command] | None) -> bool:
    said = _third_person(turn.text) or yesno.parse(turn.text)
    if isinstance(said, Unclear) or (said.rest and not _AGREES.search(fold(turn.text).text) and not _refuses(said)):
        return ordered is None and _held(turn)
    if said.value:
        asking.hold(turn, said.rest)
        asking.agreed(turn)
    else:
        _refused(turn)
    return True


def _refused(turn: Turn) -> None:
    """Nothing is written down. Who is so ill by what they said before that a record of it would have somebody call
    today is called all the same: who refuses is helped too."""
    said, letter = turn.session.held, turn.session.letter
    if said and (answers := seen_ill.worrying(turn, letter, said)):
        turn.do(TellSeenIll(letter, answers, only_urgent=True))
    alarm.finished(turn, {})
    turn.change(**IDLE)
    turn.say(_REFUSED)


def _third_person(text: str) -> Understood[bool] | None:
    """ "Ba ay dong y": short, and nothing else is said."""
    said = words(text)
    return Understood(True) if _AGREES.search(said) and not _NOT.search(said) and len(said.split()) < _STORY else None


def _refuses(said: Understood[bool]) -> bool:
    """ "Khong, toi ban": a no to what was asked, unlike "khong sot". A yes that goes on ("co sot") is none to it."""
    return not said.value and isinstance(checkin.parse(said.rest), Unclear)


def _held(turn: Turn) -> bool:
    """Signs in place of an answer to "do you agree?": they are kept, and the question comes again."""
    if not asking.hold(turn, turn.text):
        return False
    asking.ask_to_agree(turn)
    return True


def _asking(turn: Turn, ordered: Understood[Command] | None) -> bool:
    """Free text would swallow every command and every sign, so there those go first."""
    free = turn.pending.kind in (Kind.TEXT, Kind.NAME)
    if free and _is_a_story(turn):
        return asking.answer(turn, turn.text) is None
    if turn.pending.kind is Kind.NAME and ordered and ordered.value is Command.CORRECT and _is_a_name(turn):
        return asking.answer(turn, turn.text) is None
    if ordered and (ordered.value in _ALWAYS or (free and not _may_be_a_place(ordered))):
        return False
    if (free and checkins.reported(turn.text)) or _is_of_a_relative(turn):
        return False
    return asking.answer(turn, turn.text) is None


def _is_of_a_relative(turn: Turn) -> bool:
    """ "Con toi sot 39", asked how one is oneself: it is kept as theirs, and the question comes again."""
    of_health = turn.pending.kind in (Kind.SIGNS, Kind.TEMPERATURE, Kind.VITALS)
    return of_health and not turn.session.on_behalf and on_behalf.of_relative(turn.text)


def _is_a_name(turn: Turn) -> bool:
    """ "Vang Thi Sua 1988 nu": the command begins a text, a given name ends one."""
    said = words(turn.text).split()
    return said[0] != "sua" and isinstance(identity.parse(turn.text, turn.today), Understood)


def _is_a_story(turn: Turn) -> bool:
    """Where people tell of others, what they tell is no command ("khong khai bao y te") and no sign of their own."""
    return turn.form.about == "writer" and len(words(turn.text).split()) >= _STORY


def _may_be_a_place(ordered: Understood[Command]) -> bool:
    """ "Khu vuc 5" is an address, and "KHU VUC" a command."""
    return bool(ordered.rest) and ordered.value in (Command.AREA, Command.LANGUAGE, Command.STATUS)


def _summary(turn: Turn, ordered: Understood[Command] | None) -> bool:
    if fold(turn.text).text == "huy":
        return commands.run(turn, Command.CANCEL, "")
    if wrong := wrong_number.of_a_summary(turn.text):
        return commands.run(turn, Command.CORRECT, " ".join(wrong))
    if ordered:
        return False
    said = yesno.parse(turn.text)
    text = fold(turn.text).text
    if text.isdigit():
        return int(text) > 1 and commands.run(turn, Command.CORRECT, text)
    if isinstance(said, Unclear) or said.rest:
        return False
    if said.value:
        records.confirm(turn)
    else:
        turn.say(N_("Sai ở số mấy? Xin nhắn SUA và số đó, ví dụ SUA 4."))
    return True


def _cancel(turn: Turn, ordered: Understood[Command] | None) -> bool:
    said = choice.parse(turn.text, turn.session.options)
    if turn.session.pending:
        turn.change(stage=Stage.ASKING, options=())
    elif isinstance(said, Unclear) or not turn.session.form:
        turn.change(**IDLE)
    if isinstance(said, Unclear):
        return turn.session.busy and _asking(turn, ordered)
    if said.value == "stop":
        commands.stop(turn)
    elif said.value == "on":
        asking.ask_again(turn)
    else:
        commands.run(turn, Command.CANCEL, "")
    return True


_REFUSED = N_(
    "Dạ được, không lưu gì cả. Khi mệt, {you} cứ nhắn GOI để gặp cán bộ y tế, hoặc gọi 115. Đổi ý thì nhắn KHAI."
)
_REFUSED_BUT_ILL = N_(
    "Dạ được, không lưu tờ khai. Vì dấu hiệu nặng, {unit} sẽ gọi cho {you}. Nặng lên thì gọi 115. Đổi ý thì nhắn KHAI."
)
URGENT_REFUSALS: Mapping[str, str] = {_REFUSED: _REFUSED_BUT_ILL}
"""What is said instead where triage finds that a health worker has to call."""

_ALWAYS = frozenset({Command.CORRECT, Command.CHECKIN, Command.DECLARE, Command.WRONG_NUMBER})
"""Commands that no question takes for an answer."""

_STAGES = {
    Stage.IDLE: _idle,
    Stage.WHO: _who,
    Stage.WHICH: _which,
    Stage.WHOSE: _whose,
    Stage.LEGAL: _legal,
    Stage.ASKING: _asking,
    Stage.SUMMARY: _summary,
    Stage.CANCEL: _cancel,
}
