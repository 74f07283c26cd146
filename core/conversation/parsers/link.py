"""LIEN KET: one person's addresses become one. Alone it asks for a code; behind it stands a code, or a telephone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from core.conversation.parsers import phone
from core.conversation.parsers.visit import is_mobile
from core.conversation.understanding import Understood

CODE_LENGTH: Final = 8
"""Digits. No telephone in Vietnam has so few, and a guess hits one of a thousand codes once in 100,000 times."""

_SPACES = re.compile(r"[\s.\-]+")


@dataclass(frozen=True, slots=True)
class Asked:
    """What stands behind the word: a `code`, a `phone` (E.164), or neither. `odd`: something that is none of these."""

    code: str = ""
    phone: str = ""
    odd: bool = False


def parse(rest: str) -> Asked:
    """What follows the command."""
    said = _SPACES.sub("", rest)
    if not said:
        return Asked()
    if said.isascii() and said.isdigit() and len(said) == CODE_LENGTH:
        return Asked(code=said)
    named = phone.parse(rest)
    if isinstance(named, Understood) and is_mobile(named.value):
        return Asked(phone=named.value)
    return Asked(odd=True)
