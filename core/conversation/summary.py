"""Saying back what was understood, so that a misreading can be seen and corrected."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import date

from core.conversation.form import Answers, Form, Kind, Question, codes
from core.conversation.labels import SIGN_LABELS
from core.conversation.messages import N_, Degrees, Listed, Param, Say, Term
from core.conversation.parsers.id_number import mask
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
    parts += measured(answers)
    if "signs" in answers:
        parts.append(_signs(answers))
    if answers.get("at_home") is False:
        parts.append(Term(N_("không ở nhà")))
    return Listed(tuple(parts))


def lines(form: Form, answers: Answers, without: Collection[Kind] = ()) -> list[Param]:
    """The answers that a summary shows, one by one, but for those of some kinds."""
    return [_said(question, answers) for question in form.shown(answers) if question.kind not in without]


def measured(answers: Answers) -> list[Param]:
    """The numbers that were measured at home, each with what it is."""
    found: list[Param] = [
        Say(text, {"n": value})
        for key, text in _MEASURES.items()
        if isinstance(value := answers.get(key), int) and not isinstance(value, bool)
    ]
    upper, lower = answers.get("systolic"), answers.get("diastolic")
    if isinstance(upper, int) and isinstance(lower, int):
        found.append(Say(N_("huyết áp {upper}/{lower}"), {"upper": upper, "lower": lower}))
    return found


def _said(question: Question, answers: Answers) -> Param:
    """One answer as a summary says it. Names, years and addresses speak for themselves, others have their label."""
    value = answers.get(question.key)
    if special := _SAID.get(question.kind):
        return special(question, answers)
    if value is None:
        return _labelled(question, Term(N_("không có")))
    label = next((c.label for c in question.choices if c.value == value), None)
    said: Param = str(value) if label is None else Term(label)
    return said if question.lasting else _labelled(question, said)


def _all_signs(question: Question, answers: Answers) -> Param:
    return Say(N_("Dấu hiệu: {said}"), {"said": echo(answers)})


def _several(question: Question, answers: Answers) -> Param:
    picked = tuple(Term(c.label) for c in question.choices if answers.get(c.value))
    return _labelled(question, Listed(picked) if picked else Term(N_("không")))


def _yes_or_no(question: Question, answers: Answers) -> Param:
    return _labelled(question, _yesno(answers.get(question.key), answers.get(question.detail)))


def _vitals(question: Question, answers: Answers) -> Param:
    numbers = measured(answers)
    return _labelled(question, Listed(tuple(numbers)) if numbers else Term(N_("không đo")))


def _place(question: Question, answers: Answers) -> Param:
    return Term(str(answers.get(f"{question.key}_name") or answers.get(question.key)))


def _written(write: Callable[[str], str]) -> Callable[[Question, Answers], Param]:
    """For what is stored in one form and shown in another."""

    def said(question: Question, answers: Answers) -> Param:
        value = answers.get(question.key)
        return _labelled(question, Term(N_("không có")) if value is None else write(str(value)))

    return said


def _labelled(question: Question, said: Param) -> Say:
    return Say(N_("{label}: {said}"), {"label": Term(question.label), "said": said})


def _yesno(value: object, detail: object) -> Param:
    if not value:
        return Term(N_("không"))
    return Say(N_("có, {detail}"), {"detail": str(detail)}) if detail else Term(N_("có"))


def _signs(answers: Answers) -> Param:
    signs, gone = (codes(answers, key) for key in ("signs", "signs_gone"))
    said = tuple(code for code in SIGNS if code in {*signs, *gone})
    if not said:
        return Term(N_("không có dấu hiệu"))
    return Listed(tuple(_sign(code, code in gone) for code in said))


def _sign(code: str, over: bool) -> Param:
    name = Term(SIGN_LABELS[code])
    return Say(N_("{sign} (đã hết)"), {"sign": name}) if over else name


_MEASURES = {
    "spo2": N_("oxy {n}%"),
    "pulse": N_("mạch {n}"),
    "breaths": N_("nhịp thở {n}"),
}
_ITEM = N_("{n} {said}")

_SAID: Mapping[Kind, Callable[[Question, Answers], Param]] = {
    Kind.SIGNS: _all_signs,
    Kind.SEVERAL: _several,
    Kind.YESNO: _yes_or_no,
    Kind.VITALS: _vitals,
    Kind.UNIT: _place,
    Kind.GATE: _place,
    Kind.PHONE: _written(lambda number: number.replace("+84", "0", 1)),
    Kind.ID: _written(mask),
    Kind.NUMBER: _written(lambda number: f"{float(number):g}"),
    Kind.DATE: _written(lambda day: f"{date.fromisoformat(day):%d/%m/%Y}"),
    Kind.COMING: _written(lambda day: f"{date.fromisoformat(day):%d/%m/%Y}"),
}
