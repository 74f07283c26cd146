"""From a text with parameters to words in one language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from core.conversation.labels import GENDER_LABELS, SIGN_LABELS, YES_NO
from core.conversation.messages import Degrees, Listed, Param, Say, Term
from core.conversation.signs import MEASURED, SIGNS
from core.conversation.understanding import Choice
from core.conversation.wording import MissingParameter, degrees, numbered, word, word_choices
from core.words import load_words


@dataclass(frozen=True)
class Dictionary:
    """A catalogue that a test writes down. Plurals: two forms, one and many."""

    language: str
    texts: Mapping[str, str] = field(default_factory=dict)
    plurals: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    def gettext(self, message: str) -> str:
        assert message, "the empty text is a catalogue's header"
        return self.texts.get(message, message)

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        one, many = self.plurals.get(singular, (singular, plural))
        return one if n == 1 else many


VI = Dictionary("vi")
EN = Dictionary(
    "en",
    texts={
        "sốt": "fever",
        "ho": "cough",
        "{t} độ": "{t} C",
        " và ": " and ",
        "Đã nhận: {echo}.": "Received: {echo}.",
        "Chào {you}.": "Hello {friend}.",
        "Mã {code}.": "Code {code",
        "Có": "Yes",
    },
    plurals={"Còn {left} ngày.": ("{left} day left.", "{left} days left.")},
)

ECHO = Listed((Say("{t} độ", {"t": Degrees(37.5)}), Term("ho"), Term("sốt")))


@pytest.mark.parametrize(
    ("text", "params", "vietnamese", "english"),
    [
        ("Đã nhận: {echo}.", {"echo": ECHO}, "Đã nhận: 37,5 độ, ho, sốt.", "Received: 37.5 C, cough, fever."),
        ("{both}", {"both": Listed((Term("ho"), Term("sốt")), " và ")}, "ho và sốt", "cough and fever"),
        ("{both}", {"both": Listed((Term("ho"), "Lan"), "")}, "hoLan", "coughLan"),
        ("{n} ngày", {"n": 21}, "21 ngày", "21 ngày"),
        ("{empty}.", {"empty": Term("")}, ".", "."),
        ("{say}", {"say": Say("{a}{b}", {"a": "x", "b": Say("{c}", {"c": 1})})}, "x1", "x1"),
    ],
)
def test_parameters_are_worded_in_the_language(
    text: str, params: dict[str, Param], vietnamese: str, english: str
) -> None:
    assert word(Say(text, params), VI) == vietnamese
    assert word(Say(text, params), EN) == english


@pytest.mark.parametrize(("you", "said"), [("bác", "Bác khỏe?"), ("ông/bà", "Ông/bà khỏe?"), ("", " khỏe?")])
def test_a_capital_name_takes_the_small_parameter(you: str, said: str) -> None:
    assert word(Say("{You} khỏe?", {"you": Term(you)}), VI) == said


def test_a_parameter_is_never_formatted_itself() -> None:
    assert word(Say("{name}", {"name": "{you} {0}"}), VI) == "{you} {0}"


@pytest.mark.parametrize(("left", "said"), [(0, "0 days left."), (1, "1 day left."), (14, "14 days left.")])
def test_a_count_picks_the_plural(left: int, said: str) -> None:
    assert word(Say("Còn {left} ngày.", {"left": left}), EN) == said
    assert word(Say("Còn {left} ngày.", {"left": left}), VI) == f"Còn {left} ngày."


@pytest.mark.parametrize(("text", "said"), [("Chào {you}.", "Chào bác."), ("Mã {code}.", "Mã 412.")])
def test_a_broken_translation_gives_way_to_the_source_text(text: str, said: str) -> None:
    assert word(Say(text, {"you": "bác", "code": "412"}), EN) == said


@pytest.mark.parametrize("text", ["Chào {you}.", "Chào {You}.", "{0}", "{", "{you.name}"])
def test_a_missing_parameter_is_an_error_that_names_the_text(text: str) -> None:
    with pytest.raises(MissingParameter) as error:
        word(Say(text, {"code": "412"}), VI)
    assert repr(text) in str(error.value)
    assert "code" in str(error.value)


@pytest.mark.parametrize(
    ("value", "vietnamese", "english"),
    [(37.5, "37,5", "37.5"), (38.0, "38", "38"), (36.85, "36,85", "36.85"), (40, "40", "40")],
)
def test_degrees_have_the_mark_of_the_language(value: float, vietnamese: str, english: str) -> None:
    assert degrees(value, "vi") == vietnamese
    assert degrees(value, "en") == english


def test_choices_are_translated_and_numbered() -> None:
    choices = (Choice("yes", "Có"), Choice("02671", "xã Bát Xát"), Choice("new", ""))
    assert word_choices(choices, EN) == (
        Choice("yes", "Yes"),
        Choice("02671", "xã Bát Xát"),
        Choice("new", ""),
    )
    assert numbered(choices[:2]) == " 1 Có 2 xã Bát Xát"
    assert numbered(()) == ""


@pytest.mark.parametrize(
    ("place", "english"),
    [
        ("xã Bát Xát, Lào Cai", "Bát Xát commune, Lào Cai"),
        ("phường Sa Pa", "Sa Pa ward"),
        ("đặc khu Lý Sơn, Quảng Ngãi", "Lý Sơn special zone, Quảng Ngãi"),
        ("xã Văn Lang, Thái Nguyên (huyện Na Rì cũ)", "Văn Lang commune, Thái Nguyên (huyện Na Rì cũ)"),
        ("quận Ba Đình", "Ba Đình district"),
        ("quận 1", "quận 1"),
        ("tỉnh Lào Cai", "Lào Cai province"),
        ("Lào Cai", "Lào Cai"),
    ],
)
def test_the_kind_of_a_place_is_translated_its_name_is_not(place: str, english: str) -> None:
    assert word(Say("{p}", {"p": Term(place)}), load_words("en")) == english
    assert word(Say("{p}", {"p": Term(place)}), load_words("vi")) == place


def test_every_code_has_a_name_of_its_own() -> None:
    assert tuple(SIGN_LABELS) == (*SIGNS, *MEASURED)
    for labels in (SIGN_LABELS, GENDER_LABELS, YES_NO):
        assert len(set(labels.values())) == len(labels)
        assert all(labels.values())
