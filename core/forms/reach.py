"""Which questions can ever be asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from core.conversation.form import Form, Kind, Question, Value
from core.forms.rules import owner
from core.forms.shape import Problem

Wanted = Mapping[str, frozenset[Value]]
"""Answers that must have been given, by key: one of these values."""


def unreachable(form: Form) -> Iterator[Problem]:
    """Questions whose conditions no answers fit."""
    for n, question in enumerate(form.questions):
        for key, values in _wanted(form, question).items():
            if not values:
                says = f"never asked: no answer to {key!r} fits all of its conditions. Change 'when'"
                yield ("question", n), says
        if question.any_of and not any(_possible(form, key, frozenset({True})) for key in question.any_of):
            yield ("question", n), "never asked: none of its 'any_of' can be a yes. Change it"


def _wanted(form: Form, question: Question) -> Wanted:
    """What must have been answered before this question is asked, with what those questions wanted in turn."""
    wanted: dict[str, frozenset[Value]] = {}
    for key, values in question.when.items():
        _narrow(wanted, key, _possible(form, key, frozenset(values)))
        above = owner(form, key)
        for earlier, needed in (_wanted(form, above) if above else {}).items():
            _narrow(wanted, earlier, needed)
    return wanted


def _narrow(wanted: dict[str, frozenset[Value]], key: str, values: frozenset[Value]) -> None:
    wanted[key] = wanted.get(key, values) & values


def _possible(form: Form, key: str, values: frozenset[Value]) -> frozenset[Value]:
    """Those values that the question of that key can give. Free text may be anything."""
    above = owner(form, key)
    if above and above.kind is Kind.SEVERAL and key == above.key:
        return frozenset()  # what is answered are its choices
    if above is None or above.kind in {Kind.YESNO, Kind.SEVERAL}:
        return frozenset(value for value in values if isinstance(value, bool))
    if above.kind in {Kind.CHOICE, Kind.GENDER}:
        return values & {choice.value for choice in above.choices}
    if above.kind is Kind.NUMBER:
        return frozenset(v for v in values if _is_number(v) and above.low <= float(str(v)) <= above.high)
    if above.kind is Kind.SIGNS:
        return frozenset()  # signs are a list: no single value equals it
    return values


def _is_number(value: Value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
