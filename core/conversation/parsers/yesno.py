"""Yes or no. Whatever is neither plainly the one nor plainly the other is asked again."""

from __future__ import annotations

import re
import sys
from enum import StrEnum
from typing import NamedTuple

from core.conversation.fold import Folded, fold
from core.conversation.lexicon import phrases
from core.conversation.parsers import long_ago, slip
from core.conversation.parsers.phrases import Phrases, any_of
from core.conversation.spelling import spell
from core.conversation.understanding import Reason, Unclear, Understood

YES_NUMBER, NO_NUMBER = "1", "2"


class Part(StrEnum):
    """What a phrase is to a yes or no. Values are meanings of the lexicon."""

    YES = "yes"
    YES_ALONE = "yes_alone"
    NO = "no"
    UNCLEAR = "unclear"
    OTHERS = "others"
    MILD = "mild"
    NOT_YES = "not_yes"
    AGAINST = "against"
    UNCERTAIN = "uncertain"
    QUESTION = "question"
    INDEFINITE = "indefinite"
    TAKES_BACK = "takes_back"
    MAY_TAKE_BACK = "may_take_back"
    FILLER = "filler"
    CHOSEN = "chosen"


class Found(NamedTuple):
    """A phrase, and where it stands. `part` is None for a word outside the lexicon."""

    part: Part | None
    start: int
    end: int


def _entries() -> list[tuple[str, Part]]:
    talk = [(p, part) for part in (Part.UNCERTAIN, Part.INDEFINITE, Part.QUESTION) for p in phrases("talk", part)]
    meanings = (
        Part.MILD,
        Part.OTHERS,
        Part.UNCLEAR,
        Part.NOT_YES,
        Part.NO,
        Part.YES,
        Part.YES_ALONE,
        Part.AGAINST,
        Part.CHOSEN,
    )
    turns = (Part.TAKES_BACK, Part.MAY_TAKE_BACK)
    answers = [(p, part) for part in (*meanings, *turns) for p in phrases("answers", part)]
    fillers = [(p, Part.FILLER) for meaning in ("kin", "polite") for p in phrases("talk", meaning)]
    return [*talk, *answers, *fillers]


_TABLE = Phrases(_entries())
_STOPS = frozenset(",.;:!\n-")
_COUNTED = frozenset({"thang", "nha", "nguoi", "nam", "tuan", "ngay", "lan", "bua", "hom", "to", "ap", "khu"})
_YES = frozenset({Part.YES, Part.YES_ALONE})
_POLITE = spell("dạ")[0].mark
_PARTICLES = _STOPS | {"a", "nhe", "nha", "da"}
_AUNT = re.compile(r"[Cc]o [A-Z][a-z]+ (?:day|ne|goi|nhan)")  # "cô Lan đây"
_ABOUT = any_of("talk", "about")
_INTERJECTIONS = frozenset(mark for typed in ("à", "ủa", "ấy", "ý", "ồ") for mark in (spell(typed)[0].mark,))
_NO_SLIP = re.compile(r"(?:da |u |a )?(?:khong|ko|k|hong) (?:nham|lon) co(?: a| nhe| nha| roi)?")
_NOW = any_of("talk", "present")
_LASTING = frozenset({"tiem", "chich", "vaccinated"})
_NOT_ANSWERS = frozenset({Part.FILLER, Part.CHOSEN, Part.TAKES_BACK})


def parse(text: str) -> Understood[bool] | Unclear:
    """True or False. `rest` of "co, di Ha Noi" is "di Ha Noi".

    A "no" keeps its clause in `rest` ("khong sot"), so that what is read from it keeps its own negator.
    """
    folded = fold(text)
    if not folded.tokens:
        return Unclear(Reason.EMPTY)
    return _amended(folded) or _parse(folded)


def _amended(folded: Folded) -> Understood[bool] | Unclear | None:
    """ "Có, à không", "có nhầm, không": the last of two answers counts. None when there is but one."""
    if _NO_SLIP.fullmatch(folded.text):
        return Understood(True)
    for at, token in enumerate(folded.tokens[:-1]):
        if token.mark in _INTERJECTIONS and at and folded.tokens[at - 1].text in _STOPS:
            said = _last(folded.clean[: token.start], folded.since(at + 1))
            if said is not None:
                return said
    found = slip.find(folded)
    return _last(found.before, found.no or found.behind) if found is not None else None


def _last(before: str, behind: str) -> Understood[bool] | Unclear | None:
    said = [_parse(fold(part)) for part in (before, behind)]
    return said[1] if all(isinstance(each, Understood) for each in said) else None


