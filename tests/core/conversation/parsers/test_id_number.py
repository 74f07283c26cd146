"""Numbers of ID cards and passports, checked against what is known of the person. The numbers are made up."""

from __future__ import annotations

import pytest

from core.conversation.parsers.id_number import mask, parse
from core.conversation.understanding import Reason, Unclear, Understood

WOMAN = "010148000123"  # Lào Cai, a woman born in 1948
READ = {
    WOMAN: WOMAN,
    "010 148 000 123": WOMAN,
    "010.148.000.123": WOMAN,
    "0101-4800-0123": WOMAN,
    "CCCD 010148000123": WOMAN,
    "cccd:010148000123 ạ": WOMAN,
    "so can cuoc cua toi la 010148000123": WOMAN,
    "O1O148000123": WOMAN,
    "063012345": "063012345",
    "CMND 063 012 345": "063012345",
    "chứng minh cũ 063.012.345 nhé": "063012345",
    "B1234567": "B1234567",
    "b 1234567": "B1234567",
    "ho chieu C1234567": "C1234567",
    "passport P01234567": "P01234567",
    "EA 1234567": None,
    "EA1234567": "EA1234567",
    "E12345678": "E12345678",
}
REFUSED = {
    "": Reason.EMPTY,
    "quen roi": Reason.NOT_AN_ANSWER,
    "khong": Reason.NOT_AN_ANSWER,
    "12/7/1948": Reason.NOT_AN_ANSWER,
    "1948": Reason.NOT_AN_ANSWER,
    "0900000012": Reason.OUT_OF_RANGE,
    "900000012": Reason.OUT_OF_RANGE,
    "01014800012": Reason.OUT_OF_RANGE,
    "0101480001234": Reason.OUT_OF_RANGE,
    "003148000123": Reason.OUT_OF_RANGE,
    "097148000123": Reason.OUT_OF_RANGE,
    "010948000123": Reason.OUT_OF_RANGE,
    "000000000": Reason.OUT_OF_RANGE,
    "so 12345678": Reason.OUT_OF_RANGE,
    "010148000123 063012345": Reason.OUT_OF_RANGE,
    "010148000123 va 063012345": Reason.AMBIGUOUS,
}


@pytest.mark.parametrize("text", READ)
def test_a_number_is_read(text: str) -> None:
    said = parse(text, None, None)
    number = READ[text]
    assert said == Understood(number) if number else isinstance(said, Unclear)


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_no_number_of_a_card_is_refused(text: str) -> None:
    assert parse(text, None, None) == Unclear(REFUSED[text])


@pytest.mark.parametrize(
    ("number", "year", "gender"),
    [
        (WOMAN, 1948, "female"),
        (WOMAN, 1948, None),
        (WOMAN, None, "female"),
        (WOMAN, 1948, "other"),
        ("010048000123", 1948, "male"),
        ("079305000123", 2005, "female"),
        ("079205000123", 2005, "male"),
        ("063012345", 1948, "female"),
    ],
)
def test_a_card_agrees_with_what_is_known(number: str, year: int | None, gender: str | None) -> None:
    assert parse(number, year, gender) == Understood(number)


@pytest.mark.parametrize(
    ("number", "year", "gender"),
    [(WOMAN, 1949, None), (WOMAN, None, "male"), (WOMAN, 2048, "female"), ("079305000123", 1905, "female")],
)
def test_a_card_of_somebody_else_is_a_contradiction(number: str, year: int | None, gender: str | None) -> None:
    assert parse(number, year, gender) == Unclear(Reason.CONTRADICTION)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("533380006", "533380006"),
        ("M12345678", "M12345678"),
        ("my passport is tz1234567.", "TZ1234567"),
        ("12AB34567", "12AB34567"),
        ("C01X00T47", "C01X00T47"),
        ("passport", None),
        ("1981", None),
        ("533380006 or 533380007", None),
        ("0101480001234", None),
    ],
)
def test_passports_of_other_countries(text: str, number: str | None) -> None:
    said = parse(text, 1981, "male", abroad=True)
    assert said == Understood(number) if number else isinstance(said, Unclear)


def test_only_the_last_three_digits_are_shown() -> None:
    assert mask(WOMAN) == "*********123"
    assert mask("B1234567") == "*****567"
    assert mask("12") == "**"
    assert mask("") == ""
