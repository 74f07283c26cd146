"""Several people's check-ins in one text: "A OK B SOT 38 C OK", "Chu ok, My sot 38". Nobody is assumed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple

from core.conversation import measures, seen_ill
from core.conversation.allowed import NotAllowed, may
from core.conversation.answers import day_values
from core.conversation.asking import begin, checkin_of, forget, take
from core.conversation.calling import BETWEEN, WORD, called_by, first_named, letters_and_names, names_of
from core.conversation.context import Context, Member
from core.conversation.fold import fold
from core.conversation.limits import age_in
from core.conversation.messages import N_, Listed, Param, Say
from core.conversation.parsers import checkin, danger, vitals
from core.conversation.records import spoken, untouched, write
from core.conversation.session import IDLE, LastRecord
from core.conversation.summary import echo
from core.conversation.turn import Turn
from core.conversation.understanding import DayReport, Reason, Signs, Understood
from core.messaging.channel import MessageKind

_ALL = re.compile(r"\b(?:ca nha|ca gia dinh|tat ca|moi nguoi|ca hai|ca 2|ca ba|ca 3|ca bon|ca 4)\b")
ALL = "cả nhà"
"""Words that `means_all` takes for all."""

_SHARE = re.compile(r"(?:đều|deu|cả hai|ca hai|cả 2|ca 2|cả ba|ca ba|cả 3|ca 3)\b *(?:đều\b|deu\b)? *", re.IGNORECASE)
_AND = re.compile(r"^[\s,&+]*(?:v[àa]|v[ớo]i|&|\+)?\s*$", re.IGNORECASE)
_LETTER = re.compile(r"\s*([A-Z])\b[ \t]*[:.,=-]?[ \t]*(?=\S)")
_CAPITAL = re.compile(r"(?<![^\W_])([A-Z])\b[ \t]*[:.,=-]?[ \t]*(?=\S)")
_DEGREES = re.compile(r"(?:\d|\b(?:do|độ))$", re.IGNORECASE)
_PEOPLE = "BCDEFGH"  # letters that are no words: "K sot" is "khong sot", "T" is "toi"
_STOPS = (",", ".", ";", "\n")
_COUNTS = {"ca hai": 2, "ca 2": 2, "ca ba": 3, "ca 3": 3, "ca bon": 4, "ca 4": 4}
_JOINED = re.compile(r"^\s*(?:v[àa]|v[ớo]i|&|\+)\s*$", re.IGNORECASE)
_WITH = "+"
_LATELY = timedelta(days=1)


class Part(NamedTuple):
    """What a text says of one person: the report, and the words, for the numbers in them."""

    day: DayReport
    said: str


def reports(text: str, members: Sequence[Member]) -> dict[str, Part]:
    """Each person's report, by letter, in the order written; empty if the text does not tell clearly who has what.

    A letter names a person beside another one, or alone as a capital before what that person has: "B HO". But "a khoe"
    and "A KHOE" are "I am well". A given name names one alone, in a text that says nothing without it.
    """
    if everybody := _everybody(text, members):
        return everybody
    if strange(text, members):
        return {}
    for names in (letters_and_names(members), names_of(members)):
        found = _read(text, names)
        if found is None:
            return {}
        if len(found) > 1:
            return found
    return _of_letter(text, members) or _of_one(text, names_of(members))


def of_danger(text: str, context: Context, year: int) -> dict[str, tuple[str, ...]]:
    """Who is in danger by a text that names people, and by which signs; empty if it names nobody, "" for
    whoever it is if it names somebody whom nobody knows here. `year`: this one."""
    if strange(text, context.members):
        return {"": danger.find(text, context.rules.limits).present}
    limits, parts = context.rules.limits, told_apart(text, context)
    found = {letter: danger.find(said, limits, age(context, letter, year)).present for letter, said in parts}
    return {letter: signs for letter, signs in found.items() if signs}


def told_apart(text: str, context: Context) -> list[tuple[str, str]]:
    """What a text that names people says of each, by letter, understood or not; empty if it names nobody."""
    members = context.members if len(context.members) > 1 else ()
    for names in (letters_and_names(members), names_of(members)):
        parts = _parts(text, names)
        if len({letter for letter, _ in parts}) > 1:
            return parts
    return _lettered(text, members) or parts


def age(context: Context, letter: str, year: int) -> int | None:
    """Years of age of somebody here in that year, if that is known."""
    member = context.member(letter)
    return age_in(year, member.year_of_birth) if member else None


def _everybody(text: str, members: Sequence[Member]) -> dict[str, Part]:
    """ "Ca nha khoe": said of all, so it counts for each. Signs are somebody's, and need a name."""
    day = _whole(text)
    if day is None or day.temperature is not None or day.signs != Signs() or not means_all(text, len(members)):
        return {}
    return {member.letter: Part(day, "") for member in members}


