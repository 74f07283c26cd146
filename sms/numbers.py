"""Telephone numbers as providers write them, and as we keep them: E.164."""

from __future__ import annotations

import re
from typing import Final

import phonenumbers

_HOME: Final = "VN"
_PREFIX: Final = "+84"
_WRITTEN = re.compile(r"\+?[0-9]{8,15}")


def e164(written: str) -> str | None:
    """A person's number in E.164, from `84900000001`, `0900000001`, `+84900000001` or another country's with `+`.

    None for short codes, names and what no number can be: they are machines, and answering them makes loops.
    """
    if not _WRITTEN.fullmatch(written):
        return None
    whole = written if written.startswith(("+", "0")) else f"+{written}"
    try:
        number = phonenumbers.parse(whole, _HOME)
    except phonenumbers.NumberParseException:
        return None
    if phonenumbers.is_possible_number_with_reason(number) != phonenumbers.ValidationResult.IS_POSSIBLE:
        return None  # also what is a number within one town alone: 18001234 is a hotline, not America's 800 1234
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def written(number: str, form: str) -> str | None:
    """An E.164 number as a provider wants it: `form` is "84", "0" or "+84". None: no such form of a foreign number."""
    if form == "+84":
        return number
    if form == "84":
        return number.removeprefix("+")
    return "0" + number.removeprefix(_PREFIX) if number.startswith(_PREFIX) else None
