"""What must hold between the parts of a form: keys that name each other, choices, placeholders."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from core.conversation.form import Form, Kind, Question
from core.conversation.labels import GENDER_LABELS
from core.conversation.signs import SIGNS
from core.forms.lines import Path
from core.forms.shape import Problem
from core.forms.texts import FACTS, RECEIPT_FACTS, placeholders, texts

FLAGS = ("guided", "on_behalf")
"""What the engine answers itself, before the first question."""

_PICKED = frozenset({Kind.CHOICE, Kind.SEVERAL, Kind.GENDER})
_ITEMS = frozenset({Kind.SEVERAL, Kind.YESNO})
_CODES = {Kind.SIGNS: frozenset(SIGNS), Kind.GENDER: frozenset(GENDER_LABELS)}


def rules(form: Form) -> Iterator[Problem]:
    """Everything that does not hold. Questions may be incomplete: `shape` says so itself."""
    yield from chain(_keys(form), _whens(form), _details(form), _named(form), _placeholders(form))
    for n, question in enumerate(form.questions):
        for path, says in chain(_choices(question), _bounds(question)):
            yield ("question", n, *path), says


def owner(form: Form, key: str) -> Question | None:
    """The question that gives that key, or None for a flag of the engine."""
    return next((q for q in form.questions if key in (given for _, given in _given(q))), None)


def _keys(form: Form) -> Iterator[Problem]:
    seen = set(FLAGS)
    for n, question in enumerate(form.questions):
        for path, key in _given(question):
            if key in seen:
                says = f"the key {key!r} is taken by an earlier question or by the engine: rename it"
                yield ("question", n, *path), says
            seen.add(key)


def _given(question: Question) -> Iterator[tuple[Path, str]]:
    """Keys that this question brings in. Its detail belongs to the question that asks for it."""
    if question.key:
        yield ("key",), question.key
    if question.kind is Kind.SEVERAL:
        yield from ((("choices", n, "value"), c.value) for n, c in enumerate(question.choices))


def _whens(form: Form) -> Iterator[Problem]:
    known = set(FLAGS)
    every = {key for question in form.questions for _, key in _given(question)}
    for n, question in enumerate(form.questions):
        for field, key in _waits_for(question):
            if key not in known:
                says = (
                    "asked later: move this question behind it" if key in every else "no question: name an earlier one"
                )
                yield ("question", n, field), f"{field!r} names {key!r}, {says}"
        known.update(key for _, key in _given(question))


def _waits_for(question: Question) -> Iterator[tuple[str, str]]:
    """The keys whose answers decide whether it is asked, each with the field that names it."""
    yield from (("when", key) for key in question.when)
    yield from (("any_of", key) for key in question.any_of)


def _details(form: Form) -> Iterator[Problem]:
    for n, question in enumerate(form.questions):
        if not question.detail:
            continue
        path: Path = ("question", n, "detail")
        if question.kind is not Kind.YESNO:
            yield path, "only a question of kind yesno has a 'detail': remove it"
        if question.detail not in {later.key for later in form.questions[n + 1 :] if later.kind is Kind.TEXT}:
            yield path, f"'detail' names {question.detail!r}: add a later question of kind text with that key"


def _named(form: Form) -> Iterator[Problem]:
    """Keys that the form's own tables name."""
    known = {question.key for question in form.questions}
    given = {key for question in form.questions for key in question.owned()}
    wanted: list[tuple[Path, str, set[str]]] = [(("quick",), key, known) for key in form.quick]
    wanted += [(("call", "keys"), key, given) for key in form.call.keys] if form.call else []
    if form.score:
        items = {key for q in form.questions if q.kind in _ITEMS for key in q.owned()}
        wanted += [(("score", "critical"), key, items) for key in form.score.critical]
        wanted += [(("score", "points"), key, items) for key in form.score.items]
    yield from (
        (path, f"{path[-1]!r} names {key!r}, no question: correct it") for path, key, of in wanted if key not in of
    )


def _placeholders(form: Form) -> Iterator[Problem]:
    for path, text in texts(form):
        try:
            strange = placeholders(text) - set(_fillable(path))
        except ValueError as fault:
            yield path, f"broken placeholder ({fault}): write {{name}}"
            continue
        if strange:
            allowed = ", ".join(f"{{{name}}}" for name in _fillable(path))
            yield path, f"unknown placeholder {', '.join(sorted(strange))}: use {allowed}"


def _fillable(path: Path) -> tuple[str, ...]:
    return (*FACTS, *RECEIPT_FACTS) if path[0] == "receipt" else FACTS


def _choices(question: Question) -> Iterator[Problem]:
    values = [c.value for c in question.choices]
    if question.kind in _PICKED and not values:
        yield (), f"a question of kind {question.kind} needs 'choices': add them"
    if values and question.kind not in _PICKED | {Kind.SIGNS}:
        yield ("choices",), f"a question of kind {question.kind} has no 'choices': remove them"
    for n, value in enumerate(values):
        if value in values[:n]:
            yield ("choices", n, "value"), f"the choice {value!r} is there twice: remove one"
        if value and value not in _CODES.get(question.kind, {value}):
            codes = ", ".join(sorted(_CODES[question.kind]))
            yield ("choices", n, "value"), f"unknown code {value!r}: use one of {codes}"


def _bounds(question: Question) -> Iterator[Problem]:
    if question.kind is Kind.NUMBER and question.low >= question.high:
        yield (), "a question of kind number needs 'low' and a larger 'high'"
    if question.kind is not Kind.NUMBER and (question.low or question.high):
        yield ("low",), "'low' and 'high' belong to the kind number: remove them"
