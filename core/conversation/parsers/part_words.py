"""The phrases of a message about health, each with the part it plays."""

from __future__ import annotations

from core.conversation.lexicon import load, phrases
from core.conversation.parsers.phrases import Phrases
from core.conversation.parsers.tags import Item, Tag

OR = "or"
OTHERS, SELF = "others", "self"
BARE_COUGH = "cough?"
_FILLERS = ("polite", "linking", "small", "long_ago", "time", "measure")
_HEALTH = (
    (Tag.NOT_AT_ALL, "not_at_all"),
    (Tag.NONE_OF_THEM, "none_of_them"),
    (Tag.FILLER, "not_measured"),
    (Tag.QUESTION, "how_hot"),
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
    (Tag.BREAK, OR),
    (Tag.PAST, "past"),
    (Tag.PRESENT, "present"),
    (Tag.TURN_TO, "turn_to"),
)


def _entries() -> list[tuple[str, Item]]:
    signs = [(p, Item(Tag.SIGN, code)) for code in load("signs").words for p in phrases("signs", code)]
    english = [
        (p, Item(Tag.SIGN, code, english=True))
        for code in load("signs_english").words
        for p in phrases("signs_english", code)
    ]
    health = [(p, Item(tag)) for tag, meaning in _HEALTH for p in phrases("health", meaning)]
    talk = [(p, Item(tag, OR if meaning == OR else "")) for tag, meaning in _TALK for p in phrases("talk", meaning)]
    fillers = [(p, Item(Tag.FILLER)) for meaning in _FILLERS for p in phrases("talk", meaning)]
    clashes = [(p, Item(Tag.UNCERTAIN)) for p in phrases("health", "clash")]
    bare = [("ho", Item(Tag.SIGN, BARE_COUGH)), ("no!", Item(Tag.NO_ENGLISH))]
    people = [(p, Item(Tag.PERSON, who)) for who in (OTHERS, SELF) for p in phrases("on_behalf", who)]
    people += [(p, Item(Tag.PERSON)) for p in phrases("talk", "kin")]
    return [*clashes, *signs, *english, *bare, *talk, *health, *people, *fillers]


TABLE = Phrases(_entries())
"""Every phrase that says something in a report, if only politeness."""
