"""How communes are named side by side in a list of choices."""

from __future__ import annotations

from collections import Counter, defaultdict
from functools import lru_cache
from typing import TYPE_CHECKING

from core.places.names import fold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.places.admin import Commune, FormerCommune, Places


def labels(communes: Sequence[Commune], places: Places) -> tuple[str, ...]:
    """One text per commune, "xã Bát Xát, Lào Cai"; different also when sent without accents.

    Ten pairs of communes differ by accents alone (Văn Lang and Văn Lăng). They get their former district,
    "xã Văn Lang, Thái Nguyên (huyện Na Rì cũ)", or two of their former communes when that was the same.
    """
    shown = [commune.display for commune in communes]
    for add in (_former_district, _former_communes):
        alike = Counter(fold(label) for label in shown)
        shown = [
            label if alike[fold(label)] == 1 else f"{commune.display} ({add(commune, places)} cũ)"
            for label, commune in zip(shown, communes, strict=True)
        ]
    return tuple(shown)


@lru_cache(maxsize=2)
def _before(places: Places) -> dict[str, list[FormerCommune]]:
    """The former communes in each commune of today, by its code. Looked up, because there are ten thousand."""
    found: dict[str, list[FormerCommune]] = defaultdict(list)
    for old in places.former_communes:
        for commune in old.communes:
            found[commune.code].append(old)
    return found


def _former_district(commune: Commune, places: Places) -> str:
    """The one that most of its land was in."""
    districts = Counter(old.district for old in _before(places)[commune.code])
    (district, _), *_ = districts.most_common(1)
    return f"{district.type} {district.name}"


def _former_communes(commune: Commune, places: Places) -> str:
    names = [old.name for old in _before(places)[commune.code]]
    telling = [name for name in dict.fromkeys(names) if fold(name) != fold(commune.name)]
    return ", ".join(telling[:2])
