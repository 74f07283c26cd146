"""KHAI for oneself or for another: what people write behind it."""

from __future__ import annotations

import pytest

from core.conversation.parsers import command, on_behalf
from core.conversation.parsers.command import Command
from core.conversation.understanding import Understood

FOR_ANOTHER = {
    "KHAI HO": "",
    "khai hộ": "",
    "khai ho me": "me",
    "KHAI HO: bo": "bo",
    "khai hộ cho bà": "bà",
    "khai thay mẹ": "mẹ",
    "khai giúp mẹ": "mẹ",
    "khai giup me toi": "me toi",
    "khai dum ba noi": "ba noi",
    "khai giùm vợ": "vợ",
    "khai báo giúp ông ngoại": "ông ngoại",
    "khai cho con": "con",
    "khai cho em gái": "em gái",
    "khai cho em": "em",
    "khai cho ca nha": "ca nha",
    "kb cho chong": "chong",
    "khai cho Lan": "Lan",
    "khai bao y te cho con trai toi": "con trai toi",
    "em muon khai cho bo": "bo",
    "nho khai giup me em": "me em",
    "toi muon khai ho me, me bi sot 38": "me, me bi sot 38",
    "cho em khai hộ mẹ": "mẹ",
}
FOR_ONESELF = (
    "KHAI",
    "khai bao y te",
    "khai giup toi",
    "khai giúp em với ạ",
    "khai giúp",
    "khai giup voi",
    "khai giúp con với",
    "khai cho tôi",
    "khai cho em voi",
    "khai cho mình",
    "khai cho nhanh",
    "KHAI toi bi sot 39 do, ho",
    "khai ho, sot",
    "khai ho va sot",
    "khai ho khan",
    "khai 38 do",
)


@pytest.mark.parametrize("text", FOR_ANOTHER)
def test_it_is_about_another(text: str) -> None:
    said = command.parse(text)
    assert isinstance(said, Understood) and said.value is Command.DECLARE
    assert on_behalf.parse(said.rest) == FOR_ANOTHER[text]


@pytest.mark.parametrize("text", FOR_ONESELF)
def test_it_is_about_oneself(text: str) -> None:
    said = command.parse(text)
    assert isinstance(said, Understood) and said.value is Command.DECLARE
    assert on_behalf.parse(said.rest) is None
