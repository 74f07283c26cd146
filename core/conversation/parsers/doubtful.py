"""What a text says besides danger that may be meant: "A OK, 38,9, khong ho, kho tho" says "A OK, 38,9" for certain."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from core.conversation.fold import Folded, Token, fold
from core.conversation.limits import Limits
from core.conversation.parsers import danger, temperature
from core.conversation.parsers.part_words import TABLE
from core.conversation.parsers.reader import read
from core.conversation.parsers.tags import Tag
from core.conversation.signs import DANGER

_TAKES_AWAY = frozenset({Tag.NO, Tag.NO_ENGLISH, Tag.NO_SIGNS, Tag.GONE, Tag.BEFORE_GONE})
_BEGINS_ANEW = frozenset({Tag.NOW, Tag.BUT, Tag.WELL})
_SPACES = re.compile(r" +")


def certain(text: str, limits: Limits, age: int | None = None) -> str:
    """The text without the list of signs, or the words, that make danger doubtful; "" if nothing else is certain. Of a
    text that is unsure of what it says only the temperature is; of a question nothing."""
    folded = fold(text)
    said = read(folded)
    if said.asked:
        return ""
    if said.unsure:
        return measured(text)
    left = _without(folded, [at for start, end in _lists(folded) for at in range(start, end)])
    if not _is_clean(left, limits, age):
        left = next((each for each in _without_a_slip(fold(left)) if _is_clean(each, limits, age)), "")
    return left if any(token.text.isalnum() for token in fold(left).tokens) else ""


def measured(text: str) -> str:
    """The temperature in a text, as people write it; "" if there is none, or it is not sure."""
    folded = fold(text)
    try:
        degrees = temperature.find(folded)
    except temperature.Ambiguous:
        return ""
    return "" if degrees is None or temperature.hedged(folded) else f"{degrees:g}".replace(".", ",")


def _is_clean(text: str, limits: Limits, age: int | None) -> bool:
    return danger.find(text, limits, age) == danger.Danger()


def _lists(folded: Folded) -> Iterator[tuple[int, int]]:
    """Where a list of signs stands that a negator may deny, with danger in it: from the negator to its last sign."""
    tokens, at = folded.tokens, 0
    start, end, grave = -1, 0, False
    while at < len(tokens):
        hit = TABLE.at(tokens, at)
        tag = hit.meaning.tag if hit else None
        at = hit.end if hit else at + 1
        if tag in _TAKES_AWAY or tag in _BEGINS_ANEW:
            if grave:
                yield start, end
            start, grave = (hit.start if hit and tag in _TAKES_AWAY else -1), False
        elif hit and tag is Tag.SIGN and start >= 0:
            end, grave = hit.end, grave or hit.meaning.code.rstrip("?") in DANGER
    if grave:
        yield start, end


def _without(folded: Folded, cut: Sequence[int]) -> str:
    """What was typed but for those tokens; numbers stay."""
    gone = {at for at in cut if not _is_of_a_number(folded.tokens, at)}
    pieces, last = [], 0
    for at in sorted(gone):
        token = folded.tokens[at]
        pieces.append(folded.clean[last : token.start])
        last = token.end
    return _SPACES.sub(" ", " ".join((*pieces, folded.clean[last:]))).strip(" ,;-")


def _is_of_a_number(tokens: Sequence[Token], at: int) -> bool:
    """A number, or the mark within one: "38,9"."""
    digits = [0 <= i < len(tokens) and tokens[i].text.isdigit() for i in (at - 1, at, at + 1)]
    return digits[1] or (digits[0] and digits[2] and not tokens[at].text.isalnum())


def _without_a_slip(folded: Folded) -> Iterator[str]:
    """The text without each pair of words that a mark joins ("kho-tho") or that stand together ("kho thp"); with the
    negator before it, which would deny what follows."""
    tokens = folded.tokens
    for size in (3, 2):
        for start in range(len(tokens) - size + 1):
            first, *between, last = tokens[start : start + size]
            if _is_no(tokens, start) or not (first.text.isalpha() and last.text.isalpha()):
                continue
            if not any(token.text.isalnum() for token in between):
                yield _without(folded, range(start - _is_no(tokens, start - 1), start + size))


def _is_no(tokens: Sequence[Token], at: int) -> bool:
    hit = TABLE.at(tokens, at) if at >= 0 else None
    return hit is not None and hit.meaning.tag in _TAKES_AWAY
