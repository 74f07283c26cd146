"""Picking from what was offered: one, or any number."""

from __future__ import annotations

import pytest

from core.conversation.parsers import choice, several
from core.conversation.understanding import Choice, Reason, Unclear, Understood

UNITS = (Choice("tp", "Xã Tả Phìn"), Choice("bh", "Xã Bản Hồ"), Choice("sp", "Phường Sa Pa"))
SIGNS = (Choice("fever", "Sốt"), Choice("cough", "Ho"), Choice("shortness_of_breath", "Khó thở"))
TWO = SIGNS[:2]
SAME_LETTERS = (Choice("ha1", "Hà"), Choice("ha2", "Hạ"))

ONE = {
    "1": "tp",
    "so 2": "bh",
    "Chọn 3 ạ": "sp",
    "2.": "bh",
    "(1)": "tp",
    "b": "bh",
    "Xã Tả Phìn": "tp",
    "xa ta phin": "tp",
    "ta phin": "tp",
    "Bản Hồ ạ": "bh",
    "o sa pa": "sp",
    "phuong sa pa nhe": "sp",
    "2 ban ho": "bh",
    "dạ em chọn số 1": "tp",
}
NOT_ONE = {
    "": Reason.EMPTY,
    "4": Reason.OUT_OF_RANGE,
    "0": Reason.OUT_OF_RANGE,
    "xa": Reason.AMBIGUOUS,
    "1 ban ho": Reason.AMBIGUOUS,
    "khong phai ban ho": Reason.NOT_AN_ANSWER,
    "ha noi": Reason.NOT_AN_ANSWER,
    "khong biet": Reason.UNCERTAIN,
    "hinh nhu ban ho": Reason.UNCERTAIN,
}
MANY: dict[str, tuple[str, ...]] = {
    "1 3": ("fever", "shortness_of_breath"),
    "1,3": ("fever", "shortness_of_breath"),
    "3 va 1": ("fever", "shortness_of_breath"),
    "1, 2, 3 a": ("fever", "cough", "shortness_of_breath"),
    "2": ("cough",),
    "sot, ho": ("fever", "cough"),
    "ho va kho tho": ("cough", "shortness_of_breath"),
    "co 1": ("fever",),
    "khong": (),
    "dạ không có ạ": (),
    "ko co gi": (),
    "khong co cai nao": (),
    "tat ca": ("fever", "cough", "shortness_of_breath"),
    "ca 3": ("fever", "cough", "shortness_of_breath"),
    "du 3 dieu": ("fever", "cough", "shortness_of_breath"),
    "du het a": ("fever", "cough", "shortness_of_breath"),
    "ca 1 va 3": ("fever", "shortness_of_breath"),
}
NOT_MANY = {
    "": Reason.EMPTY,
    "co": Reason.AMBIGUOUS,
    "ca hai": Reason.AMBIGUOUS,
    "ca 2": Reason.AMBIGUOUS,
    "du 2 cai": Reason.AMBIGUOUS,
    "1-3": Reason.AMBIGUOUS,
    "13": Reason.OUT_OF_RANGE,
    "1 9": Reason.OUT_OF_RANGE,
    "khong sot, ho": Reason.NEGATED_LIST,
    "hinh nhu ho": Reason.UNCERTAIN,
    "hello": Reason.NOT_AN_ANSWER,
}


@pytest.mark.parametrize("text", ONE)
def test_one_is_picked(text: str) -> None:
    assert choice.parse(text, UNITS) == Understood(ONE[text])


TRAVEL = (
    Choice("safety_hotel", "An toàn khách sạn"),
    Choice("plane", "Máy bay"),
    Choice("car", "Ô tô"),
    Choice("close_contact", "Đã gặp"),
)


@pytest.mark.parametrize(
    ("text", "value"),
    [("hotel", "safety_hotel"), ("Plane", "plane"), ("car", "car"), ("close contact", "close_contact")],
)
def test_codes_are_english_words(text: str, value: str) -> None:
    assert choice.parse(text, TRAVEL) == Understood(value)


@pytest.mark.parametrize("text", NOT_ONE)
def test_one_is_asked_again(text: str) -> None:
    said = choice.parse(text, UNITS)
    assert isinstance(said, Unclear) and said.reason is NOT_ONE[text]


def test_what_fits_twice_is_offered() -> None:
    said = choice.parse("xa", UNITS)
    assert isinstance(said, Unclear) and said.options == UNITS[:2]


def test_a_slip_is_offered_and_not_taken() -> None:
    assert choice.parse("phuong sa pq", UNITS) == Unclear(Reason.AMBIGUOUS, (UNITS[2],))


def test_accents_tell_labels_apart() -> None:
    assert choice.parse("Hạ", SAME_LETTERS) == Understood("ha2")
    assert choice.parse("ha", SAME_LETTERS) == Unclear(Reason.AMBIGUOUS, SAME_LETTERS)


@pytest.mark.parametrize("text", MANY)
def test_several_are_picked(text: str) -> None:
    assert several.parse(text, SIGNS) == Understood(MANY[text])


@pytest.mark.parametrize("text", NOT_MANY)
def test_several_are_asked_again(text: str) -> None:
    said = several.parse(text, SIGNS)
    assert isinstance(said, Unclear) and said.reason is NOT_MANY[text]


MET = (Choice("ill", "Người mắc bệnh"), Choice("area", "Người từ vùng dịch"), Choice("coughs", "Người sốt, ho"))


@pytest.mark.parametrize("text", ["toi ho", "tôi sốt", "em ho a", "con ho", "ho", "toi bi sot"])
def test_a_sign_of_ones_own_is_nobody_who_was_met(text: str) -> None:
    assert several.parse(text, MET) == Unclear(Reason.NOT_AN_ANSWER)


@pytest.mark.parametrize(
    ("text", "value"),
    [("nguoi sot ho", "coughs"), ("nguoi ho", "coughs"), ("co nguoi sot", "coughs"), ("nguoi benh", "ill")],
)
def test_somebody_else_is_picked_by_a_part_of_the_label(text: str, value: str) -> None:
    assert several.parse(text, MET) == Understood((value,))


LONG = (Choice("border", "Vượt biên mà không cách ly"), Choice("crowd", "Tụ tập đông"))


@pytest.mark.parametrize("text", ["khong", "ko a", "co", "khong co", "o"])
def test_a_bare_yes_or_no_picks_no_label_that_holds_it(text: str) -> None:
    assert choice.parse(text, LONG) == Unclear(Reason.NOT_AN_ANSWER)


def test_both_of_two() -> None:
    assert several.parse("cả hai", TWO) == Understood(("fever", "cough"))
