"""The tables against the numbers of Decision 19/2025/QĐ-TTg."""

import tomllib
import unicodedata
from collections import Counter
from datetime import date, timedelta

import pytest

from core.places.admin import DATA, Places, load
from core.places.names import spaced_key


@pytest.fixture(scope="module")
def places() -> Places:
    return load()


def test_the_counts_of_the_decision(places: Places) -> None:
    kinds = Counter(commune.type for commune in places.communes)
    assert len(places.provinces) == 34
    assert Counter(province.type for province in places.provinces) == {"tỉnh": 28, "thành phố": 6}
    assert len(places.communes) == 3321
    assert kinds == {"xã": 2621, "phường": 687, "đặc khu": 13}


def test_lao_cai_has_99_units(places: Places) -> None:
    here = [commune for commune in places.communes if commune.province.code == "15"]
    assert Counter(commune.type for commune in here) == {"xã": 89, "phường": 10}


def test_373_names_repeat(places: Places) -> None:
    names = Counter(spaced_key(commune.name) for commune in places.communes)
    assert sum(count > 1 for count in names.values()) == 373


def test_codes_are_unique_and_well_formed(places: Places) -> None:
    communes = [commune.code for commune in places.communes]
    provinces = [province.code for province in places.provinces]
    assert len(set(communes)) == len(communes)
    assert len(set(provinces)) == len(provinces)
    assert all(len(code) == 5 and code.isdigit() for code in communes)
    assert all(len(code) == 2 and code.isdigit() for code in provinces)
    assert communes == sorted(communes)
    assert provinces == sorted(provinces)


def test_every_display_name_is_one_commune(places: Places) -> None:
    assert len({commune.display for commune in places.communes}) == 3321
    assert all(places.by_display(commune.display) == commune for commune in places.communes)


def test_every_province_has_communes(places: Places) -> None:
    assert {commune.province for commune in places.communes} == set(places.provinces)


def test_names_are_clean(places: Places) -> None:
    for name in [commune.name for commune in places.communes] + [old.name for old in places.former_communes]:
        assert name == unicodedata.normalize("NFC", name).strip()
        assert "  " not in name
        assert not set(name) & set("’–\t")


def test_everything_before_july_2025_went_somewhere(places: Places) -> None:
    assert len(places.former_provinces) == 63
    assert len(places.former_districts) == 696
    assert {old.province for old in places.former_provinces} == set(places.provinces)
    assert all(old.communes for old in places.former_communes)
    reached = {commune for old in places.former_communes for commune in old.communes}
    islands = {commune.name for commune in places.communes} - {commune.name for commune in reached}
    assert islands == {"Bạch Long Vĩ", "Cồn Cỏ", "Hoàng Sa", "Lý Sơn", "Côn Đảo"}


def test_a_district_that_was_gone_before_lives_on_in_the_one_that_took_it_in(places: Places) -> None:
    """Its main town bears its name, or did when it was merged; quận 2 and 9 had wards that are named in its stead."""
    towns = {"2": "Thảo Điền", "9": "Long Bình", "Ninh Bình": "Vân Giang", "Yên Dũng": "Nham Biền"}
    assert len(places.older_districts) == 8
    for older in places.older_districts:
        town = towns.get(older.name, older.name)
        inside = [old for old in places.former_communes if old.district == older.district]
        assert any(town in (old.name, *(new.name for new in old.communes)) for old in inside), older
        assert older.until < places.valid_from
        assert older.document.endswith(("/NQ-UBTVQH14", "/NQ-UBTVQH15"))


def test_every_table_names_its_documents_and_until_when_it_is_valid(places: Places) -> None:
    about = tomllib.loads((DATA / "version.toml").read_text(encoding="utf-8"))
    assert set(about["documents"]) == {file.name for file in DATA.iterdir() if file.name.endswith(".tsv")}
    assert about["former_until"] == places.valid_from - timedelta(days=1)


def test_a_former_commune_stays_in_the_successor_of_its_province(places: Places) -> None:
    for old in places.former_communes:
        assert {commune.province for commune in old.communes} == {old.district.province.province}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Yên Bái", "Lào Cai"),
        ("Bình Dương", "Hồ Chí Minh"),
        ("Hà Giang", "Tuyên Quang"),
        ("Tiền Giang", "Đồng Tháp"),
    ],
)
def test_merged_provinces(places: Places, old: str, new: str) -> None:
    (found,) = [former for former in places.former_provinces if former.name == old]
    assert found.province.name == new


def test_look_up(places: Places) -> None:
    assert places.province("15").full_name == "tỉnh Lào Cai"
    assert places.commune("02683").display == "xã Bát Xát, Lào Cai"
    assert places.by_display("xã Bát Xát, Hà Nội") is None
    with pytest.raises(KeyError):
        places.province("10")


def test_the_version_goes_with_the_codes(places: Places) -> None:
    assert places.version == "2025-07-01"
    assert places.valid_from == date(2025, 7, 1)
    assert load() is places
