"""A reply that takes itself back: "36.5 à nhầm 38.5", "có, à không", "38 chứ không phải 36".

What stands behind the word of correction counts. Where it could be read both ways it is asked again: "38, ghi nhầm 36"
may name the wrong number or the right one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

from core.conversation.fold import Folded, Token, fold
from core.conversation.lexicon import phrases
from core.conversation.parsers.phrases import Hit, Phrases, any_of
from core.conversation.understanding import Reason, Unclear, Understood

V = TypeVar("V")


class Slip(NamedTuple):
    """What was typed before a word of correction, and behind it. `sure`: the word says nothing else ("nhầm").

    `either`: it cannot be told which of the two is right. `no`: what is said from the "không" of "à không" on, "" if
    there is none; `apart`: a comma stands behind that, so it denies nothing.
    """

    before: str
    behind: str
    sure: bool
    either: bool = False
    no: str = ""
    apart: bool = False


_SURE, _WEAK, _WROTE, _TRULY = "within", "within_weak", "within_wrote", "within_truly"
_TABLE = Phrases([(p, kind) for kind in (_SURE, _WEAK, _WROTE, _TRULY) for p in phrases("corrections", kind)])
_NONE = any_of("corrections", "none")
_NOT_THE_OTHER = any_of("corrections", "instead")
_BEFORE = any_of("corrections", "around_slip")
_BEHIND = any_of("corrections", "behind")
_MAY = re.compile(
    r"\b(?:nham|lon|sai|wrong|sorry|xin loi|sua|dinh chinh|noi lai|meant?|oops|typo|correction|wait|actually|instead"
    r"|rather|ch[uo] (?:khong|ko|k|dau|hong)|(?:khong|ko|k|hong|chua) phai|(?:a|ua|ay|y|i|o) (?:khong|ko|k|hong)"
    r"|(?:that|thuc|dung) ra)\b"
)
_STOPS = frozenset(",;.:-\n!")
_EITHER = frozenset({"thanh", "ra", "sang", "voi", "tu", "la", "cho"})
_EARLIER = frozenset({"nay", "truoc", "sang"})
_NO = frozenset({"khong", "ko", "k", "kg", "hong", "chua"})
_RATHER = frozenset({"ma"})
_IS = frozenset({"la", "phai"})


def of_value(text: str, read: Callable[[str], Understood[V] | Unclear]) -> Understood[V] | Unclear:
    """A number, day or gender, of which the other may be named as well: "38 chứ không phải 36"."""
    folded = fold(text)
    if not may_slip(folded):
        return read(text)
    kept = without_the_other(folded)
    if kept and isinstance(said := read(kept), Understood):
        return said
    return reread(folded, text, read)


def reread(folded: Folded, text: str, read: Callable[[str], Understood[V] | Unclear]) -> Understood[V] | Unclear:
    """What `read` reads in a text, or in the part of it that is not taken back."""
    found = find(folded)
    if found is None:
        return read(text)
    before, behind = read(found.before), read(found.behind)
    if isinstance(before, Unclear) and isinstance(behind, Unclear):
        return read(text)
    if found.either or (found.sure and isinstance(behind, Unclear)):
        return Unclear(Reason.AMBIGUOUS)
    if isinstance(behind, Understood) and (found.sure or isinstance(before, Understood)):
        return behind
    return read(text)


def may_slip(folded: Folded) -> bool:
    """Whether any word of a correction is there at all: asked first, for it costs little."""
    return _MAY.search(folded.text) is not None


def find(folded: Folded) -> Slip | None:
    """Where a text takes back what it said before; None when it does not."""
    if not may_slip(folded):
        return None
    tokens = folded.tokens
    hit = next((each for each in _TABLE.find(tokens) if each.start and each.exact), None)
    if hit is None or any(each.exact and each.end > hit.start for each in _NONE.find(tokens)):
        return None
    start = _before(tokens, hit.start)
    if start == 0:
        return None
    end = _behind(tokens, hit.end)
    either = _either(tokens, hit, start, end)
    no = folded.since(hit.end - 1) if tokens[hit.end - 1].text in _NO else ""
    apart = hit.end < len(tokens) and _stops(tokens, hit.end)
    return Slip(_typed(folded, 0, start), folded.since(end), hit.meaning == _SURE or either, either, no, apart)


def _either(tokens: Sequence[Token], hit: Hit[str], start: int, end: int) -> bool:
    """ "38, nãy nhầm 36", "38, ghi nhầm 36", "38 nhầm thành 36"; "giấy ghi 1962, thật ra 1960": which is wanted?"""
    if hit.meaning == _TRULY:
        return True
    if hit.end < len(tokens) and tokens[hit.end].text in _EITHER and hit.meaning != _WEAK:
        return True
    earlier = any(token.text in _EARLIER for token in tokens[start : hit.start])
    beside = end == hit.end and end < len(tokens)
    return (hit.meaning == _WROTE and (beside or (earlier and end < len(tokens)))) or (earlier and beside)


def without_the_other(folded: Folded, numbers: bool = False) -> str:
    """The text without the other of "X chứ không phải Y" and "không phải Y mà X"; "" when it is not so worded.

    `numbers`: only where the other is a number."""
    tokens = folded.tokens
    instead = next((hit for hit in _NOT_THE_OTHER.find(tokens) if hit.start and hit.exact), None)
    if instead is not None and (not numbers or _digits(tokens, instead.end)):
        end = _clause_end(tokens, instead.end)
        return f"{_typed(folded, 0, instead.start)} {folded.clean[_place(folded, end) :]}"
    for at in range(len(tokens) - 2):
        if tokens[at].text in _NO and tokens[at + 1].text == "phai" and (not numbers or _digits(tokens, at + 2)):
            end = _clause_end(tokens, at + 2)
            if at and _digits(tokens, at - 1) and _digits(tokens, at + 2):
                return f"{_typed(folded, 0, at)} {folded.clean[_place(folded, end) :]}"
            rather = next((i for i in range(at + 3, end) if tokens[i].text in _RATHER), None)
            if rather is None:
                return ""
            begin = rather + 1
            while begin < end and tokens[begin].text in _IS:
                begin += 1
            return f"{folded.clean[: tokens[at].start]} {folded.since(begin)}"
    return ""


def _digits(tokens: Sequence[Token], at: int) -> bool:
    return at < len(tokens) and tokens[at].text.isdigit()


def _place(folded: Folded, at: int) -> int:
    return folded.tokens[at].start if at < len(folded.tokens) else len(folded.clean)


def _clause_end(tokens: Sequence[Token], start: int) -> int:
    return next((at for at in range(start, len(tokens)) if _stops(tokens, at)), len(tokens))


def _stops(tokens: Sequence[Token], at: int) -> bool:
    """A mark between clauses; not the one within "38,5" or "10-8"."""
    if tokens[at].text not in _STOPS:
        return False
    inside = 0 < at < len(tokens) - 1
    return not (inside and tokens[at - 1].end == tokens[at].start and tokens[at].end == tokens[at + 1].start)


def _before(tokens: Sequence[Token], end: int) -> int:
    """Where what was said before ends: "à", "ấy chết" belong to the correction."""
    at = end
    while at > 0:
        start = next((s for s in range(max(0, at - 3), at) if (h := _BEFORE.at(tokens, s)) and h.end == at), None)
        if start is None and tokens[at - 1].text not in _STOPS:
            return at
        at = at - 1 if start is None else start
    return at


def _behind(tokens: Sequence[Token], at: int) -> int:
    while at < len(tokens):
        hit = _BEHIND.at(tokens, at)
        if hit is None and tokens[at].text not in _STOPS:
            return at
        at = hit.end if hit else at + 1
    return at


def _typed(folded: Folded, start: int, end: int) -> str:
    return folded.clean[folded.tokens[start].start : folded.tokens[end - 1].end] if end > start else ""
