"""NHAN 4127 and XONG 4127: what a duty phone writes about an alert. Strict, since both are words of other sentences."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from core.conversation.fold import fold

CODE_LENGTH: Final = 4

_TAKE = re.compile(r"(?:da |xin |toi |em |minh )*nhan(?: viec| ca| ma| so| tin)*[ :.]*")
_DONE = re.compile(r"(?:da |toi |em |minh )*(?:xong|lam xong)(?: viec| ca| ma| so| roi)*[ :.]*")
_CODE = re.compile(r"\d(?:[ .\-]?\d){0,5}(?![\d,]|[.]\d)")
_FIRST_FOUR = re.compile(r"\d(?:[ .\-]?\d){3}(?![.,]?\d)")  # behind XONG more digits are how it ended: "38 do 5"
_POLITE = re.compile(r"(?:a|ah|nhe|nha|roi|ok|vang|da|em|[ .,!])*")


@dataclass(frozen=True, slots=True)
class Said:
    """`done`: XONG, else NHAN. `code`: digits, "" if there are none. `rest`: what was typed behind it, but for
    politeness."""

    done: bool
    code: str
    rest: str = ""

    @property
    def plain(self) -> bool:
        """Whether the code is one, and nothing else was said."""
        return len(self.code) == CODE_LENGTH and not self.rest


def parse(text: str) -> Said | None:
    """The word and the code that a text begins with; the word alone, if it is the whole text; else None."""
    folded = fold(text)
    whole = folded.text.strip()
    for done, word in ((False, _TAKE), (True, _DONE)):
        if begins := word.match(whole):
            first = _FIRST_FOUR.match(whole, begins.end()) if done else None
            code = first or _CODE.match(whole, begins.end())
            if code is None:
                return Said(done, "") if _POLITE.fullmatch(whole, begins.end()) else None
            digits = re.sub(r"\D", "", code.group())
            rest = "" if _POLITE.fullmatch(whole, code.end()) else _behind(folded.clean, digits)
            return Said(done, digits, rest)
    return None


def _behind(clean: str, digits: str) -> str:
    """What was typed behind the code, with its accents."""
    spread = re.search(r"[ .\-]?".join(digits), clean)
    return clean[spread.end() :].strip(" ,.;:-!\n") if spread else ""
