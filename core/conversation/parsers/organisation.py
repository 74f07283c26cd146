"""Joining and leaving an organisation by text: "THAM GIA 1234", "THAM GIA 1234 B", "ROI 1234", "ROI"."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from core.conversation.fold import words

_WHAT = r"(?: (?:ma|to chuc|nhom|truong|doan))?(?: so)? (\d{4,6})"  # "roi 375" is a temperature
_JOINS = re.compile(rf"(?:(?:dang ky|xin) )?tham gia{_WHAT}(?: (?:cho )?([a-z]\d{{0,2}}))?")
_LEAVES = re.compile(rf"(?:xin )?roi(?: khoi)?{_WHAT}|(?:xin )?roi(?: khoi)? to chuc")
_ALONE = frozenset({"ROI", "RỜI", "Rời", "rời"})
"""A bare "roi" is "rồi" as people type it, and no command."""


@dataclass(frozen=True, slots=True)
class Joins:
    """The code that they typed, and the letter of whoever joins ("": not said)."""

    code: str
    letter: str


def joins(text: str) -> Joins | None:
    """Whether a whole text asks to join."""
    found = _JOINS.fullmatch(words(text))
    return Joins(found[1], (found[2] or "").upper()) if found else None


def leaves(text: str) -> str | None:
    """The code of what a whole text leaves, "" if it names none; None if it is anything else."""
    if unicodedata.normalize("NFC", text.strip().strip(".!")) in _ALONE:
        return ""
    found = _LEAVES.fullmatch(words(text))
    return (found[1] or "") if found else None
