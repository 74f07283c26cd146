"""Danger anywhere in any message: to be acted on before anything else is read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from rapidfuzz.distance import OSA

from core.conversation.fold import Folded, fold
from core.conversation.lexicon import phrases
from core.conversation.limits import Limits
from core.conversation.parsers.measured import What, scan
from core.conversation.parsers.reader import read
from core.conversation.parsers.said import Said, in_order
from core.conversation.parsers.vitals import RANGES
from core.conversation.signs import DANGER, FAST_BREATHING, LOW_OXYGEN
from core.conversation.spelling import is_syllable


@dataclass(frozen=True, slots=True)
class Danger:
    """Codes of signs, gravest first. `present`: said plainly. `doubtful`: ask one question, alert on yes or silence."""

    present: tuple[str, ...] = ()
    doubtful: tuple[str, ...] = ()


_MARKED = re.compile(r"(?<=[^\W\d_])[-._/+](?=[^\W\d_])")
_PLAIN = tuple((phrase.replace("!", ""), code) for code in sorted(DANGER) for phrase in phrases("signs", code))


def _folded_pairs() -> dict[str, str]:
    pairs = ((fold(phrase).text, code) for phrase, code in _PLAIN)
    return {text: code for text, code in pairs if text.count(" ") == 1 and len(text) >= 6}


_PAIRS = _folded_pairs()


def find(text: str, limits: Limits) -> Danger:
    """Danger signs of one message, whatever else it says, and numbers beyond the limits in force."""
    folded = fold(text)
    present, doubtful = _said_plainly(read(text))
    _measured(text, limits, present, doubtful)
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


def _measured(text: str, limits: Limits, present: list[str], doubtful: list[str]) -> None:
    """Numbers beyond the limits are acted on as shortness of breath; fast breathing is asked about: a small child's
    may be right."""
    told = [reading for reading in scan(text) if reading.labelled]
    oxygen = min((r.value for r in told if r.what is What.SPO2 and r.value >= RANGES[What.SPO2][0]), default=None)
    breaths = max((r.value for r in told if r.what is What.BREATHS), default=None)
    beyond = limits.danger({"spo2": _whole(oxygen), "breaths": _whole(breaths)}, None)
    if LOW_OXYGEN in beyond:
        present.append("shortness_of_breath")
    if FAST_BREATHING in beyond:
        doubtful.append("shortness_of_breath")


def _whole(number: float | None) -> int | None:
    return None if number is None else round(number)


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
