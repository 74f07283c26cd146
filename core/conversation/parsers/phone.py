"""A phone number, as E.164: old 11-digit numbers on paper become what they were changed to in 2018."""

from __future__ import annotations

import re
from functools import lru_cache

import phonenumbers
from phonenumbers import PhoneNumberType

from core.conversation.fold import fold
from core.conversation.parsers import spoken
from core.conversation.understanding import Reason, Unclear, Understood

_CHANGED = {
    **dict(zip(("120", "121", "122", "126", "128"), ("70", "79", "77", "76", "78"), strict=True)),
    **dict(zip(("123", "124", "125", "127", "129"), ("83", "84", "85", "81", "82"), strict=True)),
    **{f"16{last}": f"3{last}" for last in "23456789"},
    **{"186": "56", "188": "58", "199": "59"},
}
"""Old prefix -> new one (Ministry of Information and Communications, plan 798/QD-BTTTT)."""

_IN_USE = frozenset("235789")
"""First digits after 0 since 2018: 2 landlines, the others mobiles (the library still knows some closed ranges)."""

_NUMBER = re.compile(r"(?<![\w+])(?:\+ ?|00)?[\do](?:[ .\-]{0,3}[\do]){2,17}(?![\w])")
_KINDS = frozenset({PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE, PhoneNumberType.FIXED_LINE_OR_MOBILE})


def parse(text: str) -> Understood[str] | Unclear:
    """E.164 of the one number in the text. Landlines are valid (and get no SMS); short and service numbers are not."""
    folded = fold(text)
    if not folded.tokens:
        return Unclear(Reason.EMPTY)
    written = folded.text if any(char.isdigit() for char in folded.text) else spoken.digits(folded)
    runs = [match.group() for match in _NUMBER.finditer(written)]
    found = {number for run in runs if (number := e164(run))}
    if len(found) > 1 or (found and len(runs) > 1 and len({_bare(run) for run in runs}) > 1):
        return Unclear(Reason.AMBIGUOUS)
    if not found:
        return Unclear(Reason.IMPOSSIBLE if runs else Reason.NOT_AN_ANSWER)
    return Understood(found.pop())


def _bare(run: str) -> str:
    digits = re.sub(r"\D", "", run.replace("o", "0"))
    return digits[2:] if digits.startswith("84") else digits.lstrip("0")


@lru_cache(maxsize=4096)
def e164(written: str) -> str | None:
    """One number as written, or None when there is no such number."""
    digits = re.sub(r"[^\d+]", "", written.replace("o", "0"))
    digits = re.sub(r"^00", "+", digits)
    digits = re.sub(r"^84(?=\d{9,10}$)", "+84", digits)
    digits = re.sub(r"^\+840", "+84", digits)
    if digits[:1] not in ("0", "+"):
        return None
    try:
        number = phonenumbers.parse(_modern(digits), "VN")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number) or phonenumbers.number_type(number) not in _KINDS:
        return None
    if number.country_code == 84 and str(number.national_number)[0] not in _IN_USE:
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _modern(digits: str) -> str:
    match = re.fullmatch(r"(0|\+84)(1\d\d)(\d{7})", digits)
    if match is None or match.group(2) not in _CHANGED:
        return digits
    return f"{match.group(1)}{_CHANGED[match.group(2)]}{match.group(3)}"
