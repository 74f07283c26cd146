"""A body temperature: "36,6", "37 độ rưỡi", "37r", "366", "ba tám", "99.5 F"; of morning and evening the latest."""

from __future__ import annotations

from collections.abc import Container, Sequence

from core.conversation.fold import Folded, Token, fold
from core.conversation.lexicon import phrases
from core.conversation.parsers import slip, spoken
from core.conversation.parsers.aside import without_names
from core.conversation.parsers.measured import Reading, What, scan
from core.conversation.parsers.phrases import Phrases, any_of
from core.conversation.parsers.reader import read
from core.conversation.understanding import Reason, Unclear, Understood

_UNSURE = Phrases([(phrase, True) for phrase in phrases("numbers", "unsure")])
_COUNTED = frozenset({"ngay", "hom", "bua", "tuan", "thang", "nam", "tuoi", "lan", "tieng", "gio", "phut", "vien"})
_UNITS = frozenset({"do", "c", "ruoi", "r"})
_BEHIND_UNITS = frozenset({"hon", "may", "tro", "gi"})
_NOT_MINE = any_of("vitals", "elsewhere")
_NOT_MEASURED = any_of("health", "not_measured")
_YESTERDAY = any_of("vitals", "h_yesterday", "h_last_night")
_NO_DEGREES = 45.0
"""From here on a bare number is no temperature typed carelessly: beside a decimal one it is a pulse or the like."""


class Ambiguous(ValueError):
    """Two temperatures in one text, or one that no body has."""


def parse(text: str) -> Understood[float] | Unclear:
    """Degrees Celsius, with the decimals that were typed. A question or a guess ("chắc 38") is asked again."""
    whole = fold(text)
    folded = without_names(whole)
    return slip.of_value(text if folded is whole else folded.clean, _parse)


def _parse(text: str) -> Understood[float] | Unclear:
    folded = fold(text)
    if not folded.tokens:
        return Unclear(Reason.EMPTY)
    try:
        found = find(folded)
    except Ambiguous:
        return Unclear(Reason.OUT_OF_RANGE)
    if found is None:
        return Unclear(Reason.NOT_AN_ANSWER)
    said = read(folded)
    if said.asked:
        return Unclear(Reason.QUESTION)
    if said.unsure or hedged(folded):
        return Unclear(Reason.UNCERTAIN)
    return Understood(found)


def hedged(folded: Folded, but: Container[str] = ()) -> bool:
    """Whether a number is only about right: "khoảng 37", "37 hơn". "Hơn" of something else, or days, does not count.

    `but`: words that mean something else here ("120 trên 80").
    """
    if not _UNSURE.may_be_in(folded):
        return False
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


def find(folded: Folded) -> float | None:
    """The temperature of a text, None when it tells none of today. Raises Ambiguous when it cannot be told."""
    readings = scan(folded)
    if not readings:
        return None
    if len(readings) == 1 and readings[0].what is What.TEMPERATURE:
        return readings[0].value if _of_today(folded) and not _past(readings[0]) else None
    degrees = [reading for reading in readings if reading.what is What.TEMPERATURE]
    bare = [reading.value for reading in readings if reading.what is What.BARE]
    sure = len(degrees) == 1 and degrees[0].marked
    if any(value < _NO_DEGREES or value > 250 for value in bare) or (bare and not sure):
        raise Ambiguous
    return latest(degrees) if not degrees or _of_today(folded) else None


def _of_today(folded: Folded) -> bool:
    """Whether what was measured is the sender's, today. "36,5 hôm qua, nay chưa đo" is not; beside "chưa đo" no other
    number can be told."""
    if _NOT_MINE.may_be_in(folded) and any(hit.exact for hit in _NOT_MINE.find(folded.tokens)):
        raise Ambiguous
    if not _NOT_MEASURED.may_be_in(folded):
        return True
    not_now = next((hit.start for hit in _NOT_MEASURED.find(folded.tokens) if hit.exact), None)
    if not_now is not None and not any(hit.exact and hit.start < not_now for hit in _YESTERDAY.find(folded.tokens)):
        raise Ambiguous
    return not_now is None


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
