"""A form that was left for days: it begins anew, with what still holds. Signs of last week are no answer today."""

from __future__ import annotations

from datetime import timedelta

from core.conversation import asking
from core.conversation.form import Answers, Form
from core.conversation.messages import N_
from core.conversation.session import IDLE, Stage
from core.conversation.turn import VIETNAM, Turn

_WAITS = (Stage.ASKING, Stage.LEGAL, Stage.WHO, Stage.WHICH, Stage.WHOSE)


def is_over(turn: Turn) -> bool:
    """Whether what is going on waited for its next answer longer than the rules allow."""
    at = turn.session.asked_at
    limit = timedelta(hours=turn.context.rules.session_hours)
    return turn.session.stage in _WAITS and at is not None and turn.now - at > limit


def begin_anew(turn: Turn) -> None:
    """Put the session where its form began, on the current version, with the answers that last. Nothing is said yet.

    A question about a correction, or about whom or which form was meant, is dropped: the record stands as it was.
    """
    held = turn.session
    if held.stage in (Stage.ASKING, Stage.LEGAL) and not held.correcting:
        old = turn.form
        key = old.key if old.key in turn.library.current else ""
        kept = lasting(old, held.answers)
    else:
        key, kept = "", {}
    turn.change(**IDLE)
    if not key:
        return
    asking.begin(turn, key, held.letter, on_behalf=held.on_behalf, guided=held.guided)
    turn.change(stage=held.stage, asked_at=held.asked_at)
    answers = {**turn.session.answers, **kept}
    if first := turn.form.next(answers):
        turn.change(answers=answers, pending=first.key if held.stage is Stage.ASKING else "")
    else:
        turn.change(**IDLE)


def say_so(turn: Turn) -> None:
    """Tell why it begins anew, and ask the first question that what is said now leaves open."""
    at = turn.session.asked_at or turn.now
    text = _KEPT if {"full_name", "unit"} & turn.session.answers.keys() else _NOTHING_KEPT
    turn.say(text, day=f"{at.astimezone(VIETNAM):%d/%m}")
    asking.hold(turn, turn.text)
    if turn.session.stage is Stage.ASKING:
        asking.go_on(turn)
    else:
        asking.ask_again(turn)


def has_passed(turn: Turn) -> None:
    """A button of an old question was tapped: nothing is written down, and what is open is asked again."""
    if turn.session.busy:
        turn.say(N_("Câu hỏi của nút đó đã qua nên chưa ghi gì. Xin trả lời câu này:"))
        asking.ask_again(turn)
    else:
        turn.say(N_("Câu hỏi của nút đó đã qua nên chưa ghi gì. Muốn khai, nhắn KHAI. Báo sức khỏe hôm nay, nhắn SK."))


def lasting(form: Form, answers: Answers) -> Answers:
    """The answers that hold from one day to another."""
    keys = {key for question in form.questions if question.lasting for key in (*question.owned(), "unit_name")}
    return {key: value for key, value in answers.items() if key in keys}


_KEPT = N_("Tờ khai bỏ dở từ {day} đã quá lâu nên xin khai lại từ đầu. Tên và nơi ở đã nói vẫn giữ.")
_NOTHING_KEPT = N_("Tờ khai bỏ dở từ {day} đã quá lâu nên xin khai lại từ đầu.")
