"""What a text says of where somebody is: a commune, a province only, several places, or nothing that is known."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.places.admin import Commune, Province

# One digit to answer with.
MAX_CHOICES = 9


@dataclass(frozen=True, slots=True)
class Found:
    """One commune and no other fits. `named`: see Several."""

    commune: Commune
    named: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class FoundProvince:
    """Only a province was named: ask for the commune. `communes`: what in it the name may mean too.

    `shown` is its name of today, or the former one that was typed; `inside` are the codes of what was meant by it.
    """

    province: Province
    communes: tuple[Commune, ...] = ()
    inside: frozenset[str] = field(default=frozenset(), compare=False)
    named: str = field(default="", compare=False)
    shown: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Several:
    """All that a name may mean, the likeliest first. One commune alone is to be confirmed with yes or no.

    `named` are the words of the place as typed, without what stood around it, to be read again with an answer to
    "in which province?"; `shown` is how to call it ("xã Tân Lập").
    """

    communes: tuple[Commune, ...]
    named: str = field(default="", compare=False)
    shown: str = field(default="", compare=False)

    @property
    def provinces(self) -> tuple[Province, ...]:
        """Where they are, the likeliest first."""
        return tuple(dict.fromkeys(commune.province for commune in self.communes))


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nothing has this name. At most nine near misses (a letter off, in another province) may be offered.

    `within`: the district or province that was named behind it, if that could be read.
    """

    near_misses: tuple[Commune, ...] = ()
    provinces: tuple[Province, ...] = ()
    within: FoundProvince | Several | None = None


Result = Found | FoundProvince | Several | Unknown
