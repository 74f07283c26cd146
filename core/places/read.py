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

if TYPE_CHECKING:
    from collections.abc import Iterator

# Longer texts are no answer to "which commune?"; it also bounds the work of one call.
MAX_WORDS = 30
# "Ba Ria - Vung Tau" and "Van Mieu - Quoc Tu Giam" with "thanh pho" before them.
MAX_SPAN = 8

XA, PHUONG, THI_TRAN, DAC_KHU = "xã", "phường", "thị trấn", "đặc khu"
HUYEN, QUAN, THI_XA, THANH_PHO, TINH = "huyện", "quận", "thị xã", "thành phố", "tỉnh"
PREFIXES: dict[tuple[str, ...], str] = {
    ("xa",): XA,
    ("x",): XA,
    ("phuong",): PHUONG,
    ("p",): PHUONG,
    ("ph",): PHUONG,
    ("f",): PHUONG,
    ("thi", "tran"): THI_TRAN,
    ("tt",): THI_TRAN,
    ("dac", "khu"): DAC_KHU,
    ("dk",): DAC_KHU,
    ("huyen",): HUYEN,
    ("h",): HUYEN,
    ("quan",): QUAN,
    ("q",): QUAN,
    ("thi", "xa"): THI_XA,
    ("tx",): THI_XA,
    ("thanh", "pho"): THANH_PHO,
    ("tp",): THANH_PHO,
    ("t", "p"): THANH_PHO,
    ("tinh",): TINH,
    ("t",): TINH,
}
LEVELS: dict[str, frozenset[Level]] = {
    **dict.fromkeys((XA, PHUONG, THI_TRAN, DAC_KHU), frozenset({Level.COMMUNE})),
    **dict.fromkeys((HUYEN, QUAN, THI_XA), frozenset({Level.DISTRICT})),
    THANH_PHO: frozenset({Level.DISTRICT, Level.PROVINCE}),
    TINH: frozenset({Level.PROVINCE}),
}
_BREAK = re.compile(r"[,;\n/|()]")
_NUMBERED = re.compile(r"(p|f|q|phuong|quan)(\d+)")


@dataclass(frozen=True, slots=True)
class Word:
    """`segment` counts the commas before it. `marked`: typed with an accent."""

    folded: str
    accents: str
    segment: int
    marked: bool


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words `start` to `end` read as a name of one level. `type` is "" when only the bare name was typed."""

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
        yield from (word for half in numbered.groups() for word in _words(half, segment))
        return
    if folded.isdigit():
        folded = folded.lstrip("0") or "0"
    yield Word(folded, with_tone_last(typed), segment, marked=folded != typed and not folded.isdigit())


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
    for start in range(len(text)):
        for end in range(start + 1, min(start + MAX_SPAN, len(text)) + 1):
            if text[start].segment != text[end - 1].segment:
                break
            found.extend(_phrases_of(text, start, end, index))
    return found


def _phrases_of(text: tuple[Word, ...], start: int, end: int, index: Index) -> Iterator[Phrase]:
    typed = text[start:end]
    yield from (Phrase(start, end, level, "", names) for level, names in _named(typed, typed, "", index))
    for length in (1, 2):
        kind = PREFIXES.get(tuple(word.folded for word in typed[:length]))
        if kind and length < len(typed):
            found = _named(typed, typed[length:], kind, index)
            yield from (Phrase(start, end, level, kind, names) for level, names in found)


def _named(
    typed: tuple[Word, ...], name: tuple[Word, ...], kind: str, index: Index
) -> Iterator[tuple[Level, tuple[Name, ...]]]:
    """What `name` may be, by level; `typed` is the same with its type before it. A bare number is no name."""
    names = index.names.get("".join(word.folded for word in name), ())
    if not names or (not kind and len(name) == 1 and name[0].folded.isdigit()):
        return
    names = _as_spelled(names, typed, name)
    if kind == THANH_PHO:  # "tp Hai Duong" is the former city, not the former province
        names = tuple(each for each in names if each.type == kind) or names
    for level in sorted(LEVELS.get(kind, frozenset(Level))):
        fitting = _of_type([each for each in names if each.level is level], kind)
        if fitting:
            yield level, fitting


def _as_spelled(names: tuple[Name, ...], typed: tuple[Word, ...], name: tuple[Word, ...]) -> tuple[Name, ...]:
    """Fewer names when the spaces, or the accents, that were typed fit only some of them."""
    if len(name) > 1:
        spaced = " ".join(word.folded for word in name)
        names = tuple(each for each in names if each.spaced == spaced) or names
    if not any(word.marked for word in typed):
        return names
    accents = " ".join(word.accents for word in name)
    return tuple(each for each in names if each.accents == accents) or names


def _of_type(names: list[Name], kind: str) -> tuple[Name, ...]:
    """Names of the type that was typed; all of them when none has it: people keep old types for years.

    A former xã does not push out today's phường of the same name: who writes "xa" may mean either.
    """
    same = [name for name in names if name.type == kind]
    if not kind or not same:
        return tuple(names)
    if any(name.current for name in same) or kind not in (XA, PHUONG):
        return tuple(same)
    return tuple(same + [name for name in names if name.current])
