"""In and out of a venue: "VAO 1234567", "ra cho 123 4567", and by its guard "VAO 1234567 0912345678".

Strict, since "vào" and "ra" are words of every other sentence: the word begins the message and a number follows that
can be a code. What looks like a code and is none is told to the person, never guessed at.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from core.check_digit import is_checked
from core.conversation.fold import Folded, Token, fold
from core.conversation.lexicon import phrases
from core.conversation.parsers import phone
from core.conversation.parsers.phrases import Hit, Phrases
from core.conversation.understanding import Understood

DIGITS = 7
"""How many a venue's code has, the last one a check digit."""


class Direction(StrEnum):
    """Which way somebody goes. Values are stable: they are stored."""

    IN = "in"
    OUT = "out"


class Fault(StrEnum):
    """What is wrong with a text that means a visit."""

    NO_CODE = "no_code"
    LENGTH = "length"  # not 7 digits
    CHECK = "check"  # a wrong digit, or two that changed places
    PHONE = "phone"  # what stands behind the code is no mobile number


@dataclass(frozen=True, slots=True)
class Said:
    """A visit as typed. `code`: digits alone, "" if there are none; `phone`: E.164 of whom a guard checks in, "" for
    whoever writes; `rest`: what was said behind it; `plain`: nothing else was, so it is about nobody else ("me vao
    1234567"). A code is sure only without a `fault`."""

    direction: Direction
    code: str = ""
    phone: str = ""
    rest: str = ""
    plain: bool = True
    fault: Fault | None = None


@dataclass(frozen=True, slots=True)
class _Number:
    """Digits in front of everything else; `end` is the token behind them."""

    digits: str
    end: int
    fault: Fault | None


def _table(*places: str) -> Phrases[Direction]:
    named = ((Direction.IN, "enter"), (Direction.OUT, "leave"))
    return Phrases(
        [(p, way) for way, word in named for place in places for p in phrases("commands", f"{word}_{place}")]
    )


_FIRST, _ONLY, _WHOLE = _table("first"), _table("first", "only"), _table("whole")
_POLITE = Phrases(
    [(p, True) for p in (*phrases("commands", "around"), *phrases("talk", "kin"), *phrases("talk", "polite"))]
)
_BEFORE_CODE = Phrases([(p, True) for p in phrases("commands", "before_code")])
_AFTER_CODE = Phrases([(p, True) for p in phrases("commands", "after_code")])
_MARKS = frozenset({",", ".", "!", ":", "-", ";", "\n"})
_DIGIT = re.compile(r"\d")
_BETWEEN = frozenset({".", "-"})
_NEAR = (5, 9)  # digits: what is meant as a code, though it is none
_GROUP = 3  # digits of each group of such a number, if it is written in groups: unlike a date's or an hour's
_LONGEST = 3  # words of a bare "em vào ạ"
_MOBILE = re.compile(r"\+84[35789]\d{8}")
_TO_PHONE = re.compile(r"^(?:(?:cho|ho|so|sdt|dt|dien thoai)\b[ :.]*)*(?=\+?[\do])")
_TELEPHONE = re.compile(r"(?:\+?84|0)(?:[ .\-]*\d){9}")
_PHONE_FIRST = re.compile(r"((?:\+?84|0)(?:[ .\-]*\d){9})[\s,;:]+(\d(?:[ .\-]*\d){6})\s*")
_LONG_NUMBER = re.compile(r"\+?[\do](?:[ .\-]*[\do]){7}")  # from 8 digits on it is meant as a telephone's


def parse(text: str) -> Said | None:
    """The visit that a text tells of, or means to tell of; None if it is about something else."""
    folded = fold(text)
    tokens = folded.tokens
    if not _DIGIT.search(folded.text):
        return _bare(tokens) if 0 < len(tokens) <= _LONGEST else None
    return _from(folded, _past(_POLITE, tokens, 0, until=_ONLY))


def is_mobile(address: str) -> bool:
    """Whether an E.164 number is a Vietnamese mobile one, which can be asked by SMS."""
    return _MOBILE.fullmatch(address) is not None


