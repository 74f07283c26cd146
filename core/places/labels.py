"""How communes are named side by side in a list of choices."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from core.places.names import fold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.places.admin import Commune, Places


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


def _former_district(commune: Commune, places: Places) -> str:
    """The one that most of its land was in."""
    districts = Counter(old.district for old in places.former_communes if commune in old.communes)
    (district, _), *_ = districts.most_common(1)
    return f"{district.type} {district.name}"


def _former_communes(commune: Commune, places: Places) -> str:
    names = [old.name for old in places.former_communes if commune in old.communes]
    telling = [name for name in dict.fromkeys(names) if fold(name) != fold(commune.name)]
    return ", ".join(telling[:2])
