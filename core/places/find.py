"""Which commune does a person mean? Found, a province only, several, or unknown; never a guess between two.

Pure: the text, the places and the province whose communes come first are arguments. Source of the rules: the
communes of July 2025 re-use the names of former communes, districts and provinces, which people go on using.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from core.places.fitting import fitting
from core.places.index import Index, Level, Name, index_of
from core.places.order import sort_key
from core.places.read import MAX_WORDS, Reading, Word, cut, readings
from core.places.results import MAX_CHOICES, Found, FoundProvince, Result, Several, Unknown
from core.places.types import name_in
from core.places.typing_habits import contradicts, elsewhere, may_precede, only_said, ways_to_read
from core.places.typos import near_communes, near_provinces

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.places.admin import Commune, Places, Province

__all__ = ["MAX_CHOICES", "Found", "FoundProvince", "Result", "Several", "Unknown", "find"]


def find(text: str, places: Places, near: str | None = None) -> Result:
    """Reads a place as typed. `near`: the code of the province that comes first when none is named; a commune
    elsewhere is then to be confirmed."""
    index = index_of(places)
    typed = _without_courtesy(cut(text), index)
    if not typed or len(typed) > MAX_WORDS:
        return Unknown()
    for words in ways_to_read(typed, index):
        best = _best(words, _readings(words, index), index)
        if best and not _only_a_word(words, best):
            return _result(words, best, places, near)
    return _near_miss(typed, index, places, near)


def _without_courtesy(typed: tuple[Word, ...], index: Index) -> tuple[Word, ...]:
    """Without an "a" before a comma, if more of the text is names then: "o Yen Bai a, xa Tan Lap"."""
    plain = tuple(
        word
        for word, after in zip(typed, (*typed[1:], None), strict=False)
        if word.folded != "a" or after is None or after.segment == word.segment
    )
    if len(plain) in (0, len(typed)) or len(typed) > MAX_WORDS:
        return typed
    as_typed, better = (_best(words, readings(words, index), index) for words in (typed, plain))
    return plain if _names(better) > _names(as_typed) else typed


def _names(found: list[Reading]) -> int:
    return max((len(reading.phrases) for reading in found), default=0)


def _readings(typed: tuple[Word, ...], index: Index) -> list[Reading]:
    """A last "a" may be politeness or belong to the name, as in the former Vĩnh Lộc A; "ạ" is politeness."""
    found = readings(typed, index)
    if len(typed) > 1 and typed[-1].folded == "a":
        polite = readings(typed[:-1], index)
        return polite if typed[-1].marked else found + polite
    return found


def _best(typed: tuple[Word, ...], found: list[Reading], index: Index) -> list[Reading]:
    """The readings that explain the most words, if nothing in the text contradicts them."""
    agreed = [
        reading
        for reading in found
        if may_precede(typed[: reading.start], typed, reading) and _agreed(reading, typed, index)
    ]
    return _longest(agreed)


def _longest(found: list[Reading]) -> list[Reading]:
    start = min((reading.start for reading in found), default=0)
    return [reading for reading in found if reading.start == start]


def _agreed(reading: Reading, typed: tuple[Word, ...], index: Index) -> bool:
    codes = frozenset(fitting(reading))
    return bool(codes) and not contradicts(typed[: reading.start], codes, index)


def _result(
    typed: tuple[Word, ...], best: list[Reading], places: Places, near: str | None
) -> Found | FoundProvince | Several | Unknown:
    """What the best readings say together. A name of a province is asked the commune, whatever else has that name."""
    named = _joined(typed[best[0].start :])
    names = [name for reading in best for name in _province_names(reading)]
    smaller = _ranked([reading for reading in best if reading.smallest.level is not Level.PROVINCE])
    if names:
        return _only_province(names, smaller, named, places)
    communes = _sorted(smaller, places, near)
    if len(communes) == 1 and not _doubtful(communes[0], typed, best, near):
        return Found(communes[0], named)
    return Several(communes, named, _shown(typed, best))


def _province_names(reading: Reading) -> Iterator[Name]:
    """The names of the province that is meant, when the reading names provinces and nothing smaller."""
    if reading.smallest.level is Level.PROVINCE:
        yield from reading.phrases[-1].names


def _ranked(best: list[Reading]) -> dict[str, int]:
    ranks: dict[str, int] = {}
    for reading in best:
        for code, rank in fitting(reading).items():
            ranks[code] = min(rank, ranks.get(code, rank))
    return ranks


def _only_province(names: list[Name], smaller: dict[str, int], named: str, places: Places) -> FoundProvince | Unknown:
    """Nothing but a province was named, or so it may be read: "Lao Cai" is a province and a phường."""
    provinces: dict[Province, Name] = {}
    for name in sorted(names, key=lambda each: not each.current):
        if name.province:
            provinces.setdefault(name.province, name)
    if len(provinces) > 1:
        return Unknown(provinces=tuple(sorted(provinces, key=lambda each: each.code)))
    ((province, name),) = provinces.items()
    communes = [each for each in _sorted(smaller, places, None) if each.province == province]
    shown = province.name if name.current else name.shown
    return FoundProvince(province, tuple(communes), name.communes, named, shown)


def _doubtful(commune: Commune, typed: tuple[Word, ...], best: list[Reading], near: str | None) -> bool:
    """To be confirmed, though nothing else fits: elsewhere, or a word of one syllable ("nha o xa lam")."""
    if any(phrase.level is Level.PROVINCE for reading in best for phrase in reading.larger):
        return False
    return (near is not None and commune.province.code != near) or all(_slight(typed, reading) for reading in best)


def _only_a_word(typed: tuple[Word, ...], best: list[Reading]) -> bool:
    """Any word may be the name of some former thị trấn: "ho", "que", "dung"."""
    communes = all(reading.smallest.level is Level.COMMUNE for reading in best)
    return communes and all(_slight(typed, reading) and not reading.smallest.type for reading in best)


def _slight(typed: tuple[Word, ...], reading: Reading) -> bool:
    """A name of one syllable, alone, and without the accents that would make it sure."""
    place = reading.smallest
    one_syllable = all(" " not in name.shown and "'" not in name.shown for name in place.names)
    marked = {word.accents for word in typed[place.start : place.end] if word.marked}
    return one_syllable and not reading.larger and not any(name.accents in marked for name in place.names)


def _sorted(ranks: dict[str, int], places: Places, near: str | None) -> tuple[Commune, ...]:
    """The likeliest first: near, then today's names, then the alphabet."""

    def key(commune: Commune) -> tuple[bool, int, str, str]:
        name, province = commune.name, commune.province
        return province.code != near, ranks[commune.code], _sort_key(province.name), _sort_key(name)

    return tuple(sorted(map(places.commune, ranks), key=key))