def _parse(folded: Folded) -> Understood[bool] | Unclear:
    ago = long_ago.since_then(folded)
    said = _of_now(ago) if ago is not None and ago.now and ago.leads else _all(folded)
    # "có, năm ngoái": a yes to nothing that is asked about these days; who is vaccinated stays so
    long_since = ago is not None and not ago.now and _LASTING.isdisjoint(folded.texts)
    return Unclear(Reason.UNCERTAIN) if long_since and isinstance(said, Understood) and said.value else said


def _of_now(ago: long_ago.Ago) -> Understood[bool] | Unclear:
    """ "Năm ngoái có, giờ thì không": what is said of today, if nothing was said before that."""
    now = fold(ago.now)
    said = _all(fold(now.since(_NOW.find(now.tokens)[0].end)))
    return said if not fold(ago.before).tokens else Unclear(Reason.AMBIGUOUS)


def _all(folded: Folded) -> Understood[bool] | Unclear:
    if not folded.tokens:
        return Unclear(Reason.EMPTY)
    found = _parts(folded)
    trouble = _trouble(folded, found)
    return Unclear(trouble) if trouble else _answer(folded, found)


def _parts(folded: Folded) -> list[Found]:
    parts: list[Found] = []
    index = 1 if len(folded.tokens) > 1 and folded.tokens[0].mark in _INTERJECTIONS else 0
    while index < len(folded.tokens):
        hit = _TABLE.at(folded.tokens, index)
        end = hit.end if hit else index + 1
        if hit is not None and hit.exact:
            parts.append(Found(hit.meaning, index, end))
            parts.extend(_doubts_within(folded, index + 1, end))
        elif folded.tokens[index].text not in _STOPS:
            parts.append(Found(None, index, index + 1))
            end = index + 1
        index = end
    return parts


def _doubts_within(folded: Folded, start: int, end: int) -> list[Found]:
    """ "cũng không" must not hide the "không biết" that begins within it."""
    hits = [_TABLE.at(folded.tokens, index) for index in range(start, end)]
    doubts = [hit for hit in hits if hit is not None and hit.exact and hit.meaning is Part.UNCERTAIN and hit.end > end]
    return [Found(hit.meaning, hit.start, hit.end) for hit in doubts]


def _trouble(folded: Folded, found: list[Found]) -> Reason | None:
    parts = [each.part for each in found]
    if Part.UNCERTAIN in parts:
        return Reason.UNCERTAIN
    said = [each for each in found if each.part not in _NOT_ANSWERS]
    if _of_another(folded, found, said):
        return Reason.NOT_AN_ANSWER
    if Part.QUESTION in parts or _asks(folded, found) or (said and said[0].part is Part.NOT_YES):
        return Reason.QUESTION
    agrees = bool(said) and said[0].part in _YES
    may_take_back = agrees and _end(folded, found) is Part.MAY_TAKE_BACK
    if may_take_back or Part.UNCLEAR in parts or (Part.MILD in parts and not agrees):
        return Reason.AMBIGUOUS
    numbered = bool(said) and folded.tokens[said[0].start].text.isdigit()
    if len(said) > 1 and said[-1].part is Part.NO and not _after_stop(folded, said[-1]) and not numbered:
        return None if all(each.part is Part.NO for each in said) else Reason.QUESTION
    return None


def _of_another(folded: Folded, found: list[Found], said: list[Found]) -> bool:
    """ "chồng tôi có", "co Lan day": of somebody else, or to them; or of nothing that was asked."""
    if (said and said[0].part is Part.OTHERS) or _AUNT.fullmatch(folded.clean):
        return True
    return any(each.part is Part.NO and _of_something_else(folded, found, each) for each in said)


def _of_something_else(folded: Folded, found: list[Found], no: Found) -> bool:
    """ "không nghe rõ", "không có tiền": what is denied in its clause is nothing that a form asks about."""
    stop = next((at for at in range(no.end, len(folded.tokens)) if folded.tokens[at].text in _STOPS), sys.maxsize)
    words = (each for each in found if each.part is None and no.end <= each.start < stop)
    own = any(folded.tokens[each.start].text.isalpha() for each in words)
    return own and not any(hit.exact and hit.start < stop for hit in _ABOUT.find(folded.tokens))


def _asks(folded: Folded, found: list[Found]) -> bool:
    """ "đi đâu" asks where; after a "không" in the same clause it means anywhere."""
    denied = False
    for each in found:
        denied = (denied and not _after_stop(folded, each)) or each.part is Part.NO
        if each.part is Part.INDEFINITE and not denied:
            return True
    return False


