"""What people say when they are asked whether they are there, and what only sounds like it."""

from __future__ import annotations

import pytest

from core.conversation.parsers.presence import Presence, may_be_one, parse


@pytest.mark.parametrize(
    ("said", "presence_said", "letters"),
    [
        ("CO MAT", Presence.THERE, ()),
        ("Có mặt ạ", Presence.THERE, ()),
        ("da toi dang o nha", Presence.THERE, ()),
        ("toi o nha", Presence.THERE, ()),
        ("da co mat", Presence.THERE, ()),
        ("dang o nha", Presence.THERE, ()),
        ("co mat day", Presence.THERE, ()),
        ("Dạ, em vẫn ở nhà ạ", Presence.THERE, ()),
        ("o nha khong di dau", Presence.THERE, ()),
        ("co mat o noi cach ly", Presence.THERE, ()),
        ("chong em co o nha", Presence.THERE, ()),
        ("toi day", Presence.THERE, ()),
        ("vang", Presence.THERE, ()),
        ("co mat a b", Presence.THERE, ("A", "B")),
        ("a va b co mat", Presence.THERE, ("A", "B")),
        ("HERE", Presence.THERE, ()),
        ("I'm here", Presence.THERE, ()),
        ("Yes, I am here", Presence.THERE, ()),
        ("here A B", Presence.THERE, ("A", "B")),
        ("at home now", Presence.THERE, ()),
        ("khong co mat", Presence.AWAY, ()),
        ("k co mat", Presence.AWAY, ()),
        ("khong o nha", Presence.AWAY, ()),
        ("toi khong o nha", Presence.AWAY, ()),
        ("B khong o nha", Presence.AWAY, ("B",)),
        ("dang di cho", Presence.AWAY, ()),
        ("NOT HERE", Presence.AWAY, ()),
        ("he is not at home", Presence.AWAY, ()),
        ("khong muon tra loi", Presence.REFUSED, ()),
        ("I don't want to answer", Presence.REFUSED, ()),
    ],
)
def test_what_they_say(said: str, presence_said: Presence, letters: tuple[str, ...]) -> None:
    found = parse(said)
    assert found is not None
    assert (found.presence, found.letters) == (presence_said, letters)
    assert may_be_one(said)


@pytest.mark.parametrize(
    "said",
    [
        "co mat do",
        "mat do",
        "co mat kinh khong",
        "co mat khong",
        "ai o nha",
        "khong ho khong sot",
        "nha toi co mat met",
        "em o nha bi sot",
        "khong di dau",
        "here is my temperature 38",
    ],
)
def test_what_says_something_else(said: str) -> None:
    assert parse(said) is None
