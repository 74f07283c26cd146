"""The health unit that somebody's "where do you live" means: its code, and its commune as shown to them."""

from __future__ import annotations

from collections.abc import Sequence

from core.conversation.form import UnitReader
from core.conversation.understanding import Choice, Reason, Unclear, Understood
from core.places.admin import Commune, Places
from core.places.find import Found, FoundProvince, Several, find
from core.places.labels import labels
from core.places.units import station_code


def unit_reader(places: Places, near: str) -> UnitReader:
    """A reader for people who mostly live in the province of that code. It never chooses between two."""

    def read(text: str) -> Understood[Choice] | Unclear:
        if shown := places.by_display(text.strip()):
            return Understood(_choice(shown, shown.display))
        match find(text, places, near):
            case Found(commune):
                return Understood(_choice(commune, commune.display))
            case Several(communes):
                return Unclear(Reason.AMBIGUOUS, _choices(communes, places))
            case FoundProvince(_, communes):
                return Unclear(Reason.AMBIGUOUS if communes else Reason.NOT_FOUND, _choices(communes, places))
            case unknown:
                return Unclear(Reason.NOT_FOUND, _choices(unknown.near_misses, places))

    return read


def _choices(communes: Sequence[Commune], places: Places) -> tuple[Choice, ...]:
    named = zip(communes, labels(communes, places), strict=True)
    return tuple(_choice(commune, label) for commune, label in named)


def _choice(commune: Commune, label: str) -> Choice:
    return Choice(station_code(commune.code), label)
