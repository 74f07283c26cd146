"""Asking: a form begun, its questions one by one, answers taken, the last one taken back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from core.conversation import alarm, allowed, whereabouts
from core.conversation.answers import CONFIRMED, YES_NO, Asked, Read, begun_place, day_values, read, volunteered
from core.conversation.effects import AlertKind, RaiseAlert
from core.conversation.form import Answers, Kind, Question, Value
from core.conversation.messages import N_, Say
from core.conversation.records import NUMBERS, only_measured, save, untouched, write_measured
from core.conversation.session import FRESH, Stage
from core.conversation.signs import DANGER, SIGNS
from core.conversation.summary import echo
from core.conversation.turn import Turn
from core.conversation.understanding import Choice, DayReport, HalfPlace, Unclear
from core.messaging.channel import MessageKind

CONFIRM = N_("Nếu tờ khai đúng, xin nhắn OK. Nếu sai, nhắn SUA và số, ví dụ SUA 4.")
"""What is asked of a summary that was neither confirmed nor corrected."""

CHECKIN = "checkin"
"""The form of a day's check-in; whoever is ill at home has one of their own."""
_HOME_CARE, _ILL = "home_care", "F0"
_OF_MOST = "vi"  # what a form assumes of people holds for those who write it


def begin(turn: Turn, key: str, letter: str, *, on_behalf: bool = False, guided: bool = True) -> None:
    """Start the current version of a form about one person, with what is known of them filled in. Raises NotAllowed."""
    allowed.check(turn, letter)
    form, on_behalf = turn.library.form(key), on_behalf or turn.context.home is not None
    begun = {**FRESH, "begun_at": turn.now}
    turn.change(**begun, stage=Stage.ASKING, form=form.hash, letter=letter, on_behalf=on_behalf, guided=guided)
    assumed = form.assumed if turn.session.language == _OF_MOST else {}
    answers = {**assumed, "guided": guided, "on_behalf": on_behalf, **_known(turn), **_only_gate(turn)}
    turn.change(answers=answers)


def checkin_of(turn: Turn, letter: str) -> str:
    """The key of the check-in that is asked of the member of that letter."""
    member = turn.context.member(letter)
    ill = member is not None and member.group == _ILL and _HOME_CARE in turn.library.current
    return _HOME_CARE if ill else CHECKIN


def agree_or_ask(turn: Turn) -> None:
    """Go to the first question. Before it, say why we ask; ask for consent, once for each form, unless it is a duty."""
    if turn.form.legal.basis == "duty":
        turn.say(_legal_text(turn))
        go_on(turn)
    elif _consent(turn) in turn.session.agreed or (turn.form.key == "declaration" and turn.member and turn.member.name):
        go_on(turn)
    else:
        ask_to_agree(turn)


def ask_to_agree(turn: Turn) -> None:
    """State why we ask, and ask whether that is agreed to."""
    turn.change(stage=Stage.LEGAL, asked_at=turn.now)
    turn.say(_legal_text(turn), MessageKind.QUESTION, YES_NO)


def _legal_text(turn: Turn) -> str:
    legal = turn.form.legal
    return legal.behalf_text if turn.session.on_behalf else legal.text


def _consent(turn: Turn) -> str:
    """Whose consent, to what: one for each purpose."""
    return f"{turn.session.letter}:{turn.form.key}"


def agreed(turn: Turn) -> None:
    """Consent was given: it is remembered, and the form goes on."""
    given = (each for each in turn.session.agreed if each != _consent(turn))
    turn.change(agreed=(*given, _consent(turn)))
    go_on(turn)


def withdraw(turn: Turn) -> None:
    """The form is left before its end, and what was agreed to with it: the next time it is asked again."""
    if turn.session.form:
        turn.change(agreed=tuple(each for each in turn.session.agreed if each != _consent(turn)))


def go_on(turn: Turn) -> None:
    """The first question, but for what was said before it."""
    said = turn.session.held
    turn.change(held="", misses=0)
    for key, values in volunteered(said, turn.form, turn.library, turn.today):
        take(turn, key, values)
    if any(q.kind is Kind.UNIT and not q.answered(turn.session.answers) for q in turn.form.questions):
        turn.change(place=begun_place(said, turn.library))
    ask_next(turn)


def hold(turn: Turn, said: str) -> bool:
    """Answers said before consent: kept for the form; signs are told to staff if it is never ended. False if there
    are none."""
    given = volunteered(said, turn.form, turn.library, turn.today)
    if not given:
        return False
    if worry := _worry(turn, given):
        tell_if_unfinished(turn, worry)
    turn.change(held=f"{turn.session.held}, {said}" if turn.session.held else said)
    return True


