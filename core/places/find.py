"""Which commune does a person mean? Found, a province only, several, or unknown; never a guess between two.

Pure: the text, the places and the province in which to prefer are arguments. Source of the rules: the
communes of July 2025 re-use the names of former communes, districts and provinces, which people go on using.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.places.index import Index, Level, Name, index_of
from core.places.order import sort_key
from core.places.read import MAX_WORDS, Reading, Word, cut, readings
from core.places.typing_habits import as_telex, contradicts, may_precede, without_tail
from core.places.typos import near_communes, near_provinces

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from core.places.admin import Commune, Places, Province

# One digit to answer with.
MAX_CHOICES = 9


@dataclass(frozen=True, slots=True)
class Found:
    """One commune and no other fits."""

    commune: Commune


@dataclass(frozen=True, slots=True)
class FoundProvince:
    """Only a province was named: ask for the commune. `communes`: what in it the name may mean too."""

    province: Province
    communes: tuple[Commune, ...] = ()


@dataclass(frozen=True, slots=True)
class Several:
    """To be offered as choices, the likeliest first, at most nine. `more`: not all fit, ask the province.

    One commune alone is to be confirmed with yes or no.
    """

    communes: tuple[Commune, ...]
    more: bool = False


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nothing has this name. At most nine near misses (a letter off, in another province) may be offered."""

    near_misses: tuple[Commune, ...] = ()
    provinces: tuple[Province, ...] = ()


Result = Found | FoundProvince | Several | Unknown


def find(text: str, places: Places, near: str | None = None) -> Result:
    """Reads a place as typed. `near`: the code of the province that is preferred when none is named."""
    index = index_of(places)
    typed = cut(text)
    if not typed or len(typed) > MAX_WORDS:
        return Unknown()
    for words in _ways_to_read(typed, index):
        found = _read(words, index, places, near)
        if found:
            return found
    return _near_miss(typed, index, places, near)


def _ways_to_read(typed: tuple[Word, ...], index: Index) -> Iterator[tuple[Word, ...]]:
    """As typed; else without politeness at the end; else as from an input method that was off."""
    yield typed
    polite = without_tail(typed)
    if polite != typed:
        yield polite
    decoded = as_telex(polite, index.syllables)
    if decoded != polite:
        yield decoded


def _read(typed: tuple[Word, ...], index: Index, places: Places, near: str | None) -> Result | None:
    best = _best(typed, readings(typed, index), index)
    ranks = _ranked(best)
    provinces = {name.province for reading in best for name in _province_names(reading) if name.province}
    if provinces:
        return _only_province(provinces, ranks, places, near)
    named = any(phrase.level is Level.PROVINCE for reading in best for phrase in reading.larger)
    return _decide(ranks, places, None if named else near)


def _best(typed: tuple[Word, ...], found: list[Reading], index: Index) -> list[Reading]:
    """The readings that explain the most words, if nothing in the text contradicts them."""
    fitting = [
        reading
        for reading in found
        if may_precede(typed[: reading.start], typed, reading) and _agreed(reading, typed, index)
    ]
    start = min((reading.start for reading in fitting), default=0)
    return [reading for reading in fitting if reading.start == start]


def _province_names(reading: Reading) -> Iterable[Name]:
    """The names of the province that is meant, when the reading names provinces and nothing smaller."""
    return reading.phrases[-1].names if reading.smallest.level is Level.PROVINCE else ()


def _agreed(reading: Reading, typed: tuple[Word, ...], index: Index) -> bool:
    codes = frozenset(_fitting(reading))
    return bool(codes) and not contradicts(typed[: reading.start], codes, index)


def _fitting(reading: Reading) -> dict[str, int]:
    """Communes that all phrases of a reading agree on, each with its rank: see `_rank`."""
    ranks: dict[str, int] = {}
    for name in reading.smallest.names:
        for code in _inside(name, reading):
            ranks[code] = min(_rank(name), ranks.get(code, _rank(name)))
    return ranks


def _inside(name: Name, reading: Reading) -> frozenset[str]:
    codes = name.communes
    for phrase in reading.larger:
        codes &= frozenset().union(*(each.communes for each in phrase.names if _belongs(name, each)))
    return codes


def _belongs(name: Name, larger: Name) -> bool:
    """A former commune lay in exactly one district."""
    former = larger.level is Level.DISTRICT and name.level is Level.COMMUNE and not name.current
    return not former or name.district == larger.district


def _rank(name: Name) -> int:
    """0: today's name; 1: a former commune's; 2: part of what was named."""
    if name.level is not Level.COMMUNE:
        return 2
    return 0 if name.current else 1


def _ranked(best: list[Reading]) -> dict[str, int]:
    ranks: dict[str, int] = {}
    for reading in best:
        if reading.smallest.level is Level.PROVINCE:
            continue
        for code, rank in _fitting(reading).items():
            ranks[code] = min(rank, ranks.get(code, rank))
    return ranks


def _only_province(provinces: set[Province], ranks: dict[str, int], places: Places, near: str | None) -> Result:
    """Nothing but a province was named, or so it may be read: "Lao Cai" is a province and a phường."""
    here = {code: rank for code, rank in ranks.items() if places.commune(code).province.code == near}
    if here:
        return _several(here, places)
    if len(provinces) > 1:
        return Unknown(provinces=tuple(sorted(provinces, key=lambda each: each.code)))
    (province,) = provinces
    inside = {code: rank for code, rank in ranks.items() if places.commune(code).province == province}
    return FoundProvince(province, _several(inside, places).communes)


def _decide(ranks: dict[str, int], places: Places, near: str | None) -> Result | None:
    if not ranks:
        return None
    here = {code: rank for code, rank in ranks.items() if places.commune(code).province.code == near}
    if len(here or ranks) > 1 or (near and not here):
        return _several(here or ranks, places)
    (code,) = here or ranks
    return Found(places.commune(code))


def _several(ranks: dict[str, int], places: Places) -> Several:
    communes = sorted(
        map(places.commune, ranks),
        key=lambda commune: (ranks[commune.code], sort_key(commune.name), sort_key(commune.province.name)),
    )
    return Several(tuple(communes[:MAX_CHOICES]), more=len(communes) > MAX_CHOICES)


def _near_miss(typed: tuple[Word, ...], index: Index, places: Places, near: str | None) -> Unknown:
    contradicted = [each for each in readings(typed, index) if _contradicted(each, typed, index)]
    elsewhere: dict[str, int] = {}
    for reading in contradicted:
        for name in reading.smallest.names:
            elsewhere.update(dict.fromkeys(name.communes, _rank(name)))
    if not elsewhere:
        elsewhere = dict.fromkeys(near_communes(typed, index, places, near), 0)
    return Unknown(_several(elsewhere, places).communes, near_provinces(typed, index))


def _contradicted(reading: Reading, typed: tuple[Word, ...], index: Index) -> bool:
    """A known commune, but not in the province or district named with it ("Bat Xat, Ha Noi")."""
    if reading.smallest.level is not Level.COMMUNE or _agreed(reading, typed, index):
        return False
    return may_precede(typed[: reading.start], typed, reading)
