"""Numbers read aloud, as digits: "ba mươi tám phẩy hai" -> "38 phay 2"."""

from __future__ import annotations

from collections.abc import Sequence

from core.conversation.fold import Folded, Token
from core.conversation.lexicon import load
from core.conversation.parsers.phrases import Phrases

_DIGITS = frozenset("0123456789")
_SCALES = {"tens": 10, "hundred": 100, "thousand": 1000}
_KINDS = _DIGITS | set(_SCALES) | {"ten", "twenty", "thirty"}
_WORDS = {phrase: kind for kind in sorted(_KINDS) for phrase in load("numbers").words[kind]}
_NUMBER_WORDS = Phrases(list(_WORDS.items()))
_BEFORE = frozenset(("phay", "cham", "do", ",", "."))
_AFTER = frozenset(("phay", "cham", "do", "ruoi", "tuoi", "ngay", "hom", "bua", "tuan", "thang"))


def digits(folded: Folded) -> str:
    """The folded text with numbers in words turned to digits.

    One word alone stays ("ba" is also a father, "nam" a man), unless what stands beside it counts something.
    """
    tokens = folded.tokens
    kinds = [_kind(tokens, index) for index in range(len(tokens))]
    if not any(kinds):
        return folded.text
    pieces: list[str] = []
    index = 0
    while index < len(tokens):
        end = index
        while end < len(tokens) and kinds[end]:
            end += 1
        counts = end - index > 1 or (end > index and _beside(tokens, index, end))
        text = value([kind for kind in kinds[index:end] if kind]) if counts else tokens[index].text
        end = end if counts else index + 1
        pieces.append(_spaced(folded, index) + text)
        index = end
    return "".join(pieces)


def _kind(tokens: Sequence[Token], index: int) -> str:
    hit = _NUMBER_WORDS.at(tokens, index)
    return hit.meaning if hit is not None else ""


def _beside(tokens: Sequence[Token], start: int, end: int) -> bool:
    before = start > 0 and tokens[start - 1].text in _BEFORE and start > 1
    after = end < len(tokens) and tokens[end].text in _AFTER
    return before or after


def _spaced(folded: Folded, index: int) -> str:
    if index == 0:
        return ""
    gap = folded.tokens[index].start > folded.tokens[index - 1].end
    word_before = folded.tokens[index - 1].text.isalpha() and folded.tokens[index].text.isalpha()
    return " " if gap or word_before else ""


def value(kinds: Sequence[str]) -> str:
    """Number words in a row: 3, tens, 8 -> "38"; 3, 8 -> "38"; 1, 9, 4, 8 -> "1948"; 2, thousand, 5 -> "2005"."""
    if not any(kind in _SCALES or kind in ("ten", "twenty", "thirty") for kind in kinds):
        return "".join(kinds)
    total, group, last = 0, 0, -1
    for kind in kinds:
        if kind == "thousand":
            total, group, last = (total + group + max(last, 0)) * 1000, 0, -1
        elif kind == "hundred":
            group, last = group + max(last, 0) * 100, -1
        elif kind == "tens" and last >= 0:
            group, last = group + last * 10, -1
        elif kind in ("ten", "tens"):
            group, last = group + 10, -1
        elif kind in ("twenty", "thirty"):
            group, last = group + (20 if kind == "twenty" else 30), -1
        else:
            last = int(kind) if last < 0 else last * 10 + int(kind)
    return str(total + group + max(last, 0))


def alone(folded: Folded) -> str:
    """The digits of a reply that begins with one number word ("ba người"), else ""."""
    kind = _kind(folded.tokens, 0) if folded.tokens else ""
    return value([kind]) if kind else ""
