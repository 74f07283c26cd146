"""Stations, centres and the Ministry."""

from collections import Counter

import pytest

from core.places.admin import load
from core.places.units import Level, Unit, UnitType, cdc_code, station_code, units


@pytest.fixture(scope="module")
def by_code() -> dict[str, Unit]:
    return {unit.code: unit for unit in units(load())}


def test_one_station_per_commune_under_its_centre_under_the_ministry(by_code: dict[str, Unit]) -> None:
    kinds = Counter(unit.type for unit in by_code.values())
    assert kinds == {UnitType.MINISTRY: 1, UnitType.PROVINCIAL_CDC: 34, UnitType.COMMUNE_STATION: 3321}
    for commune in load().communes:
        station = by_code[station_code(commune.code)]
        assert station.parent == cdc_code(commune.province.code)
        assert by_code[station.parent].parent == "BYT"
        assert (station.province, station.commune) == (commune.province.code, commune.code)


def test_parents_come_first() -> None:
    seen = {""}
    for unit in units(load()):
        assert unit.parent in seen
        seen.add(unit.code)


@pytest.mark.parametrize(
    ("code", "name", "level"),
    [
        ("TYT02683", "Trạm Y tế xã Bát Xát", Level.COMMUNE),
        ("CDC15", "Trung tâm Kiểm soát bệnh tật tỉnh Lào Cai", Level.PROVINCE),
        ("CDC01", "Trung tâm Kiểm soát bệnh tật thành phố Hà Nội", Level.PROVINCE),
        ("BYT", "Bộ Y tế", Level.COUNTRY),
    ],
)
def test_names(by_code: dict[str, Unit], code: str, name: str, level: Level) -> None:
    assert (by_code[code].name, by_code[code].level) == (name, level)


def test_each_unit_says_which_list_its_codes_come_from(by_code: dict[str, Unit]) -> None:
    places = load()
    assert {unit.data_version for unit in by_code.values()} == {places.version}
    assert {unit.valid_from for unit in by_code.values()} == {places.valid_from}
    assert {unit.phone for unit in by_code.values()} == {""}
