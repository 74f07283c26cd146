"""The parts of a message about health: signs, negators, "hết", "còn", and what is only politeness."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple

from core.conversation.fold import Folded, Token
from core.conversation.lexicon import load, phrases
from core.conversation.parsers.phrases import Hit, Phrases


class Tag(StrEnum):
    """The part a phrase plays. Values are the meanings of the lexicon, where there is one."""

    SIGN = "sign"
    UNWELL = "unwell"
    WELL = "well"
    NO_SIGNS = "no_signs"
    NO = "no"
    NO_ENGLISH = "no_english"
    GONE = "gone"
    BEFORE_GONE = "before_gone"
    EVERYONE = "everyone"
    ALL_GONE = "all_gone"
    STILL = "still"
    BETTER = "better"
    NOW = "now"
    BUT = "but"
    TOPIC = "topic"
    PAST = "past"
    PRESENT = "present"
    TURN_TO = "turn_to"
    NOT_AT_ALL = "not_at_all"
    NONE_OF_THEM = "none_of_them"
    ACTIVITY = "activity"
    MUCH = "much"
    AGAIN = "again"
    UNCERTAIN = "uncertain"
    QUESTION = "question"
    BREAK = "break"
    FILLER = "filler"
    PERSON = "person"
    OTHER = "other"


class Item(NamedTuple):
    """A phrase in its part. `code` of a sign; `sure` is false when its accents say another word.

    `apart`: words left out stand before it. `little`: "ít", "nhẹ" stands behind it. `turn`: with it begins what is
    said of today, or of somebody else, after something was said of yesterday, or of the one asked; PAST on the last
    one: it is of yesterday alone.
    `english`: "no fever" denies, but "no sot" is also "nó sốt", the child has a fever.
    """

    tag: Tag
    code: str = ""
    sure: bool = True
    english: bool = False
    apart: bool = False
    little: bool = False
    turn: Tag | None = None


_OR = "or"
_BARE_COUGH = "cough?"
_FILLERS = ("polite", "linking", "small", "time", "measure")
_HEALTH = (
    (Tag.NOT_AT_ALL, "not_at_all"),
    (Tag.NONE_OF_THEM, "none_of_them"),
    (Tag.FILLER, "not_measured"),
    (Tag.NO_SIGNS, "no_signs"),
    (Tag.STILL, "still"),
    (Tag.UNWELL, "unwell"),
    (Tag.WELL, "well"),
    (Tag.NO, "no"),
    (Tag.ALL_GONE, "all_gone"),
    (Tag.GONE, "gone"),
    (Tag.BEFORE_GONE, "before_gone"),
    (Tag.BUT, "but"),
    (Tag.NOW, "now"),
    (Tag.BETTER, "better"),
    (Tag.MUCH, "much"),
    (Tag.AGAIN, "again"),
    (Tag.ACTIVITY, "activity"),
    (Tag.OTHER, "noise"),
)
_TALK = (
    (Tag.EVERYONE, "everyone"),
    (Tag.UNCERTAIN, "uncertain"),
    (Tag.QUESTION, "question"),
    (Tag.TOPIC, "topic"),
    (Tag.BREAK, "and"),
    (Tag.BREAK, _OR),
    (Tag.PAST, "past"),
    (Tag.PRESENT, "present"),
    (Tag.TURN_TO, "turn_to"),
)
_MARKS = {
    **dict.fromkeys(",;.\n+&/-•*", Item(Tag.BREAK)),
    **dict.fromkeys(":=", Item(Tag.TOPIC)),
    "?": Item(Tag.QUESTION),
}
_FORGIVEN = frozenset({Tag.SIGN, Tag.FILLER, Tag.PERSON, Tag.UNCERTAIN, Tag.QUESTION})
"""Parts in which wrong accents are forgiven: never in a denial, for "họng có" is no "hông có"."""

_BROKEN_OFF = frozenset({Tag.NO, Tag.NO_SIGNS, Tag.GONE, Tag.BEFORE_GONE})
_CHILD = "con"
"""First in a message it is the child who writes ("con đo 36.8"), not "còn" without its accent."""
_EVER = frozenset({"bao", "luc", "khi"})
_CLOSES = frozenset({",", ".", ";", "\n", "a", "ca", "het"})
_CLOSING = frozenset({Tag.QUESTION, Tag.NONE_OF_THEM})
CUT_SHORT = "nhung"
"""The code of a "nhưng", which something has to follow; "khỏe mà" is complete."""

_BUTS = frozenset({"nhung", "but", "tuy"})
_NOUGHTS = frozenset({"0", "o"})
"""Some write "không" so: "0 sốt". Others number their signs, or speak of an aunt ("o" in the Centre)."""

_ALREADY = frozenset({"roi", "r"})
_OF_SIGNS = frozenset({"chung", "hien", "hieu"})
"""Ends of "triệu chứng", "biểu hiện", "dấu hiệu": "không có triệu chứng sốt" denies the fever."""

_MAY_HIDE = frozenset({Tag.NO, Tag.NO_SIGNS, Tag.NOW, Tag.BUT, Tag.WELL, Tag.GONE, Tag.ALL_GONE})
_DIGIT = re.compile(r"\d")
_MOODS = frozenset({Tag.WELL, Tag.UNWELL})
_COMPLAINTS = frozenset({Tag.UNWELL, Tag.STILL})
_TURNS = frozenset({Tag.PRESENT, Tag.TURN_TO})
_LEFT_OUT = frozenset({Tag.FILLER, Tag.PAST, *_TURNS})

_OTHER = Item(Tag.OTHER)
_BREAK = Item(Tag.BREAK)
_UNCERTAIN = Item(Tag.UNCERTAIN)


def _entries() -> list[tuple[str, Item]]:
    signs = [(p, Item(Tag.SIGN, code)) for code in load("signs").words for p in phrases("signs", code)]
    english = [
        (p, Item(Tag.SIGN, code, english=True))
        for code in load("signs_english").words
        for p in phrases("signs_english", code)
    ]
    health = [(p, Item(tag)) for tag, meaning in _HEALTH for p in phrases("health", meaning)]
    talk = [(p, Item(tag, _OR if meaning == _OR else "")) for tag, meaning in _TALK for p in phrases("talk", meaning)]
    fillers = [(p, Item(Tag.FILLER)) for meaning in _FILLERS for p in phrases("talk", meaning)]
    clashes = [(p, Item(Tag.UNCERTAIN)) for p in phrases("health", "clash")]
    bare = [("ho", Item(Tag.SIGN, _BARE_COUGH)), ("no!", Item(Tag.NO_ENGLISH))]
    people = [(p, Item(Tag.PERSON)) for p in phrases("talk", "kin")]
    return [*clashes, *signs, *english, *bare, *talk, *health, *people, *fillers]


_TABLE = Phrases(_entries())
_LITTLE = Phrases([(phrase, True) for phrase in phrases("health", "little")])
_MEASURES = Phrases(
    [
        (p, True)
        for meaning in ("spo2", "pulse", "breaths", "pressure", "systolic", "diastolic", "place")
        for p in phrases("vitals", meaning)
    ]
)
_UNITS = frozenset({"f", "kg", "cm", "km", "l", "ml"})
"""Behind a number: "50 kg" weighs, and denies nothing as the "kg" of "kg sốt" does."""


def items(folded: Folded) -> list[Item]:
    """The message as a row of parts, fillers left out."""
    found: list[Item] = []
    tokens = folded.tokens
    numbers = _DIGIT.search(folded.text) is not None
    index, apart, past, turn = 0, False, False, None
    while index < len(tokens):
        hit, end = _hit(tokens, index)
        if _nought(tokens, index):
            found.append(_UNCERTAIN)
            index, apart = index + 1, False
            continue
        if measured := _of_a_number(tokens, index) if numbers and (hit is None or hit.meaning.tag is Tag.NO) else 0:
            index, apart = measured, True
            continue
        if hit is None or not (hit.exact or hit.meaning.tag in _FORGIVEN):
            found.extend(_unread(tokens[index].text))
            index, apart = index + 1, False
            continue
        part = _part(tokens, hit, end, found)
        if part is not None:
            found.extend(_before(tokens, hit, end))
            found.append(part._replace(apart=apart, turn=turn) if apart or turn else part)
            turn = None
        elif hit.meaning.tag in _TURNS and (past or hit.meaning.tag is Tag.TURN_TO):
            turn = hit.meaning.tag
        index, apart, past = end, part is None, past or _turns_past(hit, found)
    if past and found and not any(item.turn for item in found):
        found[-1] = found[-1]._replace(turn=Tag.PAST)
    return found


def _turns_past(hit: Hit[Item], before: Sequence[Item]) -> bool:
    """Whether signs are told of the past: "tiêm hôm qua" tells when the needle was, and nothing of signs."""
    return hit.meaning.tag is Tag.PAST and not (before and before[-1].tag is Tag.ACTIVITY)


def _before(tokens: Sequence[Token], hit: Hit[Item], end: int) -> Iterator[Item]:
    """A picture stands for itself ("không 👍" denies no thumb); a doubt may begin within a phrase."""
    if not tokens[hit.start].text.isalnum() and hit.meaning.tag in _MOODS:
        yield _BREAK
    if hit.meaning.tag in _MAY_HIDE and _doubt_within(tokens, hit.start + 1, end):
        yield Item(Tag.UNCERTAIN)


def _part(tokens: Sequence[Token], hit: Hit[Item], end: int, before: list[Item]) -> Item | None:
    """What a hit stands for, None to leave it out. "không ạ, em sốt" and "không em sốt": a person begins anew."""
    tag = hit.meaning.tag
    if tag is Tag.NOW and end == hit.start + 1 and tokens[hit.start].mark == _CHILD and _begins(before):
        return None
    if tag is Tag.PERSON:
        return _BREAK if before and before[-1].tag in _BROKEN_OFF else None
    if _left_out(tokens, hit, end, before):
        return None
    if tag is Tag.SIGN:
        return _sign(tokens, hit, end)
    if end < hit.end and tag is not Tag.NO and tag in _MAY_HIDE:
        return _OTHER
    return _detailed(tokens, hit, end)


def _sign(tokens: Sequence[Token], hit: Hit[Item], end: int) -> Item:
    """A bare "ho" may be "họ" or "hộ", unless the word behind it has its accents."""
    sign = hit.meaning
    if sign.code == _BARE_COUGH and end < len(tokens) and tokens[end].mark != tokens[end].text:
        sign = sign._replace(code=_BARE_COUGH.rstrip("?"))
    little = end < len(tokens) and _LITTLE.at(tokens, end) is not None
    return sign._replace(sure=hit.exact, little=little) if little or not hit.exact else sign


def _left_out(tokens: Sequence[Token], hit: Hit[Item], end: int, before: Sequence[Item]) -> bool:
    """Whether a phrase says nothing where it stands: "đâu" away from a sign, "bao giờ" at the end of a denial."""
    tag = hit.meaning.tag
    closes = tag in _CLOSING and _closes(tokens, end)
    if tag is Tag.QUESTION:
        ever = end == hit.start + 2 and tokens[hit.start].text in _EVER
        return ever and closes and [item.tag for item in before[-2:]] == [Tag.NO, Tag.SIGN]
    if tag is Tag.NONE_OF_THEM:
        either = len(before) > 1 and before[-1].tag is Tag.SIGN and before[-2].code == _OR
        return not either or (end == hit.start + 1 and not closes)
    return tag in _LEFT_OUT or (tag is Tag.NOT_AT_ALL and not (before and before[-1].tag is Tag.SIGN))


def _closes(tokens: Sequence[Token], end: int) -> bool:
    """Whether nothing follows in the clause but "ạ", "nhé", "bác ơi"."""
    while end < len(tokens) and tokens[end].text not in _CLOSES:
        hit = _TABLE.at(tokens, end)
        if hit is None or hit.meaning.tag is not Tag.PERSON:
            return False
        end = hit.end
    return True


def _begins(before: list[Item]) -> bool:
    return all(item.tag is Tag.BREAK for item in before)


def _detailed(tokens: Sequence[Token], hit: Hit[Item], end: int) -> Item:
    """With what the reader needs to know of its words."""
    tag, last = hit.meaning.tag, tokens[end - 1]
    if tag is Tag.UNWELL and hit.start + 1 == end:
        return hit.meaning._replace(code=last.mark)
    if tag is Tag.NO_SIGNS and last.text in _OF_SIGNS:
        return hit.meaning._replace(code="of")
    if tag is Tag.GONE:
        of = {token.text for token in tokens[hit.start : end]}
        return hit.meaning._replace(code="con" if "con" in of else "after" if last.text in _ALREADY else "")
    if tag is Tag.NOW:
        return hit.meaning._replace(code=last.text)
    if tag is Tag.BUT:
        return hit.meaning._replace(code=CUT_SHORT) if tokens[hit.start].text in _BUTS else hit.meaning
    return hit.meaning if hit.exact else hit.meaning._replace(sure=False)


def _of_a_number(tokens: Sequence[Token], index: int) -> int:
    """Where a label or a unit ends that begins here beside its number ("M 80", "nt: 18", "50kg"); 0 if none does."""
    if index and tokens[index].text in _UNITS and tokens[index - 1].text.isdigit():
        last = index + 1 == len(tokens) or not tokens[index + 1].text.isalpha()
        return index + 1 if last or tokens[index].start == tokens[index - 1].end else 0
    label = _MEASURES.at(tokens, index)
    if label is None or not label.exact:
        return 0
    return label.end if any(token.text.isdigit() for token in tokens[label.end : label.end + 3]) else 0


def _nought(tokens: Sequence[Token], index: int) -> bool:
    """Whether a nought, or an o, stands alone before a sign."""
    if tokens[index].mark not in _NOUGHTS or index + 1 == len(tokens):
        return False
    if index and tokens[index - 1].end == tokens[index].start:
        return False
    following = _TABLE.at(tokens, index + 1)
    return following is not None and following.exact and following.meaning.tag is Tag.SIGN


def _unread(text: str) -> Iterator[Item]:
    if text in _MARKS:
        yield _MARKS[text]
    elif text.isalpha():
        yield _OTHER
    elif text.isdigit():
        yield _BREAK


def _hit(tokens: Sequence[Token], index: int) -> tuple[Hit[Item] | None, int]:
    """The phrase that begins here, and where it ends: "khong on lanh" is "không", not "không ổn", before "ớn lạnh"."""
    hit = _TABLE.at(tokens, index)
    if hit is None:
        return None, index
    if hit.end - index == 1 or hit.meaning.tag is Tag.SIGN:
        return hit, hit.end
    end = _before_a_sign(tokens, hit)
    if end < hit.end and hit.meaning.tag in _COMPLAINTS:
        hit = _TABLE.at(tokens[:end], index)
    return hit, end if hit is None else min(end, hit.end)


def _before_a_sign(tokens: Sequence[Token], hit: Hit[Item]) -> int:
    """Where a phrase ends: "hình như co giật" must not be read as "hình như có" and "giật"."""
    for index in range(hit.start + 1, hit.end):
        inner = _TABLE.at(tokens, index)
        if inner is not None and inner.exact and inner.meaning.tag is Tag.SIGN and inner.end > hit.end:
            return index
    return hit.end


def _doubt_within(tokens: Sequence[Token], start: int, end: int) -> bool:
    """ "vẫn không" must not hide the "không biết" that begins within it."""
    hits = (_TABLE.at(tokens, index) for index in range(start, end))
    return any(hit is not None and hit.exact and hit.meaning.tag is Tag.UNCERTAIN and hit.end > end for hit in hits)
