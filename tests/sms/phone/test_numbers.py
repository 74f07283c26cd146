"""Only numbers that nobody has can be simulated."""

from __future__ import annotations

import pytest

from sms.phone import numbers


@pytest.mark.parametrize(
    "written",
    ["0900000011", "0900 000 011", "0900.000.011", "0900-000-011", "+84900000011", "84 900 000 011", " 0900000011 "],
)
def test_a_made_up_number_is_read_as_people_write_it(written: str) -> None:
    assert numbers.e164(written) == "+84900000011"


@pytest.mark.parametrize(
    "written",
    [
        "",
        "0912345678",
        "0900000111",  # the hundred numbers end at 099
        "0900001011",
        "090000001",
        "09000000111",
        "900000011",
        "+840900000011",
        "0900 000 0xx",
        "090000001١",  # an Arabic digit
        "0900000011\n0912345678",
        "new",
    ],
)
def test_any_other_number_is_refused(written: str) -> None:
    assert numbers.e164(written) is None


def test_a_number_is_shown_in_groups() -> None:
    assert numbers.local("+84900000011") == "0900000011"
    assert numbers.shown("+84900000011") == "0900 000 011"


def test_all_new_numbers_are_made_up_and_different() -> None:
    new = numbers.new_numbers()

    assert len(set(new)) == len(new) == 40
    assert all(numbers.e164(number) == number for number in new)
