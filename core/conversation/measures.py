"""Numbers measured at home, as answers: oxygen, pulse, breaths, blood pressure, beside the temperature."""

from __future__ import annotations

from core.conversation.fold import fold
from core.conversation.form import VITALS, Answers, Form, Kind, Value
from core.conversation.parsers import correction, vitals
from core.conversation.parsers.aside import lettered
from core.conversation.parsers.measured import What
from core.conversation.understanding import Unclear, Understood, Vitals


def said_in(text: str, form: Form) -> dict[str, Value]:
    """Numbers that were measured and said beside a day's signs; also where the form asks for none. Not those of several
    people: whose would they be?"""
    said = vitals.parse(text) if form.daily and not lettered(fold(text)) else None
    key = next((q.key for q in form.questions if q.kind is Kind.VITALS), "")
    found = numbers(key, said.value) if isinstance(said, Understood) else {}
    return {name: value for name, value in found.items() if name}


def instead(text: str, message: str, answers: Answers) -> dict[str, Value]:
    """ "Nhầm, 92", where one number is known: it takes that number's place. Without "nhầm" it may be any other."""
    known = [name for name in VITALS if answers.get(name) is not None]
    if len(known) != 1 or isinstance(correction.parse(message), Unclear):
        return {}
    value = vitals.bare(text, What(known[0]))
    return {} if value is None else {known[0]: value}


def numbers(key: str, said: Vitals) -> dict[str, Value]:
    """Each number under its own name; under the question's, which they are. A temperature alone is none of them."""
    found = {name: value for name in ("temperature", *VITALS) if (value := getattr(said, name)) is not None}
    beside = tuple(name for name in found if name in VITALS)
    return {**found, key: beside} if beside else found
