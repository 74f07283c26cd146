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
from core.conversation.signs import DANGER, FAST_BREATHING
from core.conversation.spelling import is_syllable


@dataclass(frozen=True, slots=True)
class Danger:
    """Codes of signs, gravest first. `present`: said plainly, or measured (codes of MEASURED, behind the signs).
    `doubtful`: ask one question, alert on yes or silence."""

    present: tuple[str, ...] = ()
    doubtful: tuple[str, ...] = ()


_MARKED = re.compile(r"(?<=[^\W\d_])[-._/+](?=[^\W\d_])")
_PLAIN = tuple((phrase.replace("!", ""), code) for code in sorted(DANGER) for phrase in phrases("signs", code))


def _folded_pairs() -> dict[str, str]:
    pairs = ((fold(phrase).text, code) for phrase, code in _PLAIN)
    return {text: code for text, code in pairs if text.count(" ") == 1 and len(text) >= 6}


_PAIRS = _folded_pairs()


def find(text: str, limits: Limits, age: int | None = None) -> Danger:
    """Danger signs of one message, whatever else it says, and numbers beyond the limits in force at that age in years.

    Whose age is not known is taken for an adult: a quiet child whose breath is called fast costs one call.
    """
    folded = fold(text)
    present, doubtful = _said_plainly(read(folded))
    beyond, slips = _measured(folded, limits, age)
    doubtful += slips
    if not present and not doubtful and not beyond:
        doubtful += [*_mistyped(folded), *_glued(text)]
    return Danger((*in_order(present), *beyond), tuple(code for code in in_order(doubtful) if code not in present))


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
    present, doubtful = _said_plainly(read(fold(_MARKED.sub(" ", text))))
    return present + doubtful


def _measured(folded: Folded, limits: Limits, age: int | None) -> tuple[list[str], list[str]]:
    """What labelled numbers mean: beyond a limit is danger, named as measured and not as a sign that nobody said; more
    breaths than anybody takes may be a slip, and are asked about."""
    told = [reading for reading in scan(folded) if reading.labelled]
    oxygen = min((r.value for r in told if r.what is What.SPO2 and r.value >= RANGES[What.SPO2][0]), default=None)
    breaths = max((r.value for r in told if r.what is What.BREATHS), default=None)
    beyond = limits.danger({"spo2": _whole(oxygen), "breaths": _whole(breaths)}, age)
    if breaths is None or breaths <= RANGES[What.BREATHS][1]:
        return list(beyond), []
    return [code for code in beyond if code != FAST_BREATHING], ["shortness_of_breath"]


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
