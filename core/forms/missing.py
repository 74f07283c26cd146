"""What a form does not say, or says in vain: labels, words for another, receipts."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from core.conversation.form import Form, Kind, Question
from core.forms.shape import Problem
from core.forms.texts import placeholders

_JUDGED = frozenset({"score", "band", "advice", "again"})
_TO_THE_WRITER = frozenset({"you", "You"})


def missing(form: Form) -> Iterator[Problem]:
    """Every text that is not there, or that names what nobody will know."""
    details = {question.detail for question in form.questions}
    for n, question in enumerate(form.questions):
        for key, says in _question(form, question, details):
            yield ("question", n, key), says
    yield from _receipt(form)
    if form.asks(Kind.GATE) and form.legal.basis != "duty":
        yield ("legal", "basis"), "people declare at a gate because they must: make it a duty, with its document"


def _question(form: Form, question: Question, details: Collection[str]) -> Iterator[tuple[str, str]]:
    if not question.hint:
        yield "hint", "missing: say how to answer, with an example"
    if form.summary and not question.label and question.key not in details:
        yield "label", "missing: the summary leaves this answer out. Name it in a word or two"
    if not question.behalf_text and _may_be_for_another(form, question) and _names(question.text, _TO_THE_WRITER):
        yield "behalf_text", "missing: 'text' speaks to {you}, and the form may be for another"


def _may_be_for_another(form: Form, question: Question) -> bool:
    """A question that is asked only then speaks to the writer with intent."""
    return form.about == "person" and "on_behalf" not in question.when


def _receipt(form: Form) -> Iterator[Problem]:
    if form.receipt is None:
        if form.score:
            yield ("score",), "nobody hears the result: add a [receipt] with {band} and {advice}"
        return
    for key, text in {"text": form.receipt.text, "worry": form.receipt.worry}.items():
        if not form.score and (judged := sorted(placeholders(text) & _JUDGED)):
            yield ("receipt", key), f"says {{{judged[0]}}}, and nothing is judged: add a [score], or take it out"
        if _names(text, {"name"}) and not form.asks(Kind.NAME):
            yield ("receipt", key), "says {name}, and no question asks for it: take it out"
    if form.score and not _names(form.receipt.text, {"band"}):
        yield ("receipt", "text"), "nobody hears the result: say {band}"


def _names(text: str, wanted: Collection[str]) -> bool:
    return not placeholders(text).isdisjoint(wanted)
