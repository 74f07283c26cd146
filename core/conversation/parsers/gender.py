"""Male, female or other, as the official form has it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from core.conversation.fold import Token, fold
from core.conversation.lexicon import phrases
from core.conversation.parsers import slip
from core.conversation.parsers.phrases import Phrases
from core.conversation.understanding import Choice, Reason, Unclear, Understood

CHOICES = (Choice("male", "Nam"), Choice("female", "Nữ"), Choice("other", "Khác"))
"""In the order in which they are numbered."""

_NUMBERED = re.compile(r"\W*(?:(?:da|chon|so|phim|bam) )*([123])(?: a| nhe| nha)?\W*")
_AGE = re.compile(r"(?<=\n)(?:\d{1,3}\n(?:tuoi|t|years\nold|yo)|(?:nam\nsinh|sinh\nnam|sinh|sn)\n\d{2,4})(?=\n)")
"""Said with it, one token a line: "nam, 60 tuoi". A bare number is none of this, for "nam 60" is "năm 60"."""

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
    return slip.of_value(text, _parse)


def _parse(text: str) -> Understood[str] | Unclear:
    folded = fold(text)
    if not folded.tokens:
        return Unclear(Reason.EMPTY)
    numbered = _NUMBERED.fullmatch(folded.text)
    if numbered:
        return Understood(CHOICES[int(numbered.group(1)) - 1].value)
    aged = _age(folded.tokens)
    hits = [hit for hit in _TABLE.find(folded.tokens) if hit.start not in aged]
    read = aged | {index for hit in hits for index in range(hit.start, hit.end)}
    unread = sum(token.text.isalnum() for index, token in enumerate(folded.tokens) if index not in read)
    values = {hit.meaning for hit in hits} - {_AROUND}
    if _REFUSED in values or len(values) > 1:
        return Unclear(Reason.AMBIGUOUS, CHOICES)
    if unread > 0 or not values:
        return Unclear(Reason.NOT_AN_ANSWER)
    return Understood(values.pop())


def _age(tokens: Sequence[Token]) -> set[int]:
    """The tokens that tell how old somebody is."""
    if not any(token.text.isdigit() for token in tokens):
        return set()
    lines = "\n" + "\n".join(token.text if token.text != "\n" else "," for token in tokens) + "\n"
    found = _AGE.finditer(lines)
    spans = ((lines.count("\n", 0, match.start()) - 1, match[0].count("\n") + 1) for match in found)
    return {start + offset for start, count in spans for offset in range(count)}
