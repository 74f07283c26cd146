"""The parts of a message about health: signs, negators, "hết", "còn", and what is only politeness."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from core.conversation.fold import Folded, Token
from core.conversation.lexicon import phrases
from core.conversation.parsers.aside import child_called, two_people
from core.conversation.parsers.part_words import BARE_COUGH, OR, OTHERS, SELF, TABLE
from core.conversation.parsers.phrases import Hit, Phrases
from core.conversation.parsers.tags import Item, Tag

_MARKS = {
    **dict.fromkeys(",;.\n+&/-•*", (Item(Tag.BREAK),)),
    **dict.fromkeys(":=", (Item(Tag.TOPIC),)),
    "?": (Item(Tag.QUESTION),),
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
_ANSWERS = frozenset({Tag.NO, Tag.NOW})
_BEGIN_ANEW = _ANSWERS | _MAY_HIDE | {Tag.WELL, Tag.UNWELL}
"""Parts before which another may have to be put."""

_NOT_ONLY = frozenset({Tag.NOW, Tag.GONE})
_STILL = "con2"
_HOW_COME = "lam"
"""Begins "làm gì có", which denies what follows."""

_ALSO = frozenset({"cung", "deu"})
_MOODS = frozenset({Tag.WELL, Tag.UNWELL})
_COMPLAINTS = frozenset({Tag.UNWELL, Tag.STILL})
_SPEAK_OF = frozenset({Tag.PERSON, Tag.TURN_TO})
_LAST_NIGHT = frozenset({"toi", "dem", "chieu", "sang", "trua"})
_TURNS = frozenset({Tag.PRESENT, Tag.TURN_TO})
_LEFT_OUT = frozenset({Tag.FILLER, Tag.PAST, *_TURNS})

_THERE = frozenset({"have", "having", "not", "no", "dont", "there", "got"})
"""Indian English says of a sign behind it that it is there, or not: "cough have, fever not have"."""

_OWN_NEGATORS = frozenset({"khong", "ko", "chang", "can", "cant", "cannot", "could", "couldnt", "not", "unable"})
"""Begin signs of their own: the "không thở được" of "không sốt, không thở được" is not denied."""

_FEVER = "fever"
_SEES = "thay"
_AH = "a2"
_DEVICE, _HOW_MANY = ["may", "do"], frozenset({"mây", "mây1"})
"""Without accents the thermometer, "máy đo", is also "mấy độ"."""

_OTHER = Item(Tag.OTHER)
_NO = Item(Tag.NO)
_BUT = Item(Tag.BUT)
_NOW = Item(Tag.NOW)
_TOPIC = Item(Tag.TOPIC)
_BREAK = Item(Tag.BREAK)
_UNCERTAIN = Item(Tag.UNCERTAIN)


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
    people: set[str] = set()
    index, apart, past, day, turn = 0, False, False, 0, None
    while index < len(tokens):
        hit, end = _hit(tokens, index)
        if tokens[index].mark in _NOUGHTS and _nought(tokens, index):
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
        tag = hit.meaning.tag
        if tag is Tag.FILLER and tokens[index].text != _SEES:
            index, apart = end, True
            continue
        if tag in _SPEAK_OF:
            people.add(_of_whom(tokens, hit, found))
        if tag in _NOT_ONLY and _no_but(tokens, hit, found):
            found.extend((_NO, _BUT))
            index, apart = hit.end, False
            continue
        part = _part(tokens, hit, end, found)
        if part is not None:
            found.extend(_before(tokens, hit, end, found) if tag in _BEGIN_ANEW else ())
            apart = apart and found[-1:] != [_TOPIC]
            found.append(part._replace(apart=apart, turn=turn) if apart or turn else part)
            turn = None
        elif tag in _TURNS and (past or tag is Tag.TURN_TO):
            turn = tag
        index, apart = end, part is None
        if not past and tag is Tag.PAST and _turns_past(found):
            past, day = True, len(found) + 1 if tokens[hit.start].text not in _LAST_NIGHT else 0
    if past and found and not any(item.turn for item in found) and (last := _last(found)) >= 0:
        found[last] = found[last]._replace(turn=Tag.PAST_ONLY if day and _of_that_day(found, day - 1) else Tag.PAST)
    if found and (len(people - {""}) > 1 or two_people(tokens)):
        found[0] = found[0]._replace(two=True)
    return found


def _last(found: Sequence[Item]) -> int:
    """The place of the last part that says something; -1 when none does."""
    return next((at for at in range(len(found) - 1, -1, -1) if found[at].tag is not Tag.BREAK), -1)


def _of_whom(tokens: Sequence[Token], hit: Hit[Item], before: Sequence[Item]) -> str:
    """Who is spoken of: "con tôi" at the beginning is the child, and no "còn tôi"."""
    if hit.meaning.tag is not Tag.TURN_TO:
        beside = TABLE.at(tokens, hit.end) if hit.end < len(tokens) else None
        called = hit.meaning.code == SELF and beside is not None and beside.meaning.tag in _SPEAK_OF
        return "" if called else hit.meaning.code
    return "" if before else OTHERS if tokens[hit.start].text == _CHILD else SELF


def _of_that_day(found: Sequence[Item], at: int) -> bool:
    """Whether a day that is over stands beside a sign: "hôm qua sốt", "có ho hôm qua"; "đỡ hơn hôm qua" compares."""
    behind = at < len(found) and found[at].tag in (Tag.SIGN, Tag.NOW, Tag.UNWELL)
    before = 0 < at <= len(found) and found[at - 1].tag in (Tag.SIGN, Tag.UNWELL)
    return (behind or before) and not any(item.tag in (Tag.BETTER, Tag.STILL, Tag.ACTIVITY) for item in found)


def _no_but(tokens: Sequence[Token], hit: Hit[Item], before: Sequence[Item]) -> bool:
    """ "sot thi khong nhung ho thi co" is "không, nhưng", not "không những"; "thì không còn ho thì có" likewise."""
    if hit.end != hit.start + 2 or not before or before[-1].tag is not Tag.TOPIC:
        return False
    mark = tokens[hit.start + 1].mark
    return mark == CUT_SHORT or (mark in (_CHILD, _STILL) and _sign_at(tokens, hit.end))


def _turns_past(before: Sequence[Item]) -> bool:
    """Whether signs are told of the past: "tiêm hôm qua" tells when the needle was, and nothing of signs."""
    return not (before and before[-1].tag is Tag.ACTIVITY)


def _before(tokens: Sequence[Token], hit: Hit[Item], end: int, before: Sequence[Item]) -> Iterator[Item]:
    """A picture stands for itself ("không 👍" denies no thumb); a doubt may begin within a phrase."""
    if hit.meaning.tag in _ANSWERS and _answers_a_sign(tokens, hit, end, before):
        yield _TOPIC
    if not tokens[hit.start].text.isalnum() and hit.meaning.tag in _MOODS:
        yield _BREAK
    if hit.meaning.tag in _MAY_HIDE and _doubt_within(tokens, hit.start + 1, end):
        yield Item(Tag.UNCERTAIN)


def _answers_a_sign(tokens: Sequence[Token], hit: Hit[Item], end: int, before: Sequence[Item]) -> bool:
    """ "cough have, fever not have"; "ho cũng không"."""
    if not before or before[-1].tag is not Tag.SIGN:
        return False
    also = hit.meaning.tag is Tag.NO and tokens[hit.start - 1].text in _ALSO
    there = before[-1].english and tokens[hit.start].text in _THERE
    alone = end == len(tokens) or tokens[end].text in ("but", "and", "-") or _closes(tokens, end)
    return (also or there) and alone


def _part(tokens: Sequence[Token], hit: Hit[Item], end: int, before: list[Item]) -> Item | None:
    """What a hit stands for, None to leave it out. "không ạ, em sốt" and "không em sốt": a person begins anew."""
    tag = hit.meaning.tag
    if tag is Tag.SIGN:
        return _sign(tokens, hit, end)
    if tag is Tag.PERSON:
        return _BREAK if before and before[-1].tag in _BROKEN_OFF else None
    if tag is Tag.FILLER and tokens[hit.start].text == _SEES and end == hit.start + 1 and _after_a_denial(before):
        return _NOW
    if _left_out(tokens, hit, end, before):
        return None
    if end < hit.end and tag is not Tag.NO and tag in _MAY_HIDE:
        return _OTHER
    often = hit.meaning.code == OR and _begins(before) and _fever_at(tokens, end)
    return _UNCERTAIN if often else _detailed(tokens, hit, end)


def _after_a_denial(before: Sequence[Item]) -> bool:
    """ "không thấy sốt, thấy ho": this second "thấy" is denied by nothing."""
    return len(before) > 2 and before[-1].tag is Tag.BREAK and any(item.tag is Tag.NO for item in before)


def _sign(tokens: Sequence[Token], hit: Hit[Item], end: int) -> Item:
    """A bare "ho" may be "họ" or "hộ", unless the word behind it has its accents."""
    sign = hit.meaning
    if sign.code == BARE_COUGH and end < len(tokens) and tokens[end].mark != tokens[end].text:
        sign = sign._replace(code=BARE_COUGH.rstrip("?"))
    own = end > hit.start + 1 and tokens[hit.start].text in _OWN_NEGATORS
    little = own or (end < len(tokens) and _LITTLE.at(tokens, end) is not None)
    return sign._replace(sure=hit.exact, little=little) if little or not hit.exact else sign


def _left_out(tokens: Sequence[Token], hit: Hit[Item], end: int, before: list[Item]) -> bool:
    """Whether a phrase says nothing where it stands: "đâu" away from a sign, "bao giờ" at the end of a denial."""
    tag = hit.meaning.tag
    if tag is Tag.NOW:
        bare = end == hit.start + 1 and tokens[hit.start].mark == _CHILD
        return bare and (_begins(before) or child_called(tokens, hit.start, before))
    closes = tag in _CLOSING and _closes(tokens, end)
    if tag is Tag.QUESTION:
        if [token.text for token in tokens[hit.start : end]] == _DEVICE and tokens[hit.start].mark not in _HOW_MANY:
            return not (closes and before and before[-1].tag is Tag.SIGN)
        if tokens[hit.start].mark == _AH and end < len(tokens) and (not before or before[-1].tag is Tag.BREAK):
            return True
        ever = end == hit.start + 2 and tokens[hit.start].text in _EVER
        return ever and closes and [item.tag for item in before[-2:]] == [Tag.NO, Tag.SIGN]
    if tag is Tag.NONE_OF_THEM:
        either = len(before) > 1 and before[-1].tag is Tag.SIGN and _lists(before[-2], end - hit.start)
        return not either or (end == hit.start + 1 and not closes)
    return tag in _LEFT_OUT or (tag is Tag.NOT_AT_ALL and not (before and before[-1].tag is Tag.SIGN))


def _lists(item: Item, words: int) -> bool:
    """Whether a sign stands in a list: "sốt hay ho gì", "sốt ho gì", "sốt, ho gì cả"."""
    return item.code == OR or item.tag is Tag.SIGN or (item.tag is Tag.BREAK and words > 1)


def _closes(tokens: Sequence[Token], end: int) -> bool:
    """Whether nothing follows in the clause but "ạ", "nhé", "bác ơi"."""
    while end < len(tokens) and tokens[end].text not in _CLOSES:
        hit = TABLE.at(tokens, end)
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
    if tag is Tag.NO_SIGNS and (last.text in _OF_SIGNS or tokens[hit.start].text == _HOW_COME):
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
        last = index + 1 == len(tokens) or not tokens[index + 1].text.isalpha() or _closes(tokens, index + 1)
        return index + 1 if last or tokens[index].start == tokens[index - 1].end else 0
    label = _MEASURES.at(tokens, index)
    if label is None or not label.exact:
        return 0
    return label.end if any(token.text.isdigit() for token in tokens[label.end : label.end + 3]) else 0


def _nought(tokens: Sequence[Token], index: int) -> bool:
    """Whether a nought, or an o, stands alone before a sign."""
    if index + 1 == len(tokens):
        return False
    if index and tokens[index - 1].end == tokens[index].start:
        return False
    return _sign_at(tokens, index + 1)


def _fever_at(tokens: Sequence[Token], index: int) -> bool:
    """ "hay sốt" that nothing stands before: often, or could it be one?"""
    hit = TABLE.at(tokens, index) if index < len(tokens) else None
    return hit is not None and hit.meaning.code == _FEVER


def _sign_at(tokens: Sequence[Token], index: int) -> bool:
    hit = TABLE.at(tokens, index) if index < len(tokens) else None
    return hit is not None and hit.exact and hit.meaning.tag is Tag.SIGN


def _unread(text: str) -> Sequence[Item]:
    if text.isalpha():
        return (_OTHER,)
    return (_BREAK,) if text.isdigit() else _MARKS.get(text, ())


def _hit(tokens: Sequence[Token], index: int) -> tuple[Hit[Item] | None, int]:
    """The phrase that begins here, and where it ends: "khong on lanh" is "không", not "không ổn", before "ớn lạnh"."""
    hit = TABLE.at(tokens, index)
    if hit is None:
        return None, index
    if hit.end - index == 1 or hit.meaning.tag is Tag.SIGN:
        return hit, hit.end
    end = _before_a_sign(tokens, hit)
    if end < hit.end and hit.meaning.tag in _COMPLAINTS:
        hit = TABLE.at(tokens[:end], index)
    return hit, end if hit is None else min(end, hit.end)


def _before_a_sign(tokens: Sequence[Token], hit: Hit[Item]) -> int:
    """Where a phrase ends: "hình như co giật" must not be read as "hình như có" and "giật"."""
    for index in range(hit.start + 1, hit.end):
        inner = TABLE.at(tokens, index)
        if inner is not None and inner.exact and inner.meaning.tag is Tag.SIGN and inner.end > hit.end:
            return index
    return hit.end


def _doubt_within(tokens: Sequence[Token], start: int, end: int) -> bool:
    """ "vẫn không" must not hide the "không biết" that begins within it."""
    hits = (TABLE.at(tokens, index) for index in range(start, end))
    return any(hit is not None and hit.exact and hit.meaning.tag is Tag.UNCERTAIN and hit.end > end for hit in hits)
