"""Places as people type them. A line of a table: what was typed, in which province it is asked, what is understood."""

from __future__ import annotations

import pytest

from core.places.admin import Places
from core.places.find import MAX_CHOICES, Found, FoundProvince, Result, Several, Unknown, find

LAO_CAI = "15"
HO_CHI_MINH = "79"


def choices(result: Result) -> list[str]:
    assert isinstance(result, Several), result
    return [commune.display for commune in result.communes]


@pytest.mark.parametrize(
    ("typed", "near", "display"),
    [
        ("xa Bat Xat, Lao Cai", None, "xã Bát Xát, Lào Cai"),
        ("XA BAT XAT LAO CAI", None, "xã Bát Xát, Lào Cai"),
        ("xã Bát Xát, tỉnh Lào Cai, Việt Nam", None, "xã Bát Xát, Lào Cai"),
        ("x. bat xat", LAO_CAI, "xã Bát Xát, Lào Cai"),
        ("xa batxat", LAO_CAI, "xã Bát Xát, Lào Cai"),
        ("amusung", None, "xã A Mú Sung, Lào Cai"),
        ("a mu sung", LAO_CAI, "xã A Mú Sung, Lào Cai"),
        ("A Mú Sung", None, "xã A Mú Sung, Lào Cai"),
        ("phuong Sa Pa", None, "phường Sa Pa, Lào Cai"),
        ("p.sapa", LAO_CAI, "phường Sa Pa, Lào Cai"),
        ("p. Cam Duong tp Lao Cai", None, "phường Cam Đường, Lào Cai"),
        ("P. Ben Thanh, Q.1, TP.HCM", None, "phường Bến Thành, Hồ Chí Minh"),
        ("phuong lao cai", None, "phường Lào Cai, Lào Cai"),
        ("tinh Lao Cai xa Bat Xat", None, "xã Bát Xát, Lào Cai"),
        ("Lao Cai - Sa Pa - Ta Van", None, "xã Tả Van, Lào Cai"),
        ("phuong Lam Vien - Da Lat", None, "phường Lâm Viên - Đà Lạt, Lâm Đồng"),
        ("xa dran", None, "xã D'Ran, Lâm Đồng"),
        ("dakrong, gia lai", LAO_CAI, "xã Đak Rong, Gia Lai"),
        ("Sa Pa ward", LAO_CAI, "phường Sa Pa, Lào Cai"),
        ("commune of Muong Khuong, Lao Cai province", None, "xã Mường Khương, Lào Cai"),
        ("Ward 5 District 3 HCMC", None, "phường Bàn Cờ, Hồ Chí Minh"),
        ("p5 D3 HCMC", None, "phường Bàn Cờ, Hồ Chí Minh"),
        ("con dao", None, "đặc khu Côn Đảo, Hồ Chí Minh"),
    ],
)
def test_names_of_today(places: Places, typed: str, near: str | None, display: str) -> None:
    result = find(typed, places, near)
    assert isinstance(result, Found), result
    assert result.commune.display == display


@pytest.mark.parametrize(
    ("typed", "near", "display"),
    [
        ("xa Ban Vuoc, huyen Bat Xat, tinh Lao Cai", None, "xã Bát Xát, Lào Cai"),
        ("Ban Qua, Bat Xat, Lao Cai", None, "xã Bát Xát, Lào Cai"),
        ("tt bat xat", LAO_CAI, "xã Bát Xát, Lào Cai"),
        ("xa Cam Duong, Lao Cai", None, "phường Cam Đường, Lào Cai"),
        ("p thao dien q2", HO_CHI_MINH, "phường An Khánh, Hồ Chí Minh"),
        ("Long Hai, Long Dien, Ba Ria - Vung Tau", None, "xã Long Hải, Hồ Chí Minh"),
        ("xa Van Phuc, Ha Dong, Ha Tay", None, "phường Hà Đông, Hà Nội"),
        ("tan linh, yen bai", None, "xã Tân Lĩnh, Lào Cai"),
        ("phuong 12 quan 10 tp hcm", None, "phường Hòa Hưng, Hồ Chí Minh"),
        ("p12 q10", None, "phường Hòa Hưng, Hồ Chí Minh"),
        ("f.012 q.10", HO_CHI_MINH, "phường Hòa Hưng, Hồ Chí Minh"),
        ("thi tran Mu Cang Chai", None, "xã Mù Cang Chải, Lào Cai"),
        ("ben nghe", HO_CHI_MINH, "phường Sài Gòn, Hồ Chí Minh"),
    ],
)
def test_names_of_before_july_2025(places: Places, typed: str, near: str | None, display: str) -> None:
    result = find(typed, places, near)
    assert isinstance(result, Found), result
    assert result.commune.display == display


