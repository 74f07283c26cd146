"""Asking: a form begun, its questions one by one, answers taken, misses, the summary, the end."""

from __future__ import annotations

from datetime import timedelta

from core.conversation import alarm
from core.conversation.answers import YES_NO, Asked, Read, day_values, read
from core.conversation.effects import AlertKind, RaiseAlert
from core.conversation.form import Answers, Kind, Question, Value
from core.conversation.messages import N_, Say
from core.conversation.parsers import checkin
from core.conversation.records import save
from core.conversation.session import FRESH, Stage
from core.conversation.signs import DANGER, SIGNS
from core.conversation.turn import Turn
from core.conversation.understanding import Choice, Reason, Unclear, Understood
from core.messaging.channel import MessageKind


def begin(turn: Turn, key: str, letter: str, *, on_behalf: bool = False, guided: bool = True) -> None:
    """Start the current version of a form about one person, with what is known of them filled in."""
    form = turn.library.form(key)
    turn.change(**FRESH, stage=Stage.ASKING, form=form.hash, letter=letter, on_behalf=on_behalf, guided=guided)
    turn.change(answers={**form.assumed, "guided": guided, "on_behalf": on_behalf, **_known(turn)})


def agree_or_ask(turn: Turn) -> None:
    """Go to the first question; before it, ask for consent from somebody who never gave it."""
    if turn.form.legal.basis == "consent" and not (turn.member and turn.member.name):
        ask_to_agree(turn)
    else:
        ask_next(turn)


def ask_to_agree(turn: Turn) -> None:
    """State why we ask, and ask whether that is agreed to."""
    legal = turn.form.legal
    turn.change(stage=Stage.LEGAL, asked_at=turn.now)
    text = legal.behalf_text if turn.session.on_behalf else legal.text
    turn.say(text, MessageKind.QUESTION, YES_NO)


def agreed(turn: Turn) -> None:
    """Go on after consent, with what was said before it."""
    report = checkin.parse(turn.session.held) if turn.session.held else None
    turn.change(held="", misses=0)
    if isinstance(report, Understood):
        take(turn, "signs", day_values(report.value, turn.form.window))
    ask_next(turn)


def hold(turn: Turn, said: str) -> bool:
    """Signs said before consent: kept for the form, told to staff if it is never ended. False if there are none."""
    report = checkin.parse(said) if said else None
    signs = report.value.signs if isinstance(report, Understood) else None
    if signs is None or not signs.present:
        return False
    _tell_if_unfinished(turn, signs.present)
    turn.change(held=f"{turn.session.held}, {said}" if turn.session.held else said)
    return True


def miss_to_agree(turn: Turn) -> None:
    """Neither yes nor no: ask again, and offer a human at the third time. Silence is no consent."""
    turn.change(misses=turn.session.misses + 1, asked_at=turn.now)
    if turn.session.misses == 3:
        turn.do(RaiseAlert(AlertKind.MISUNDERSTOOD))
        turn.say(_HUMAN, MessageKind.QUESTION, YES_NO, hint=Say(_AGREE_HINT, turn.facts()))
    else:
        turn.say(_WHY_ELSE, MessageKind.QUESTION, YES_NO, hint=Say(_AGREE_HINT, turn.facts()))


def ask_next(turn: Turn) -> None:
    """Ask what is not answered yet, or end the form."""
    question = turn.form.next(turn.session.answers)
    if question is None:
        save(turn)
    else:
        ask(turn, question)


def ask(turn: Turn, question: Question) -> None:
    """Send one question."""
    turn.change(stage=Stage.ASKING, pending=question.key, options=(), asked_at=turn.now)
    text = question.behalf_text if turn.session.on_behalf and question.behalf_text else question.text
    turn.say(text, MessageKind.QUESTION, _choices(question))


def ask_again(turn: Turn) -> None:
    """Send the pending question once more, after something else was dealt with."""
    if turn.session.stage is Stage.ASKING:
        ask(turn, turn.form.question(turn.session.pending))
    elif turn.session.stage is Stage.LEGAL:
        ask_to_agree(turn)


def answer(turn: Turn, text: str) -> Unclear | None:
    """Take `text` as the answer to the pending question, or say why it is none."""
    question = turn.form.question(turn.session.pending)
    asked = Asked(question, turn.session.options, turn.library, turn.today, turn.form.window)
    values = read(text, asked)
    if isinstance(values, Unclear):
        return values
    take(turn, question.key, values)
    ask_next(turn)
    return None


def take(turn: Turn, key: str, values: Read) -> None:
    """Add answers to the form. Signs are told of even if the form is never ended."""
    merged = _merged(turn.session.answers, values)
    trail = (*(k for k in turn.session.trail if k != key), key)
    turn.change(answers=merged, trail=trail, misses=0, options=(), strays=0)
    signs, gone = _codes(values, "signs"), _codes(values, "signs_gone")
    if (grave := tuple(s for s in signs if s in DANGER and s not in gone)) and not _told(turn):
        alarm.danger(turn, grave)
    mild = tuple(s for s in signs if s not in DANGER)
    if mild and turn.form.next(merged):
        _tell_if_unfinished(turn, mild)


def _tell_if_unfinished(turn: Turn, signs: tuple[str, ...]) -> None:
    """Somebody who says signs and then no more is looked after all the same."""
    wait = timedelta(minutes=turn.context.rules.unfinished_minutes)
    turn.do(RaiseAlert(AlertKind.UNFINISHED, signs, wait))
    turn.change(waiting=True)


