"""Male, female or other, as the official form has it."""

from __future__ import annotations

import re

from core.conversation.fold import fold
from core.conversation.lexicon import phrases
from core.conversation.parsers.phrases import Phrases
from core.conversation.understanding import Choice, Reason, Unclear, Understood

CHOICES = (Choice("male", "Nam"), Choice("female", "Nữ"), Choice("other", "Khác"))
"""In the order in which they are numbered."""

_NUMBERED = re.compile(r"\W*(?:(?:da|chon|so|phim|bam) )*([123])(?: a| nhe| nha)?\W*")
_REFUSED, _AROUND = "refused", "around"


def _entries() -> list[tuple[str, str]]:
    answers = [(p, choice.value) for choice in CHOICES for p in phrases("gender", choice.value)]
    refusals = [(p, _REFUSED) for p in (*phrases("gender", "refusals"), *phrases("talk", "uncertain"), "?")]
    around = [*phrases("gender", "around"), *phrases("talk", "kin"), *phrases("talk", "polite")]
    chosen = [(p, _AROUND) for p in (*around, *phrases("answers", "chosen"))]
    return [*answers, *refusals, *chosen]


_TABLE = Phrases(_entries())


def parse(text: str) -> Understood[str] | Unclear:
    """ "male", "female" or "other"; any word that says nothing of it makes the reply unclear."""
    folded = fold(text)
    if not folded.tokens:
        return Unclear(Reason.EMPTY)
    numbered = _NUMBERED.fullmatch(folded.text)
    if numbered:
        return Understood(CHOICES[int(numbered.group(1)) - 1].value)
    hits = _TABLE.find(folded.tokens)
    read = {index for hit in hits for index in range(hit.start, hit.end)}
    unread = sum(token.text.isalnum() for index, token in enumerate(folded.tokens) if index not in read)
    values = {hit.meaning for hit in hits} - {_AROUND}
    if _REFUSED in values or len(values) > 1:
        return Unclear(Reason.AMBIGUOUS, CHOICES)
    if unread > 0 or not values:
        return Unclear(Reason.NOT_AN_ANSWER)
    return Understood(values.pop())
