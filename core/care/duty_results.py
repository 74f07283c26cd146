"""How an alert ended, in the words of whoever texts it: "XONG 4127 da gap, khoe"."""

from __future__ import annotations

import re

from core.care.handling import Result
from core.conversation.fold import fold

_NOT = r"(?:khong|ko|k|chua|hong|kg|kh)"
_WORDS: tuple[tuple[Result, re.Pattern[str]], ...] = (
    (Result.MISTAKE, re.compile(r"\b(?:nham|bao nham|nham so|khong phai)\b")),
    (
        Result.NOT_REACHED,
        re.compile(
            rf"\b(?:{_NOT} (?:lien lac|lien he|gap|goi|nghe may|bat may|tra loi)|(?:goi|lien lac) {_NOT} duoc|"
            r"thue bao|tat may|khong ai nghe)\b"
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
"""The first that fits counts: what is graver, or was not done, stands before what sounds well."""


def result_of(said: str) -> Result:
    """What the words say; OTHER if they say none of it. The words themselves are kept beside it."""
    text = fold(said).text
    return next((result for result, words in _WORDS if words.search(text)), Result.OTHER)
