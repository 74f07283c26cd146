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

    Ten provinces have two communes that differ by accents alone (Văn Lang and Văn Lăng): those get their
    former district, "xã Văn Lang, Thái Nguyên (huyện Na Rì cũ)".
    """
    folded = Counter(fold(commune.display) for commune in communes)
    return tuple(
        commune.display if folded[fold(commune.display)] == 1 else _with_district(commune, places)
        for commune in communes
    )


def _with_district(commune: Commune, places: Places) -> str:
    districts = Counter(old.district for old in places.former_communes if commune in old.communes)
    if not districts:
        return commune.display
    district = max(districts, key=lambda each: (districts[each], each.code))
    return f"{commune.display} ({district.type} {district.name} cũ)"
