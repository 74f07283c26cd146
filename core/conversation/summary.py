"""Saying back what was understood, so that a misreading can be seen and corrected."""

from __future__ import annotations

from core.conversation.form import Answers, Form, Kind, Question
from core.conversation.labels import SIGN_LABELS
from core.conversation.messages import N_, Degrees, Listed, Param, Say, Term
from core.conversation.signs import SIGNS


def summary(form: Form, answers: Answers) -> Listed:
    """All answers under their numbers, as SUA names them."""
    shown = form.shown(answers)
    items = (Say(_ITEM, {"n": n, "said": _said(q, answers)}) for n, q in enumerate(shown, start=1))
    return Listed(tuple(items), mark=". ")


def echo(answers: Answers) -> Param:
    """A check-in in a few words: "37,5 độ, ho, đau họng"."""
    parts: list[Param] = []
    temperature = answers.get("temperature")
    if isinstance(temperature, float):
        parts.append(Say(N_("{t} độ"), {"t": Degrees(temperature)}))
    if "signs" in answers:
        parts.append(_signs(answers))
    if answers.get("at_home") is False:
        parts.append(Term(N_("không ở nhà")))
    return Listed(tuple(parts))


def _said(question: Question, answers: Answers) -> Param:
    value = answers.get(question.key)
    if question.kind is Kind.SIGNS:
        return Say(N_("Dấu hiệu: {said}"), {"said": echo(answers)})
    if question.kind is Kind.SEVERAL:
        picked = tuple(Term(c.label) for c in question.choices if answers.get(c.value))
        return _labelled(question, Listed(picked) if picked else Term(N_("không")))
    if question.kind is Kind.YESNO:
        return _labelled(question, _yesno(value, answers.get(question.detail)))
    if question.kind is Kind.UNIT:
        return str(answers.get("unit_name") or value)
    if question.choices:
        return Term(next(c.label for c in question.choices if c.value == value))
    return _plain(question, value)


def _plain(question: Question, value: object) -> Param:
    if value is None:
        return _labelled(question, Term(N_("không có")))
    if question.kind is Kind.PHONE:
        return _labelled(question, str(value).replace("+84", "0", 1))
    return str(value)


def _labelled(question: Question, said: Param) -> Say:
    return Say(N_("{label}: {said}"), {"label": Term(question.label), "said": said})


def _yesno(value: object, detail: object) -> Param:
    if not value:
        return Term(N_("không"))
    return Say(N_("có, {detail}"), {"detail": str(detail)}) if detail else Term(N_("có"))


def _signs(answers: Answers) -> Param:
    signs, gone = (_codes(answers, key) for key in ("signs", "signs_gone"))
    said = tuple(code for code in SIGNS if code in {*signs, *gone})
    if not said:
        return Term(N_("không có dấu hiệu"))
    return Listed(tuple(_sign(code, code in gone) for code in said))


def _codes(answers: Answers, key: str) -> tuple[str, ...]:
    value = answers.get(key)
    return value if isinstance(value, tuple) else ()


def _sign(code: str, over: bool) -> Param:
    name = Term(SIGN_LABELS[code])
    return Say(N_("{sign} (đã hết)"), {"sign": name}) if over else name


_ITEM = N_("{n} {said}")
