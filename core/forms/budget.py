"""What a form's texts cost by SMS at worst: longest names filled in, choices numbered behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from core.conversation.form import Form, Kind, Question, Receipt
from core.conversation.labels import YES_NO
from core.conversation.messages import Param, Say, Term
from core.conversation.understanding import Choice
from core.conversation.wording import Words, numbered, word, word_choices
from core.forms.lines import Path

Parts = Callable[[str], int]
"""The number of SMS parts that a text leaves in, without accents. Passed in: texts of SMS belong to `sms`."""

LONGEST: Mapping[str, Param] = {
    "unit": "Trạm Y tế phường Văn Miếu - Quốc Tử Giám",  # the longest of 3,321 stations
    "you": "bác",
    "days": 21,
    "name": "Nguyễn Hoàng Thị Phương Thảo",
}
"""The longest values that a form's text is filled with, but for the rare longer name of a person."""

_YES_NO = (Choice("yes", YES_NO[True]), Choice("no", YES_NO[False]))


@dataclass(frozen=True, slots=True)
class Spoken:
    """One text as it is sent, and how many parts it may take."""

    path: Path
    text: str
    choices: tuple[Choice, ...]
    parts: int
    params: Mapping[str, Param] = field(default_factory=lambda: LONGEST)

    def full(self, words: Words) -> str:
        """The whole message in that language, at its longest."""
        return word(Say(self.text, self.params), words) + numbered(word_choices(self.choices, words))


def spoken(form: Form) -> Iterator[Spoken]:
    """Everything that the form says to people as a message of its own."""
    agreed = _YES_NO if form.legal.basis == "consent" else ()  # a duty is stated, not asked
    yield Spoken(("legal", "text"), form.legal.text, agreed, 1)
    yield Spoken(("legal", "behalf_text"), form.legal.behalf_text, agreed, 1)
    for n, question in enumerate(form.questions):
        yield from asked(question, ("question", n))
    if form.receipt:
        yield from _receipts(form, form.receipt)


def _receipts(form: Form, receipt: Receipt) -> Iterator[Spoken]:
    """The receipt of a record, and of an assessment in every band."""
    bands = form.score.bands if form.score else (None,)
    for band in bands:
        judged = {"band": Term(band.label if band else ""), "advice": Term(band.advice if band else "")}
        params = {**LONGEST, "code": "000 000 000", "score": "99/99", "again": "31/12/2026", **judged}
        for key, text in {"text": receipt.text, "worry": receipt.worry}.items():
            if text:
                yield Spoken(("receipt", key), text, (), 1, params)


def asked(question: Question, path: Path = ()) -> Iterator[Spoken]:
    """What one question says. Signs are numbered only behind a text of the engine's own."""
    choices = _YES_NO if question.kind is Kind.YESNO else question.choices
    offered = () if question.kind is Kind.SIGNS else choices
    for key, text in {"text": question.text, "behalf_text": question.behalf_text}.items():
        if text:
            yield Spoken((*path, key), text, offered, question.parts)
    yield Spoken((*path, "hint"), question.hint, (), question.parts)
