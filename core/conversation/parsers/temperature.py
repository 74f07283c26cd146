"""A body temperature: "36,6", "37 độ rưỡi", "37r", "366", "ba tám", "99.5 F"."""

from __future__ import annotations

import re
from functools import lru_cache

from core.conversation.fold import fold
from core.conversation.lexicon import phrases
from core.conversation.parsers import spoken
from core.conversation.parsers.phrases import Phrases
from core.conversation.parsers.said import read
from core.conversation.understanding import Reason, Unclear, Understood

LOWEST, HIGHEST = 34.0, 43.0
"""Degrees Celsius that a living person can have and a thermometer shows (domain, section 6)."""

_FAHRENHEIT_LOWEST, _FAHRENHEIT_HIGHEST = 93.2, 109.4

_NOT_DEGREES = re.compile(
    r"\b(?:spo ?2|sp ?02|oxy|oxi|o2|mach|nhip tim|nhip tho|huyet ap|ha|can nang)\b[ :=]*"
    r"(?:la |duoc |con |khoang )?\d+(?:/\d+)?"
    r"|\b(?:luc |vao |hoi )?\d{1,2} ?(?:h|g|gio)\b(?: ?\d{1,2}\b(?! ?(?:do|°|[.,]\d)))?"
    r"|\b(?:luc |vao )?\d{1,2}:\d{2}\b(?! ?(?:do|°|c\b))"
    r"|\b\d{1,2}[/-]\d{1,2}(?:[/-]\d{2,4})?\b"
    r"|\b(?:ngay|thang|nam|mung|thu|lan|lan thu|f|ngay thu) ?\d{1,4}\b(?! ?(?:do\b|°|[.,]\d|phay|cham))"
    r"|\b\d{1,3} ?(?:lan|ngay|hom|bua|tuan|thang|tuoi|nguoi|vien|phut|tieng|%|lit|kg|mui|dua|nam)\b"
    r"|\b\d{1,3}%"
)
_GLUE = r"(?:(?:[.,'*:;]|°|do c\b|do|d|o|phay|cham|oc)[ .,]?){1,2}"
_DEGREES = re.compile(
    rf"(?<![\d.,])(\d{{2,3}})(?: ?{_GLUE} ?(\d{{1,2}}|ruoi\b|r\b)(?!\d)|(ruoi\b|r\b)| (ruoi|\d)(?!\d|[.,]\d))?"
    r" ?(?:°|do|o)? ?(f\b)?"
)
_HALF_OR_ALREADY = re.compile(r"\b(?:3[4-9]|4[0-3]) (?:do )?r\b")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
_UNSURE = Phrases([(phrase, True) for phrase in phrases("numbers", "unsure")])


class Ambiguous(ValueError):
    """Two temperatures in one text, or one that no body has."""


def parse(text: str) -> Understood[float] | Unclear:
    """Degrees Celsius, with the decimals that were typed. A question or a guess ("chắc 38") is asked again."""
    folded = fold(text)
    if not folded.tokens:
        return Unclear(Reason.EMPTY)
    try:
        found = find(text)
    except Ambiguous:
        return Unclear(Reason.OUT_OF_RANGE)
    if found is None:
        return Unclear(Reason.NOT_AN_ANSWER)
    said = read(text)
    if said.asked:
        return Unclear(Reason.QUESTION)
    if said.unsure or hedged(text):
        return Unclear(Reason.UNCERTAIN)
    return Understood(found)


def hedged(text: str) -> bool:
    """Whether a number is only about right: "khoảng 37", "37 hơn". "Hơn" of something else does not count."""
    tokens = fold(spoken.digits(fold(text))).tokens
    return any(
        any(
            token.text.isdigit()
            for token in (*tokens[max(0, hit.start - 1) : hit.start], *tokens[hit.end : hit.end + 1])
        )
        for hit in _UNSURE.find(tokens)
    )


@lru_cache(maxsize=4096)
def find(text: str) -> float | None:
    """The one temperature of a text, None when it has no number. Raises Ambiguous when it cannot be told."""
    said = _NOT_DEGREES.sub(" ; ", spoken.digits(fold(text)))
    if not _NUMBER.search(said):
        return None
    if _HALF_OR_ALREADY.search(said):
        raise Ambiguous
    values = {_celsius(match) for match in _DEGREES.finditer(said)}
    left = _DEGREES.sub(" ", said)
    if len(values) != 1 or _NUMBER.search(left):
        raise Ambiguous
    return values.pop()


def _celsius(match: re.Match[str]) -> float:
    whole, tail = match.group(1), match.group(2) or match.group(3) or match.group(4)
    if len(whole) == 3 and tail is None and not match.group(5):
        whole, tail = whole[:2], whole[2]
    tail = "5" if tail in ("r", "ruoi") else tail
    degrees = float(f"{whole}.{tail}" if tail else whole)
    if match.group(5) and _FAHRENHEIT_LOWEST <= degrees <= _FAHRENHEIT_HIGHEST:
        return round((degrees - 32) / 1.8, 1)
    if match.group(5) or not LOWEST <= degrees <= HIGHEST:
        raise Ambiguous
    return degrees