def means_all(text: str, count: int) -> bool:
    """Whether a text speaks of all `count` people of a phone."""
    found = _ALL.search(fold(text).text)
    return found is not None and _COUNTS.get(found[0], count) == count


def credit(turn: Turn, found: Mapping[str, Part], earlier: Mapping[str, LastRecord] | None = None) -> None:
    """Write down everybody's report, and say all of them back in one text, by letter as people wrote them. `earlier`:
    records that these reports correct, by letter; one that is right as it stands gets no new version."""
    if not any(may(turn, letter) for letter in found):
        raise NotAllowed(next(iter(found)))
    items: list[Param] = []
    for letter, part in found.items():
        if not may(turn, letter):
            seen_ill.tell(turn, letter, part.said)
            items.append(Say(N_("{name}: chưa ghi vì chưa đồng ý"), {"name": _called_by(turn, letter)}))
            continue
        _write_one(turn, letter, part, (earlier or {}).get(letter))
        name = _called_by(turn, letter)
        items.append(Say(N_("{name}: {echo}"), {"name": name, "echo": echo(turn.session.answers)}))
        turn.change(**IDLE)
    text = N_("Đã nhận: {items}. Mã: {code}. Sai thì nhắn SUA và chữ, ví dụ SUA B.")
    turn.say(text, MessageKind.RECEIPT, items=Listed(tuple(items), mark="; "), code=spoken(_code(turn)))


def _write_one(turn: Turn, letter: str, part: Part, old: LastRecord | None) -> None:
    begin(turn, checkin_of(turn, letter), letter, guided=False)
    said = {**measures.said_in(part.said, turn.form), **day_values(part.day, window=False)}
    if old is not None and turn.library.versions[old.form_hash].daily:
        answers = old.asked()
        said = {**untouched(answers, said), **said}
        turn.change(form=old.form_hash, correcting=old, on_behalf=old.on_behalf, answers=answers)
        if all(said.get(key) == answers.get(key) for key in {*said, "temperature", "signs", "signs_gone"}):
            return
        forget(turn, turn.form.question("signs"))
    take(turn, "signs", said)
    write(turn)


def _code(turn: Turn) -> str:
    return turn.session.last.code if turn.session.last else turn.context.code


def _called_by(turn: Turn, letter: str) -> str:
    member = turn.context.member(letter)
    return member.called if member else letter


def calls_another(turn: Turn, text: str) -> bool:
    """Whether a report calls somebody who is nobody here. A volunteer's may be of a household of theirs, or of one that
    they were with yesterday or today, if they help no more."""
    lately = any(turn.inbound.at - stay.until < _LATELY for stay in turn.session.served)
    found = _LETTER.match(text) if turn.context.duty or lately else None
    unknown = found is not None and found[1] in _PEOPLE and turn.context.member(found[1]) is None
    return unknown or bool(strange(text, turn.context.members))


def _read(text: str, names: Mapping[str, str]) -> dict[str, Part] | None:
    """What each person has. All of it must be understood, nobody said twice. None if somebody is named of whom nothing
    is said: then nobody's part is sure."""
    parts = _parts(text, names)
    if not all(said for _, said in parts):
        return None
    if len(dict(parts)) < len(parts):
        return {}
    days = [(letter, _whole(said), said) for letter, said in parts]
    return {letter: Part(day, said) for letter, day, said in days if day} if all(day for _, day, _ in days) else {}


def _parts(text: str, names: Mapping[str, str]) -> list[tuple[str, str]]:
    """A name, then what is said of that person, until the next name."""
    marks = [m for m in WORD.finditer(text) if called_by(m[0], names) and not _is_polite(m, text)]
    if not marks or text[: marks[0].start()].strip(BETWEEN):
        return []
    ends = [*(m.start() for m in marks[1:]), len(text)]
    said_of = [(names[called_by(m[0], names)], _said(text[m.end() : end])) for m, end in zip(marks, ends, strict=True)]
    return _shared(said_of)


def _said(between: str) -> str:
    """What is said of one, up to the next name; _WITH if it is but "and"."""
    return _WITH if _JOINED.match(between) else _AND.sub("", between).strip(BETWEEN)


