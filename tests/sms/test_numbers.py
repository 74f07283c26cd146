from __future__ import annotations

import pytest

from sms.numbers import e164


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("84900000001", "+84900000001"),
        ("+84900000001", "+84900000001"),
        ("0900000001", "+84900000001"),
        ("0084900000001", "+84900000001"),
        ("447400900000", "+447400900000"),
        ("8000", None),
        ("18001234", None),
        ("19001234", None),
        ("1900123456", None),
        ("VIETTEL", None),
        ("+", None),
        ("", None),
        ("٨٤٩٠٠٠٠٠٠٠١", None),
    ],
)
def test_peoples_numbers_and_no_others(written: str, number: str | None) -> None:
    assert e164(written) == number
