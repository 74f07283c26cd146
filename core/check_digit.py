"""A last digit that finds typing mistakes: every single wrong digit, and every swap of neighbours.

Source: H. M. Damm, "Total anti-symmetrische Quasigruppen", Marburg 2004; his table of order 10.
"""

from __future__ import annotations

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


def with_check_digit(digits: str) -> str:
    """ASCII digits with their check digit behind them.

    >>> with_check_digit("123456")
    '1234566'
    """
    return f"{digits}{_damm(digits)}"


def is_checked(digits: str) -> bool:
    """Whether these are digits whose last one checks the others."""
    return digits.isdecimal() and digits.isascii() and _damm(digits) == 0


def _damm(digits: str) -> int:
    interim = 0
    for digit in digits:
        interim = _DAMM[interim][int(digit)]
    return interim