def strange(text: str, members: Sequence[Member]) -> str:
    """The capital letter by which a text tells of somebody who is nobody here, be it the first or behind somebody
    else's; "" if there is none. Whose that is cannot be known, nor where what is said of the one before it ends."""
    known = {member.letter for member in members}
    marks = list(_CAPITAL.finditer(text)) if known else []
    begins = bool(marks) and not text[: marks[0].start()].strip(BETWEEN)
    if not begins and not (marks and first_named(text, members)[0]):
        return ""
    ends = [*(mark.start() for mark in marks[1:]), len(text)]
    for mark, end in zip(marks, ends, strict=True):
        one = mark[1] in _PEOPLE and mark[1] not in known
        if one and not _is_a_word(mark, text) and _tells(text[mark.end() : end]):
            return mark[1]
    return ""


def unlettered(text: str, members: Sequence[Member]) -> str:
    """A text without the letter of nobody here in front: it is known now whose it is."""
    found = _LETTER.match(text)
    return text[found.end() :] if found and strange(text, members) == found[1] else text


def _is_a_word(mark: re.Match[str], text: str) -> bool:
    """ "E ho" may be "em"; "38 C, ho" is a degree."""
    before = text[: mark.start()].rstrip(BETWEEN)
    if not before:
        return mark[1] == "E" and ":" not in mark[0]
    return mark[1] == "C" and bool(_DEGREES.search(before)) and any(stop in mark[0] for stop in _STOPS)


def _tells(said: str) -> bool:
    if isinstance(vitals.parse(said), Understood):
        return True
    day = checkin.parse(said)
    return isinstance(day, Understood) or day.reason not in (Reason.EMPTY, Reason.NOT_AN_ANSWER)


def several_letters(text: str, members: Sequence[Member]) -> bool:
    """Whether several of them are called by their letters: the capitals that stand alone before something."""
    return len({found[1] for found in _CAPITAL.finditer(text)} & {member.letter for member in members}) > 1


def several(text: str, members: Sequence[Member]) -> bool:
    """Whether a text begins with one of them and names another."""
    names = letters_and_names(members)
    return len({letter for letter, _ in _parts(text, names)}) > 1


def _of_letter(text: str, members: Sequence[Member]) -> dict[str, Part]:
    """ "B HO": one capital, then what that person has."""
    return {letter: Part(day, said) for letter, said in _lettered(text, members) if (day := _whole(said))}


def _lettered(text: str, members: Sequence[Member]) -> list[tuple[str, str]]:
    """The person of the one letter that a text begins with. "A" alone may be "anh" or "ạ": it needs a colon."""
    found = _LETTER.match(text)
    letter = found[1] if found else ""
    if found is None or (letter == "A" and ":" not in found[0]) or all(m.letter != letter for m in members):
        return []
    return [(letter, text[found.end() :].strip(BETWEEN))]


def _shared(said_of: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """ "A Chu ok": letter and name of one person. "A va B ho", "A, B deu ho": who is named just before another has the
    same if the words say so, and is left without any report if they do not: "A B sot 39" may be about one of them."""
    parts: list[tuple[str, str]] = []
    for letter, said in reversed(said_of):
        after = parts[-1] if parts else ("", "")
        if said == _WITH:
            parts.append((letter, after[1]))
        elif said or not after[1]:
            parts.append((letter, said))
        elif letter != after[0]:
            parts.append((letter, after[1] if _SHARE.match(fold(after[1]).text) else ""))
    return [(letter, _SHARE.sub("", said)) for letter, said in reversed(parts)]


def _is_polite(mark: re.Match[str], text: str) -> bool:
    """ "Chu khoe a, My sot": an "ạ" typed without its accent ends what is said, and no comma stands before it."""
    before, after = text[: mark.start()].rstrip(), text[mark.end() :].lstrip(" ")
    return mark[0] == "a" and bool(WORD.search(before)) and before[-1] not in _STOPS and after[:1] in ("", *_STOPS)


def _of_one(text: str, named: Mapping[str, str]) -> dict[str, Part]:
    marks = [m for m in WORD.finditer(text) if called_by(m[0], named)]
    if len(marks) != 1 or isinstance(checkin.parse(text), Understood):
        return {}
    mark = marks[0]
    said = f"{text[: mark.start()]} {text[mark.end() :]}"
    day = _whole(said)
    return {named[called_by(mark[0], named)]: Part(day, said)} if day else {}


def _whole(said: str) -> DayReport | None:
    """A report: signs, or that there are none, a temperature, or nothing but other numbers that were measured."""
    day = checkin.parse(said)
    if isinstance(day, Understood):
        return day.value
    return DayReport() if isinstance(vitals.parse(said), Understood) else None