def _bare(tokens: Sequence[Token]) -> Said | None:
    """ "VAO" alone: meant as a visit, and the code is missing."""
    start = _past(_POLITE, tokens, 0, until=_WHOLE)
    hit = _WHOLE.at(tokens, start) if start < len(tokens) else None
    if hit is None or not hit.exact or _past(_AFTER_CODE, tokens, hit.end) < len(tokens):
        return None
    return Said(hit.meaning, fault=Fault.NO_CODE)


def _past(table: Phrases[bool], tokens: Sequence[Token], start: int, until: Phrases[Direction] | None = None) -> int:
    """The first token from `start` on that is neither of the table nor a mark, or at which `until` begins."""
    while start < len(tokens):
        stop = until.at(tokens, start) if until else None
        hit = table.at(tokens, start)
        if (stop is not None and stop.exact) or (hit is None and tokens[start].text not in _MARKS):
            break
        start = hit.end if hit else start + 1
    return start


def _from(folded: Folded, start: int) -> Said | None:
    tokens = folded.tokens
    hit = _ONLY.at(tokens, start) if start < len(tokens) else None
    if hit is None or not hit.exact:
        return None
    strict = _FIRST.at(tokens, start)
    sure = strict is not None and strict.exact
    number = _number(tokens, _past(_BEFORE_CODE, tokens, hit.end))
    turned = _turned(folded, hit) if sure and (number is None or number.fault) else None
    if turned and (number is None or not turned.fault):
        return turned
    if number is None:
        forgot = sure and _TELEPHONE.fullmatch(folded.since(hit.end))
        return Said(hit.meaning, plain=False, fault=Fault.NO_CODE) if forgot else None
    rest = folded.since(_past(_AFTER_CODE, tokens, number.end))
    said = Said(hit.meaning, number.digits, rest=rest, plain=not start and not rest, fault=number.fault)
    if not sure:
        return None if rest or said.fault else said
    return said if said.fault else _with_phone(said)


def _turned(folded: Folded, hit: Hit[Direction]) -> Said | None:
    """ "VAO 0912345678 1234567": the telephone first, and whole."""
    found = _PHONE_FIRST.fullmatch(folded.since(hit.end))
    named = phone.parse(found[1]) if found else None
    code = re.sub(r"\D", "", found[2]) if found else ""
    if not isinstance(named, Understood) or not is_mobile(named.value):
        return None
    return Said(hit.meaning, code, named.value, plain=False, fault=None if is_checked(code) else Fault.CHECK)


def _number(tokens: Sequence[Token], start: int) -> _Number | None:
    """The code that begins there, in groups or whole; None if it is another number: a date, a telephone's."""
    groups: list[str] = []
    end = index = start
    while index < len(tokens):
        text = tokens[index].text
        if text.isdecimal() and (not groups or len(text) + sum(map(len, groups)) <= DIGITS):
            groups.append(text)
            end = index + 1
        elif not groups or text not in _BETWEEN:
            break
        index += 1
    digits = "".join(groups)
    if len(digits) == DIGITS and not _is_a_date(groups):
        return _Number(digits, end, None if is_checked(digits) else Fault.CHECK)
    meant = _NEAR[0] <= len(digits) <= _NEAR[1] and min(map(len, groups)) >= _GROUP and not digits.startswith("0")
    return _Number(digits, end, Fault.LENGTH) if meant and len(digits) != DIGITS else None


def _is_a_date(groups: Sequence[str]) -> bool:
    """15.8.2021, 2021-8-15."""
    sizes = [len(group) for group in groups]
    return len(sizes) == 3 and 4 in (sizes[0], sizes[-1]) and sizes[1] <= 2


def _with_phone(said: Said) -> Said:
    """A telephone number behind the code names somebody else; a short number is a temperature, or nothing of ours."""
    numbers = _TO_PHONE.sub("", fold(said.rest).text)
    if not _LONG_NUMBER.match(numbers):
        return said
    named = phone.parse(numbers)
    if isinstance(named, Understood) and is_mobile(named.value):
        return replace(said, phone=named.value, rest="")
    return replace(said, fault=Fault.PHONE)
