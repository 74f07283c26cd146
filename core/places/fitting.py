"""Which communes all names of a reading agree on: a former commune in its district, anything in its province. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.places.index import Level, Name
from core.places.types import PHUONG, XA

if TYPE_CHECKING:
    from core.places.read import Phrase, Reading

Agreed = list[tuple[Name, frozenset[str]]]


def fitting(reading: Reading) -> dict[str, int]:
    """Codes of communes, each with its rank. 0: today's name; 1: a former commune's; 2: part of what was named."""
    ranks: dict[str, int] = {}
    agreed = [(name, codes) for name in reading.smallest.names if (codes := _inside(name, reading.larger))]
    for name, codes in _of_type(agreed, reading.smallest.type):
        for code in codes:
            ranks[code] = min(_rank(name), ranks.get(code, _rank(name)))
    return ranks


def _inside(name: Name, larger: tuple[Phrase, ...]) -> frozenset[str]:
    codes = name.communes
    for phrase in larger:
        same = [each for each in phrase.names if each.type == phrase.type]
        codes &= _covered(name, same) or _covered(name, phrase.names)
    return codes


def _covered(name: Name, larger: list[Name] | tuple[Name, ...]) -> frozenset[str]:
    return frozenset().union(*(name.communes & each.communes for each in larger if _belongs(name, each)))


def _belongs(name: Name, larger: Name) -> bool:
    """A former commune lay in exactly one district."""
    former = larger.level is Level.DISTRICT and name.level is Level.COMMUNE and not name.current
    return not former or name.district == larger.district


def _of_type(agreed: Agreed, kind: str) -> Agreed:
    """Names of the type that was typed; all of them when none has it: people keep old types for years.

    A former xã does not push out today's phường of the same name there: who writes "xa" may mean either.
    """
    same = [each for each in agreed if each[0].type == kind]
    if not same:
        return agreed
    if kind not in (XA, PHUONG) or any(name.current for name, _ in same):
        return same
    return same + [each for each in agreed if each[0].current]


def _rank(name: Name) -> int:
    if name.level is not Level.COMMUNE:
        return 2
    return 0 if name.current else 1
