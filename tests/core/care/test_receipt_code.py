"""The number on a receipt: read aloud, typed again, and never another's."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from core.care.receipt_code import BLOCK, ReceiptCodes, is_receipt_code, receipt_code

NUMBERS = st.integers(0, 10**8 - 1)


@given(NUMBERS)
def test_a_code_is_nine_digits_and_one_of_ours(number: int) -> None:
    code = receipt_code(number)

    assert (len(code), code.isascii(), code.isdecimal()) == (9, True, True)
    assert is_receipt_code(code)
    assert is_receipt_code(f" {code[:3]} {code[3:6]} {code[6:]}")


@given(NUMBERS, st.integers(0, 8), st.integers(1, 9))
def test_every_wrong_digit_is_noticed(number: int, place: int, shift: int) -> None:
    code = receipt_code(number)
    wrong = str((int(code[place]) + shift) % 10)

    assert not is_receipt_code(code[:place] + wrong + code[place + 1 :])


@given(NUMBERS, st.integers(0, 7))
def test_every_swap_of_neighbours_is_noticed(number: int, place: int) -> None:
    code = receipt_code(number)
    swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]

    assert is_receipt_code(swapped) == (swapped == code)


@pytest.mark.parametrize(
    "text", ["", "123", "41273860a", "4127386055", "41273860", "٤١٢٧٣٨٦٠٥", "-12738605", "²²²²²²²²²"]
)
def test_other_texts_are_none_of_ours(text: str) -> None:
    assert not is_receipt_code(text)


def test_no_two_numbers_share_a_code() -> None:
    numbers = [*range(40_000), *range(10**8 - 40_000, 10**8), *random.Random(7).sample(range(10**8), 40_000)]

    assert len({receipt_code(n) for n in numbers}) == len(set(numbers))


def test_neighbours_do_not_look_alike() -> None:
    def differing(one: str, other: str) -> int:
        return sum(a != b for a, b in zip(one, other, strict=True))

    pairs = [(receipt_code(n), receipt_code(n + 1)) for n in range(500)]
    assert min(differing(*pair) for pair in pairs) >= 5


def test_processes_never_hand_out_the_same(engine: Engine) -> None:
    processes = [ReceiptCodes(engine) for _ in range(4)]
    with ThreadPoolExecutor(8) as threads:
        codes = list(threads.map(lambda n: processes[n % 4].next(), range(2 * BLOCK)))

    assert len(set(codes)) == 2 * BLOCK


def test_what_was_given_back_is_handed_out_once(engine: Engine) -> None:
    codes = ReceiptCodes(engine)
    first = [codes.next() for _ in range(3)]
    codes.give_back(first[1:])
    again = [codes.next() for _ in range(3)]

    assert set(first[1:]) < set(again)
    assert len({first[0], *again}) == 4
