"""A count or a measurement in whole numbers: "3", "ba nguoi", "97%"."""

from __future__ import annotations

import re

from core.conversation.fold import fold
from core.conversation.lexicon import phrases
from core.conversation.parsers import spoken
from core.conversation.parsers.phrases import Phrases
from core.conversation.understanding import Reason, Unclear, Understood

_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
_UNSURE = Phrases([(p, True) for p in (*phrases("numbers", "unsure"), *phrases("talk", "question"))])
_NONE = Phrases([(phrase, True) for phrase in phrases("numbers", "none")])
_POLITE = Phrases([(p, True) for meaning in ("kin", "polite") for p in phrases("talk", meaning)])


def parse(text: str, low: float, high: float) -> Understood[float] | Unclear:
    """The one number, `low` to `high` inclusive. "không" is zero, where zero may be."""
    folded = fold(text)
    if not folded.tokens:
        return Unclear(Reason.EMPTY)
    if low <= 0 and _NONE.at(folded.tokens, 0) is not None and not _NUMBER.search(folded.text):
        return Understood(0.0) if _says_none(text) else Unclear(Reason.NOT_AN_ANSWER)
    if _UNSURE.find(folded.tokens):
        return Unclear(Reason.UNCERTAIN)
    found = {value.replace(",", ".") for value in _NUMBER.findall(_written(text))}
    if len(found) != 1:
        return Unclear(Reason.AMBIGUOUS if found else Reason.NOT_AN_ANSWER)
    value = float(found.pop())
    return Understood(value) if low <= value <= high else Unclear(Reason.OUT_OF_RANGE)


def _says_none(text: str) -> bool:
    tokens = fold(text).tokens
    hit = _NONE.at(tokens, 0)
    return hit is not None and all(_POLITE.at(tokens, index) for index in range(hit.end, len(tokens)))


def _written(text: str) -> str:
    """With number words as digits; a single one is read only when it is the whole reply, for "ba" is also a father."""
    folded = fold(text)
    said = spoken.digits(folded)
    if _NUMBER.search(said):
        return said
    return spoken.alone(folded) or said
