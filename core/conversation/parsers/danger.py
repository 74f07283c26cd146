"""Danger anywhere in any message: to be acted on before anything else is read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from rapidfuzz.distance import OSA

from core.conversation.fold import Folded, fold
from core.conversation.lexicon import phrases
from core.conversation.parsers.reader import read
from core.conversation.parsers.said import Said, in_order
from core.conversation.signs import DANGER
from core.conversation.spelling import is_syllable

OXYGEN_DANGER = 93
"""SpO2 below this, in percent, is "call 115" (domain, section 3); it is acted on as shortness of breath."""

BREATHS_DANGER = 30
"""Breaths a minute above this are "call 115" for an adult; for a small child they may not be."""


@dataclass(frozen=True, slots=True)
class Danger:
    """Codes of signs, gravest first. `present`: said plainly. `doubtful`: ask one question, alert on yes or silence."""

    present: tuple[str, ...] = ()
    doubtful: tuple[str, ...] = ()


_OXYGEN = re.compile(r"\b(?:spo ?2|sp ?02|spo|oxy|oxi|o2)\b[^\d]{0,24}?\b(\d{2,3})\b")
_BREATHS = re.compile(r"\b(?:nhip tho|tho)\b[^\d]{0,16}?\b(\d{2})\b(?! ?(?:h\b|gio|do|ngay|phut truoc))")
_MARKED = re.compile(r"(?<=[^\W\d_])[-._/+](?=[^\W\d_])")
_PLAIN = tuple((phrase.replace("!", ""), code) for code in sorted(DANGER) for phrase in phrases("signs", code))


def _folded_pairs() -> dict[str, str]:
    pairs = ((fold(phrase).text, code) for phrase, code in _PLAIN)
    return {text: code for text, code in pairs if text.count(" ") == 1 and len(text) >= 6}


_PAIRS = _folded_pairs()


def find(text: str) -> Danger:
    """Danger signs of one message, whatever else it says."""
    folded = fold(text)
    present, doubtful = _said_plainly(read(text))
    _measured(folded, present, doubtful)
    if not present and not doubtful:
        doubtful.extend(_mistyped(folded))
        doubtful.extend(_glued(text))
    return Danger(in_order(present), tuple(code for code in in_order(doubtful) if code not in present))


def _said_plainly(said: Said) -> tuple[list[str], list[str]]:
    present = [code for code in said.present if code in DANGER]
    doubtful = [code for code in said.listed if code in DANGER]
    if said.asked:
        doubtful.extend(code for code in (*said.gone, *said.denied) if code in DANGER)
    unsure = [code for code in present if code in said.doubted or said.asked or said.unsure]
    unsure = [code for code in unsure if code not in said.stressed]
    return [code for code in present if code not in unsure], doubtful + unsure


def _glued(text: str) -> list[str]:
    """ "kho-tho", "kho.tho": marks where spaces belong."""
    if not _MARKED.search(text):
        return []
    present, doubtful = _said_plainly(read(_MARKED.sub(" ", text)))
    return present + doubtful


def _measured(folded: Folded, present: list[str], doubtful: list[str]) -> None:
    oxygen = _OXYGEN.search(folded.text)
    if oxygen and 40 <= int(oxygen.group(1)) < OXYGEN_DANGER:
        present.append("shortness_of_breath")
    breaths = _BREATHS.search(folded.text)
    if breaths and int(breaths.group(1)) > BREATHS_DANGER:
        doubtful.append("shortness_of_breath")


def _mistyped(folded: Folded) -> list[str]:
    """One slip away from a danger sign, in a word that is no word: "kho thp", "khi giatj"."""
    tokens = folded.tokens
    found: list[str] = []
    for first, second in pairwise(tokens):
        if is_syllable(first.text) and is_syllable(second.text):
            continue
        typed = f"{first.text} {second.text}"
        if 6 <= len(typed) <= 12:
            found.extend(code for pair, code in _PAIRS.items() if OSA.distance(typed, pair, score_cutoff=1) <= 1)
    return found
