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
        ("8041", None),
        ("1900", None),
        ("KHAIBAO", None),
        ("", None),
        ("+", None),
        ("0900 000 001", None),
        ("9" * 16, None),
        ("٠٩٠٠٠٠٠٠٠١", None),
    ],
)
def test_a_persons_number(given: str, kept: str | None) -> None:
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
