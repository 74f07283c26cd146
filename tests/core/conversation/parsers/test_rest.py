"""What a reply says beyond its value, and why it is unclear: the engine goes on from there."""

from __future__ import annotations

import pytest

from core.conversation.fold import fold
from core.conversation.parsers import checkin, command, symptoms, temperature, yesno
from core.conversation.parsers.command import Command
from core.conversation.parsers.reader import read
from core.conversation.understanding import DayReport, Reason, Signs, Unclear, Understood

AFTER_YES_OR_NO = {
    "co": (True, ""),
    "co, di Ha Noi": (True, "di Ha Noi"),
    "Có ạ, cháu đi Hà Nội về": (True, "cháu đi Hà Nội về"),
    "có sốt": (True, "sốt"),
    "khong": (False, ""),
    "dạ không ạ": (False, ""),
    "khong, toi o Lao Cai": (False, "toi o Lao Cai"),
    "có, cảm ơn bác sĩ": (True, ""),
    "khong sot": (False, "khong sot"),
}
AFTER_COMMAND = {
    "SK 37,5 ho": (Command.CHECKIN, "37,5 ho"),
    "KHAI HO bo": (Command.DECLARE, "HO bo"),
    "khai bao y te": (Command.DECLARE, ""),
    "khai hộ mẹ": (Command.DECLARE, "hộ mẹ"),
    "NHAC 7 17": (Command.HOURS, "7 17"),
    "SỬA 2": (Command.CORRECT, "2"),
    "XEM 4127": (Command.STATUS, "4127"),
    "MENU": (Command.MENU, ""),
    "NHAM SO": (Command.WRONG_NUMBER, ""),
    "nhầm số rồi": (Command.WRONG_NUMBER, ""),
    "PHAN ANH co nguoi tron cach ly": (Command.REPORT, "co nguoi tron cach ly"),
}
REASONS = {
    "co khong": Reason.QUESTION,
    "chắc là có": Reason.UNCERTAIN,
    "vang, khong": Reason.CONTRADICTION,
    "": Reason.EMPTY,
    "36.5": Reason.NOT_AN_ANSWER,
}
SIGN_REASONS = {
    "khong sot, ho, kho tho": Reason.NEGATED_LIST,
    "khong sot nhung sot": Reason.CONTRADICTION,
    "sot khong": Reason.QUESTION,
    "hinh nhu sot": Reason.UNCERTAIN,
    "co": Reason.AMBIGUOUS,
    "di cho": Reason.NOT_AN_ANSWER,
    "": Reason.EMPTY,
}


@pytest.mark.parametrize("text", AFTER_YES_OR_NO)
def test_what_follows_a_yes_or_no_is_kept(text: str) -> None:
    value, rest = AFTER_YES_OR_NO[text]
    assert yesno.parse(text) == Understood(value, rest)


@pytest.mark.parametrize("text", AFTER_COMMAND)
def test_what_follows_a_command_is_kept_as_typed(text: str) -> None:
    value, rest = AFTER_COMMAND[text]
    assert command.parse(text) == Understood(value, rest)


def test_a_language_is_named() -> None:
    assert command.language("ENGLISH please") == "en"
    assert command.language("tieng viet") == "vi"
    assert command.language("doi ngon ngu") is None


@pytest.mark.parametrize("text", REASONS)
def test_why_a_yes_or_no_is_unclear(text: str) -> None:
    assert yesno.parse(text) == Unclear(REASONS[text])


@pytest.mark.parametrize("text", SIGN_REASONS)
def test_why_signs_are_unclear(text: str) -> None:
    assert symptoms.parse(text) == Unclear(SIGN_REASONS[text])


def test_signs_are_named_gravest_first_and_what_is_over_is_kept() -> None:
    assert symptoms.parse("het sot, con ho, kho tho") == Understood(
        Signs(present=("shortness_of_breath", "cough"), gone=("fever",))
    )
    assert symptoms.parse("ho, ho, sot") == Understood(Signs(present=("fever", "cough")))


def test_a_temperature_alone_says_nothing_of_signs() -> None:
    assert checkin.parse("36,9") == Understood(DayReport(36.9, None))


def test_a_denied_fever_with_39_degrees_is_asked_again() -> None:
    assert checkin.parse("khong sot 39") == Unclear(Reason.CONTRADICTION)


def test_a_temperature_out_of_range_is_asked_again() -> None:
    assert temperature.parse("70") == Unclear(Reason.OUT_OF_RANGE)
    assert temperature.parse("khoang 37") == Unclear(Reason.UNCERTAIN)
    assert temperature.parse("37 co sao khong") == Unclear(Reason.QUESTION)


@pytest.mark.parametrize(
    "text",
    ["duoc ra khoi nha chua", "toi ra khoi nha", "khoi nha", "roi khoi tinh", "co duoc ra khoi nha khong"],
)
def test_to_leave_home_is_not_to_have_recovered(text: str) -> None:
    assert isinstance(symptoms.parse(text), Unclear)


@pytest.mark.parametrize("text", ["khong co gi an", "khong con gi de an", "het gi an", "khong phai F0"])
def test_no_food_is_not_no_signs(text: str) -> None:
    assert isinstance(symptoms.parse(text), Unclear)


@pytest.mark.parametrize("text", ["toi la F0 roi", "xet nghiem 2 vach", "test len hai vach", "khong khoe", "chua khoe"])
def test_a_positive_test_is_to_be_unwell(text: str) -> None:
    assert read(fold(text)).unwell


@pytest.mark.parametrize("text", ["toi la F1", "test 1 vach", "98.6F ok"])
def test_a_number_like_it_is_not(text: str) -> None:
    assert not read(fold(text)).unwell


@pytest.mark.parametrize(
    ("text", "signs"),
    [
        ("khong phai ho, met thoi", ("fatigue",)),
        ("khong sot, ho thoi", ("cough",)),
        ("a quen, co ho nua", ("cough",)),
        ("khong ho thoi", ()),
    ],
)
def test_what_is_there_alone_is_there(text: str, signs: tuple[str, ...]) -> None:
    assert symptoms.parse(text) == Understood(Signs(present=signs))