_sort_key = lru_cache(maxsize=4096)(sort_key)  # there are some 3,000 names


def _shown(typed: tuple[Word, ...], best: list[Reading]) -> str:
    """What to call the place: in full if all its names are the same, else as typed."""
    place = best[0].smallest
    names = [name for reading in best for name in reading.smallest.names]
    types, written = {name.type for name in names}, {name.shown for name in names}
    kind = types.pop() if place.type and len(types) == 1 else place.type if place.type in types else ""
    if len(written) == 1:
        return f"{kind} {written.pop()}".strip()
    words = typed[place.start : place.end]
    if place.type:
        words = words[name_in([word.folded for word in words])]
    return f"{kind} {' '.join(word.typed.capitalize() for word in words)}".strip()


def _joined(typed: tuple[Word, ...]) -> str:
    """The words as typed, with a comma where there was a break."""
    parts: dict[int, list[str]] = {}
    for word in typed:
        parts.setdefault(word.segment, []).append(word.typed)
    return ", ".join(" ".join(words) for words in parts.values())


def _near_miss(typed: tuple[Word, ...], index: Index, places: Places, near: str | None) -> Unknown:
    found = readings(typed, index)
    ranks: dict[str, int] = {}
    for reading in found:
        if _contradicted(reading, typed, index):
            for name in reading.smallest.names:
                ranks.update(dict.fromkeys(name.communes, 0 if name.current else 1))
    if not ranks:
        ranks = dict.fromkeys(near_communes(only_said(typed), index, places, near), 0)
    missed = _sorted(ranks, places, near)[:MAX_CHOICES]
    return Unknown(missed, near_provinces(only_said(typed), index), _within(typed, found, places, near))


def _contradicted(reading: Reading, typed: tuple[Word, ...], index: Index) -> bool:
    """A known commune, but not in the province or district named with it ("Bat Xat, Ha Noi")."""
    if reading.smallest.level is not Level.COMMUNE or _agreed(reading, typed, index):
        return False
    return may_precede(typed[: reading.start], typed, reading)


def _within(
    typed: tuple[Word, ...], found: list[Reading], places: Places, near: str | None
) -> FoundProvince | Several | None:
    """The district or province at the end, when nothing that stands before it could be read."""
    larger = [each for each in found if each.start and each.smallest.level is not Level.COMMUNE and fitting(each)]
    best = _longest(larger)
    if not best or elsewhere(typed[: best[0].start]):
        return None
    result = _result(typed, best, places, near)
    return result if isinstance(result, FoundProvince | Several) else None
