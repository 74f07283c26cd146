"""What people type for a place, cut into names: "p. Cam Duong tp Lao Cai" -> commune, former district.

Pure. A reading is a row of names next to each other, from small to large ("Bat Xat, Lao Cai") or from large
to small ("Lao Cai - Bat Xat").
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.places.index import Index, Level, Name
from core.places.names import fold, with_tone_last, words
from core.places.types import LEVELS, PREFIXES, SUFFIXES, THANH_PHO

if TYPE_CHECKING:
    from collections.abc import Iterator

# Longer texts are no answer to "which commune?"; it also bounds the work of one call.
MAX_WORDS = 30
# "Ba Ria - Vung Tau" and "Van Mieu - Quoc Tu Giam" with "thanh pho" before them.
MAX_SPAN = 8

# Letters of the longest syllable, as in "Nghiêng".
_SYLLABLE = 6

_BREAK = re.compile(r"[,;\n/|()]")
_NUMBERED = re.compile(r"(p|f|q|d|phuong|quan|ward|district)(\d+)")
_LETTER_D = {"d": "district"}  # "D1" among foreigners; a lone "d" is nothing


@dataclass(frozen=True, slots=True)
class Word:
    """`segment` counts the commas before it. `marked`: `typed` with an accent."""

    folded: str
    accents: str
    segment: int
    marked: bool
    typed: str


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words `start` to `end` read as a name of one level. `type` is "" when only the bare name was typed; it is no
    sure guide (people keep old types for years), so `names` may be of any type."""

    start: int
    end: int
    level: Level
    type: str
    names: tuple[Name, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """Phrases from small to large, at most one commune and one district. `start` is the first word read."""

    phrases: tuple[Phrase, ...]
    start: int

    @property
    def smallest(self) -> Phrase:
        return self.phrases[0]

    @property
    def larger(self) -> tuple[Phrase, ...]:
        return self.phrases[1:]


def cut(text: str) -> tuple[Word, ...]:
    """The words of a text, "q1" cut in two, zeros before a number dropped."""
    found: list[Word] = []
    for segment, part in enumerate(_BREAK.split(text)):
        for typed in words(part):
            found.extend(_words(typed, segment))
    return tuple(found)


def _words(typed: str, segment: int) -> Iterator[Word]:
    folded = fold(typed)
    numbered = _NUMBERED.fullmatch(folded)
    if numbered:
        kind, number = numbered.groups()
        yield from _words(_LETTER_D.get(kind, kind), segment)
        yield from _words(number, segment)
        return
    if folded.isdigit():
        folded = folded.lstrip("0") or "0"
    yield Word(folded, with_tone_last(typed), segment, folded != typed and not folded.isdigit(), typed)


def readings(text: tuple[Word, ...], index: Index) -> list[Reading]:
    """All ways to read the end of the text as names, whatever stands before them."""
    phrases = _phrases(text, index)
    ending: dict[int, list[Phrase]] = {}
    for phrase in phrases:
        ending.setdefault(phrase.end, []).append(phrase)
    upward = [Reading(row, row[0].start) for row in _rows(ending, len(text), ())]
    downward = [
        Reading(tuple(reversed(row)), row[0].start) for row in _rows_down(ending, len(text), ()) if len(row) > 1
    ]
    return upward + downward


def _rows(ending: dict[int, list[Phrase]], end: int, after: tuple[Phrase, ...]) -> Iterator[tuple[Phrase, ...]]:
    """Rows from small to large that end at `end`; two provinces may follow ("Yen Bai, Lao Cai")."""
    for phrase in ending.get(end, ()):
        if after and not _may_stand_before(phrase, after):
            continue
        row = (phrase, *after)
        yield row
        yield from _rows(ending, phrase.start, row)


def _may_stand_before(phrase: Phrase, after: tuple[Phrase, ...]) -> bool:
    if phrase.level is Level.PROVINCE:
        return len(after) == 1 and after[0].level is Level.PROVINCE
    return phrase.level < after[0].level


def _rows_down(ending: dict[int, list[Phrase]], end: int, after: tuple[Phrase, ...]) -> Iterator[tuple[Phrase, ...]]:
    """Rows from large to small, in the order typed."""
    for phrase in ending.get(end, ()):
        if after and phrase.level <= after[0].level:
            continue
        row = (phrase, *after)
        yield row
        yield from _rows_down(ending, phrase.start, row)


def _phrases(text: tuple[Word, ...], index: Index) -> list[Phrase]:
    found: list[Phrase] = []
    folded = [word.folded for word in text]
    for start in range(len(text)):
        for end in range(start + 1, min(start + MAX_SPAN, len(text)) + 1):
            if text[start].segment != text[end - 1].segment:
                break
            for first, last, kind in _names_in(folded, start, end):
                if names := index.names.get("".join(folded[first:last])):
                    found.extend(_named(text, (start, end), (first, last), kind, names))
    return found


def _names_in(folded: list[str], start: int, end: int) -> Iterator[tuple[int, int, str]]:
    """Where a name may be in the words: all of them, or without a type before or behind it."""
    yield start, end, ""
    for length in (1, 2):
        if length >= end - start:
            return
        if kind := PREFIXES.get(tuple(folded[start : start + length])):
            yield start + length, end, kind
        if kind := SUFFIXES.get(tuple(folded[end - length : end])):
            yield start, end - length, kind


def _named(
    text: tuple[Word, ...], span: tuple[int, int], inner: tuple[int, int], kind: str, names: tuple[Name, ...]
) -> Iterator[Phrase]:
    """What the words of `inner` may name, by level; `span` is the same with its type. A bare number is no name."""
    typed, name = text[slice(*span)], text[slice(*inner)]
    if not kind and len(name) == 1 and name[0].folded.isdigit():
        return
    names = _as_spelled(names, typed, name)
    if kind == THANH_PHO:  # "tp Hai Duong" is the former city, not the former province
        names = tuple(each for each in names if each.type == kind) or names
    for level in sorted(LEVELS.get(kind, frozenset(Level))):
        if fitting := tuple(each for each in names if each.level is level):
            yield Phrase(*span, level, kind, fitting)


def _as_spelled(names: tuple[Name, ...], typed: tuple[Word, ...], name: tuple[Word, ...]) -> tuple[Name, ...]:
    """Fewer names when the spaces, or the accents, that were typed fit only some of them. One syllable is not typed
    in two words ("nu a" is not Nưa), a long name may be ("dak rong")."""
    if len(name) > 1:
        names = tuple(each for each in names if " " in each.spaced or len(each.spaced) > _SYLLABLE)
        spaced = " ".join(word.folded for word in name)
        names = tuple(each for each in names if each.spaced == spaced) or names
    if not any(word.marked for word in typed):
        return names
    accents = " ".join(word.accents for word in name)
    return tuple(each for each in names if each.accents == accents) or names
