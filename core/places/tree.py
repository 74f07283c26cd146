"""The tree of health units as the database has it, kept in memory: some thousand rows, changed a few times a year."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection, select

from core.conversation.context import UnitFacts
from core.database.shared import units
from core.places import admin


@dataclass(frozen=True, slots=True)
class UnitTree:
    """Units by code, and who is whose parent."""

    facts: Mapping[str, UnitFacts]
    places: Mapping[str, str]  # "xã Bát Xát, Lào Cai", for stations
    parents: Mapping[str, str | None]
    centres: Mapping[str, str]
    types: Mapping[str, str] = field(default_factory=dict)  # commune_station, area_centre, provincial_cdc, ministry
    provinces: Mapping[str, str] = field(default_factory=dict)  # of units that belong to one

    def centre(self, province: str) -> str:
        """The unit that answers for a province's people whose commune is not known. KeyError if there is none."""
        return self.centres[province]

    def place(self, code: str | None) -> str:
        """Where a station's people live, as shown to them; "" for any other unit."""
        return self.places.get(code or "", "")


def load(connection: Connection) -> UnitTree:
    """Read all units that are valid today or were."""
    rows = connection.execute(
        select(
            units.c.code,
            units.c.short_name,
            units.c.phone,
            units.c.parent,
            units.c.type,
            units.c.province,
            units.c.commune,
        )
    ).all()
    known = admin.load()
    return UnitTree(
        facts={r.code: UnitFacts(r.code, r.short_name, r.phone) for r in rows},
        places={r.code: known.commune(r.commune).display for r in rows if r.commune},
        parents={r.code: r.parent for r in rows},
        centres={r.province: r.code for r in rows if r.type == "provincial_cdc"},
        types={r.code: r.type for r in rows},
        provinces={r.code: r.province for r in rows if r.province},
    )


def ancestry(unit_code: str, parents: Mapping[str, str | None]) -> Iterator[str]:
    """The unit, its parent, its parent's parent. Ends at the top, or where a tree is a ring by mistake."""
    seen: set[str] = set()
    code: str | None = unit_code
    while code is not None and code not in seen:
        seen.add(code)
        yield code
        code = parents.get(code)


def subtree(unit_code: str, parents: Mapping[str, str | None]) -> tuple[str, ...]:
    """The unit and every unit below it, sorted. One pass over all units: 0.5 ms for Vietnam's."""
    below: dict[str | None, list[str]] = defaultdict(list)
    for code, parent in parents.items():
        below[parent].append(code)
    found, waiting = {unit_code}, [unit_code]
    while waiting:
        fresh = [code for code in below.get(waiting.pop(), ()) if code not in found]
        found.update(fresh)
        waiting += fresh
    return tuple(sorted(found))
