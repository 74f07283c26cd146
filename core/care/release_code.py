"""The code of the paper that somebody was followed to the end. Pure.

Ten digits that can be read aloud, the last one a check digit, the first no zero: so it is no telephone number and no
receipt's code. It follows from the follow-up's id and so cannot be guessed from another one.
"""

from __future__ import annotations

import re
from hashlib import sha256
from uuid import UUID

from core.check_digit import is_checked, with_check_digit

LENGTH = 10

_SPAN = 9 * 10**8
_FIRST = 10**8
_BETWEEN = re.compile(r"[\s.\-]+")
_WRITTEN = re.compile(rf"(?<!\d)[1-9](?:[\s.\-]{{0,2}}\d){{{LENGTH - 1}}}(?!\d)")


def release_code(follow_up_id: UUID, attempt: int = 0) -> str:
    """Always the same for the same follow-up and attempt."""
    digest = sha256(b"release" + follow_up_id.bytes + attempt.to_bytes(2, "big")).digest()
    return with_check_digit(str(_FIRST + int.from_bytes(digest[:16], "big") % _SPAN))


def plain(written: str) -> str:
    """A code as typed or read aloud, without what stands between its digits."""
    return _BETWEEN.sub("", written)


def is_release_code(written: str) -> bool:
    """Whether it can be one of ours, heard and typed without a mistake."""
    digits = plain(written)
    return len(digits) == LENGTH and digits[0] != "0" and is_checked(digits)


def written_in(text: str) -> str:
    """What in a text is as long as a code, right or wrong; "" if nothing is, or several things are."""
    found = {plain(each) for each in _WRITTEN.findall(text)}
    return found.pop() if len(found) == 1 else ""


def spoken(code: str) -> str:
    """The code as it is read: 412 738 6054."""
    return f"{code[:3]} {code[3:6]} {code[6:]}"
