"""Numbers as providers write them, and as they want them."""

from __future__ import annotations

import pytest

from sms.numbers import e164, written


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("84900000001", "+84900000001"),
        ("0900000001", "+84900000001"),
        ("+84900000001", "+84900000001"),
        ("840900000001", "+84900000001"),
        ("+12025550123", "+12025550123"),
        ("12025550123", "+12025550123"),
        ("0084900000001", "+84900000001"),
        ("447400900000", "+447400900000"),
        ("8000", None),
        ("18001234", None),
        ("19001234", None),
        ("1900123456", None),
        ("VIETTEL", None),
        ("", None),
        ("+", None),
        ("0900 000 001", None),
        ("9" * 16, None),
        ("٨٤٩٠٠٠٠٠٠٠١", None),
    ],
)
def test_peoples_numbers_and_no_others(given: str, kept: str | None) -> None:
    assert e164(given) == kept


@pytest.mark.parametrize(
    ("number", "form", "wanted"),
    [
        ("+84900000001", "84", "84900000001"),
        ("+84900000001", "0", "0900000001"),
        ("+84900000001", "+84", "+84900000001"),
        ("+12025550123", "84", "12025550123"),
        ("+12025550123", "+84", "+12025550123"),
        ("+12025550123", "0", None),
    ],
)
def test_a_number_as_a_provider_wants_it(number: str, form: str, wanted: str | None) -> None:
    assert written(number, form) == wanted
