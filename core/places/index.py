"""Every name that people may type for a place, under its folded key. Built once (0.1 s)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

from core.places.names import accent_key, spaced_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from core.places.admin import Commune, Places, Province


K = TypeVar("K")
T = TypeVar("T")


class Level(IntEnum):
    COMMUNE = 0
    DISTRICT = 1
    PROVINCE = 2


@dataclass(frozen=True, slots=True)
class Name:
    """One name of one unit, of today or former. `communes` are the codes of today's communes it stands for.

    `shown` is as it is written; `district` is the code of the former district of a former commune, or of a former
    district itself; `province` is set for provinces: where they are now.
    """

    level: Level
    type: str
    shown: str
    spaced: str
    accents: str
    communes: frozenset[str]
    current: bool
    district: str = ""
    province: Province | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Index:
    """`names` by joined key ("batxat"); `by_length` are those keys; `syllables` are all folded words of names."""

    names: Mapping[str, tuple[Name, ...]]
    by_length: Mapping[int, tuple[str, ...]]
    syllables: frozenset[str]


@lru_cache(maxsize=2)
def index_of(places: Places) -> Index:
    """Cached by identity: a process has one `Places`, and tests at most two."""
    names: dict[str, list[Name]] = defaultdict(list)
    for name in _all_names(places):
        names[name.spaced.replace(" ", "")].append(name)
    syllables = {word for group in names.values() for name in group for word in name.spaced.split()}
    by_length: dict[int, list[str]] = defaultdict(list)
    for key in names:
        by_length[len(key)].append(key)
    return Index(_frozen(names), _frozen(by_length), frozenset(syllables))


def _frozen(groups: Mapping[K, list[T]]) -> dict[K, tuple[T, ...]]:
    return {key: tuple(group) for key, group in groups.items()}


def _all_names(places: Places) -> Iterator[Name]:
    for commune in places.communes:
        yield Name(Level.COMMUNE, commune.type, *_keys(commune.name), _codes([commune]), current=True)
    for old in places.former_communes:
        yield Name(Level.COMMUNE, old.type, *_keys(old.name), _codes(old.communes), False, district=old.district.code)
    yield from _district_names(places)
    yield from _province_names(places)


def _district_names(places: Places) -> Iterator[Name]:
    members: dict[str, list[Commune]] = defaultdict(list)
    for old in places.former_communes:
        members[old.district.code].extend(old.communes)
    for district in places.former_districts:
        codes = _codes(members[district.code] or _island(places, district.name))
        yield Name(Level.DISTRICT, district.type, *_keys(district.name), codes, False, district=district.code)
    for older in places.older_districts:
        codes = _codes(members[older.district.code])
        yield Name(Level.DISTRICT, older.type, *_keys(older.name), codes, False, district=older.district.code)


def _island(places: Places, name: str) -> list[Commune]:
    """The five island districts had no communes; each is a đặc khu of the same name."""
    return [commune for commune in places.communes if commune.type == "đặc khu" and commune.name == name]


def _province_names(places: Places) -> Iterator[Name]:
    """Today's names, other names for them, and former names that no province bears any more."""
    now: dict[str, list[Commune]] = defaultdict(list)
    before: dict[str, list[Commune]] = defaultdict(list)
    for commune in places.communes:
        now[commune.province.code].append(commune)
    for old in places.former_communes:
        before[old.district.province.code].extend(old.communes)
    todays = [(province.name, province) for province in places.provinces]
    for name, province in (*todays, *places.aliases):
        codes = _codes(now[province.code])
        yield Name(Level.PROVINCE, province.type, *_keys(name), codes, current=True, province=province)
    taken = {province.name for province in places.provinces}
    for former in places.former_provinces:
        if former.name not in taken:
            codes = _codes(before[former.code])
            yield Name(Level.PROVINCE, former.type, *_keys(former.name), codes, False, province=former.province)


def _keys(name: str) -> tuple[str, str, str]:
    return name, spaced_key(name), accent_key(name)


def _codes(communes: Iterable[Commune]) -> frozenset[str]:
    return frozenset(commune.code for commune in communes)
