"""Health units made from the places: a station in each commune, a centre in each province, the Ministry.

The tree is data: routing goes by type, never by depth, because area centres stand between in some
provinces (43/2025/TT-BYT).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from core.places.admin import Commune, Places, Province

MINISTRY_CODE = "BYT"


class UnitType(StrEnum):
    COMMUNE_STATION = "commune_station"
    PROVINCIAL_CDC = "provincial_cdc"
    MINISTRY = "ministry"


class Level(StrEnum):
    COMMUNE = "commune"
    PROVINCE = "province"
    COUNTRY = "country"


@dataclass(frozen=True, slots=True)
class Unit:
    """A health unit. `parent`, `province`, `commune` are codes, "" where there is none.

    `data_version` is that of the places its codes come from; `phone` stays "" until the unit's own list is
    imported; `valid_from` is the first day on which it exists.
    """

    code: str
    data_version: str
    name: str
    short_name: str
    type: UnitType
    level: Level
    parent: str
    province: str
    commune: str
    phone: str
    valid_from: date


def station_code(commune_code: str) -> str:
    """Code of the health station of a commune: "TYT02671"."""
    return f"TYT{commune_code}"


def commune_code(station: str) -> str | None:
    """The reverse: the commune of a station's code; None for what is none."""
    code = station.removeprefix("TYT")
    return code if code != station and code.isdigit() else None


def cdc_code(province_code: str) -> str:
    """Code of the disease control centre of a province: "CDC15"."""
    return f"CDC{province_code}"


def units(places: Places) -> tuple[Unit, ...]:
    """The Ministry, then 34 provincial centres, then a station for each of the 3,321 communes."""
    centres = (_centre(province, places) for province in places.provinces)
    stations = (_station(commune, places) for commune in places.communes)
    return (_ministry(places), *centres, *stations)


def _ministry(places: Places) -> Unit:
    return Unit(
        code=MINISTRY_CODE,
        data_version=places.version,
        name="Bộ Y tế",
        short_name="Bộ Y tế",
        type=UnitType.MINISTRY,
        level=Level.COUNTRY,
        parent="",
        province="",
        commune="",
        phone="",
        valid_from=places.valid_from,
    )


def _centre(province: Province, places: Places) -> Unit:
    return Unit(
        code=cdc_code(province.code),
        data_version=places.version,
        name=f"Trung tâm Kiểm soát bệnh tật {province.full_name}",
        short_name=f"CDC {province.name}",
        type=UnitType.PROVINCIAL_CDC,
        level=Level.PROVINCE,
        parent=MINISTRY_CODE,
        province=province.code,
        commune="",
        phone="",
        valid_from=places.valid_from,
    )


def _station(commune: Commune, places: Places) -> Unit:
    name = f"Trạm Y tế {commune.full_name}"
    return Unit(
        code=station_code(commune.code),
        data_version=places.version,
        name=name,
        short_name=name,
        type=UnitType.COMMUNE_STATION,
        level=Level.COMMUNE,
        parent=cdc_code(commune.province.code),
        province=commune.province.code,
        commune=commune.code,
        phone="",
        valid_from=places.valid_from,
    )
