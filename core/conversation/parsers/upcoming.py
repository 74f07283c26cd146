"""A day of travel, mostly to come: "mai", "thứ 5 tuần sau", "3 ngày nữa", "20/12". `day` reads days gone by."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

from core.conversation.parsers.dates import real_day, written_day
from core.conversation.parsers.day_words import COMING, Said, read
from core.conversation.understanding import Reason, Unclear, Understood

BACK, AHEAD = 30, 330
"""Days around today that a departure or an entry is declared in; less than a year, so that "20/12" is one day."""

_FROM_NOW = re.compile(r"(?<!\d)(\d{1,3}) ?(ngay|hom|bua|tuan) ?(?:nua|toi|sau)\b|\bin (\d{1,3}) (day|week)s?\b")
_MONTHS = {"nay": 0, "truoc": -1, "roi": -1, "vua roi": -1, "sau": 1, "toi": 1}


def parse(text: str, today: date) -> Understood[date] | Unclear:
    """The day meant, from 30 days ago to 330 days ahead. Asked again when two days fit equally well."""
    said = read(text, coming=True)
    if isinstance(said, Unclear):
        return said
    found = _dated(said, today)
    if found is None:
        found = _worded(said, today)
    elif isinstance(found, date) and not _agrees(found, said, today):
        return Unclear(Reason.CONTRADICTION)
    if isinstance(found, Unclear):
        return found
    return Understood(found) if _near(found, today) else Unclear(Reason.OUT_OF_RANGE)


def _near(day: date, today: date) -> bool:
    return -BACK <= (day - today).days <= AHEAD


def _dated(said: Said, today: date) -> date | Unclear | None:
    """The day of a date or a count in digits; None when there is none."""
    day = written_day(said.text, today)
    if day is not False:
        return day if isinstance(day, date) else Unclear(Reason.IMPOSSIBLE)
    if said.day_month:
        return _of_month(*said.day_month, today)
    if (counted := _counted(said)) is not None:
        return today + timedelta(days=counted)
    return _day_of_month(said.day_of_month, said.month, today) if said.day_of_month is not None else None


def _of_month(day: int, month: int, today: date) -> date | Unclear:
    years = (today.year - 1, today.year, today.year + 1)
    found = [each for year in years if (each := real_day(year, month, day)) is not None]
    near = [each for each in found if _near(each, today)]
    if near:
        return near[0]
    return Unclear(Reason.OUT_OF_RANGE if found else Reason.IMPOSSIBLE)


def _counted(said: Said) -> int | None:
    """Days from today, of "3 ngày nữa" and "2 ngày trước"."""
    found = _FROM_NOW.findall(said.text)
    if len(found) != 1 or said.numbers != 1:
        return None if said.days_ago is None else -said.days_ago
    count, unit, in_count, in_unit = found[0]
    return int(count or in_count) * (7 if (unit or in_unit)[0] in "tw" else 1)


def _agrees(day: date, said: Said, today: date) -> bool:
    named = {COMING[word] for word in said.words if word in COMING}
    return said.weekdays <= {day.weekday()} and named <= {(day - today).days}


def _worded(said: Said, today: date) -> date | Unclear:
    """The day of words alone."""
    named = {COMING[word] for word in said.words if word in COMING}
    if said.numbers or said.month or len(said.weekdays) > 1 or len(named) > 1:
        return Unclear(Reason.AMBIGUOUS)
    if named:
        day = today + timedelta(days=named.pop())
        return day if said.weekdays <= {day.weekday()} else Unclear(Reason.CONTRADICTION)
    if not said.weekdays:
        return Unclear(Reason.AMBIGUOUS if "next_week" in said.words else Reason.NOT_AN_ANSWER)
    return _weekday(min(said.weekdays), said.words, today) or Unclear(Reason.AMBIGUOUS)


def _weekday(number: int, words: frozenset[str], today: date) -> date | None:
    """The day of that number in the week named, or the next one. Today's own weekday may be in a week: None."""
    monday = today - timedelta(days=today.weekday())
    for word, weeks in (("week_before_last", -2), ("last_week", -1), ("this_week", 0), ("next_week", 1)):
        if word in words:
            return monday + timedelta(days=number + 7 * weeks)
    away = (number - today.weekday()) % 7
    if away == 0:
        return None
    return today + timedelta(days=away - 7 if "just_gone" in words else away)


def _day_of_month(day: int, month_said: str, today: date) -> date | Unclear:
    """ "ngày 20": the next one, unless the last one is nearer; "ngày 20 tháng sau"."""
    if month_said:
        return next(_months(today, _MONTHS[month_said], day), None) or Unclear(Reason.IMPOSSIBLE)
    last, coming = next(_months(today, 0, day, -1), None), next(_months(today, 0, day, 1), None)
    if coming is None or last is None:
        return Unclear(Reason.IMPOSSIBLE)
    if coming > today and today - last < coming - today:
        return Unclear(Reason.AMBIGUOUS)
    return coming


def _months(today: date, first: int, day: int, step: int = 0) -> Iterator[date]:
    """That day of the month `first` months from now, then of each month onward by `step`, not beyond today."""
    for count in range(13 if step else 1):
        at = today.year * 12 + today.month - 1 + first + count * step
        found = real_day(at // 12, at % 12 + 1, day)
        if found is not None and (step == 0 or (found - today).days * step >= 0):
            yield found
