"""What a form that loads may still get wrong: questions that are never asked, texts that cost too much or are
not translated. A `Fault` here names the form and its question; there is no line, since a stored version has none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from core.conversation.form import Form, Kind, Question, Value
from core.conversation.wording import Words
from core.forms.budget import Parts, spoken
from core.forms.faults import Fault
from core.forms.lines import Path
from core.forms.rules import owner
from core.forms.texts import texts

SOURCE = "vi"

Wanted = Mapping[str, frozenset[Value]]
"""Answers that must have been given, by key: one of these values."""


def check(form: Form, parts: Parts, catalogues: Sequence[Words]) -> list[Fault]:
    """All faults of a form in these languages (Vietnamese among them). `parts`: see `core.forms.budget`."""
    faults = [*_unreachable(form), *_hintless(form)]
    for words in catalogues:
        faults += _too_long(form, parts, words)
        if words.language != SOURCE:
            faults += _untranslated(form, words)
    return faults


def _unreachable(form: Form) -> Iterator[Fault]:
    for n, question in enumerate(form.questions):
        wanted = _wanted(form, question)
        for key, values in wanted.items():
            if not values:
                says = f"never asked: no answer to {key!r} fits all of its conditions. Change 'when'"
                yield _fault(form, ("question", n), says)
        if question.any_of and not any(_possible(form, key, frozenset({True})) for key in question.any_of):
            yield _fault(form, ("question", n), "never asked: none of its 'any_of' can be a yes. Change it")


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


def _hintless(form: Form) -> Iterator[Fault]:
    for n, question in enumerate(form.questions):
        if not question.hint:
            yield _fault(form, ("question", n, "hint"), "missing: say how to answer, with an example")


def _too_long(form: Form, parts: Parts, words: Words) -> Iterator[Fault]:
    for said in spoken(form):
        full = said.full(words)
        if (needed := parts(full)) > said.parts:
            says = f"{needed} SMS parts in {words.language!r}, {said.parts} allowed; shorten it: {full!r}"
            yield _fault(form, said.path, says)


def _untranslated(form: Form, words: Words) -> Iterator[Fault]:
    for path, text in texts(form):
        if words.gettext(text) == text:
            says = f"not translated to {words.language!r}: add it to locales/{words.language}: {text!r}"
            yield _fault(form, path, says)


def _fault(form: Form, path: Path, says: str) -> Fault:
    where = [form.key]
    if path[0] == "question" and isinstance(path[1], int):
        where.append(form.questions[path[1]].key)
        path = path[2:]
    where += [str(step + 1) if isinstance(step, int) else step for step in path]
    return Fault(".".join(where), 0, says)
