"""Names one letter away from what was typed. Only ever offered, never taken. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from core.places.index import Index, Level, Name
from core.places.types import PREFIXES, without_type

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from core.places.admin import Places, Province
    from core.places.read import Word

# In shorter names one letter is too much of the name.
MIN_LETTERS = 4
MAX_NEAR = 9
# The longest names of communes and of provinces have so many words.
_HEAD_WORDS = 8
_TAIL_WORDS = 5


def near_communes(typed: tuple[Word, ...], index: Index, places: Places, near: str | None) -> list[str]:
    """Codes of communes a letter away, inside the district or province that is named (it too may be a letter off)."""
    folded = [word.folded for word in typed]
    for split in range(max(1, len(folded) - _TAIL_WORDS), len(folded)):
        larger = [name for name in _near_names(without_type(folded[split:]), index) if name.level is not Level.COMMUNE]
        inside = frozenset().union(*(name.communes for name in larger))
        found = [code for code in _communes(folded[:split], index) if code in inside] if larger else []
        if found:
            return found[:MAX_NEAR]
    anywhere = _communes(folded, index)
    return [code for code in anywhere if near is None or places.commune(code).province.code == near][:MAX_NEAR]


def near_provinces(typed: tuple[Word, ...], index: Index) -> tuple[Province, ...]:
    """Provinces whose name is a letter away from the whole text."""
    found = {name.province for name in _near_names(without_type([word.folded for word in typed]), index)}
    return tuple(sorted((each for each in found if each), key=lambda province: province.code))


def _communes(folded: Sequence[str], index: Index) -> list[str]:
    """Whatever stands before the last "xa", "phuong" ... is left aside: "toi o xa bat xta"."""
    names = [name for key in _keys(folded) for name in _near_names(key, index) if name.level is Level.COMMUNE]
    names.sort(key=lambda name: not name.current)
    return list(dict.fromkeys(code for name in names for code in sorted(name.communes)))


def _keys(folded: Sequence[str]) -> Iterator[str]:
    if len(folded) <= _HEAD_WORDS:
        yield without_type(folded)
    starts = [start for start in range(1, len(folded)) if (folded[start],) in PREFIXES]
    if starts and len(folded) - starts[-1] <= _HEAD_WORDS:
        yield without_type(folded[starts[-1] :])


def _near_names(key: str, index: Index) -> Iterator[Name]:
    if len(key) < MIN_LETTERS:
        return
    for length in (len(key), len(key) - 1, len(key) + 1):
        names = index.by_length.get(length, ())
        for found, _, _ in extract(key, names, scorer=OSA.distance, score_cutoff=1, limit=MAX_NEAR):
            yield from index.names[found]
