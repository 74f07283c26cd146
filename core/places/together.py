"""A place that was said in several texts: "xa Tan Lap", then "Dak Lak". Each is read with those before it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.places.admin import Commune, Places
from core.places.find import find
from core.places.results import Found, FoundProvince, Result, Several, Unknown

Half = FoundProvince | Several
"""A place that was named in part."""


_NOTHING = Unknown()


@dataclass(frozen=True, slots=True)
class Said:
    """What the texts say so far. `half` is to be read with the next one; `texts` said it, and `result` as well."""

    result: Result = _NOTHING
    half: Half | None = None
    texts: tuple[str, ...] = ()


def together(texts: Sequence[str], places: Places, near: str | None) -> Said:
    """Reads texts one after the other. A text that fits what was said before makes it narrower; one that names
    another place takes its stead; one that names none leaves it."""
    said = Said()
    for text in texts:
        said = _next(said, text, places, near)
    return said


def _next(said: Said, text: str, places: Places, near: str | None) -> Said:
    alone = find(text, places, _province(said.half) or near)
    if said.half is None:
        half = _half(alone)
        readable = half or isinstance(alone, Found)
        return Said(alone, half, (*said.texts, text) if readable else (text,))
    joined = _joined(said.half, text if isinstance(alone, Unknown) else alone.named, places)
    if joined:
        return Said(joined, _half(joined), (*said.texts, text))
    if not isinstance(alone, Unknown) or alone.within:
        return Said(alone, _half(alone), (text,))
    offers = alone.near_misses or alone.provinces
    return Said(alone, said.half, (*said.texts, text) if offers else said.texts)


def _province(half: Half | None) -> str | None:
    """The province that was named already: a commune elsewhere is to be confirmed."""
    provinces = {half.province} if isinstance(half, FoundProvince) else set(half.provinces if half else ())
    return provinces.pop().code if len(provinces) == 1 else None


def _joined(half: Half, words: str, places: Places) -> Found | Several | None:
    """The words with what was said before them, from small to large or the other way round."""
    ways = [find(f"{small}, {large}", places) for small, large in ((half.named, words), (words, half.named))]
    fitting = [each for each in ways if isinstance(each, Found | Several) and _narrower(each, half)]
    every = tuple(dict.fromkeys(commune for each in fitting for commune in _communes(each)))
    if fitting and len(every) > len(_communes(fitting[0])):
        return Several(every, fitting[0].named, half.shown)
    return fitting[0] if fitting else None


def _narrower(found: Found | Several, half: Half) -> bool:
    """Each step leaves fewer communes, so there are not many."""
    return isinstance(half, FoundProvince) or len(_communes(found)) < len(half.communes)


def _communes(found: Found | Several) -> tuple[Commune, ...]:
    return (found.commune,) if isinstance(found, Found) else found.communes


def _half(result: Result) -> Half | None:
    if isinstance(result, Unknown):
        return result.within
    return None if isinstance(result, Found) else result