def miss(turn: Turn, unclear: Unclear) -> None:
    """Ask again, kinder each time: why and an example, numbered choices, a human."""
    question = turn.form.question(turn.session.pending)
    turn.change(misses=turn.session.misses + 1)
    if unclear.options:
        _offer(turn, unclear.options)
    elif turn.session.misses == 1:
        turn.say(_WHY.get(unclear.reason, _WHY_ELSE), MessageKind.QUESTION, hint=_hint(turn, question))
    elif turn.session.misses == 2 and question.kind is Kind.SIGNS:
        turn.change(options=question.choices, asked_at=turn.now)
        turn.say(_BY_NUMBER, MessageKind.QUESTION, question.choices)
    elif turn.session.misses == 2:
        ask(turn, question)
    elif turn.session.misses == 3:
        turn.do(RaiseAlert(AlertKind.MISUNDERSTOOD))
        turn.say(_HUMAN, MessageKind.QUESTION, hint=_hint(turn, question))
    else:
        turn.say(N_("{hint}"), MessageKind.QUESTION, hint=_hint(turn, question))


def go_back(turn: Turn) -> None:
    """Ask the last answered question again; its answers are forgotten."""
    if not turn.session.trail:
        ask_again(turn)
        return
    ask(turn, reopen(turn))


def reopen(turn: Turn) -> Question:
    """Make the last answered question the pending one again, its answers forgotten."""
    *rest, key = turn.session.trail
    question = turn.form.question(key)
    forget(turn, question)
    turn.change(trail=tuple(rest), pending=key, misses=0, options=())
    return question


def forget(turn: Turn, question: Question) -> None:
    """Drop what a question gave, before it is answered anew."""
    gone = {*question.owned(), *_BESIDE.get(question.kind, ())}
    turn.change(answers={k: v for k, v in turn.session.answers.items() if k not in gone})


def _codes(values: Read, key: str) -> tuple[str, ...]:
    value = values.get(key)
    return value if isinstance(value, tuple) else ()


def _told(turn: Turn) -> bool:
    """Whether danger was heard in the words already. A number picked from choices says it too, without words."""
    return any(reply.kind is MessageKind.DANGER for reply in turn.replies)


def _hint(turn: Turn, question: Question) -> Say:
    return Say(question.hint, turn.facts())


def _offer(turn: Turn, options: tuple[Choice, ...]) -> None:
    turn.change(options=options, asked_at=turn.now)
    turn.say(N_("Xin chọn số, hoặc viết rõ hơn:"), MessageKind.QUESTION, options)


def _choices(question: Question) -> tuple[Choice, ...]:
    """What is offered with a question. Signs are asked for in words first, and numbered after a second miss."""
    if question.kind is Kind.YESNO:
        return YES_NO
    return () if question.kind is Kind.SIGNS else question.choices


def _known(turn: Turn) -> Answers:
    """Who and where the person is, for a form that asks it, from earlier declarations: nobody types it twice."""
    member = turn.member
    if member is None or not member.name or not any(q.kind is Kind.NAME for q in turn.form.questions):
        return {}
    found: dict[str, Value] = {
        "full_name": member.name,
        "year_of_birth": member.year_of_birth,
        "gender": member.gender,
        "nationality": member.nationality,
        "unit": member.unit_code,
        "unit_name": member.unit_name or None,
        "address": member.address or None,
    }
    return {key: value for key, value in found.items() if value is not None}


def _merged(answers: Answers, values: Read) -> dict[str, Value]:
    """Answers with new ones; danger said beside the questions is never lost to a later "none"."""
    merged = {**answers, **values}
    signs, said = merged.get("signs"), merged.pop("signs_said", None)
    if isinstance(said, tuple):
        if isinstance(signs, tuple):
            merged["signs"] = tuple(code for code in SIGNS if code in {*signs, *said})
        else:
            merged["signs_said"] = said
    return merged


_BESIDE = {Kind.SIGNS: ("signs_gone", "temperature"), Kind.UNIT: ("unit_name",)}

_AGREE_HINT = N_("{You} đồng ý khai báo không?")
_BY_NUMBER = N_("Xin trả lời bằng số, ví dụ 1 2. Không có gì thì viết KHONG.")
_HUMAN = N_("Xin lỗi, tôi vẫn chưa hiểu. {unit} sẽ gọi lại giúp {you}. {hint}")
_WHY_ELSE = N_("Xin lỗi, tôi chưa hiểu. {hint}")
_WHY = {
    Reason.NEGATED_LIST: N_("Xin viết rõ từng dấu hiệu, ví dụ: khong sot, khong ho. {hint}"),
    Reason.QUESTION: N_("Tôi là máy trả lời nên chưa hiểu câu hỏi. Muốn gặp người, nhắn GOI. {hint}"),
    Reason.UNCERTAIN: N_("Nếu chưa chắc, nhắn GOI để gặp cán bộ y tế. {hint}"),
    Reason.CONTRADICTION: N_("Tôi thấy hai ý khác nhau. {hint}"),
    Reason.OUT_OF_RANGE: N_("Số này có lẽ chưa đúng. {hint}"),
    Reason.IMPOSSIBLE: N_("Ngày này không có trong lịch. {hint}"),
    Reason.NOT_FOUND: N_("Tôi chưa tìm thấy tên này. {hint}"),
}
