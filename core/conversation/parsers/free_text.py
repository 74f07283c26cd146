"""Words kept as they were typed: an address, a place, what somebody reports."""

from __future__ import annotations

from core.conversation.fold import tidy
from core.conversation.understanding import Reason, Unclear, Understood

LONGEST = 500
"""Characters kept: seven concatenated SMS in UCS-2; a record's free field is no place for more."""


def parse(text: str, longest: int = LONGEST) -> Understood[str] | Unclear:
    """The text in one line, spaces tidied. Unclear when it holds no letter or digit, or is too long."""
    kept = " ".join(tidy(text).split()).strip(" ,;-")
    if not any(char.isalnum() for char in kept):
        return Unclear(Reason.EMPTY)
    if len(kept) > longest:
        return Unclear(Reason.OUT_OF_RANGE)
    return Understood(kept)
