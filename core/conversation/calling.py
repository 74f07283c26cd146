"""How a text calls the people of a phone: by their letters, by given name, by kin word and name."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise

from core.conversation.context import Member, given_name
from core.conversation.fold import fold

WORD = re.compile(r"[^\W\d_]+")
"""A word of letters, by which somebody may be called."""

_BESIDE_NAMES = frozenset(
    {
        *("cua", "cho", "la", "day", "do", "ay", "nay", "toi", "a", "nhe", "nha"),
        *("con", "em", "chau", "anh", "chi", "bac", "co", "chu", "ba", "ong", "me", "bo", "cau", "mo", "di"),
    }
)
_KIN = frozenset(
    {"ba", "ong", "co", "chu", "bac", "anh", "chi", "em", "be", "chau", "cu", "me", "bo", "cau", "mo", "di"}
)
_AND_BEHIND = re.compile(r"\s*(?:v[àa]\b|v[ớo]i\b|&|\+|,)", re.IGNORECASE)
BETWEEN = " \t\n:.,;=-"
"""What may stand between a name and what is said of that person."""


def named(text: str, members: Sequence[Member]) -> str:
    """The letter of the one person whom a text names and says no more of: "cua ba My", "B"; "" if it is not that."""
    names = letters_and_names(members)
    said = WORD.findall(fold(text).text)
    called = [names[name] for word in said if (name := called_by(word, names)) and (word != "a" or len(said) == 1)]
    others = {word for word in said if not called_by(word, names)}
    return called[0] if len(set(called)) == 1 and others <= _BESIDE_NAMES else ""


def mentioned(text: str, members: Sequence[Member]) -> frozenset[str]:
    """The letters of all whom a text names, whatever it says of them. A small "a" is one only before an "and"."""
    names = letters_and_names(members)
    marks = ((m, called_by(m[0], names)) for m in WORD.finditer(text))
    return frozenset(names[name] for m, name in marks if name and (m[0] != "a" or _AND_BEHIND.match(text, m.end())))


def called(text: str, members: Sequence[Member]) -> tuple[str, str]:
    """The letter of the one person whom a text calls by kin word and name, and the text without these: "ba Sau sot 39".
    ("", text) if it calls nobody so, or several: "sau" alone is also "after"."""
    names, folded = names_of(members), [(m, fold(m[0]).text) for m in WORD.finditer(text)]
    marks = [(kin, name) for (kin, said), (name, _) in pairwise(folded) if said in _KIN and called_by(name[0], names)]
    if len({names[called_by(name[0], names)] for _, name in marks}) != 1:
        return "", text
    kin, name = marks[0]
    return names[called_by(name[0], names)], f"{text[: kin.start()]} {text[name.end() :]}".strip(BETWEEN)


def first_named(text: str, members: Sequence[Member]) -> tuple[str, str]:
    """The letter of whoever a text names first, and what is said of them; "" and all of it if it begins otherwise."""
    names = letters_and_names(members)
    word = WORD.search(text)
    if word is None or text[: word.start()].strip(BETWEEN) or not called_by(word[0], names):
        return "", text
    return names[called_by(word[0], names)], text[word.end() :].strip(BETWEEN)


def letters_and_names(members: Sequence[Member]) -> dict[str, str]:
    """Letters by themselves and by given name, as a text may call people beside each other."""
    return {m.letter.lower(): m.letter for m in members} | names_of(members)


def names_of(members: Sequence[Member]) -> dict[str, str]:
    """Letters by given name, of people who share it with nobody here."""
    folded = {m.letter: fold(given_name(m.name)).text for m in members if m.name}
    shared = Counter(folded.values())
    return {name: letter for letter, name in folded.items() if shared[name] == 1 and len(name) > 1}


def called_by(word: str, names: Mapping[str, str]) -> str:
    """The name that a word is, or "". "ạ" is no letter A: only what was typed without an accent is a letter."""
    plain = word.lower() if len(word) == 1 else fold(word).text
    return plain if plain in names else ""