def _after_stop(folded: Folded, found: Found) -> bool:
    return found.start > 0 and folded.tokens[found.start - 1].text in _STOPS


def _answer(folded: Folded, found: list[Found]) -> Understood[bool] | Unclear:
    said = [each for each in found if each.part not in _NOT_ANSWERS]
    if not said:
        return Unclear(Reason.NOT_AN_ANSWER)
    first, others = said[0], said[1:]
    if first.part is None:
        return _numbered(folded, said, found)
    if first.part not in _YES and first.part is not Part.NO:
        return Unclear(Reason.NOT_AN_ANSWER)
    if others and _needs_to_be_alone(folded, first) and others[0].part is None and not _after_stop(folded, others[0]):
        return Unclear(Reason.NOT_AN_ANSWER)
    value = first.part in _YES and _end(folded, found) is not Part.TAKES_BACK
    if _contradicted(folded, value, others, found):
        return Unclear(Reason.CONTRADICTION)
    return Understood(value, _rest(folded, first, others, value))


def _end(folded: Folded, found: list[Found]) -> Part | None:
    """ "có gặp ai đâu": the "đâu" that ends the only clause makes it a no; without its accents it may be "đau"."""
    ends = [each for each in found if each.part is not Part.FILLER]
    return None if any(_after_stop(folded, each) for each in ends[1:]) else ends[-1].part


def _needs_to_be_alone(folded: Folded, found: Found) -> bool:
    """ "phải đi làm" is no yes; "no sot" may be "nó sốt", and "hum nay" is "hôm nay"."""
    return found.part is Part.YES_ALONE or folded.tokens[found.start].mark in ("no", "hum")


def _contradicted(folded: Folded, value: bool, others: list[Found], found: list[Found]) -> bool:
    """ "vang, khong"; "khong nhung co"; "co 2". What is said of the matter after a yes may hold a "không"."""
    parts = [each.part for each in others if value or each.part not in _YES or not _taken_back(folded, each, found)]
    if not value:
        return bool({*_YES, Part.AGAINST, Part.OTHERS}.intersection(parts))
    numbers = [folded.tokens[each.start].text for each in others]
    beyond = [part for part in parts if part not in _YES]
    return (
        beyond[:1] == [Part.NO]
        or parts[-1:] == [Part.NO]
        or (numbers == [NO_NUMBER] and folded.tokens[-1].text == NO_NUMBER)
    )


def _taken_back(folded: Folded, yes: Found, found: list[Found]) -> bool:
    """ "Không, tui có bước ra cửa đâu": a clause that a "đâu" ends is another no."""
    stop = next((at for at in range(yes.end, len(folded.tokens)) if folded.tokens[at].text in _STOPS), sys.maxsize)
    clause = [each.part for each in found if yes.start <= each.start < stop and each.part is not Part.FILLER]
    return clause[-1] is Part.TAKES_BACK


def _rest(folded: Folded, first: Found, others: list[Found], value: bool) -> str:
    if all(each.part in (*_YES, Part.NO) for each in others):
        return ""
    start = first.end
    while folded.tokens[start].text in _PARTICLES and not _begins_a_name(folded, start):
        start += 1
    if value or any(token.text in _STOPS for token in folded.tokens[first.end : start]):
        return folded.since(start)
    return folded.since(first.start)


def _begins_a_name(folded: Folded, start: int) -> bool:
    """ "co, da nang": the city, not the polite "dạ"."""
    after = folded.tokens[start + 1 : start + 2]
    word = folded.tokens[start]
    return word.text == "da" and word.mark != _POLITE and bool(after) and after[0].text not in (*_PARTICLES, *_STOPS)


def _numbered(folded: Folded, said: list[Found], found: list[Found]) -> Understood[bool] | Unclear:
    """1 and 2, as the second asking numbers them; alone, or with the word that agrees."""
    place = said[0].start
    number = folded.tokens[place].text
    counts = place > 0 and folded.tokens[place - 1].text in _COUNTED
    if number not in (YES_NUMBER, NO_NUMBER) or counts:
        return Unclear(Reason.NOT_AN_ANSWER)
    agreeing = _YES if number == YES_NUMBER else {Part.NO}
    if any(each.part not in agreeing for each in said[1:]):
        return Unclear(Reason.NOT_AN_ANSWER)
    return Understood(number == YES_NUMBER)
