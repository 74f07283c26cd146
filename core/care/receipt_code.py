"""The number on a receipt: nine digits that can be read aloud, the last one a check digit.

Unique in a cell: it is made from the cell's sequence `receipt_numbers`, of which a process takes a thousand at a
time, and scattered so that neighbours do not look alike. It is no secret and opens nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator

from sqlalchemy import Engine, select

from core.database.tables import receipt_numbers

BLOCK = 1000
"""What the sequence counts in: one look at the database for so many receipts."""

_SPAN = 10**8
_STEP = 61_803_399  # shares no factor with 10**8, so every number comes up once
_START = 27_182_818

_DAMM = (
    (0, 3, 1, 7, 5, 9, 8, 6, 4, 2),
    (7, 0, 9, 2, 1, 5, 4, 8, 6, 3),
    (4, 2, 0, 6, 8, 7, 1, 3, 5, 9),
    (1, 7, 5, 0, 9, 8, 3, 4, 2, 6),
    (6, 1, 2, 3, 0, 4, 5, 9, 7, 8),
    (3, 6, 7, 4, 2, 0, 9, 5, 8, 1),
    (5, 8, 6, 9, 7, 2, 0, 1, 3, 4),
    (8, 9, 4, 5, 3, 6, 2, 0, 1, 7),
    (9, 4, 3, 8, 6, 1, 7, 2, 0, 5),
    (2, 5, 8, 1, 4, 3, 6, 7, 9, 0),
)
"""Damm's quasigroup (2004): finds every single wrong digit and every swap of neighbours."""


def receipt_code(number: int) -> str:
    """The code of the receipt of that number, from 0 to 99,999,999; after that they come round again."""
    digits = f"{(number * _STEP + _START) % _SPAN:08d}"
    return digits + str(_damm(digits))


def is_receipt_code(text: str) -> bool:
    """Whether it can be one of ours, heard and typed without a mistake. Spaces do not matter."""
    digits = text.replace(" ", "")
    return len(digits) == 9 and digits.isdecimal() and digits.isascii() and _damm(digits) == 0


def _damm(digits: str) -> int:
    interim = 0
    for digit in digits:
        interim = _DAMM[interim][int(digit)]
    return interim


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
