"""What must hold for every reply: no crash, and no change of meaning by case, spaces, accents or politeness."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.conversation.parsers import choice, danger, free_text, name, number, several
from core.conversation.parsers.understand import KINDS, understand
from core.conversation.understanding import Choice, Unclear, Understood
from tests.core.conversation.parsers.cast import LIMITS, TODAY, comparable, replies

OFFERED = (Choice("a", "Sốt"), Choice("b", "Ho"), Choice("c", "Khó thở"))

SAME: dict[str, Callable[[str], str]] = {
    "decomposed": lambda text: unicodedata.normalize("NFD", text),
    "capitals": str.upper,
    "spaces": lambda text: f"  {text.replace(' ', '   ')} \n",
    "invisible": lambda text: f"\u200b{text}\ufeff",
    "polite": lambda text: f"dạ {text} ạ",
    "polite without accents": lambda text: f"da chau {text} a",
    "to an aunt": lambda text: f"{text} bác ơi",
    "to a doctor": lambda text: f"thưa bác sĩ {text}",
    "softened": lambda text: f"{text} nhé",
    "thankful": lambda text: f"{text}. Cảm ơn bác sĩ",
    "copied brackets": lambda text: f"[{text}]",
}


def without_accents(text: str) -> str:
    marks = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(char for char in marks if not unicodedata.combining(char))


@pytest.mark.parametrize("change", SAME)
def test_an_understood_value_stays_what_it_is(change: str) -> None:
    changed = [
        f"{kind}: {SAME[change](text)!r} is {read} instead of {value}"
        for kind in KINDS
        for text, value in replies(kind)
        if value is not None and comparable(read := understand(kind, SAME[change](text), TODAY)) != comparable(value)
    ]
    assert not changed, "\n".join(changed)


@pytest.mark.parametrize("change", SAME)
def test_an_unclear_reply_stays_unclear(change: str) -> None:
    guessed = [
        f"{kind}: {SAME[change](text)!r} became {read}"
        for kind in KINDS
        for text, value in replies(kind)
        if value is None and (read := understand(kind, SAME[change](text), TODAY)) is not None
    ]
    assert not guessed, "\n".join(guessed)


def test_without_accents_a_sign_never_becomes_none_and_no_never_yes() -> None:
    for text, value in replies("symptoms"):
        read = understand("symptoms", without_accents(text), TODAY)
        assert not (value and read == []), text
    for text, value in replies("yesno"):
        read = understand("yesno", without_accents(text), TODAY)
        assert value is None or read in (None, value), text


def test_without_accents_nearly_all_is_still_understood() -> None:
    """Words of the Centre ("nỏ", "mô"), curses ("đéo") and "ói" are other words without their accents: asked again."""
    rows = [(kind, text, value) for kind in KINDS for text, value in replies(kind) if value is not None]
    lost = [
        text
        for kind, text, value in rows
        if comparable(understand(kind, without_accents(text), TODAY)) != comparable(value)
    ]
    assert len(lost) < len(rows) / 50


WORDS = st.sampled_from(
    [
        *("khong", "ko", "có", "sốt", "ho", "khó thở", "hết", "còn", "nhưng", "chưa", "37,5", "38", "đau", "họng"),
        *("dạ", "ạ", "?", ",", ".", "12/7", "năm", "ba"),
    ]
)
TEXTS = st.one_of(st.text(max_size=80), st.lists(WORDS, max_size=10).map(" ".join))


@settings(max_examples=150, deadline=None)
@given(TEXTS)
def test_no_text_breaks_a_parser(text: str) -> None:
    for kind in KINDS:
        understand(kind, text, TODAY)
    danger.find(text, LIMITS)
    for said in (
        choice.parse(text, OFFERED),
        several.parse(text, OFFERED),
        name.parse(text),
        number.parse(text, 0, 100),
        free_text.parse(text),
    ):
        assert isinstance(said, Understood | Unclear)


@settings(max_examples=150, deadline=None)
@given(st.lists(WORDS, max_size=8).map(" ".join))
def test_a_text_with_a_sign_is_none_only_with_a_negator_or_an_end(text: str) -> None:
    """Whatever the order of the words: "none" needs a word that says so."""
    if understand("symptoms", text, TODAY) == []:
        assert {"khong", "ko", "hết", "chưa"} & set(text.split())
