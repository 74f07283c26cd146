"""The number of an ID card or a passport. Never required, never asked as a photo; said back masked.

A card since 2016 has 12 digits: three for the place of birth's registration, one for century and sex, two for the year,
six more (Circular 59/2021/TT-BCA); there is no check digit. Cards before had nine. Passports: one or two letters and
seven or eight digits. Other countries' passports: six to nine letters and digits in any order (ICAO 9303 allows nine).
"""

from __future__ import annotations

import re

from core.conversation.fold import fold
from core.conversation.parsers import spoken
from core.conversation.understanding import Reason, Unclear, Understood

SHOWN = 3
"""Digits of a number that are said back: enough to see which card it is."""

_PLACES = frozenset(
    f"{code:03}"
    for codes in (
        (1, 2, 4, 6, 8, 10, 11, 12, 14, 15, 17, 19, 20, 22, 24, 25, 26, 27, 30, 31, 33, 34, 35, 36, 37, 38, 40, 42),
        (44, 45, 46, 48, 49, 51, 52, 54, 56, 58, 60, 62, 64, 66, 67, 68, 70, 72, 74, 75, 77, 79, 80, 82, 83, 84, 86),
        (87, 89, 91, 92, 93, 94, 95, 96),
    )
    for code in codes
)
"""Codes of the 63 provinces until 2025; a card keeps the one it was made with."""

_CENTURIES = {"0": (1900, "male"), "1": (1900, "female"), "2": (2000, "male"), "3": (2000, "female")}
_OLD_CARD = re.compile(r"[0-3]\d{8}")  # its first two digits are a place, 01 to 38
_RUN = re.compile(r"(?<![\w.])[\do](?:[ .\-]{0,2}[\dol](?![^\W\d_ol])){4,}(?![\w])")
_PASSPORT = re.compile(r"(?<![^\W_])(?:([a-z]) ?|([a-z]{2}))(\d(?:[ .\-]?\d){6,7})(?![ .\-]?\d)")
_ABROAD = re.compile(r"(?<![^\W_])(?=(?:[a-z]*\d){5})[a-z\d]{6,9}(?![^\W_])")
_NO_LETTERS = frozenset({"so", "la", "cu", "hc", "pp", "id", "no"})
_MEANT = str.maketrans("ol", "01")


def parse(
    text: str, year_of_birth: int | None, gender: str | None, *, abroad: bool = False
) -> Understood[str] | Unclear:
    """The number without spaces, a passport's letters in capitals. A card that tells another year or sex than what was
    said before is a CONTRADICTION; a number of no card is OUT_OF_RANGE. `abroad`: the passport of another country."""
    folded = fold(text)
    if not folded.tokens:
        return Unclear(Reason.EMPTY)
    written = folded.clean.lower()
    if abroad:
        return _of_another_country(written)
    if not any(char.isdigit() for char in written):
        written = spoken.digits(folded)
    found = set(_passports(written)) or {_plain(run) for run in _RUN.findall(written)}
    if len(found) != 1:
        return Unclear(Reason.AMBIGUOUS if found else Reason.NOT_AN_ANSWER)
    number = found.pop()
    if len(number) == 12 and number.isdigit():
        return _card(number, year_of_birth, gender)
    known = not number.isdigit() or (_OLD_CARD.fullmatch(number) is not None and len(set(number)) > 1)
    return Understood(number) if known else Unclear(Reason.OUT_OF_RANGE)


def mask(value: str) -> str:
    """ "010148000123" -> "*********123"."""
    hidden = max(len(value) - SHOWN, 0)
    return "*" * hidden + value[hidden:] if hidden else "*" * len(value)


def _card(number: str, year_of_birth: int | None, gender: str | None) -> Understood[str] | Unclear:
    if number[:3] not in _PLACES or number[3] not in _CENTURIES:
        return Unclear(Reason.OUT_OF_RANGE)
    century, sex = _CENTURIES[number[3]]
    if year_of_birth not in (None, century + int(number[4:6])) or gender not in (None, "other", sex):
        return Unclear(Reason.CONTRADICTION)
    return Understood(number)


def _of_another_country(written: str) -> Understood[str] | Unclear:
    found = set(_ABROAD.findall(written))
    if len(found) != 1:
        return Unclear(Reason.AMBIGUOUS if found else Reason.NOT_AN_ANSWER)
    return Understood(found.pop().upper())


def _passports(written: str) -> list[str]:
    letters_and_digits = ((one or two, digits) for one, two, digits in _PASSPORT.findall(written))
    return [f"{said}{_plain(digits)}".upper() for said, digits in letters_and_digits if said not in _NO_LETTERS]


def _plain(run: str) -> str:
    return re.sub(r"\D", "", run.translate(_MEANT))
