"""The parts of a message about health: signs, negators, "hết", "còn", and what is only politeness."""

from __future__ import annotations

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
    MUCH = "much"
    AGAIN = "again"
    UNCERTAIN = "uncertain"
    QUESTION = "question"
    BREAK = "break"
    FILLER = "filler"
    OTHER = "other"


class Item(NamedTuple):
    """A phrase in its part. `code` of a sign; `sure` is false when its accents say another word.

    `english`: "no fever" denies, but "no sot" is also "nó sốt", the child has a fever.
    """

    tag: Tag
    code: str = ""
    sure: bool = True
    english: bool = False


_FILLERS = ("kin", "polite", "small", "time", "measure")
_HEALTH = (
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
    (Tag.OTHER, "noise"),
)
_TALK = (
    (Tag.EVERYONE, "everyone"),
    (Tag.UNCERTAIN, "uncertain"),
    (Tag.QUESTION, "question"),
    (Tag.TOPIC, "topic"),
    (Tag.BREAK, "and"),
)
_MARKS = {
    **dict.fromkeys(",;.\n+&/-•*", Item(Tag.BREAK)),
    **dict.fromkeys(":=", Item(Tag.TOPIC)),
    "?": Item(Tag.QUESTION),
}
_MAY_HIDE = frozenset({Tag.NO, Tag.NO_SIGNS, Tag.NOW, Tag.BUT, Tag.WELL})
_OTHER = Item(Tag.OTHER)
_BREAK = Item(Tag.BREAK)


def _entries() -> list[tuple[str, Item]]:
    signs = [(p, Item(Tag.SIGN, code)) for code in load("signs").words for p in phrases("signs", code)]
    english = [
        (p, Item(Tag.SIGN, code, english=True))
        for code in load("signs_english").words
        for p in phrases("signs_english", code)
    ]
    health = [(p, Item(tag)) for tag, meaning in _HEALTH for p in phrases("health", meaning)]
    talk = [(p, Item(tag)) for tag, meaning in _TALK for p in phrases("talk", meaning)]
    fillers = [(p, Item(Tag.FILLER)) for meaning in _FILLERS for p in phrases("talk", meaning)]
    clashes = [(p, Item(Tag.UNCERTAIN)) for p in phrases("health", "clash")]
    bare = [("ho", Item(Tag.SIGN, "cough?")), ("no!", Item(Tag.NO_ENGLISH))]
    return [*clashes, *signs, *english, *bare, *talk, *health, *fillers]


_TABLE = Phrases(_entries())


def items(folded: Folded) -> list[Item]:
    """The message as a row of parts, fillers left out."""
    found: list[Item] = []
    tokens = folded.tokens
    index = 0
    while index < len(tokens):
        hit = _TABLE.at(tokens, index)
        if hit is None:
            found.extend(_unread(tokens[index].text))
            index += 1
            continue
        end = _before_a_sign(tokens, hit)
        if hit.meaning.tag in _MAY_HIDE and _doubt_within(tokens, index + 1, end):
            found.append(Item(Tag.UNCERTAIN))
        if hit.meaning.tag is not Tag.FILLER:
            found.append(hit.meaning if hit.exact else hit.meaning._replace(sure=False))
        index = end
    return found


def _unread(text: str) -> Iterator[Item]:
    if text in _MARKS:
        yield _MARKS[text]
    elif text.isalpha():
        yield _OTHER
    elif text.isdigit():
        yield _BREAK


def _before_a_sign(tokens: Sequence[Token], hit: Hit[Item]) -> int:
    """Where a phrase ends: "hình như co giật" must not be read as "hình như có" and "giật"."""
    if hit.meaning.tag is Tag.SIGN:
        return hit.end
    for index in range(hit.start + 1, hit.end):
        inner = _TABLE.at(tokens, index)
        if inner is not None and inner.exact and inner.meaning.tag is Tag.SIGN and inner.end > hit.end:
            return index
    return hit.end


def _doubt_within(tokens: Sequence[Token], start: int, end: int) -> bool:
    """ "vẫn không" must not hide the "không biết" that begins within it."""
    hits = (_TABLE.at(tokens, index) for index in range(start, end))
    return any(hit is not None and hit.exact and hit.meaning.tag is Tag.UNCERTAIN and hit.end > end for hit in hits)
