"""A form's conversation as a tree: each question below the one whose answer asks it, with its cost by SMS."""

from __future__ import annotations

from collections.abc import Iterator

from core.conversation.form import Form, Question, Value
from core.conversation.wording import Words
from core.forms.budget import Parts, asked, spoken
from core.forms.rules import owner


def tree(form: Form, parts: Parts, words: Words) -> str:
    """Lines to print. "2/1" after a question: two parts at worst, of one allowed."""
    top = [question for question in form.questions if not _above(form, question)]
    return "\n".join((*_head(form, parts, words), *_branches(form, top, "", parts, words)))


def _head(form: Form, parts: Parts, words: Words) -> Iterator[str]:
    yield f"{form.key} {form.version} ({form.hash}): {words.gettext(form.title)}"
    needed = max(parts(said.full(words)) for said in spoken(form) if said.path[0] == "legal")
    yield f"legal: {form.legal.basis}, {form.legal.document}, {needed}/1"
    yield "at the end: a summary to confirm" if form.summary else "at the end: a receipt with an echo"


def _branches(form: Form, questions: list[Question], indent: str, parts: Parts, words: Words) -> Iterator[str]:
    for question in questions:
        last = question is questions[-1]
        yield f"{indent}{'└── ' if last else '├── '}{_line(question, parts, words)}"
        deeper = indent + ("    " if last else "│   ")
        yield f"{deeper}    {' '.join(words.gettext(question.text).split())}"
        below = [other for other in form.questions if _above(form, other) is question]
        yield from _branches(form, below, deeper, parts, words)


def _line(question: Question, parts: Parts, words: Words) -> str:
    said = tuple(asked(question))
    worst = max(said, key=lambda each: parts(each.full(words)) - each.parts)
    kind = f"{question.kind}, optional" if question.optional else question.kind
    return f"{_when(question)}{question.key} ({kind}) {parts(worst.full(words))}/{worst.parts}"


def _when(question: Question) -> str:
    conditions = [f"{key} = {' or '.join(map(_value, values))}" for key, values in question.when.items()]
    if question.any_of:
        conditions.append(f"{' or '.join(question.any_of)} = yes")
    return f"[{', '.join(conditions)}] " if conditions else ""


def _value(value: Value) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def _above(form: Form, question: Question) -> Question | None:
    """The last question whose answer this one waits for."""
    above = [owner(form, key) for key in (*question.when, *question.any_of)]
    return next((q for q in reversed(form.questions) if q in above), None)
