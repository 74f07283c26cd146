"""Words kept as they were typed: an address, a place, what somebody reports."""

from __future__ import annotations

import re

from core.conversation.fold import tidy, words
from core.conversation.parsers import symptoms, yesno
from core.conversation.understanding import Reason, Signs, Unclear, Understood

LONGEST = 500
"""Characters kept: seven concatenated SMS in UCS-2; a record's free field is no place for more."""

_NOT_KNOWN = re.compile(r"(?:khong|ko|k|kg|hong|chua|chang) (?:biet|ro|nho)(?: ro| chac| nua| dau)?|(?:i )?don'?t know")
_AT_HOME = re.compile(
    r"(?:(?:toi|em|chau|con|minh|tui|chi|van|dang|deu|thi) )*(?:o |tai |trong )+(?:nha|day)(?: toi| em| thoi| a)*"
)
_NO_ILLNESS = re.compile(
    r"(?:khong|ko|k|kg|chua) (?:he )?(?:(?:co|bi|mac) )*benh(?: (?:nen|gi|nao|ly|man tinh|ca|het|a))*"
)
_MEASURED = re.compile(r"\b(?:huyet ap|duong|tim|nhip|mo mau|mach)\b")
"""What may be too high though nobody calls it an illness: "khong, huyet ap cao"."""


def parse(text: str, longest: int = LONGEST) -> Understood[str] | Unclear:
    """The text in one line, spaces tidied. Unclear when it holds no letter or digit, or is too long."""
    kept = " ".join(tidy(text).split()).strip(" ,;-")
    if not any(char.isalnum() for char in kept):
        return Unclear(Reason.EMPTY)
    if len(kept) > longest:
        return Unclear(Reason.OUT_OF_RANGE)
    return Understood(kept)


def not_known(text: str) -> bool:
    """ "Khong biet", "chua ro", and nothing else."""
    return _NOT_KNOWN.fullmatch(words(text)) is not None


def at_home(text: str) -> bool:
    """ "Toi o nha": neither an address nor somewhere else."""
    return _AT_HOME.fullmatch(words(text)) is not None


def no_illness(text: str) -> bool:
    """ "Khong co benh nen", "khong, toi khoe": a no that goes on to say that nothing is wrong, and no more."""
    if _NO_ILLNESS.fullmatch(words(text)):
        return True
    said, signs = yesno.parse(text), symptoms.parse(text)
    no = isinstance(said, Understood) and not said.value
    well = isinstance(signs, Understood) and signs.value == Signs()
    return no and well and not _MEASURED.search(words(text))
