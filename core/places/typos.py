"""Names one letter away from what was typed. Only ever offered, never taken. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from core.places.index import Index, Level, Name
from core.places.typing_habits import without_type

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from core.places.admin import Places, Province
    from core.places.read import Word

# In shorter names one letter is too much of the name.
MIN_LETTERS = 4
MAX_NEAR = 9
_TAIL_WORDS = 5


def near_communes(typed: tuple[Word, ...], index: Index, places: Places, near: str | None) -> list[str]:
    """Codes of communes a letter away, inside the province that is named (it too may be a letter off)."""
    for split in range(max(1, len(typed) - _TAIL_WORDS), len(typed)):
        provinces = [name for name in _near_names(_joined(typed[split:]), index) if name.level is Level.PROVINCE]
        inside = frozenset().union(*(name.communes for name in provinces))
        found = _communes(typed[:split], index, inside) if provinces else []
        if found:
            return found
    inside = frozenset(each.code for each in places.communes if near is None or each.province.code == near)
    return _communes(typed, index, inside)


def near_provinces(typed: tuple[Word, ...], index: Index) -> tuple[Province, ...]:
    """Provinces whose name is a letter away from the whole text."""
    found = {name.province for name in _near_names(_joined(typed), index) if name.province}
    return tuple(sorted(found, key=lambda province: province.code))


def _communes(typed: tuple[Word, ...], index: Index, inside: frozenset[str]) -> list[str]:
    names = [name for name in _near_names(_joined(typed), index) if name.level is Level.COMMUNE]
    names.sort(key=lambda name: not name.current)
    codes = dict.fromkeys(code for name in names for code in sorted(name.communes & inside))
    return list(codes)[:MAX_NEAR]


def _near_names(key: str, index: Index) -> Iterator[Name]:
    if len(key) < MIN_LETTERS:
        return
    for found, _, _ in extract(key, index.names.keys(), scorer=OSA.distance, score_cutoff=1, limit=MAX_NEAR):
        yield from index.names[found]


def _joined(typed: Iterable[Word]) -> str:
    return without_type([word.folded for word in typed])
