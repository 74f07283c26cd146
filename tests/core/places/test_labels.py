"""Choices must be told apart, also when a message is sent without accents."""

from collections import defaultdict

import pytest

from core.places.admin import Commune, load
from core.places.labels import labels
from core.places.names import fold, joined_key


def test_a_label_names_the_province() -> None:
    places = load()
    communes = [places.commune("02683"), places.commune("00004")]
    assert labels(communes, places) == ("xã Bát Xát, Lào Cai", "phường Ba Đình, Hà Nội")


def test_names_that_differ_by_accents_alone_are_told_apart() -> None:
    places = load()
    alike: dict[tuple[str, str], list[Commune]] = defaultdict(list)
    for commune in places.communes:
        alike[commune.province.code, joined_key(commune.full_name)].append(commune)
    pairs = [communes for communes in alike.values() if len(communes) > 1]
    assert len(pairs) == 8
    for communes in pairs:
        assert len({fold(label) for label in labels(communes, places)}) == len(communes)


@pytest.mark.parametrize(
    ("names", "province", "shown"),
    [
        (
            {"Văn Lang", "Văn Lăng"},
            "19",
            {"xã Văn Lang, Thái Nguyên (huyện Na Rì cũ)", "xã Văn Lăng, Thái Nguyên (huyện Đồng Hỷ cũ)"},
        ),
        (
            {"Lộc Thạnh", "Lộc Thành"},
            "75",
            {"xã Lộc Thạnh, Đồng Nai (Lộc Hòa cũ)", "xã Lộc Thành, Đồng Nai (Lộc Thịnh cũ)"},
        ),
    ],
)
def test_what_such_a_label_looks_like(names: set[str], province: str, shown: set[str]) -> None:
    places = load()
    pair = [each for each in places.communes if each.name in names and each.province.code == province]
    assert set(labels(pair, places)) == shown
