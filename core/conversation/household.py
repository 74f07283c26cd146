"""Several people's check-ins in one text: "A OK B SOT 38 C OK", "Chu ok, My sot 38". Nobody is assumed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from core.conversation.answers import day_values
from core.conversation.asking import begin, checkin_of, take
from core.conversation.context import Member
from core.conversation.fold import fold
from core.conversation.messages import N_, Listed, Param, Say
from core.conversation.parsers import checkin
from core.conversation.records import spoken, write
from core.conversation.session import IDLE, LastRecord
from core.conversation.summary import echo
from core.conversation.turn import Turn
from core.conversation.understanding import DayReport, Signs, Understood
from core.messaging.channel import MessageKind

_WORD = re.compile(r"[^\W\d_]+")
_ALL = re.compile(r"\b(?:ca nha|ca gia dinh|tat ca|moi nguoi|ca hai|ca 2|ca ba|ca 3|ca bon|ca 4)\b")
ALL = "cả nhà"
"""Words that `means_all` takes for all."""

_SHARE = re.compile(r"(?:đều|deu|cả hai|ca hai|cả 2|ca 2|cả ba|ca ba|cả 3|ca 3)\b *(?:đều\b|deu\b)? *", re.IGNORECASE)
_AND = re.compile(r"^[\s,&+]*(?:v[àa]|v[ớo]i|&|\+)?\s*$", re.IGNORECASE)
_STOPS = (",", ".", ";", "\n")
_COUNTS = {"ca hai": 2, "ca 2": 2, "ca ba": 3, "ca 3": 3, "ca bon": 4, "ca 4": 4}
_BETWEEN = " \t\n:.,;=-"


def given_name(name: str) -> str:
    """The last word of a Vietnamese name: what people are called by."""
    return name.rpartition(" ")[2]


def reports(text: str, members: Sequence[Member]) -> dict[str, DayReport]:
    """Each person's report, by letter, in the order written; empty if the text does not tell clearly who has what.

    A letter names a person only beside another one ("a khoe" is "I am well"); a given name does so alone, in a
    text that says nothing without it.
    """
    if everybody := _everybody(text, members):
        return everybody
    named = _names(members)
    for names in ({m.letter.lower(): m.letter for m in members} | named, named):
        found = _read(text, names)
        if found is None:
            return {}
        if len(found) > 1:
            return found
    return _of_one(text, named)


def _everybody(text: str, members: Sequence[Member]) -> dict[str, DayReport]:
    """ "Ca nha khoe": said of all, so it counts for each. Signs are somebody's, and need a name."""
    day = _whole(text)
    if day is None or day.temperature is not None or day.signs != Signs() or not means_all(text, len(members)):
        return {}
    return {member.letter: day for member in members}


def means_all(text: str, count: int) -> bool:
    """Whether a text speaks of all `count` people of a phone."""
    found = _ALL.search(fold(text).text)
    return found is not None and _COUNTS.get(found[0], count) == count


def credit(turn: Turn, found: Mapping[str, DayReport]) -> None:
    """Write down everybody's report, and say all of them back in one text."""
    items: list[Param] = []
    made: list[LastRecord] = []
    for letter, report in found.items():
        begin(turn, checkin_of(turn, letter), letter, guided=False)
        take(turn, "signs", day_values(report, window=False))
        write(turn)
        member = turn.context.member(letter)
        name = member.name if member and member.name else letter
        items.append(Say(N_("{name}: {echo}"), {"name": name, "echo": echo(turn.session.answers)}))
        made += [turn.session.last] if turn.session.last else []
        turn.change(**IDLE)
    turn.change(together=tuple(made))
    text = N_("Đã nhận: {items}. Mã: {code}. Sai thì nhắn lại.")
    turn.say(text, MessageKind.RECEIPT, items=Listed(tuple(items), mark="; "), code=spoken(turn.context.code))


def first_named(text: str, members: Sequence[Member]) -> tuple[str, str]:
    """The letter of whoever a text names first, and what is said of them; "" and all of it if it begins otherwise."""
    names = {m.letter.lower(): m.letter for m in members} | _names(members)
    word = _WORD.search(text)
    if word is None or text[: word.start()].strip(_BETWEEN) or not _called(word[0], names):
        return "", text
    return names[_called(word[0], names)], text[word.end() :].strip(_BETWEEN)


def _names(members: Sequence[Member]) -> dict[str, str]:
    """Letters by given name, of people who share it with nobody here."""
    folded = {m.letter: fold(given_name(m.name)).text for m in members if m.name}
    shared = Counter(folded.values())
    return {name: letter for letter, name in folded.items() if shared[name] == 1 and len(name) > 1}


def _read(text: str, names: Mapping[str, str]) -> dict[str, DayReport] | None:
    """A name, then what that person has, until the next name. All of it must be understood, nobody said twice. None
    if somebody is named of whom nothing is said: then nobody's part is sure."""
    marks = [m for m in _WORD.finditer(text) if _called(m[0], names) and not _is_polite(m, text)]
    if not marks or text[: marks[0].start()].strip(_BETWEEN):
        return {}
    ends = [*(m.start() for m in marks[1:]), len(text)]
    said_of = [
        (names[_called(m[0], names)], _AND.sub("", text[m.end() : end]).strip(_BETWEEN))
        for m, end in zip(marks, ends, strict=True)
    ]
    parts = _shared(said_of)
    if not all(said for _, said in parts):
        return None
    if len(dict(parts)) < len(parts):
        return {}
    found = {letter: _whole(said) for letter, said in parts}
    return {letter: day for letter, day in found.items() if day} if all(found.values()) else {}


def _shared(said_of: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """ "A Chu ok": letter and name of one person. "A, B deu ho": who is named just before another has the same if the
    words say so, and is left without any report if they do not: "A B sot 39" may be about one of them."""
    parts: list[tuple[str, str]] = []
    for letter, said in reversed(said_of):
        after = parts[-1] if parts else ("", "")
        if said or not after[1]:
            parts.append((letter, said))
        elif letter != after[0]:
            parts.append((letter, after[1] if _SHARE.match(fold(after[1]).text) else ""))
    return [(letter, _SHARE.sub("", said)) for letter, said in reversed(parts)]


def _is_polite(mark: re.Match[str], text: str) -> bool:
    """ "Chu khoe a, My sot": an "ạ" typed without its accent ends what is said, and no comma stands before it."""
    before, after = text[: mark.start()].rstrip(), text[mark.end() :].lstrip(" ")
    return mark[0] == "a" and bool(_WORD.search(before)) and before[-1] not in _STOPS and after[:1] in ("", *_STOPS)


def _of_one(text: str, named: Mapping[str, str]) -> dict[str, DayReport]:
    marks = [m for m in _WORD.finditer(text) if _called(m[0], named)]
    if len(marks) != 1 or isinstance(checkin.parse(text), Understood):
        return {}
    mark = marks[0]
    day = _whole(f"{text[: mark.start()]} {text[mark.end() :]}")
    return {named[_called(mark[0], named)]: day} if day else {}


def _called(word: str, names: Mapping[str, str]) -> str:
    """The name that a word is, or "". "ạ" is no letter A: only what was typed without an accent is a letter."""
    plain = word.lower() if len(word) == 1 else fold(word).text
    return plain if plain in names else ""


def _whole(said: str) -> DayReport | None:
    """A report that leaves nothing to ask: one with signs, or that there are none."""
    day = checkin.parse(said)
    return day.value if isinstance(day, Understood) and day.value.signs is not None else None
