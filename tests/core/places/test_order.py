"""Vietnamese alphabetical order."""

import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.places.admin import load
from core.places.order import sort_key


@pytest.mark.parametrize(
    "ordered",
    [
        ["A", "Ă", "Â", "B", "C", "D", "Đ", "E", "Ê", "I", "O", "Ô", "Ơ", "U", "Ư", "V", "Y"],
        ["ba", "bà", "bả", "bã", "bá", "bạ"],
        ["Ba", "Ba Bể", "Bà Nà", "Bát Xát", "Bắc Hà", "Bến Thành"],
        ["Đá Bạc", "Đà Lạt", "Đăk Glei", "Đông Anh"],
        ["Phường 2", "Phường 10", "Phường Sa Pa"],
        ["Da", "Đa", "E"],
    ],
)
def test_alphabet(ordered: list[str]) -> None:
    mixed = random.Random(7).sample(ordered, len(ordered))
    assert sorted(mixed, key=sort_key) == ordered


def test_a_tone_may_be_put_on_either_vowel() -> None:
    assert sort_key("Hòa Bình") == sort_key("Hoà Bình")


def test_no_two_names_of_one_type_in_a_province_share_a_key() -> None:
    keys = {(commune.province.code, commune.type, sort_key(commune.name)) for commune in load().communes}
    assert len(keys) == 3321


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=30))
def test_any_text_has_a_key_the_database_can_store(text: str) -> None:
    assert re.search("\x00", sort_key(text)) is None