def tell_of(turn: Turn, said: str, letter: str) -> None:
    """Signs of somebody else than the form is about ("": of whom is not known yet): told to staff if no more comes."""
    if worry := _worry(turn, volunteered(said, turn.library.form("declaration"), turn.library, turn.today)):
        tell_if_unfinished(turn, worry, letter)


def _worry(turn: Turn, given: list[tuple[str, Read]]) -> tuple[str, ...]:
    """The signs in what was said unasked, or a fever that was measured."""
    signs = tuple(code for _, values in given for code in _codes(values, "signs"))
    return signs or next((hot for _, values in given if (hot := fever(turn, values.get("temperature")))), ())


def ask_next(turn: Turn) -> None:
    """Ask what is not answered yet, or end the form. What was measured is written down at once."""
    question = turn.form.next(turn.session.answers)
    if question is None:
        save(turn)
        return
    if turn.form.daily:
        write_measured(turn)
    ask(turn, question)


def ask(turn: Turn, question: Question) -> None:
    """Send one question. Numbers without signs are a beginning: what is left is asked in fewer words."""
    turn.change(stage=Stage.ASKING, pending=question.key, options=(), asked_at=turn.now)
    if question.kind is Kind.UNIT and whereabouts.ask_again(turn, question):
        return
    if question.kind is Kind.SIGNS and only_measured(turn.session.answers):
        said = echo({key: turn.session.answers.get(key) for key in NUMBERS})
        turn.say(_MEASURED, MessageKind.QUESTION, echo=said, hint=Say(question.hint, turn.facts()))
        return
    text = question.behalf_text if turn.session.on_behalf and question.behalf_text else question.text
    turn.say(text, MessageKind.QUESTION, _choices(turn, question))


def ask_again(turn: Turn) -> None:
    """Send the pending question once more, after something else was dealt with."""
    if turn.session.stage is Stage.ASKING:
        ask(turn, turn.form.question(turn.session.pending))
    elif turn.session.stage is Stage.LEGAL:
        ask_to_agree(turn)
    elif turn.session.stage is Stage.SUMMARY:
        turn.change(asked_at=turn.now)
        turn.say(CONFIRM, MessageKind.QUESTION, CONFIRMED)


def note(turn: Turn, report: DayReport) -> None:
    """Signs said in place of another answer belong to the form too; then its question comes again."""
    values = day_values(report, turn.form.window)
    add_signs(turn, values)
    turn.change(misses=0, asked_at=turn.now)
    if mild := _mild(turn, values):
        tell_if_unfinished(turn, mild)
    if turn.replies:
        ask_again(turn)
    else:
        turn.say(_NOTED, MessageKind.QUESTION, echo=echo(values), hint=Say(turn.pending.hint, turn.facts()))


def add_signs(turn: Turn, said: Read) -> None:
    """Signs, and the temperature, that were said beside the questions of the form."""
    kept: dict[str, Value] = {"temperature": said["temperature"]} if said.get("temperature") is not None else {}
    turn.change(answers=_merged(turn.session.answers, {**kept, "signs_said": _codes(said, "signs")}))


def answer(turn: Turn, text: str, before: Answers | None = None) -> Unclear | None:
    """Take `text` as the answer to the pending question, or say why it is none. `before`: the answers that it corrects:
    who corrects the temperature says nothing new of the signs, and the other way round."""
    question = turn.form.question(turn.session.pending)
    values = read(text, asked(turn, question))
    if isinstance(values, HalfPlace) and whereabouts.goes_on(turn, values):
        whereabouts.ask(turn, question, values)
        return None
    if isinstance(values, Unclear):
        return values
    if before and question.kind is Kind.SIGNS:
        values = {**untouched(before, values), **values}
    take(turn, question.key, values)
    ask_next(turn)
    return None


def asked(turn: Turn, question: Question) -> Asked:
    """A question with everything that its answer may be read by."""
    said = turn.session
    return Asked(question, said.options, turn.library, turn.today, turn.form, said.answers, said.place, turn.text)


def take(turn: Turn, key: str, values: Read) -> None:
    """Add answers to the form. Signs, and what staff are called for, are told of even if the form is never ended."""
    before = turn.session.answers
    merged = _merged(before, values)
    trail = (*(k for k in turn.session.trail if k != key), key)
    place = () if turn.form.question(key).kind is Kind.UNIT else turn.session.place
    turn.change(answers=merged, trail=trail, place=place, misses=0, options=(), strays=0)
    signs, gone = _codes(values, "signs"), _codes(values, "signs_gone")
    grave = tuple(s for s in signs if s in DANGER and s not in gone)
    if grave := (*grave, *turn.context.rules.limits.danger(values, turn.age())):
        alarm.tell(turn, grave)
    mild = _mild(turn, values)
    if mild and turn.form.next(merged):
        tell_if_unfinished(turn, mild)
    _call_if_unfinished(turn, before)


