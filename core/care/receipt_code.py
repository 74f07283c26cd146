"""The number on a receipt: nine digits that can be read aloud, the last one a check digit.

Unique in a cell: it is made from the cell's sequence `receipt_numbers`, of which a process takes a thousand at a
time, and scattered so that neighbours do not look alike. It is no secret and opens nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator

from sqlalchemy import Engine, select

from core.check_digit import is_checked, with_check_digit
from core.database.tables import receipt_numbers

BLOCK = 1000
"""What the sequence counts in: one look at the database for so many receipts."""

_SPAN = 10**8
_STEP = 61_803_399  # shares no factor with 10**8, so every number comes up once
_START = 27_182_818


def receipt_code(number: int) -> str:
    """The code of the receipt of that number, from 0 to 99,999,999; after that they come round again."""
    return with_check_digit(f"{(number * _STEP + _START) % _SPAN:08d}")


def is_receipt_code(text: str) -> bool:
    """Whether it can be one of ours, heard and typed without a mistake. Spaces do not matter."""
    digits = text.replace(" ", "")
    return len(digits) == 9 and is_checked(digits)


class ReceiptCodes:
    """Hands out codes. A crash loses the rest of a block: numbers are plenty."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._numbers: Iterator[int] = iter(())
        self._returned: list[str] = []

    def next(self) -> str:
        """A code that no other receipt of this cell has."""
        with self._lock:
            if self._returned:
                return self._returned.pop()
            number = next(self._numbers, None)
            if number is None:
                self._numbers = iter(self._block())
                number = next(self._numbers)
        return receipt_code(number)

    def give_back(self, codes: Iterable[str]) -> None:
        """Codes that no receipt got: every message is lent one, few end in a receipt."""
        with self._lock:
            self._returned.extend(codes)

    def _block(self) -> range:
        with self._engine.begin() as connection:
            start: int = connection.execute(select(receipt_numbers.next_value())).scalar_one()
        return range(start, start + BLOCK)
