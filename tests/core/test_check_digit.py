"""A last digit that finds typing mistakes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.check_digit import is_checked, with_check_digit

DIGITS = st.text("0123456789", min_size=1, max_size=12)


def test_damms_own_example() -> None:
    assert with_check_digit("572") == "5724"


@given(DIGITS)
def test_what_got_its_digit_is_checked(digits: str) -> None:
    assert is_checked(with_check_digit(digits))


@given(DIGITS, st.data())
def test_every_wrong_digit_is_noticed(digits: str, data: st.DataObject) -> None:
    whole = with_check_digit(digits)
    place = data.draw(st.integers(0, len(whole) - 1))
    other = data.draw(st.sampled_from([d for d in "0123456789" if d != whole[place]]))

    assert not is_checked(whole[:place] + other + whole[place + 1 :])


@given(DIGITS, st.data())
def test_every_swap_of_neighbours_is_noticed(digits: str, data: st.DataObject) -> None:
    whole = with_check_digit(digits)
    place = data.draw(st.integers(0, len(whole) - 2))
    swapped = whole[:place] + whole[place + 1] + whole[place] + whole[place + 2 :]

    assert is_checked(swapped) == (swapped == whole)


@pytest.mark.parametrize("text", ["", "57a4", "5 724", "-5724", "٥٧٢٤", "²²²²"])
def test_other_texts_are_not_checked(text: str) -> None:
    assert not is_checked(text)
