"""The parts that phrases play in a message about health."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


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
    PAST_ONLY = "past_only"
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
    one: it is of yesterday alone; PAST_ONLY: so is a sign that is told of that day.
    `two`, of the first one: the text speaks of who writes and of somebody else.
    `english`: "no fever" denies, but "no sot" is also "nó sốt", the child has a fever.
    """

    tag: Tag
    code: str = ""
    sure: bool = True
    english: bool = False
    two: bool = False
    apart: bool = False
    little: bool = False
    turn: Tag | None = None
