"""The numbers of a text and what each of them is: a temperature, a pulse, an hour, or nothing we know."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from core.conversation.fold import Folded, words
from core.conversation.lexicon import load, phrases
from core.conversation.parsers import spoken

LOWEST, HIGHEST = 34.0, 43.0
"""Degrees Celsius that a living person can have and a thermometer shows (domain, section 6)."""

_FAHRENHEIT_LOWEST, _FAHRENHEIT_HIGHEST = 93.2, 109.4


class What(StrEnum):
    """What a number is, or the words before it. Values are meanings of the lexicon, but for the last two."""

    SPO2 = "spo2"
    PULSE = "pulse"
    BREATHS = "breaths"
    PRESSURE = "pressure"
    SYSTOLIC = "systolic"
    DIASTOLIC = "diastolic"
    TEMPERATURE = "temperature"
    OTHER = "other"  # a day, an age, a house
    SHARE = "share"  # a percentage, but not of oxygen
    SIGN = "sign"  # no label, though it holds one
    HOUR = "hour"
    BARE = "bare"  # nothing says what


class Reading(NamedTuple):
    """One number. `second`: the lower one of a blood pressure. `marked`: more than a bare whole number says what it is,
    `labelled`: words before it do. `hour` of the day when it was measured, as far as the words beside it say; below 0
    that was before today.
    """

    what: What
    value: float
    second: float = 0.0
    marked: bool = True
    labelled: bool = False
    hour: float | None = None


class _Found(NamedTuple):
    reading: Reading
    start: int
    end: int


def _either(*meanings: str) -> str:
    said = {words(phrase) for meaning in meanings for phrase in phrases("vitals", meaning)}
    return "|".join(sorted(said, key=len, reverse=True))


def _first_words(*meanings: str) -> frozenset[str]:
    """What their phrases begin with: where none is in a text, none of the patterns need be tried, which cost more than
    all the rest of a reading."""
    return frozenset(words(phrase).split()[0] for meaning in meanings for phrase in phrases("vitals", meaning))


_COUNTED = frozenset({What.SPO2, What.PULSE, What.BREATHS, What.SYSTOLIC, What.DIASTOLIC})
_HOURS = {
    "h_yesterday": -2.0,
    "h_last_night": 0.0,
    "h_morning": 8.0,
    "h_noon": 12.0,
    "h_afternoon": 16.0,
    "h_evening": 20.0,
    "h_evening_after": 20.0,
    "h_now": 24.0,
}
_LABELS = (What.SIGN, *(what for what in What if what in load("vitals").words and what is not What.SIGN))
_LABEL_WORDS = _first_words(*(what.value for what in _LABELS))
_WHEN_WORDS = _first_words(*_HOURS)
_LABEL = re.compile(rf"(?<![^\W\d])(?:{'|'.join(f'(?P<{what}>{_either(what)})' for what in _LABELS)})(?![^\W\d])")
_LINK = re.compile(rf"(?:[ :=.-]+(?:{_either('link')})(?!\w))*[ :=.-]*")
_ANY_WORDS = re.compile(r"(?:[ :=.-]+[^\W\d]+){0,5}[ :=.-]*")
"""Between "oxy" and its number: "oxy của mẹ em chỉ còn 88" must not be missed, and nothing else there is counted."""

_WHEN = re.compile(
    rf"(?<!tu )(?<!hon )(?<!nhu )(?<!\w)(?:{'|'.join(f'(?P<{when}>{_either(when)})' for when in _HOURS)})(?![^\W\d])"
)
_BETWEEN = re.compile(
    r"(?:[ ,.;:/()-]|(?:(?:hom |bua )?nay (?:chi )?con|va|do|do duoc|duoc|la|thi|c"
    rf"|{_either(*_HOURS, 'temperature')})(?![^\W\d]))*"
)
_NAMED_WITH_DIGIT = re.compile(r"(?<![^\W\d])(?:s?po ?2|sp ?02|(?<!\d)o ?2)(?=\d{2,3}(?!\d)|\D|$)")

_GLUE = r"(?:(?:[.,'*:;]|°|do c\b|do|d|o|phay|cham|oc)[ .,]?){1,2}"
_DEGREES = re.compile(
    rf"(\d{{2,3}})(?:[.,](\d\d)(?!\d)| ?{_GLUE} ?(\d|ruoi\b|r\b)(?!\d)|(ruoi\b|r\b)| (ruoi|\d)(?!\d|[.,]\d))?"
    r" ?(°|do\b|o\b)?(?: ?(f|fahrenheit|degrees f(?:ahrenheit)?)\b|c\b)?(?!\d)"
)
_HALF_OR_ALREADY = re.compile(r"(?:3[4-9]|4[0-3]) (?:do )?r\b")
_OTHER = re.compile(
    r"\d{1,2}[/-]\d{1,2}(?:[/-]\d{2,4})?\b"
    r"|\d{1,3} ?(?:lan|ngay|hom|bua|tuan|thang|tuoi|nguoi|vien|phut|tieng|lit|mui|dua|nam)\b"
    r"|\d{1,3}(?:[.,]\d+)? ?(?:kg|ki|cm|km|kilo|tuoi)\b"
    r"|\d{1,3} ?(?:k|nghin|ngan|trieu|ty|dong)\b(?! ?(?:sot|ho|bi|co|sao)\b)"
    r"|\d ?m ?\d{0,2}\b"
    r"|1 ?(?:chut|xiu|it|ti|teo|cai|con|trong)\b"
)
_HOUR = re.compile(
    r"(\d{1,2})(?: ?(?:h|g|gio)\b(?: ?\d{1,2}\b(?! ?(?:do|°|[.,]\d)))?|h\d{2}\b|:\d{2}\b(?! ?(?:do|°|c\b)))"
)
_COUNT = re.compile(r"(\d{1,3})(?!\d|[.,:]\d| ?(?:do|°|h|gio)\b)")
_PAIR = re.compile(r"(\d{1,3}(?:[.,]\d)?) ?(?:/|-|,|:|tren|duoi| ) ?(\d{1,3}(?:[.,]\d)?)(?![\d/])")
_SLASHED = re.compile(r"(\d{2,3})/(\d{2,3})(?![\d/])")
_PERCENT = re.compile(r"(\d{2,3}) ?(?:%|phan tram)")
_NUMBER = re.compile(r"\d+")
_ONE_DIGIT = re.compile(r"\d(?!\d|[.,]\d)")
_CLAUSE = re.compile(r"[,;\n]|\. ")
_IN_TENS = 30.0
"""A blood pressure below this is in tens: "12/8" is 120/80, as people say it."""


@lru_cache(maxsize=96)
def scan(folded: Folded) -> tuple[Reading, ...]:
    """Every number of a text in its order, also those read aloud ("ba bảy rưỡi")."""
    said = spoken.digits(folded)
    if not _NUMBER.search(said):
        return ()
    named = "2" in said and _NAMED_WITH_DIGIT.search(said) is not None
    if named:
        said = _NAMED_WITH_DIGIT.sub("spo ", said)
    found = list(_found(said, named or not _LABEL_WORDS.isdisjoint(folded.texts)))
    if _WHEN_WORDS.isdisjoint(folded.texts) or (len(found) == 1 and found[0].reading.what is not What.TEMPERATURE):
        readings = tuple([each.reading for each in found])
        if len(readings) == 1 or What.HOUR not in [reading.what for reading in readings]:
            return readings
    return _timed(said, found)


def _found(said: str, labels: bool) -> Iterator[_Found]:
    end = 0
    for match in _NUMBER.finditer(said):
        start = match.start()
        if start < end:
            continue
        label = _label(said, end, start) if labels else None
        reading, end = _read(said, start, label) or (
            Reading(What.BARE, float(match.group()), marked=False),
            match.end(),
        )
        yield _Found(reading, start, end)


def _label(said: str, since: int, start: int) -> What | None:
    """What the last label before a number makes of it."""
    labels = list(_LABEL.finditer(said, since, start))
    if not labels:
        return None
    what = What(labels[-1].lastgroup or "")
    between = _ANY_WORDS if what is What.SPO2 else _LINK
    return what if between.fullmatch(said, labels[-1].end(), start) else None


def _read(said: str, start: int, label: What | None) -> tuple[Reading, int] | None:
    """The number at `start` as its label has it, else as its own form does."""
    read = _labelled(said, start, label) if label is not None else None
    read = read or _formed(said, start)
    if read is not None:
        return read
    degrees = _DEGREES.match(said, start)
    if degrees is None or _HALF_OR_ALREADY.match(said, start):
        small = _ONE_DIGIT.match(said, start) if label is What.OTHER else None
        return (Reading(What.OTHER, float(small.group())), small.end()) if small else None
    reading = _celsius(degrees, label is What.TEMPERATURE)
    if label is What.OTHER and not reading.marked:
        reading = Reading(What.OTHER, reading.value)
    return reading, degrees.end()


def _formed(said: str, start: int) -> tuple[Reading, int] | None:
    """A number whose form or unit says what it is: "7h", "97%", "120/80", "3 ngày"."""
    if hour := _HOUR.match(said, start):
        return Reading(What.HOUR, float(hour.group(1))), hour.end()
    if percent := _PERCENT.match(said, start):
        return Reading(What.SPO2, float(percent.group(1))), percent.end()
    if (pair := _SLASHED.match(said, start)) and float(pair.group(2)) > _IN_TENS:
        return Reading(What.PRESSURE, float(pair.group(1)), float(pair.group(2))), pair.end()
    other = _OTHER.match(said, start)
    return (Reading(What.OTHER, 0), other.end()) if other else None


def _labelled(said: str, start: int, label: What) -> tuple[Reading, int] | None:
    if label is What.PRESSURE:
        pair = _PAIR.match(said, start)
        return (_pressure(pair), pair.end()) if pair else None
    if label is What.SHARE and (percent := _PERCENT.match(said, start)):
        return Reading(What.OTHER, float(percent.group(1))), percent.end()
    if label not in _COUNTED:
        return None
    count = _COUNT.match(said, start)
    return (Reading(label, float(count.group(1)), labelled=True), count.end()) if count else None


def _pressure(pair: re.Match[str]) -> Reading:
    upper, lower = (float(each.replace(",", ".")) for each in pair.groups())
    tens = 10 if upper < _IN_TENS else 1
    return Reading(What.PRESSURE, upper * tens, lower * tens, labelled=True)


def _celsius(match: re.Match[str], labelled: bool) -> Reading:
    """A temperature, or a bare number when no body has it."""
    whole, *tails, degree, fahrenheit = match.groups()
    tail = next(filter(None, tails), None)
    marked = labelled or bool(tail or degree or fahrenheit)
    if len(whole) == 3 and tail is None and not fahrenheit:
        whole, tail = whole[:2], whole[2]
    tail = "5" if tail in ("r", "ruoi") else tail
    degrees = float(f"{whole}.{tail}" if tail else whole)
    if fahrenheit and _FAHRENHEIT_LOWEST <= degrees <= _FAHRENHEIT_HIGHEST:
        return Reading(What.TEMPERATURE, round((degrees - 32) / 1.8, 1))
    if fahrenheit or not LOWEST <= degrees <= HIGHEST:
        return Reading(What.BARE, float(match.group(1)), marked=False)
    return Reading(What.TEMPERATURE, degrees, marked=marked)


def _timed(said: str, found: list[_Found]) -> tuple[Reading, ...]:
    """The readings, each temperature with the hour that stands before it, or else behind it."""
    places = [at for at, each in enumerate(found) if each.reading.what is What.TEMPERATURE]
    hours: dict[int, float | None] = {}
    for at in places:
        hours[at] = _hour_before(said, found, at, [hour for hour in hours.values() if hour is not None])
    if len(places) > 1 and None in hours.values():
        hours = {at: _hour_after(said, found, at) for at in places}
    if len(places) > 1 and not _apart_by_time_alone(said, found[places[0] : places[-1] + 1]):
        hours = {}
    return tuple(_at_hour(each.reading, hours.get(at)) for at, each in enumerate(found))


def _at_hour(reading: Reading, hour: float | None) -> Reading:
    return reading if hour is None else reading._replace(hour=hour)


def _hour_before(said: str, found: list[_Found], at: int, earlier: list[float]) -> float | None:
    """Of the words since the last number, the last that tell a time; of the clause alone, when nothing came before."""
    since = found[at - 1].end if at else 0
    words_before = said[since : found[at].start]
    named = [match.lastgroup for match in _WHEN.finditer(_CLAUSE.split(words_before)[-1])]
    if named and named[-1] == "h_evening_after" and not (earlier and 0 <= earlier[-1] < _HOURS["h_evening"]):
        named.pop()
    if named:
        return _HOURS[named[-1] or ""]
    before = found[at - 1].reading if at else None
    return before.value if before is not None and before.what is What.HOUR else None


def _hour_after(said: str, found: list[_Found], at: int) -> float | None:
    until = found[at + 1].start if at + 1 < len(found) else len(said)
    named = _WHEN.search(_CLAUSE.split(said[found[at].end : until])[0])
    return _HOURS[named.lastgroup or ""] if named else None


def _apart_by_time_alone(said: str, found: list[_Found]) -> bool:
    """Whether nothing but times stands between the temperatures: "bố 37, mẹ 38" are two people's."""
    return all(_BETWEEN.fullmatch(said, before.end, after.start) for before, after in pairwise(found))