def _call_if_unfinished(turn: Turn, before: Answers) -> None:
    """A contact with a case, or a report, that was begun and left there is looked at all the same."""
    form, answers = turn.form, turn.session.answers
    known = form.calls(before) and len(turn.session.trail) > 1
    if form.call and form.calls(answers) and form.next(answers) and not known:
        wait = timedelta(minutes=turn.context.rules.unfinished_minutes)
        turn.do(RaiseAlert(AlertKind(form.call.kind), wait=wait, letter=turn.session.letter))


def tell_if_unfinished(turn: Turn, signs: tuple[str, ...], of: str | None = None) -> None:
    """Somebody who says signs and then no more is looked after all the same."""
    wait = timedelta(minutes=turn.context.rules.unfinished_minutes)
    letter = turn.session.letter if of is None else of
    turn.do(RaiseAlert(AlertKind.UNFINISHED, signs, wait, letter))
    turn.change(waiting=_and(turn.session.waiting, letter))
    if letter == turn.session.letter:
        turn.change(told=_and(turn.session.told, *signs))


def _and(known: tuple[str, ...], *more: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*known, *more)))


def fever(turn: Turn, degrees: Value) -> tuple[str, ...]:
    """A temperature said alone tells of a fever from the degree on that the rules give."""
    return ("fever",) if isinstance(degrees, float) and degrees >= turn.context.rules.fever else ()


def _mild(turn: Turn, values: Read) -> tuple[str, ...]:
    """What may wait until the form ends, or is given up: signs that are no danger, or a fever that was measured."""
    signs = _codes(values, "signs")
    return tuple(s for s in signs if s not in DANGER) if signs else fever(turn, values.get("temperature"))


def go_back(turn: Turn) -> None:
    """Ask the last answered question again; its answers are forgotten."""
    if not turn.session.trail:
        ask_again(turn)
        return
    ask(turn, reopen(turn, turn.session.trail[-1]))


def reopen(turn: Turn, key: str) -> Question:
    """Make an answered question the pending one again, its answers forgotten."""
    question = turn.form.question(key)
    forget(turn, question)
    trail = tuple(answered for answered in turn.session.trail if answered != key)
    turn.change(trail=trail, pending=key, misses=0, options=())
    return question


def forget(turn: Turn, question: Question) -> None:
    """Drop what a question gave, before it is answered anew."""
    gone = {*question.owned(), *_BESIDE.get(question.kind, ())}
    place = () if question.kind is Kind.UNIT else turn.session.place
    turn.change(answers={k: v for k, v in turn.session.answers.items() if k not in gone}, place=place)


def _codes(values: Read, key: str) -> tuple[str, ...]:
    value = values.get(key)
    return value if isinstance(value, tuple) else ()


_NONE = Choice("khong", N_("Không có gì"), tapped=True)


def several(choices: tuple[Choice, ...]) -> tuple[Choice, ...]:
    """Choices of which any number may be true: written by their numbers, but for "nothing"."""
    return (*(replace(choice, written=True) for choice in choices), _NONE)


def _choices(turn: Turn, question: Question) -> tuple[Choice, ...]:
    """What is offered with a question. Signs are asked for in words first, and numbered after a second miss; where
    there are buttons, one says that there is nothing, as the text does in words."""
    if question.kind is Kind.YESNO:
        return YES_NO
    if question.kind is Kind.GATE:
        return turn.library.open_gates(turn.today)
    if question.kind in (Kind.SIGNS, Kind.SEVERAL):
        return several(() if question.kind is Kind.SIGNS else question.choices)
    return question.choices


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


def _only_gate(turn: Turn) -> Answers:
    """Where one gate alone is open, nobody is asked which; the summary shows it."""
    gates = turn.library.open_gates(turn.today)
    question = next((q for q in turn.form.questions if q.kind is Kind.GATE), None)
    if question is None or len(gates) != 1:
        return {}
    return {question.key: gates[0].value, f"{question.key}_name": gates[0].label}


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


_MEASURED = N_("Đã ghi {echo}. {hint}")
_NOTED = N_("Đã ghi thêm: {echo}. {hint}")
_BESIDE = {Kind.SIGNS: ("signs_gone", "temperature"), Kind.UNIT: ("unit_name", "unit_typed"), Kind.GATE: ("gate_name",)}
