"""A scenario: a conversation on paper, as a nurse would write it down. `tests/scenarios/README.md` explains the signs.

Pure: text in, steps out. What cannot be read raises BadScenario, which names the file and the line.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from pathlib import Path

from app.scenario_help import HELPS, AskPresence, Helps
from core.care.follow_up import Enrolment
from core.conversation.form import Gate
from core.messaging.channel import Media
from core.places.venues import NewVenue, VenueKind

ANYTHING = "…"
"""Stands for any words in a text that is expected."""


class BadScenario(ValueError):
    """A line that is no step. The message begins with file:line."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a step stands."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Phone:
    """From here on it is about this phone."""

    number: str


@dataclass(frozen=True, slots=True)
class At:
    """Time goes on until then; without a day, today or tomorrow."""

    day: date | None
    hour: time


@dataclass(frozen=True, slots=True)
class Wait:
    """Time goes on by so much."""

    span: timedelta


@dataclass(frozen=True, slots=True)
class Writes:
    """The person writes."""

    text: str


@dataclass(frozen=True, slots=True)
class Sends:
    """The person sends something that is no text."""

    media: Media
    point: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Gets:
    """The person gets, whole; ANYTHING stands for any words."""

    text: str


@dataclass(frozen=True, slots=True)
class NewestRecord:
    """What is known of the newest record of the phone: facts by name. No form: there is no record."""

    form: str
    facts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class OpenAlerts:
    """The kinds of the alerts about the phone that staff see as open."""

    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DueCheck:
    """The status of the check-in due then, today if no day is given; `name` if several people answer here."""

    day: date | None
    hour: time
    name: str
    status: str


@dataclass(frozen=True, slots=True)
class Enrol:
    """A person is put under follow-up on the phone."""

    enrolment: Enrolment


@dataclass(frozen=True, slots=True)
class NewestVisit:
    """What is known of the newest visit of the phone: facts by name."""

    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class OpenVenue:
    """A place gets that code."""

    code: str
    venue: NewVenue


@dataclass(frozen=True, slots=True)
class AddGuard:
    """The phone may check others in there."""

    code: str


@dataclass(frozen=True, slots=True)
class OpenGate:
    """People who enter the country declare there."""

    gate: Gate


@dataclass(frozen=True, slots=True)
class GoOnDuty:
    """The phone is texted of a unit's alerts, at these hours."""

    unit_code: str
    name: str
    hours: tuple[int, int]


