"""Places that are said in several texts."""

from __future__ import annotations

import pytest

from core.places.admin import Places, load
from core.places.results import Found, FoundProvince, Several, Unknown
from core.places.together import Said, together


@pytest.fixture(scope="module")
def places() -> Places:
    return load()


def said(places: Places, *texts: str) -> Said:
    return together(texts, places, "15")


@pytest.mark.parametrize(
    ("texts", "display"),
    [
        (("xa Tan Lap", "Quang Tri"), "xã Tân Lập, Quảng Trị"),
        (("Quang Tri", "xa Tan Lap"), "xã Tân Lập, Quảng Trị"),
        (("toi o xa Tan Lap a", "da o Quang Tri nhe"), "xã Tân Lập, Quảng Trị"),
        (("xa Tan Lap", "Huong Hoa"), "xã Tân Lập, Quảng Trị"),
        (("tinh Yen Bai", "xa Tan Lap"), "xã Tân Lĩnh, Lào Cai"),
        (("Ha Tay", "xa Duong Lam"), "phường Sơn Tây, Hà Nội"),
        (("huyen Bat Xat", "y ty"), "xã Y Tý, Lào Cai"),
        (("q3", "phuong 5"), "phường Bàn Cờ, Hồ Chí Minh"),
        (("Lao Cai", "phuong Lao Cai"), "phường Lào Cai, Lào Cai"),
        (("xa Tan Lap", "phuong Ba Dinh, Ha Noi"), "phường Ba Đình, Hà Nội"),
        (("Lao Cai", "xa Cu Chi, tphcm"), "xã Củ Chi, Hồ Chí Minh"),
    ],
)
def test_read_together(places: Places, texts: tuple[str, ...], display: str) -> None:
    result = said(places, *texts).result
    assert isinstance(result, Found), result
    assert result.commune.display == display


def test_another_place_takes_the_stead_of_the_first(places: Places) -> None:
    other = said(places, "Ha Noi", "Hue")
    assert isinstance(other.result, FoundProvince)
    assert (other.result.province.name, other.texts) == ("Huế", ("Hue",))


def test_a_commune_outside_the_province_that_was_named_is_to_be_confirmed(places: Places) -> None:
    doubtful = said(places, "Ha Noi", "xa A Mu Sung").result
    assert isinstance(doubtful, Several)
    assert [commune.display for commune in doubtful.communes] == ["xã A Mú Sung, Lào Cai"]


def test_what_cannot_be_read_leaves_what_was_named(places: Places) -> None:
    missed = said(places, "Lao Cai", "khong biet", "hom qua")
    assert isinstance(missed.result, Unknown)
    assert missed.texts == ("Lao Cai",)
    assert missed.half == said(places, "Lao Cai").half


def test_a_slip_is_looked_for_where_the_place_was_said_to_be(places: Places) -> None:
    missed = said(places, "Lao Cai", "bat xta")
    assert isinstance(missed.result, Unknown)
    assert [commune.display for commune in missed.result.near_misses] == ["xã Bát Xát, Lào Cai"]
    assert missed.texts == ("Lao Cai", "bat xta")


def test_every_repeated_name_is_found_by_its_province(places: Places) -> None:
    """Asked "in which province?", the number or the name of the province always leads on."""
    for commune in places.communes[::7]:
        half = said(places, commune.full_name)
        if isinstance(half.result, Several) and len(half.result.provinces) > 1:
            result = said(places, commune.full_name, commune.province.full_name).result
            found = (
                result.communes
                if isinstance(result, Several)
                else (result.commune,)
                if isinstance(result, Found)
                else ()
            )
            assert commune in found, commune.display
