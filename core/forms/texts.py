"""The texts of a form that people may read, each with the way to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from string import Formatter

from core.conversation.form import Form, Question
from core.conversation.wording import Words
from core.forms.lines import Path

SOURCE = "vi"

FACTS = ("unit", "you", "You", "days")
"""What the engine fills into a form's text. The unit is the health unit, {You} a capital {you}, {days} the window."""

RECEIPT_FACTS = ("name", "code", "score", "band", "advice", "again")
"""What a receipt may name besides: whom it is about, its code; of an assessment its number, what that means, what to
do, and the day of the next one."""


def texts(form: Form) -> Iterator[tuple[Path, str]]:
    """Everything that is said to people, with its path in the file."""
    yield ("title",), form.title
    yield ("legal", "text"), form.legal.text
    yield ("legal", "behalf_text"), form.legal.behalf_text
    if form.receipt:
        yield ("receipt", "text"), form.receipt.text
        yield ("receipt", "worry"), form.receipt.worry or form.receipt.text
    for place, band in enumerate(form.score.bands if form.score else ()):
        yield ("score", "band", place, "label"), band.label
        yield ("score", "band", place, "advice"), band.advice
    for n, question in enumerate(form.questions):
        for path, text in question_texts(question):
            yield ("question", n, *path), text


def question_texts(question: Question) -> Iterator[tuple[Path, str]]:
    """What one question says, with its path in the question's table."""
    own = {
        "label": question.label,
        "text": question.text,
        "behalf_text": question.behalf_text,
        "hint": question.hint,
    }
    yield from (((key,), text) for key, text in own.items() if text)
    for n, choice in enumerate(question.choices):
        yield ("choices", n, "label"), choice.label


def said_in(words: Words, text: str) -> bool:
    """Whether that language has the text; the source language has every one."""
    return words.language == SOURCE or words.gettext(text) != text


def translations(form: Form, words: Words) -> Mapping[str, str]:
    """Source text -> translation, of every text that has one: stored with the form's version."""
    found = {text: words.gettext(text) for _, text in texts(form)}
    return {text: said for text, said in found.items() if said != text}


def placeholders(text: str) -> frozenset[str]:
    """The names in curly brackets. ValueError if a bracket is alone or holds anything but a name."""
    found = set[str]()
    for _, name, spec, conversion in Formatter().parse(text):
        if name is None:
            continue
        if not name.isidentifier() or spec or conversion:
            raise ValueError(f"{{{name}}} is not a name in brackets")
        found.add(name)
    return frozenset(found)
