"""One message in, what to say and do out. A pure function: it touches nothing, and the same input gives the same step.

The order, for every message: danger, STOP, an answer to what was asked last, a command, a report nobody asked
for, help. So nothing is dropped, and what matters first is heard first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from core.conversation import (
    alarm,
    asking,
    callback,
    checkins,
    commands,
    correcting,
    doubt,
    duty,
    household,
    linking,
    misses,
    opening,
    presence,
    resume,
    smalltalk,
    stages,
    unreadable,
    visits,
    volunteering,
    whose,
    wrong_number,
)
from core.conversation.answers import read
from core.conversation.context import Context, Home
from core.conversation.effects import Effect
from core.conversation.fold import fold
from core.conversation.form import Library
from core.conversation.messages import Inbound, Reply
from core.conversation.parsers import command, tongue, yesno
from core.conversation.parsers.command import Command
from core.conversation.session import Session, Stage
from core.conversation.turn import Turn
from core.conversation.understanding import Reason, Unclear, Understood


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
    doubt.keep_mark(turn)
    return Step(turn.session, tuple(turn.replies), tuple(turn.effects), home)


def _read(turn: Turn) -> None:
    if over := resume.is_over(turn):
        resume.begin_anew(turn)
    if _no_words(turn):
        return
    if not turn.session.busy:
        turn.change(misses=0)
    _speak_their_language(turn)

    def read_on(of: Turn) -> None:
        _understand(of, over=over)

    if not _danger(turn, read_on):
        read_on(turn)


def _understand(turn: Turn, *, over: bool) -> None:
    """Read what a message says besides danger. `over`: what was going on was left for too long."""
    ordered = _ordered(turn)
    if wrong_number.answered(turn, ordered.value if ordered else None) or _visited(turn, ordered):
        return
    if ordered is None and (presence.heard(turn) or callback.heard(turn)):
        return
    if ordered and ordered.value is Command.STOP:
        commands.stop(turn)
        checkins.heard_beside(turn, command.before_stop(turn.text), ordered.rest)
    elif over and turn.session.busy and ordered is None and not checkins.reported(turn.text):
        if not _told(turn):
            resume.say_so(turn)
    elif _answered(turn, ordered) or opening.open_form(turn, turn.text):
        return
    elif ordered and commands.run(turn, ordered.value, ordered.rest):
        smalltalk.ended_nowhere(turn, ordered.value)
    elif turn.session.busy:
        _missed(turn)
    elif not any(reads(turn) for reads in _UNASKED):
        smalltalk.answer(turn)


def _ordered(turn: Turn) -> Understood[Command] | None:
    """The command in a message. "Tu choi" stops the reminders only where it can be no answer."""
    said = command.parse(turn.text)
    if isinstance(said, Unclear):
        return None
    if said.value is not Command.STOP or not command.may_answer(turn.text):
        return said
    no, context = isinstance(yesno.parse(turn.text), Understood), turn.context
    asked = turn.session.wrong_at is not None or context.visit is not None or bool(context.presence)
    in_a_form = turn.session.busy and turn.session.stage is not Stage.SUMMARY
    return None if in_a_form or (no and (asked or turn.session.busy)) else said


def _no_words(turn: Turn) -> bool:
    """Whether there is nothing to read: a shared number, a picture, a button of a question that has passed."""
    if turn.inbound.phone:
        linking.shared(turn)
    elif not turn.text.strip():
        if not presence.located(turn):
            unreadable.answer(turn)
    elif turn.inbound.mark and turn.inbound.mark != turn.session.mark and not doubt.is_tapped(turn):
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


def _danger(turn: Turn, read_on: Callable[[Turn], None]) -> bool:
    """Hear danger. True if nothing else is left in the message."""
    if duty.heard(turn):
        return True
    found = turn.danger()
    if found.present:
        said = correcting.told(turn)
        alarm.danger(turn, found.present, household.of_danger(said, turn.context, turn.today.year))
        return False
    if doubt.answered(turn):
        return True
    return bool(found.doubtful) and doubt.ask(turn, found.doubtful, read_on)


def _visited(turn: Turn, ordered: Understood[Command] | None) -> bool:
    """Whether the message tells of a visit, or says if a guard was right about one."""
    if ordered is None:
        return visits.answered(turn)
    return ordered.value is Command.VISIT and commands.run(turn, ordered.value, ordered.rest)


def _answered(turn: Turn, ordered: Understood[Command] | None) -> bool:
    """Whether the message answers what was asked last: a reminder, or the pending question."""
    if ordered is None and _told(turn):
        return True
    if _may_stop_either(turn):
        commands.ask_cancel(turn)
        return True
    return stages.read(turn, ordered)


def _may_stop_either(turn: Turn) -> bool:
    """A bare HUY, or "tu choi" where consent is not what is asked: the form, or the reminders?"""
    stage = turn.session.stage
    if stage in (Stage.CANCEL, Stage.SUMMARY) or fold(turn.text).text == "huy":
        return stage not in (Stage.CANCEL, Stage.SUMMARY)
    refused = stage is Stage.LEGAL and isinstance(yesno.parse(turn.text), Understood)
    return turn.session.busy and command.may_answer(turn.text) and not refused


def _told(turn: Turn) -> bool:
    """Whether the message takes something back, tells of people by name, or answers a reminder."""
    return correcting.taken_back(turn) or checkins.of_others(turn) or checkins.answers_reminder(turn)


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
        misses.miss_to_confirm(turn)
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


_UNASKED = (duty.unknown, linking.bare, checkins.unprompted, checkins.thanks, checkins.unclear)
