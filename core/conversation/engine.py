"""One message in, what to say and do out. A pure function: it touches nothing, and the same input gives the same step.

The order, for every message: danger, STOP, an answer to what was asked last, a command, a report nobody asked
for, help. So nothing is dropped, and what matters first is heard first.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from core.conversation import (
    alarm,
    asking,
    callback,
    checkins,
    commands,
    correcting,
    duty,
    household,
    linking,
    misses,
    opening,
    records,
    resume,
    smalltalk,
    unreadable,
    visits,
    volunteering,
    whose,
    wrong_number,
)
from core.conversation.answers import read
from core.conversation.context import Context, Home
from core.conversation.effects import Effect
from core.conversation.fold import fold, words
from core.conversation.form import Kind, Library
from core.conversation.messages import N_, Inbound, Reply
from core.conversation.parsers import checkin, choice, command, danger, identity, tongue, yesno
from core.conversation.parsers.command import Command
from core.conversation.session import IDLE, Session, Stage
from core.conversation.turn import Turn
from core.conversation.understanding import DayReport, Reason, Signs, Unclear, Understood

_AGREES = re.compile(r"\b(?<!khong )(?<!chua )(?:dong [yi]|nhat tri|agree)\b")
_NOT = re.compile(r"\b(?:khong|ko|k|chua|not|don't)\b|\?")
_STORY = 5  # words: our commands have fewer


@dataclass(frozen=True, slots=True)
class Step:
    """What one message led to. `home`: the household of whose people it told; None: those of this phone."""

    session: Session
    replies: tuple[Reply, ...]
    effects: tuple[Effect, ...]
    home: Home | None = None


def step(session: Session, inbound: Inbound, library: Library, context: Context, now: datetime) -> Step:
    """Read one message of a contact. Raises nothing on any text; an exception is a fault of ours."""
    turn = Turn(session, inbound, library, context, now)
    home = volunteering.take(turn, _read)
    callback.ask(turn)
    return Step(turn.session, tuple(turn.replies), tuple(turn.effects), home)


def _read(turn: Turn) -> None:
    if over := resume.is_over(turn):
        resume.begin_anew(turn)
    if _no_words(turn):
        return
    if not turn.session.busy:
        turn.change(misses=0)
    _speak_their_language(turn)
    said = command.parse(turn.text)
    ordered = said if isinstance(said, Understood) else None
    if _danger(turn) or wrong_number.answered(turn, ordered.value if ordered else None) or _visited(turn, ordered):
        return
    if ordered is None and callback.heard(turn):
        return
    if ordered and ordered.value is Command.STOP:
        commands.stop(turn)
        checkins.heard_beside(turn, ordered.rest)
    elif over and turn.session.busy and ordered is None and not checkins.reported(turn.text):
        resume.say_so(turn)
    elif _answered(turn, ordered) or opening.open_form(turn, turn.text):
        return
    elif ordered and commands.run(turn, ordered.value, ordered.rest):
        smalltalk.ended_nowhere(turn, ordered.value)
    elif turn.session.busy:
        _missed(turn)
    elif not any(reads(turn) for reads in _UNASKED):
        smalltalk.answer(turn)


def _no_words(turn: Turn) -> bool:
    """Whether there is nothing to read: a shared number, a picture, a button of a question that has passed."""
    if turn.inbound.phone:
        linking.shared(turn)
    elif not turn.text.strip():
        unreadable.answer(turn)
    elif turn.inbound.mark and turn.inbound.mark != turn.session.mark:
        resume.has_passed(turn)
    else:
        return False
    return True


def _speak_their_language(turn: Turn) -> None:
    """Who never chose a language is answered in the one they write; in the midst of a form it stays what it is."""
    if turn.session.chosen or turn.session.stage not in (Stage.IDLE, Stage.LEGAL, Stage.WHO, Stage.WHICH):
        return
    if written := tongue.tongue(turn.text):
        turn.change(language=written)


def _danger(turn: Turn) -> bool:
    """Hear danger. True if nothing else is left in the message."""
    if duty.heard(turn):
        return True
    found = danger.find(turn.text, turn.context.rules.limits, turn.age())
    if found.present:
        alarm.danger(turn, found.present, household.of_danger(turn.text, turn.context, turn.today.year))
        return False
    if (confirmed := alarm.doubt_answer(turn)) is not None:
        _after_doubt(turn, confirmed)
        return True
    if found.doubtful and not (turn.session.doubt and alarm.asked(turn)):
        alarm.doubt(turn, found.doubtful)
        visits.beside(turn)
        return True
    return False


def _after_doubt(turn: Turn, confirmed: tuple[str, ...]) -> None:
    """The conversation goes on where it was; outside of one, a confirmed sign is a report of its own."""
    if turn.session.busy:
        asking.ask_again(turn)
    elif confirmed:
        checkins.credit(turn, DayReport(signs=Signs(present=confirmed)), turn.text)
    else:
        checkins.clarify(turn)


def _visited(turn: Turn, ordered: Understood[Command] | None) -> bool:
    """Whether the message tells of a visit, or says if a guard was right about one."""
    if ordered is None:
        return visits.answered(turn)
    return ordered.value is Command.VISIT and commands.run(turn, ordered.value, ordered.rest)


def _answered(turn: Turn, ordered: Understood[Command] | None) -> bool:
    """Whether the message answers what was asked last: a reminder, or the pending question."""
    if ordered is None and _told(turn):
        return True
    if fold(turn.text).text == "huy" and turn.session.stage not in (Stage.CANCEL, Stage.SUMMARY):
        commands.ask_cancel(turn)
        return True
    return _STAGES[turn.session.stage](turn, ordered)


def _told(turn: Turn) -> bool:
    """Whether the message takes something back, tells of people by name, or answers a reminder."""
    return correcting.taken_back(turn) or checkins.of_others(turn) or checkins.answers_reminder(turn)


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
        alarm.finished(turn, {})
        turn.change(**IDLE)
        turn.say(
            N_(
                "Dạ được, không lưu gì cả. Khi mệt, {you} cứ nhắn GOI để gặp cán bộ y tế, hoặc gọi 115. "
                "Đổi ý thì nhắn KHAI."
            )
        )
    return True


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
    if free and checkins.reported(turn.text):
        return False
    return asking.answer(turn, turn.text) is None


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


def _missed(turn: Turn) -> None:
    """The pending question was not answered. Signs in its place count; danger is answer enough for now."""
    if turn.session.stage in (Stage.ASKING, Stage.SUMMARY) and checkins.heard(turn, turn.text):
        return
    if smalltalk.in_a_form(turn):
        return
    if turn.replies and turn.session.stage in (Stage.ASKING, Stage.LEGAL, Stage.SUMMARY):
        asking.ask_again(turn)
    elif turn.session.stage is Stage.ASKING:
        checkins.tell_if_unwell(turn)
        misses.miss(turn, _why(turn))
    elif turn.session.stage is Stage.SUMMARY:
        asking.ask_again(turn)
    elif turn.session.stage is Stage.LEGAL:
        misses.miss_to_agree(turn)
    elif turn.session.stage is Stage.WHICH:
        opening.ask_which_again(turn)
    elif turn.session.stage is Stage.WHOSE:
        correcting.ask_whose_again(turn)
    else:
        whose.ask_who_again(turn)


def _why(turn: Turn) -> Unclear:
    values = read(turn.text, asking.asked(turn, turn.pending))
    return values if isinstance(values, Unclear) else Unclear(Reason.NOT_AN_ANSWER)


_ALWAYS = frozenset({Command.CORRECT, Command.CHECKIN, Command.DECLARE, Command.WRONG_NUMBER})
"""Commands that no question takes for an answer."""
_UNASKED = (duty.unknown, linking.bare, checkins.unprompted, checkins.thanks, checkins.unclear)

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
