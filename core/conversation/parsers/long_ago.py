"""What is told of another year, of last month or of childhood: "năm ngoái bị viêm phổi" says nothing of now.

"Năm ngoái có bị, giờ thì sốt" says both, and only what is said of now counts. Where it cannot be told which of the two
a sign belongs to, it is asked again; a sign of danger is asked about even if it is told of long ago beside other signs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from core.conversation.fold import Folded, Token, fold
from core.conversation.lexicon import phrases
from core.conversation.parsers.part_words import TABLE
from core.conversation.parsers.phrases import Hit, any_of
from core.conversation.parsers.said import Said
from core.conversation.parsers.tags import Tag
from core.conversation.signs import DANGER


class Ago(NamedTuple):
    """A text in which something is told of long ago, cut up as typed.

    `told` is of long ago, `now` of today, "" if that is not named; `before`: the clauses before `told`. `leads`: the
    time stands at the beginning of its clause. `goes_on`: behind a comma `told` has further signs, which may be new.
    """

    whole: Folded
    before: str
    told: str
    now: str
    leads: bool
    goes_on: bool


_AGO, _EVER = any_of("talk", "long_ago"), any_of("talk", "ever")
_ONCE = "tung"
_COMMON = frozenset({"roi", "con"})


def _rare(phrase: str) -> str:
    """Its last word that is not in every other text ("hồi năm rồi")."""
    return next(token.text for token in reversed(fold(phrase).tokens) if token.text not in _COMMON)


_RARE = frozenset(_rare(phrase) for phrase in phrases("talk", "long_ago")) | {_ONCE}
"""Few texts hold one of them, so that the others are not looked through."""

_NEVER = frozenset({"chua", "khong", "ko", "k", "chang"})
_NOW = any_of("talk", "present")
_COMPARED = frozenset({"nhu", "giong", "bang", "hon", "voi", "than", "like"})
"""Before a time that is only compared with: "khỏe như năm ngoái"."""

_SINCE = frozenset({"tu", "since"})
_MONTHS = frozenset({"thang", "dot", "month"})
"""What began then goes on: "ho từ tháng trước". Of a year that is no longer said ("từ năm ngoái lận")."""

_UNTIL = frozenset({"den", "toi", "cho"})
_BORN = frozenset({"sinh", "sn", "de", "thang"})
_ENDS = frozenset(",.;\n")
_BUTS = frozenset({"nhung", "ma"})
_SAYS_NOTHING = frozenset({Tag.FILLER, Tag.PERSON, Tag.PAST, Tag.TOPIC, Tag.BUT, Tag.BREAK})
_COMPLAINS = frozenset({Tag.SIGN, Tag.UNWELL})
_ALSO = frozenset({"cung", "van", "vay", "the", "nua"})
_ALSO_THEN = "cung"


def find(folded: Folded) -> Ago | None:
    """Where a text tells of long ago; None when it does not, or of what has lasted since ("từ năm ngoái đến giờ")."""
    if _RARE.isdisjoint(folded.texts):
        return None
    return _cut(folded, _first(folded) or _once(folded))


def since_then(folded: Folded) -> Ago | None:
    """As `find`, of a yes or no: "có từ tháng trước" is of that month too, and "đã từng" is a yes."""
    return None if _RARE.isdisjoint(folded.texts) else _cut(folded, _first(folded, since=True))


def _cut(folded: Folded, hit: Hit[bool] | None) -> Ago | None:
    if hit is None:
        return None
    tokens = folded.tokens
    start = next((at + 1 for at in range(hit.start - 1, -1, -1) if _parts(tokens, at)), 0)
    now = _now(tokens, hit.end)
    until = next((at for at in range(start, 0, -1) if tokens[at - 1].text not in _BUTS), 0)
    before = folded.clean[: tokens[until].start]
    told = folded.clean[tokens[start].start : tokens[now].start if now < len(tokens) else None]
    comma = next((at for at in range(hit.end, now) if _parts(tokens, at)), now)
    goes_on = any(_complains(tokens, at) for at in range(comma, now))
    return Ago(folded, before, told, folded.since(now), _says_nothing(tokens, start, hit.start), goes_on)


def without(ago: Ago, read: Callable[[Folded], Said]) -> Said:
    """What a text says of today. What cannot be told is unsure, with all the signs of the text."""
    first, told = read(fold(ago.before)), read(fold(ago.told))
    parted = ago.leads or first == Said()
    if parted and ago.now and _is_over(ago, told, read(fold(ago.now))):
        said = read(fold(f"{ago.before} {ago.now}"))
    elif parted and not ago.now and not ago.goes_on and _is_beside(first, told, ago):
        said = first
    else:
        said = read(ago.whole)
        said.unsure = True
        said.stressed = first.present if ago.leads else []
    said.asked = said.asked or told.asked
    return said


def _first(folded: Folded, since: bool = False) -> Hit[bool] | None:
    hits = (hit for hit in _AGO.find(folded.tokens) if hit.exact)
    return next((hit for hit in hits if _tells(folded.tokens, hit, since)), None)


def _once(folded: Folded) -> Hit[bool] | None:
    """ "từng bị viêm phổi", but not "chưa từng bị"."""
    tokens = folded.tokens
    hits = _EVER.find(tokens) if _ONCE in folded.texts else ()
    return next((hit for hit in hits if hit.exact and not (hit.start and tokens[hit.start - 1].text in _NEVER)), None)


def _tells(tokens: Sequence[Token], hit: Hit[bool], since: bool) -> bool:
    """Whether a time is one of which something is told."""
    before = tokens[hit.start - 1].text if hit.start else ""
    if before in _COMPARED or _until_now(tokens, hit.end):
        return False
    if tokens[hit.end - 1].text.isdigit() and (before in _BORN or before.isdigit()):
        return False
    lasts = before in _SINCE and not _MONTHS.isdisjoint(token.text for token in tokens[hit.start : hit.end])
    return since or not lasts


def _until_now(tokens: Sequence[Token], at: int) -> bool:
    """ "năm ngoái đến giờ"."""
    return at < len(tokens) and tokens[at].text in _UNTIL and _NOW.at(tokens, at) is not None


def _now(tokens: Sequence[Token], start: int) -> int:
    """Where it is told of today; the end of the text when it is not. The "h" of "7h" is an hour."""
    for at in range(start, len(tokens)):
        hit = _NOW.at(tokens, at)
        if hit is not None and hit.exact and not tokens[at - 1].text.isdigit():
            return at
    return len(tokens)


def _parts(tokens: Sequence[Token], at: int) -> bool:
    """Whether a clause ends here: by a mark that is not within "38,5", or by "nhưng"."""
    if tokens[at].text in _BUTS:
        return True
    within = 0 < at < len(tokens) - 1 and tokens[at - 1].text.isdigit() and tokens[at + 1].text.isdigit()
    return tokens[at].text in _ENDS and not within


def _says_nothing(tokens: Sequence[Token], at: int, end: int) -> bool:
    """Whether nothing but politeness and who it is about stands there: "tôi hồi năm ngoái"."""
    while at < end:
        hit = TABLE.at(tokens, at)
        if hit is None and tokens[at].text.isalpha():
            return False
        if hit is not None and hit.meaning.tag not in _SAYS_NOTHING:
            return False
        at = hit.end if hit else at + 1
    return True


def _complains(tokens: Sequence[Token], at: int) -> bool:
    hit = TABLE.at(tokens, at)
    return hit is not None and hit.meaning.tag in _COMPLAINS


def _is_over(ago: Ago, told: Said, now: Said) -> bool:
    """Whether what is said of today is complete without what is told of long ago."""
    if _is_fine(now):
        return True
    if not now.present or ago.goes_on:
        return False
    lost = {*told.present, *told.listed, *told.stressed} - set(now.present)
    also = not _ALSO.isdisjoint(fold(ago.now).texts)
    return not lost or not (also or lost & DANGER)


def _is_beside(first: Said, told: Said, ago: Ago) -> bool:
    """Whether a report is complete before it turns to long ago: "ho, năm ngoái bị viêm phổi", but "ho, năm ngoái lận"
    is of that year."""
    if not first.present:
        return _is_fine(first)
    says_more = bool(told.present or told.denied or told.none or told.well)
    return says_more or (told.affirmed and _ALSO_THEN in fold(ago.told).texts)


def _is_fine(said: Said) -> bool:
    """Whether somebody says that they have nothing, and nothing else."""
    fine = said.none or said.well or said.denied or said.gone
    return bool(fine) and not (said.present or said.unwell or said.unknown or said.affirmed)