@pytest.mark.parametrize(
    ("typed", "display"),
    [
        ("toi o xa bat xat", "xã Bát Xát, Lào Cai"),
        ("da, xa Bat Xat lao cai nhe", "xã Bát Xát, Lào Cai"),
        ("thon Na Ho xa Bat Xat huyen Bat Xat tinh Lao Cai", "xã Bát Xát, Lào Cai"),
        ("so 5 duong Dien Bien Phu, phuong Sa Pa, Lao Cai", "phường Sa Pa, Lào Cai"),
        ("xa Bat Xat, thon 5", "xã Bát Xát, Lào Cai"),
        ("xa bat xat thon 5", "xã Bát Xát, Lào Cai"),
        ("Ban Qua, xa Bat Xat", "xã Bát Xát, Lào Cai"),
        ("xax baats xats, laof cai", "xã Bát Xát, Lào Cai"),
        ("xa baats xats laof cai", "xã Bát Xát, Lào Cai"),
        ("xa ba1t xa1t la2o cai", "xã Bát Xát, Lào Cai"),
        ("phuong Loc Ninh, tp Dong Nai", "xã Lộc Ninh, Đồng Nai"),
        ("thua co chau o xa Muong Hum chau a", "xã Mường Hum, Lào Cai"),
        ("chung cu Him Lam p. Tan Hung, tphcm", "phường Tân Hưng, Hồ Chí Minh"),
        ("que Nam Dinh, gio o Ha Noi phuong Ba Dinh", "phường Ba Đình, Hà Nội"),
        ("xa Ban Qua cu, nay la xa Bat Xat", "xã Bát Xát, Lào Cai"),
        ("I live in Muong Khuong commune, Lao Cai", "xã Mường Khương, Lào Cai"),
        ("phwowngf Ba Ddinhf Haf Nooji", "phường Ba Đình, Hà Nội"),
        ("xax Tar Van Laof Cai", "xã Tả Van, Lào Cai"),
    ],
)
def test_what_stands_around_a_name(places: Places, typed: str, display: str) -> None:
    result = find(typed, places)
    assert isinstance(result, Found), result
    assert result.commune.display == display


@pytest.mark.parametrize(
    ("typed", "province"),
    [
        ("lao cai", "15"),
        ("Yen Bai", "15"),
        ("tinh yen bai", "15"),
        ("Yên Bái, Lào Cai", "15"),
        ("tp hcm", "79"),
        ("TP.HCM", "79"),
        ("sai gon", "79"),
        ("hanoi", "01"),
        ("Hà Nooij", "01"),
        ("thua thien hue", "46"),
        ("tp hue", "46"),
        ("binh duong", "79"),
        ("dac lac", "66"),
        ("tp dong nai", "75"),
        ("brvt", "79"),
        ("Ha Noi city", "01"),
        ("Ho Chi Minh City", "79"),
        ("Lao Cai province", "15"),
    ],
)
def test_a_province_alone(places: Places, typed: str, province: str) -> None:
    result = find(typed, places)
    assert isinstance(result, FoundProvince), result
    assert result.province.code == province


def test_a_name_of_a_province_and_of_a_commune_in_it(places: Places) -> None:
    asked = find("Lao Cai", places)
    assert isinstance(asked, FoundProvince)
    assert asked.communes[0].display == "phường Lào Cai, Lào Cai"
    assert find("Lao Cai", places, LAO_CAI) == asked
    former = find("hoa binh", places, "86")
    assert isinstance(former, FoundProvince)
    assert (former.shown, former.province.name) == ("Hòa Bình", "Phú Thọ")


@pytest.mark.parametrize("typed", ["dakrong", "xa Cam Duong", "xa Xuan Hoa", "xa Ta Phin"])
def test_the_province_that_is_near_comes_first_but_decides_nothing(places: Places, typed: str) -> None:
    for near in ("15", "52"):
        result = find(typed, places, near)
        assert isinstance(result, Several)
        assert len(result.provinces) > 1
        assert result.provinces[0].code == near or near not in {each.code for each in result.provinces}


@pytest.mark.parametrize(
    ("typed", "near", "first", "count"),
    [
        ("q1", None, "phường Bến Thành, Hồ Chí Minh", 4),
        ("quan 1, tphcm", HO_CHI_MINH, "phường Bến Thành, Hồ Chí Minh", 4),
        ("huyen Bat Xat, Lao Cai", None, "xã A Mú Sung, Lào Cai", 8),
        ("tp lao cai", LAO_CAI, "phường Cam Đường, Lào Cai", 5),
        ("tp hai duong", None, "phường Ái Quốc, Hải Phòng", 9),
        ("District 1, HCMC", None, "phường Bến Thành, Hồ Chí Minh", 4),
        ("Ba Dinh district", None, "phường Ba Đình, Hà Nội", 8),
        ("q2", None, "phường An Khánh, Hồ Chí Minh", 12),
        ("so 3 Trang Thi, Hoan Kiem, Ha Noi", None, "phường Hoàn Kiếm, Hà Nội", 5),
        ("duong Dien Bien Phu, tp Lao Cai", None, "phường Cam Đường, Lào Cai", 5),
    ],
)
def test_a_former_district_is_never_one_commune(
    places: Places, typed: str, near: str | None, first: str, count: int
) -> None:
    offered = choices(find(typed, places, near))
    assert (offered[0], len(offered)) == (first, count)


