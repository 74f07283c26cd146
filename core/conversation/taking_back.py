"""A message that takes back what was said just before, without the word SUA: "khong, 38,5 moi dung", "nham roi".

It does what SUA and the new value do. A value that may as well answer the question that is open is never put into
another answer unasked: that one is asked again.
"""

from __future__ import annotations

from core.conversation import asking, commands
from core.conversation.answers import read
from core.conversation.form import Kind, Question
from core.conversation.parsers import correction
from core.conversation.parsers.command import Command
from core.conversation.session import Stage
from core.conversation.turn import VIETNAM, Turn
from core.conversation.understanding import Reason, Unclear

_FREE = (Kind.TEXT, Kind.NAME)
"""Questions that read any text as their answer."""


def taken_back(turn: Turn) -> bool:
    """Whether the message corrects an answer of the form that is going on, or the record of today."""
    said = correction.parse(turn.text)
    if isinstance(said, Unclear) and said.reason is not Reason.AMBIGUOUS:
        return False
    value = "" if isinstance(said, Unclear) else said.value
    if turn.session.stage is Stage.ASKING and turn.session.trail:
        return _in_the_form(turn, value)
    return _is_of_the_record(turn) and commands.run(turn, Command.CORRECT, value)


def _is_of_the_record(turn: Turn) -> bool:
    """A reminder that came since asks for something else; what was said yesterday is not what they mean today."""
    last = turn.session.last
    if last is None or turn.session.stage not in (Stage.IDLE, Stage.SUMMARY) or turn.context.asked_after(last.at):
        return False
    return last.at.astimezone(VIETNAM).date() == turn.today


def _in_the_form(turn: Turn, value: str) -> bool:
    question = _meant(turn, value) if value else turn.form.question(turn.session.trail[-1])
    if question is None:
        return False
    certain = value and turn.pending.kind not in _FREE and not _reads(turn, turn.pending, value)
    before = turn.session.answers
    asking.reopen(turn, question.key)
    if not certain or isinstance(asking.answer(turn, value, before), Unclear):
        asking.ask(turn, question)
    return True


def _meant(turn: Turn, value: str) -> Question | None:
    """The question answered last of those that the new value answers."""
    answered = (turn.form.question(key) for key in reversed(turn.session.trail))
    return next((q for q in answered if q.kind not in _FREE and _reads(turn, q, value)), None)


def _reads(turn: Turn, question: Question, value: str) -> bool:
    return not isinstance(read(value, asking.asked(turn, question)), Unclear)
