"""Numbers read aloud, as digits: "ba mươi tám phẩy hai" -> "38 phay 2"."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TypeVar

from core.conversation.fold import Folded, Token
from core.conversation.lexicon import load
from core.conversation.parsers.phrases import Hit, word

T = TypeVar("T")

_DIGITS = frozenset("0123456789")
_SCALES = {"tens": 10, "hundred": 100, "thousand": 1000}
_KINDS = _DIGITS | set(_SCALES) | {"ten", "twenty", "thirty"}
_WORDS = {phrase: kind for kind in sorted(_KINDS) for phrase in load("numbers").words[kind]}
_KIND_OF = {mark: kind for phrase, kind in reversed(_WORDS.items()) for mark in word(phrase).marks}
_TEXTS = frozenset().union(*(word(phrase).keys for phrase in _WORDS))
_SHORTEST_PHONE = 8  # words: "không" begins a number only when a phone is read aloud
_BEFORE = frozenset(("phay", "cham", "do", ",", ".", "thang", "mung", "mong", "ngay"))
_SPANS = frozenset(("ngay", "hom", "bua", "tuan", "thang"))
_AFTER = frozenset(
    ("phay", "cham", "do", "ruoi", "tuoi", "ngay", "hom", "bua", "tuan", "thang", "years", "days", "weeks")
)
_TIMES = frozenset(("dem", "toi", "sang", "trua", "chieu", "khuya", "hom", "qua", "luc", "khi", "nay", "bua", "tuan"))
_FROM = "tu"  # "từ" typed without its accent is seldom "tư": "tu hom qua"


def digits(folded: Folded) -> str:
    """The folded text with numbers in words turned to digits.

    One word alone stays ("ba" is also a father, "nam" a man), unless what stands beside it counts something.
    """
    if _TEXTS.isdisjoint(folded.texts):
        return folded.text
    tokens = folded.tokens
    kinds = [_KIND_OF.get(token[1], "") for token in tokens]
    if not any(kinds):
        return folded.text
    pieces: list[str] = []
    index = 0
    while index < len(tokens):
        end = _run_end(tokens, kinds, index)
        text = value(kinds[index:end]) if end else tokens[index].text
        pieces.append(_spaced(folded, index) + text)
        index = end or index + 1
    return "".join(pieces)


def hits_beside_numbers(folded: Folded, hits: Sequence[Hit[T]]) -> list[Hit[T]]:
    """The hits that are neither a number in words ("tám", like "tầm") nor what it counts ("3 hôm trước")."""
    tokens, counted = folded.tokens, numbered(folded)
    return [
        hit
        for hit in hits
        if hit.start not in counted and not (hit.start - 1 in counted and tokens[hit.start].text in _SPANS)
    ]


def numbered(folded: Folded) -> frozenset[int]:
    """Which tokens are numbers, in digits or in words."""
    tokens = folded.tokens
    kinds = [_KIND_OF.get(token.mark, "") for token in tokens]
    ends = {index: _run_end(tokens, kinds, index) for index in range(len(tokens)) if kinds[index]}
    in_words = {at for start, end in ends.items() for at in range(start, end)}
    return frozenset(in_words | {index for index, token in enumerate(tokens) if token.text.isdigit()})


def approximate(folded: Folded, counted: Collection[str] = ()) -> bool:
    """Whether two numbers in words are a range: "hai ba ngày" is two or three days, not twenty-three.

    `counted`: only before one of these words, for "ngày hai ba" is the 23rd.
    """
    kinds = [_KIND_OF.get(token.mark, "") for token in folded.tokens]
    return any(
        _range(kinds[at], kinds[at + 1])
        and not (at and kinds[at - 1])
        and not (at + 2 < len(kinds) and kinds[at + 2])
        and (not counted or (at + 2 < len(kinds) and folded.tokens[at + 2].text in counted))
        for at in range(len(kinds) - 1)
    )


def _range(low: str, high: str) -> bool:
    """ "ba bốn", and "năm bảy" for a few."""
    return low in _DIGITS and high in _DIGITS and (int(high) - int(low) == 1 or (low, high) == ("5", "7"))


def _run_end(tokens: Sequence[Token], kinds: Sequence[str], start: int) -> int:
    """Where the number that begins here ends, or 0 when none does."""
    end = start
    while end < len(kinds) and kinds[end]:
        end += 1
    end = _before_year(tokens, start, end)
    if end == start or _is_year_word(tokens[start], kinds[start:end]):
        return 0
    if kinds[start] == "0" and end - start < _SHORTEST_PHONE:
        return 0
    return end if end - start > 1 or _beside(tokens, start, end) else 0


def _before_year(tokens: Sequence[Token], start: int, end: int) -> int:
    """Of "tháng ba năm 1985" only "ba": the "năm" there is the word for year."""
    if start == 0 or tokens[start - 1].text != "thang":
        return end
    years = [at for at in range(start + 1, end) if tokens[at].text == "nam"]
    return years[0] if years else end


def _is_year_word(token: Token, run: Sequence[str]) -> bool:
    """The "năm" of "năm một chín bốn tám" is the word for year, not a five."""
    if token.text != "nam" or len(run) < 3 or run[1] in _SCALES:
        return False
    return len(value(run[1:])) in (2, 4)


def _beside(tokens: Sequence[Token], start: int, end: int) -> bool:
    """Whether what stands beside one number word counts something; "38 do tu dem qua" is "từ", and not 38.4."""
    if tokens[start].mark == _FROM and end < len(tokens) and tokens[end].text in _TIMES:
        return False
    if start > 0 and tokens[start - 1].text in _BEFORE:
        return True
    return end < len(tokens) and tokens[end].text in _AFTER and tokens[start].mark != _FROM


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
    kind = _KIND_OF.get(folded.tokens[0].mark, "") if folded.tokens else ""
    return value([kind]) if kind else ""