@pytest.mark.parametrize("typed", ["bat xat lao cai", "batxat", "Bát Xát", "Lào Cai - Bát Xát", "ba1t xa1t"])
def test_a_bare_name_that_was_also_a_district_is_asked_the_commune_first(places: Places, typed: str) -> None:
    offered = choices(find(typed, places, LAO_CAI))
    assert offered[0] == "xã Bát Xát, Lào Cai"
    assert "xã Y Tý, Lào Cai" in offered


@pytest.mark.parametrize(
    ("typed", "first"), [("sapa", "phường Sa Pa"), ("Sa Pa", "phường Sa Pa"), ("nha trang", "phường Nha Trang")]
)
def test_so_is_a_former_town(places: Places, typed: str, first: str) -> None:
    assert choices(find(typed, places))[0].startswith(first)


@pytest.mark.parametrize(
    ("typed", "count"),
    [("xa Vinh Loc a, Binh Chanh", 1), ("xa Vinh Loc a", 5), ("xã Vĩnh Lộc ạ", 4), ("xa Tan Kien a, Binh Chanh", 2)],
)
def test_an_a_behind_a_name_may_be_politeness(places: Places, typed: str, count: int) -> None:
    result = find(typed, places)
    assert len(result.communes if isinstance(result, Several) else [result]) == count


def test_numbered_wards_of_a_city(places: Places) -> None:
    result = find("phuong 2", places, HO_CHI_MINH)
    assert isinstance(result, Several)
    assert len(result.communes) > MAX_CHOICES


def test_accents_decide_between_names_that_differ_by_accents(places: Places) -> None:
    assert choices(find("xa Van Lang, Thai Nguyen", places)) == ["xã Văn Lang, Thái Nguyên", "xã Văn Lăng, Thái Nguyên"]
    for name in ("Văn Lang", "Văn Lăng"):
        result = find(f"xã {name}, Thái Nguyên", places)
        assert isinstance(result, Found)
        assert result.commune.name == name


@pytest.mark.parametrize(
    ("typed", "near", "offered"),
    [
        ("xa bat xta, lao cai", None, "xã Bát Xát, Lào Cai"),
        ("bat xatt", LAO_CAI, "xã Bát Xát, Lào Cai"),
        ("xa bat xat lao cay", None, "xã Bát Xát, Lào Cai"),
        ("bat xat, ha noi", None, "xã Bát Xát, Lào Cai"),
        ("Ha Noi, xa Bat Xat", None, "xã Bát Xát, Lào Cai"),
        ("huyen Sa Pa, xa Bat Xat, Lao Cai", None, "xã Bát Xát, Lào Cai"),
    ],
)
def test_near_misses_are_offered_not_taken(places: Places, typed: str, near: str | None, offered: str) -> None:
    result = find(typed, places, near)
    assert isinstance(result, Unknown), result
    assert offered in [commune.display for commune in result.near_misses]


@pytest.mark.parametrize(
    ("typed", "member"),
    [
        ("xa Lao Chai, Sa Pa", "xã Tả Van, Lào Cai"),
        ("p13 q3", "phường Nhiêu Lộc, Hồ Chí Minh"),
        ("phuong Hong Son, tp Vinh", "phường Thành Vinh, Nghệ An"),
    ],
)
def test_a_commune_that_is_not_known_leaves_its_district(places: Places, typed: str, member: str) -> None:
    result = find(typed, places)
    assert isinstance(result, Unknown)
    assert isinstance(result.within, Several)
    assert member in [commune.display for commune in result.within.communes]


def test_a_misspelt_province_is_offered(places: Places) -> None:
    result = find("lao cay", places)
    assert isinstance(result, Unknown)
    assert [province.name for province in result.provinces] == ["Lào Cai"]


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "?",
        "12",
        "o",
        "xa",
        "khong biet",
        "khong phai xa Bat Xat",
        "xa Bat Xat khong phai",
        "gan xa Bat Xat",
        "xa Bat Xat hoac xa Y Ty",
        "xa Bat Xat va xa Y Ty",
        "tu Ha Noi ve xa Bat Xat",
        "khong o Bat Xat, gio o Y Ty",
        "ho",
        "que",
        "nu a",
        "đúng",
        "o nha",
        "bat " * 40,
    ],
)
def test_not_a_place(places: Places, typed: str) -> None:
    assert isinstance(find(typed, places), Unknown)


def test_a_name_outside_the_province_is_confirmed_first(places: Places) -> None:
    assert choices(find("ben nghe", places, LAO_CAI)) == ["phường Sài Gòn, Hồ Chí Minh"]
    assert isinstance(find("a mu sung, lao cai", places, HO_CHI_MINH), Found)
