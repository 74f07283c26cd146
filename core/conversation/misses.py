"""Not understood: asked again, kinder each time. Why and an example, then choices by number, then a human."""

from __future__ import annotations

from core.conversation import whereabouts
from core.conversation.answers import CONFIRMED, YES_NO
from core.conversation.asking import CONFIRM, ask, ask_again, several
from core.conversation.effects import AlertKind, RaiseAlert
from core.conversation.form import Kind, Question
from core.conversation.messages import N_, Say
from core.conversation.session import Stage
from core.conversation.turn import Turn
from core.conversation.understanding import Choice, HalfPlace, Reason, Unclear
from core.messaging.channel import MessageKind

_BY_CHOICE = 2
BY_HUMAN = 3
CALLED = N_("{unit} sẽ gọi {you}. {hint}")
"""What is said at the third miss where choices follow."""

HUMAN = N_("Tôi vẫn chưa hiểu. {unit} sẽ gọi {you}. {hint}")
MOST = 10  # then we fall silent until an answer comes: a machine may be at the other end, and a human was told


def miss(turn: Turn, unclear: Unclear) -> None:
    """The pending question was not answered: `unclear` says why."""
    question = turn.pending
    turn.change(misses=turn.session.misses + 1, asked_at=turn.now)
    if question.kind is Kind.UNIT and turn.session.misses != BY_HUMAN and _ask_on(turn, question, unclear):
        return
    if unclear.options and turn.session.misses != BY_HUMAN:
        _offer(turn, unclear.options)
    elif turn.session.misses < _BY_CHOICE:
        turn.say(_why(question, unclear), MessageKind.QUESTION, hint=_hint(turn, question))
    elif turn.session.misses == _BY_CHOICE and question.kind is Kind.SIGNS:
        turn.change(options=question.choices)
        turn.say(_BY_NUMBER, MessageKind.QUESTION, several(question.choices))
    elif turn.session.misses == _BY_CHOICE:
        ask(turn, question)
    elif turn.session.misses == BY_HUMAN:
        _bring_human(turn, question, unclear)
    elif turn.session.misses <= MOST:
        turn.say(N_("{hint}"), MessageKind.QUESTION, hint=_hint(turn, question))


def _bring_human(turn: Turn, question: Question, unclear: Unclear) -> None:
    """Staff are told, and so is the person; what was understood of the reply is kept for the next one."""
    if isinstance(unclear, HalfPlace):
        turn.change(place=unclear.kept, options=())
    turn.do(RaiseAlert(AlertKind.MISUNDERSTOOD))
    turn.say(HUMAN, MessageKind.QUESTION, hint=_hint(turn, question))


def miss_to_agree(turn: Turn) -> None:
    """Neither yes nor no: ask again, and offer a human at the third time. Silence is no consent."""
    turn.change(misses=turn.session.misses + 1, asked_at=turn.now)
    text, hint = _WHY_ELSE, _AGREE_HINT_OF_ANOTHER if turn.session.on_behalf else _AGREE_HINT
    if turn.session.misses == BY_HUMAN:
        turn.do(RaiseAlert(AlertKind.MISUNDERSTOOD))
        text = HUMAN
    if turn.session.misses <= MOST:
        turn.say(text, MessageKind.QUESTION, YES_NO, hint=Say(hint, turn.facts()))


def miss_to_confirm(turn: Turn) -> None:
    """A summary was neither confirmed nor corrected: it is asked again, and a human told at the third time. The record
    is written all the same."""
    turn.change(misses=turn.session.misses + 1)
    if turn.session.misses == BY_HUMAN:
        turn.change(asked_at=turn.now)
        turn.do(RaiseAlert(AlertKind.MISUNDERSTOOD))
        turn.say(HUMAN, MessageKind.QUESTION, CONFIRMED, hint=Say(CONFIRM, turn.facts()))
    elif turn.session.misses <= MOST:
        ask_again(turn)


def ask_each_sign(turn: Turn) -> None:
    """Danger was denied in a list of signs: what of the others? The pending question is the one about signs."""
    turn.change(stage=Stage.ASKING, pending="signs", asked_at=turn.now)
    turn.say(_WHY[Reason.NEGATED_LIST], MessageKind.QUESTION, hint=_hint(turn, turn.pending))


def _why(question: Question, unclear: Unclear) -> str:
    """Which text says why. A list of signs that is denied is one only where signs were asked for."""
    if unclear.reason is Reason.NEGATED_LIST and question.kind is not Kind.SIGNS:
        return _WHY_ELSE
    return _WHY.get(unclear.reason, _WHY_ELSE)


def _hint(turn: Turn, question: Question) -> Say:
    return Say(question.hint, turn.facts())


def _offer(turn: Turn, options: tuple[Choice, ...]) -> None:
    turn.change(options=options, asked_at=turn.now)
    turn.say(whereabouts.CHOOSE, MessageKind.QUESTION, whereabouts.short(options))


def _ask_on(turn: Turn, question: Question, unclear: Unclear) -> bool:
    """A place that was named in part goes on where it is. False if nothing is known of it."""
    if turn.session.misses > MOST:
        return False
    if isinstance(unclear, HalfPlace):
        whereabouts.ask(turn, question, unclear)
        return True
    return whereabouts.ask_again(turn, question, _WHY_ELSE)


_AGREE_HINT = N_("{You} đồng ý khai báo không?")
_AGREE_HINT_OF_ANOTHER = N_("Người đó có đồng ý khai báo không?")
_BY_NUMBER = N_("Xin trả lời bằng số, ví dụ 1 2. Không có gì thì viết KHONG.")
_WHY_ELSE = N_("Xin lỗi, tôi chưa hiểu. {hint}")
_WHY = {
    Reason.NEGATED_LIST: N_("Xin viết rõ từng dấu hiệu, ví dụ: khong sot, khong ho. {hint}"),
    Reason.QUESTION: N_("Tôi là máy trả lời nên chưa hiểu câu hỏi. Muốn gặp người, nhắn GOI. {hint}"),
    Reason.UNCERTAIN: N_("Nếu chưa chắc, nhắn GOI để gặp cán bộ y tế. {hint}"),
    Reason.CONTRADICTION: N_("Tôi thấy hai ý khác nhau. {hint}"),
    Reason.OUT_OF_RANGE: N_("Số này có lẽ chưa đúng. {hint}"),
    Reason.IMPOSSIBLE: N_("Ngày này không có trong lịch. {hint}"),
    Reason.NOT_FOUND: whereabouts.NOT_FOUND,
}
