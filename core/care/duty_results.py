"""How an alert ended, in the words of whoever texts it: "XONG 4127 da gap, khoe"."""

from __future__ import annotations

import re

from core.care.handling import Result
from core.conversation.fold import fold

_NOT = r"(?:khong|ko|k|chua|hong|kg|kh)"
_DONE = r"(?:115|cap cuu|xe|di|den|goi|chuyen|nhap|dua)\b"
"""What "khong phai" and "chua goi" may deny: it was not done, which says nothing of whom it was about."""

_DENIED = re.compile(rf"\b{_NOT} (?:\w+ ){{0,2}}$")
"""Before a word: "khong khoe", "khong can chuyen vien"."""

_OVER = re.compile(r"\b(?:het|khoi|do|giam|bot) (?:\w+ )?$")
_ILL = re.compile(r"\b(?:nang|xau|te|yeu|nguy kich|met|sot|kho tho)\b")
_WORDS: tuple[tuple[Result, re.Pattern[str]], ...] = (
    (Result.MISTAKE, re.compile(rf"\b(?:nham|bao nham|nham so|khong phai(?! {_DONE}))\b")),
    (
        Result.NOT_REACHED,
        re.compile(
            rf"\b(?:{_NOT} (?:lien lac|lien he|gap|goi(?! {_DONE})|nghe may|bat may|tra loi)|"
            rf"(?:goi|lien lac) {_NOT} duoc|thue bao|tat may|khong ai nghe)\b"
        ),
    ),
    (Result.AMBULANCE, re.compile(r"\b(?:115|cap cuu|xe cuu thuong)\b")),
    (
        Result.REFERRED,
        re.compile(r"\b(?:chuyen (?:vien|tuyen|len|di)|nhap vien|di vien|di kham|benh vien|da chuyen|chuyen)\b"),
    ),
    (Result.VISITED, re.compile(r"\b(?:den nha|den tan noi|den noi|da den|tham|tai nha)\b")),
    (
        Result.WELL,
        re.compile(r"\b(?:khoe|on|binh thuong|bt|do roi|da do|on dinh|khong sao|khong nang|da gap|da goi)\b"),
    ),
)
"""The first that fits counts: what is graver, or was not done, stands before what sounds well. What is denied does not
count, and nobody is well of whom that is denied or something bad is said."""


def result_of(said: str) -> Result:
    """What the words say; OTHER if they say none of it. The words themselves are kept beside it."""
    text = fold(said).text
    found = next((result for result, words in _WORDS if True in _meant(words, text)), Result.OTHER)
    return Result.OTHER if found is Result.WELL and _is_ill(text) else found


def _meant(words: re.Pattern[str], text: str) -> list[bool]:
    """Of each place where these words stand: whether they are not denied."""
    return [_DENIED.search(text[: each.start()]) is None for each in words.finditer(text)]


def _is_ill(text: str) -> bool:
    bad = (text[: each.start()] for each in _ILL.finditer(text))
    return False in _meant(dict(_WORDS)[Result.WELL], text) or any(
        not (_DENIED.search(before) or _OVER.search(before)) for before in bad
    )
