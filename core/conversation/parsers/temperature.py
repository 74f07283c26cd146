"""A body temperature: "36,6", "37 độ rưỡi", "37r", "366", "ba tám", "99.5 F"; of morning and evening the latest."""

from __future__ import annotations

from collections.abc import Container, Sequence
from functools import lru_cache

from core.conversation.fold import Token, fold
from core.conversation.lexicon import phrases
from core.conversation.parsers import spoken
from core.conversation.parsers.measured import Reading, What, scan
from core.conversation.parsers.phrases import Phrases
from core.conversation.parsers.reader import read
from core.conversation.understanding import Reason, Unclear, Understood

_UNSURE = Phrases([(phrase, True) for phrase in phrases("numbers", "unsure")])
_COUNTED = frozenset({"ngay", "hom", "bua", "tuan", "thang", "nam", "tuoi", "lan", "tieng", "gio", "phut", "vien"})
_UNITS = frozenset({"do", "c", "ruoi", "r"})
_BEHIND_UNITS = frozenset({"hon", "may", "tro", "gi"})
_NOT_MINE = Phrases([(p, True) for p in (*phrases("vitals", "elsewhere"), *phrases("health", "not_measured"))])
_NO_DEGREES = 45.0
"""From here on a bare number is no temperature typed carelessly: beside a decimal one it is a pulse or the like."""


class Ambiguous(ValueError):
    """Two temperatures in one text, or one that no body has."""


def parse(text: str) -> Understood[float] | Unclear:
    """Degrees Celsius, with the decimals that were typed. A question or a guess ("chắc 38") is asked again."""
    if not fold(text).tokens:
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


def hedged(text: str, but: Container[str] = ()) -> bool:
    """Whether a number is only about right: "khoảng 37", "37 hơn". "Hơn" of something else, or days, does not count.

    `but`: words that mean something else here ("120 trên 80").
    """
    folded = fold(text)
    hits = [hit for hit in _UNSURE.find(folded.tokens) if folded.tokens[hit.start].text not in but]
    if not hits:
        return False
    after = (*(token.text for token in folded.tokens[1:]), "")
    numbers = {index for index in spoken.numbered(folded) if after[index] not in _COUNTED}
    return any(
        _before(folded.tokens, hit.start) in numbers or hit.end in numbers
        for hit in hits
        if not numbers.intersection(range(*hit[1:3]))
    )


def _before(tokens: Sequence[Token], index: int) -> int:
    """The place before a hedge; of "37 độ hơn", "37 rưỡi hơn", "37 độ mấy" that before the unit."""
    before = index - 1
    while before > 0 and tokens[index].text in _BEHIND_UNITS and tokens[before].text in _UNITS:
        before -= 1
    return before


@lru_cache(maxsize=512)
def find(text: str) -> float | None:
    """The temperature of a text, None when it tells none of today. Raises Ambiguous when it cannot be told."""
    readings = scan(text)
    if not readings:
        return None
    degrees = [reading for reading in readings if reading.what is What.TEMPERATURE]
    bare = [reading.value for reading in readings if reading.what is What.BARE]
    sure = len(degrees) == 1 and degrees[0].marked
    if any(value < _NO_DEGREES or value > 250 for value in bare) or (bare and not sure):
        raise Ambiguous
    if degrees and any(hit.exact for hit in _NOT_MINE.find(fold(text).tokens)):
        raise Ambiguous
    return latest(degrees)


def latest(degrees: Sequence[Reading]) -> float | None:
    """Of temperatures taken at several hours the last one, if none before it was higher: which of them counts then?"""
    if not degrees:
        return None
    if len({reading.value for reading in degrees}) == 1 and all(not _past(reading) for reading in degrees):
        return degrees[0].value
    today = [reading for reading in degrees if not _past(reading)]
    timed = sorted((reading.hour, reading.value) for reading in today if reading.hour is not None)
    if len(timed) != len(today) or len({hour for hour, _ in timed}) != len(timed):
        raise Ambiguous
    if timed and timed[-1][1] < max(value for _, value in timed):
        raise Ambiguous
    return timed[-1][1] if timed else None


def _past(reading: Reading) -> bool:
    return reading.hour is not None and reading.hour < 0
