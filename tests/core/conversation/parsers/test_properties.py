"""What must hold for every reply: no crash, and no change of meaning by case, spaces, accents or politeness."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
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


OTHER_WORDS = {
    "an interjection": (r"\b(?:à|ý|ấy|ủa|lộn)\b", 0.2),
    "nothing at all": (r"\b(?:bệnh|ốm|đau) (?:đớn )?(?:gì|chi) (?:đâu|mô)\b|\bcó .*\bđâu$", 0.7),
    "a negator or a particle": (r"\b(?:chả|chẳng|nỏ|đéo|méo|hơm|hăm|mô|nào|đâu|chị|hà)\b", 0.31),
    "vomiting": (r"\b(?:ói|ọe|mửa)\b", 0.55),
    "an ache": (r"đầu nhức|họng (?:hơi )?(?:đau|rát)|đau họng|đau cơ|mỏi|rức", 0.13),
    "better": (r"\bđỡ\b", 0.08),
    "a yes": (r"\b(?:ừa?|ờ|chớ|dzâng)\b", 0.35),
    "also the child, or still": (r"\b(?:con|còn)\b", 0.09),
    "rain": (r"mắc mưa", 1.0),
    "stop": (r"^dừng\b", 0.5),
    "all others": (r"", 0.01),
}
"""Words that are other words without their accents, and how many of the replies that hold one may be asked again."""

READ_AS_ANOTHER = re.compile(r"chả ho|đầu nhức|, ói|hôm kìa")
"""Replies that say something else without accents: "cha ho", "đau nhức", "oi", "hôm kia"."""


def _family(text: str) -> str:
    return next(name for name, (words, _) in OTHER_WORDS.items() if re.search(words, text.lower()))


def test_without_accents_nearly_all_is_still_understood_and_the_rest_asked_again() -> None:
    """Of replies with accents, for of others none can be lost; family by family, so that none hides another."""
    asked, lost = Counter[str](), Counter[str]()
    for kind in KINDS:
        for text, value in replies(kind):
            bare = without_accents(text)
            if value is None or bare == text:
                continue
            read = understand(kind, bare, TODAY)
            same = comparable(read) == comparable(value)
            assert same or read is None or READ_AS_ANOTHER.search(text), f"{kind}: {bare!r} is {read}"
            asked[_family(text)] += 1
            lost[_family(text)] += not same
    shares = {name: round(lost[name] / count, 3) for name, count in asked.items()}
    assert not {name: share for name, share in shares.items() if share > OTHER_WORDS[name][1]}


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
