"""What somebody's "where do you live" means: a health unit, or what has to be asked to know it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from core.conversation.form import UnitReader
from core.conversation.understanding import Choice, HalfPlace, Lacks, Reason, Unclear, Understood
from core.places.admin import Commune, Places, Province
from core.places.labels import labels
from core.places.order import sort_key
from core.places.results import MAX_CHOICES, Found, FoundProvince, Several, Unknown
from core.places.together import Said, together
from core.places.units import commune_code, station_code


def unit_reader(places: Places, near: str) -> UnitReader:
    """A reader for people who mostly live in the province of that code. It never chooses between two."""

    def read(text: str, kept: tuple[str, ...] = ()) -> Understood[Choice] | Unclear:
        if shown := _picked(text, places):
            return Understood(_choice(shown, shown.display))
        said = together((*kept, text) if text else kept, places, near)
        if isinstance(said.result, Found):
            return Understood(_choice(said.result.commune, said.result.commune.display))
        return _half(said, places)

    return read


def _picked(text: str, places: Places) -> Commune | None:
    """A choice that was offered, by its value or exactly as shown."""
    code = commune_code(text)
    if code is None:
        return places.by_display(text.strip())
    try:
        return places.commune(code)
    except KeyError:
        return None


def _half(said: Said, places: Places) -> Unclear:
    result = said.result
    if isinstance(result, Several):
        return _several(result, said.texts, places)
    if isinstance(result, FoundProvince):
        return _in_province(result, Reason.AMBIGUOUS, said.texts, places)
    if isinstance(result, Unknown) and (result.near_misses or result.provinces or result.within):
        return _missed(result, said.texts, places)
    return Unclear(Reason.NOT_FOUND)


def _several(found: Several, texts: tuple[str, ...], places: Places) -> HalfPlace:
    if len(found.communes) == 1:
        return _sure(_choices(found.communes, places), texts)
    if len(found.provinces) > 1:
        return _which(found.provinces, Reason.AMBIGUOUS, found.shown, texts)
    options = _choices(found.communes, places)
    example = found.communes[0].full_name
    return HalfPlace(Reason.AMBIGUOUS, options, Lacks.COMMUNE, found.shown, example, texts)


def _in_province(found: FoundProvince, reason: Reason, texts: tuple[str, ...], places: Places) -> HalfPlace:
    example = _example(found.inside, places)
    return HalfPlace(reason, (), Lacks.COMMUNE, found.shown, example.full_name, texts)


def _missed(unknown: Unknown, texts: tuple[str, ...], places: Places) -> HalfPlace:
    """What may have been meant by a name that is not known: what is a letter off, and what is in the district that
    was named with it."""
    within = unknown.within
    if unknown.provinces and not within:
        return _which(unknown.provinces, Reason.NOT_FOUND, "", texts)
    named = _provinces(within)
    near = [each for each in unknown.near_misses if each.province in named] or list(unknown.near_misses)
    beside = within.communes if isinstance(within, Several) and len(within.communes) <= MAX_CHOICES else ()
    options = _choices(tuple(dict.fromkeys((*near, *beside)))[:MAX_CHOICES], places)
    if len(options) == 1:
        return _sure(options, texts)
    if options or not within:
        return HalfPlace(Reason.NOT_FOUND, options, Lacks.COMMUNE, "", "", texts)
    if isinstance(within, FoundProvince):
        return _in_province(within, Reason.NOT_FOUND, texts, places)
    return _several(within, texts, places)


def _provinces(within: FoundProvince | Several | None) -> tuple[Province, ...]:
    if within is None:
        return ()
    return (within.province,) if isinstance(within, FoundProvince) else within.provinces


def _which(provinces: Sequence[Province], reason: Reason, shown: str, texts: tuple[str, ...]) -> HalfPlace:
    """Which of these provinces? One alone is to be confirmed."""
    if len(provinces) == 1:
        return _sure((Choice(provinces[0].full_name, provinces[0].full_name),), texts)
    options = tuple(Choice(each.full_name, each.name) for each in provinces)
    return HalfPlace(reason, options, Lacks.PROVINCE, shown, provinces[0].name, texts)


def _sure(options: tuple[Choice, ...], texts: tuple[str, ...]) -> HalfPlace:
    return HalfPlace(Reason.AMBIGUOUS, options, Lacks.CERTAINTY, options[0].label, "", texts)


@lru_cache(maxsize=128)
def _example(codes: frozenset[str], places: Places) -> Commune:
    """A commune of a province to show how to answer: a short name, that is easily told from the province."""
    here = (places.commune(code) for code in codes)
    return min(here, key=lambda each: (len(each.name.split()) != 2, each.type != "xã", sort_key(each.name)))


def _choices(communes: Sequence[Commune], places: Places) -> tuple[Choice, ...]:
    named = zip(communes, labels(communes, places), strict=True)
    return tuple(_choice(commune, label) for commune, label in named)


def _choice(commune: Commune, label: str) -> Choice:
    return Choice(station_code(commune.code), label)