Expected = Gets | NewestRecord | NewestVisit | OpenAlerts | DueCheck
ByStaff = Enrol | OpenVenue | AddGuard | OpenGate | GoOnDuty | AskPresence | Helps
Deed = Phone | At | Wait | Writes | Sends | ByStaff | Expected


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a scenario that does or expects something."""

    place: Place
    deed: Deed


@dataclass(frozen=True, slots=True)
class Scenario:
    """A whole file: its lines as they stand, and the steps in them."""

    path: Path
    lines: tuple[str, ...]
    steps: tuple[Step, ...]


def load(path: Path) -> Scenario:
    """Read a file. Raises BadScenario."""
    try:
        return parse(path, path.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise BadScenario(f"{path}:1: not UTF-8") from error


def parse(path: Path, text: str) -> Scenario:
    """Read the text of a file. Raises BadScenario."""
    lines = tuple(text.splitlines())
    steps = []
    for number, line in enumerate(lines, start=1):
        if line.strip() and not line.startswith("#"):
            place = Place(str(path), number)
            steps.append(Step(place, _deed(place, line)))
    return Scenario(path, lines, tuple(steps))


def _deed(place: Place, line: str) -> Deed:
    head, _, rest = line.partition(" ")
    if head in _TEXTS:
        return _TEXTS[head](rest.strip().replace("\\n", "\n"))
    if head not in _READERS:
        raise BadScenario(f"{place}: no line begins with {head!r}: use one of {' '.join((*_TEXTS, *_READERS))} or #")
    reader, example = _READERS[head]
    try:
        return reader(shlex.split(rest))
    except ValueError as error:
        raise BadScenario(f"{place}: {line!r} cannot be read ({error}): write it like {example!r}") from error


def _phone(words: list[str]) -> Phone:
    (number,) = words
    return Phone(number)


def _at(words: list[str]) -> At:
    *days, hour = words
    return At(_day(days), time.fromisoformat(hour))


def _day(days: list[str]) -> date | None:
    if not days:
        return None
    (day,) = days
    return date.fromisoformat(day)


def _wait(words: list[str]) -> Wait:
    spans = [_SPAN.fullmatch(word) for word in words]
    if not spans:
        raise ValueError("how long?")
    total = timedelta()
    for word, span in zip(words, spans, strict=True):
        if span is None:
            raise ValueError(f"{word!r} is no span of time")
        total += timedelta(**{_UNITS[span[2]]: int(span[1])})
    return Wait(total)


def _newest(words: list[str]) -> NewestRecord | NewestVisit:
    form, *facts = words
    if form == "nothing" and not facts:
        return NewestRecord("")
    split = [fact.partition("=") for fact in facts]
    if any(not mark for _, mark, _ in split):
        raise ValueError("facts are name=value")
    pairs = tuple((name, value) for name, _, value in split)
    return NewestVisit(pairs) if form == "visit" else NewestRecord(form, pairs)


def _alerts(words: list[str]) -> OpenAlerts:
    if not words:
        raise ValueError("which alerts?")
    return OpenAlerts(() if words == ["none"] else tuple(sorted(words)))


def _due(words: list[str]) -> DueCheck:
    kind, *when, status = words
    if kind != "due" or not when:
        raise ValueError("words are missing")
    name = when.pop() if ":" not in when[-1] else ""
    *days, hour = when
    return DueCheck(_day(days), time.fromisoformat(hour), name, status)


def _sends(words: list[str]) -> Sends:
    media, *where = words
    point = (float(where[0]), float(where[1])) if len(where) > 1 else None
    return Sends(Media(media), point)


def _staff(words: list[str]) -> Deed:
    kind, *said = words
    if len(said) == HELPS.get(kind):
        return Helps(kind, tuple(said))
    if kind not in _BY_STAFF:
        raise ValueError(f"staff do one of {' '.join((*_BY_STAFF, *HELPS))}")
    return _BY_STAFF[kind](said)


def _venue(words: list[str]) -> OpenVenue:
    code, name, kind, unit = words
    return OpenVenue(code, NewVenue(name, VenueKind(kind), unit))


def _guard(words: list[str]) -> AddGuard:
    (code,) = words
    return AddGuard(code)


def _gate(words: list[str]) -> OpenGate:
    code, name, first, day, *last = words
    if first != "from" or (last and (len(last) != 2 or last[0] != "until")):
        raise ValueError("words are missing")
    return OpenGate(Gate(code, name, date.fromisoformat(day), date.fromisoformat(last[1]) if last else None))


def _duty(words: list[str]) -> GoOnDuty:
    unit, name, first, last = words
    return GoOnDuty(unit, name, (int(first), int(last)))


def _presence(words: list[str]) -> AskPresence:
    unit, kind, minutes, *home = words
    return AskPresence(unit, kind, int(minutes), *home)


def _enrol(words: list[str]) -> Enrol:
    name, year, gender, unit, group, until, last, hours, *when = words
    if (until, hours) != ("until", "hours") or not when:
        raise ValueError("words are missing")
    enrolment = Enrolment(
        full_name=name,
        year_of_birth=int(year),
        gender=gender,
        unit_code=unit,
        group=group,
        until=date.fromisoformat(last),
        hours=tuple(int(hour) for hour in when),
    )
    return Enrol(enrolment)


_BY_STAFF: Mapping[str, Callable[[list[str]], Deed]] = {
    "enrol": _enrol,
    "venue": _venue,
    "guard": _guard,
    "gate": _gate,
    "duty": _duty,
    "presence": _presence,
}
_SPAN = re.compile(r"(\d+)(s|m|h|d)")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_TEXTS: Mapping[str, Callable[[str], Deed]] = {">": Writes, "<": Gets}
_READERS: Mapping[str, tuple[Callable[[list[str]], Deed], str]] = {
    "phone": (_phone, "phone 0900000011"),
    "at": (_at, "at 2026-11-02 07:30"),
    "wait": (_wait, "wait 2h 30m"),
    "+": (_sends, "+ voice"),
    "=": (_newest, '= declaration signs=cough,fatigue full_name="Sung Thi May" confirmed=yes'),
    "!": (_alerts, "! danger call_back"),
    "~": (_due, "~ due 08:00 seen_ok"),
    "-": (_staff, '- enrol "Sùng Thị Mẩy" 1953 female TYT02683 F1 until 2026-11-15 hours 8 16'),
}
"""How a line begins, who reads what follows, and an example."""
