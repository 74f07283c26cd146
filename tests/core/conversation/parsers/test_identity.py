"""A name, with what else was said of the person in the same text."""

from __future__ import annotations

from datetime import date

import pytest

from core.conversation.parsers.identity import Identity, gender_behind, parse
from core.conversation.understanding import Unclear, Understood

TODAY = date(2026, 11, 2)


@pytest.mark.parametrize(
    ("text", "identity"),
    [
        ("Sung Thi May", Identity("Sung Thi May")),
        ("Sùng Thị Mẩy 1953 nữ", Identity("Sùng Thị Mẩy", 1953, "female")),
        ("Vang A Sung, 1950, nam", Identity("Vang A Sung", 1950, "male")),
        ("Vang A Sung sinh nam 1950", Identity("Vang A Sung", 1950)),
        ("Vang A Sung sinh năm 62 nam", Identity("Vang A Sung", 1962, "male")),
        ("Vang A Sung sn 1962", Identity("Vang A Sung", 1962)),
        ("Nguyen Van Nam 1950", Identity("Nguyen Van Nam", 1950)),
        ("Nguyen Van Nam", Identity("Nguyen Van Nam")),
        ("Nguyen Van Nam, nam", Identity("Nguyen Van Nam", None, "male")),
        ("Giang Thi Do 71 tuoi", Identity("Giang Thi Do", 1955)),
        ("Giang Thi Do, 71 tuoi, nu", Identity("Giang Thi Do", 1955, "female")),
        ("Nguyen Van Ba 90 nam", Identity("Nguyen Van Ba", None, "male")),
        ("Nguyen Van Ba 70", Identity("Nguyen Van Ba")),
        ("ba Sung Thi Pa 1948 nu", Identity("Sung Thi Pa", 1948, "female")),
    ],
)
def test_what_was_said_is_read(text: str, identity: Identity) -> None:
    assert parse(text, TODAY) == Understood(identity)


@pytest.mark.parametrize(
    "text", ["1953", "Sung Thi May 1853", "Sung Thi May 1953 khong ro", "Sung Thi May 53 khong ro", "khong", ""]
)
def test_what_is_not_all_read_is_asked_again(text: str) -> None:
    assert isinstance(parse(text, TODAY), Unclear)


@pytest.mark.parametrize(
    ("text", "gender"),
    [("1980 male", "male"), ("1980, nữ", "female"), ("46 tuoi nam", "male"), ("nam 1980", None), ("1980 ok", None)],
)
def test_a_gender_behind_the_birth_is_read(text: str, gender: str | None) -> None:
    assert gender_behind(text) == gender
