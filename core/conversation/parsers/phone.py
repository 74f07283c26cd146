"""A phone number, as E.164: old 11-digit numbers on paper become what they were changed to in 2018."""

from __future__ import annotations

import re

import phonenumbers
from phonenumbers import PhoneMetadata, PhoneNumberType

from core.conversation.fold import fold
from core.conversation.parsers import slip, spoken
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

_LETTER = r"[oil](?![^\W\d_oil])"  # typed for 0 or 1
_NUMBER = re.compile(rf"(?:(?<![\d+])(?:\+ ?)?\d|(?<![\w+])o)(?:[ .\-_]{{0,3}}(?:\d|{_LETTER})){{2,17}}(?!\d)")
_COMMAS = re.compile(r"(?<=\d),(?=\d{3}(?:,\d{3})*(?!\d))")
_BESIDE = re.compile(r"(?<=\d)[ .\-]+(?:\d{1,3} ?(?:tu[oổ]i|t|h|g|gi[oờ])\b|[oi]{1,2}(?!\w| ?[\do]))")
"""Behind a number: an age, an hour, "ơi"."""

_IDENTITY = re.compile(
    r"\b(?:cmnd|cmt|cccd|can cuoc|chung minh|ho chieu|passport|bhyt|bao hiem|so the|stk|tai khoan)\b"
)
_MEANT = str.maketrans("oil", "011")
_WITHOUT_ZERO = re.compile(r"(?!84)[35789]\d{8}")
_VIETNAMESE = re.compile(r"(?:0|\+84)([35789]\d{8})")
_KINDS = frozenset({PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE, PhoneNumberType.FIXED_LINE_OR_MOBILE})


def _mobiles() -> re.Pattern[str]:
    """The library's own pattern: it tells nearly every number at once, where the library's functions take 60 us."""
    known = PhoneMetadata.metadata_for_region("VN")
    pattern = known.mobile.national_number_pattern if known and known.mobile else None
    return re.compile(pattern or r"(?!)")


_MOBILE = _mobiles()


def parse(text: str) -> Understood[str] | Unclear:
    """E.164 of the one number in the text. Landlines are valid (and get no SMS); short and service numbers are not."""
    return slip.of_value(text, _parse)


def _parse(text: str) -> Understood[str] | Unclear:
    folded = fold(text)
    if not folded.tokens:
        return Unclear(Reason.EMPTY)
    written = _BESIDE.sub(" ; ", _COMMAS.sub("", folded.clean.lower()))
    if not any(char.isdigit() for char in written):
        written = spoken.digits(folded)
    runs = [match.group() for match in _NUMBER.finditer(written)]
    found = {number for run in runs if (number := e164(run))}
    if len(found) > 1 or (found and len({_bare(run) for run in runs}) > 1):
        return Unclear(Reason.AMBIGUOUS)
    if not found or _IDENTITY.search(folded.text):
        return Unclear(Reason.IMPOSSIBLE if runs else Reason.NOT_AN_ANSWER)
    return Understood(found.pop())


def _plain(run: str) -> str:
    """Digits, with a plus where one was typed."""
    return re.sub(r"[^\d+]", "", run.translate(_MEANT))


def _bare(run: str) -> str:
    digits = _plain(run).lstrip("+")
    return digits[2:].lstrip("0") if digits.startswith("84") else digits.lstrip("0")


def e164(written: str) -> str | None:
    """One number as written, or None when there is no such number."""
    digits = _plain(written)
    digits = re.sub(r"^00", "+", digits)
    digits = re.sub(r"^84(?=\d{9,10}$)", "+84", digits)
    digits = re.sub(r"^\+840", "+84", digits)
    if _WITHOUT_ZERO.fullmatch(digits):
        digits = f"0{digits}"
    if digits[:1] not in ("0", "+"):
        return None
    digits = _modern(digits)
    mobile = _VIETNAMESE.fullmatch(digits)
    if mobile and _MOBILE.fullmatch(mobile[1]):
        return f"+84{mobile[1]}"
    try:
        number = phonenumbers.parse(digits, "VN")
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
