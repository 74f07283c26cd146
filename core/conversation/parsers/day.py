"""A day that has passed: "hôm qua", "10/8", "mùng 5", "2 ngày trước", "thứ 7 tuần trước"."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from core.conversation.parsers import slip
from core.conversation.parsers.dates import real_day, written_day
from core.conversation.parsers.day_words import PAST, Said, read
from core.conversation.understanding import Reason, Unclear, Understood

LONGEST_AGO = 370
"""Days: further back is no day that a declaration asks about, so a count beyond it is a slip."""

_FURTHEST = 50
"""Years: "20/11/28" is a slip of the thumb in 2026, not a day of 1928."""
_LAST_MONTH = frozenset({"truoc", "vua roi", "roi"})


def parse(text: str, today: date) -> Understood[date] | Unclear:
    """The most recent day, today or before, that fits. Lunar days, ranges and "mấy hôm trước" are asked again."""
    return slip.of_value(text, lambda said: _parse(said, today))


def _parse(text: str, today: date) -> Understood[date] | Unclear:
    said = read(text)
    if isinstance(said, Unclear):
        return said
    if {"ahead", "next_week"} & said.words:
        return Unclear(Reason.OUT_OF_RANGE)
    found = _dated(said, today)
    if found is None:
        found = _worded(said, today)
    elif isinstance(found, date) and not _agrees(found, said, today):
        return Unclear(Reason.CONTRADICTION)
    if isinstance(found, Unclear):
        return found
    return Understood(found) if found <= today else Unclear(Reason.OUT_OF_RANGE)


def _dated(said: Said, today: date) -> date | Unclear | None:
    """The day of a date in digits; None when there is none."""
    day = written_day(said.text, today)
    if isinstance(day, date):
        return day if today.year - day.year <= _FURTHEST else Unclear(Reason.OUT_OF_RANGE)
    if day is not False:
        return Unclear(Reason.IMPOSSIBLE)
    if said.day_month:
        return _most_recent(said.day_month[1], said.day_month[0], today)
    ago = said.days_ago
    if ago is not None:
        return today - timedelta(days=ago) if ago <= LONGEST_AGO else Unclear(Reason.OUT_OF_RANGE)
    return _day_of_month(said.day_of_month, said.month, today) if said.day_of_month is not None else None


def _agrees(day: date, said: Said, today: date) -> bool:
    """ "Thứ 2 ngày 10/8": what else is said must name the same day, or be no day of its own."""
    named = {PAST[word] for word in said.words if word in PAST}
    return said.weekdays <= {day.weekday()} and named <= {(day - today).days}


def _worded(said: Said, today: date) -> date | Unclear:
    """The day of words alone."""
    named = {PAST[word] for word in said.words if word in PAST}
    if said.numbers or said.month or len(said.weekdays) > 1 or len(named) > 1:
        return Unclear(Reason.AMBIGUOUS)
    if not said.weekdays:
        return today + timedelta(days=named.pop()) if named else Unclear(Reason.NOT_AN_ANSWER)
    day = _weekday(min(said.weekdays), said.words, today)
    if named and day != today + timedelta(days=named.pop()):
        return Unclear(Reason.CONTRADICTION)
    return day or Unclear(Reason.AMBIGUOUS)


def _weekday(number: int, words: frozenset[str], today: date) -> date | None:
    """The day of that number in the week named. On a Sunday, "chủ nhật" may be today or a week ago: None."""
    monday = today - timedelta(days=today.weekday())
    for word, weeks in (("week_before_last", 2), ("last_week", 1), ("this_week", 0)):
        if word in words:
            return monday + timedelta(days=number - 7 * weeks)
    back = (today.weekday() - number) % 7
    if back == 0:
        return today if "today" in words else today - timedelta(days=7) if "just_gone" in words else None
    return today - timedelta(days=back)


def _day_of_month(day: int, month_said: str, today: date) -> date | Unclear:
    """ "mùng 5", "ngày 20", "ngày 10 tháng trước"."""
    months = list(_months_back(today))
    if month_said:
        months = [months[1] if month_said in _LAST_MONTH else months[0]]
    for year, number in months:
        found = real_day(year, number, day)
        if found is not None and (month_said or found <= today):
            return found
    return Unclear(Reason.IMPOSSIBLE)


def _months_back(today: date) -> Iterator[tuple[int, int]]:
    count = today.year * 12 + today.month - 1
    for back in range(12):
        yield (count - back) // 12, (count - back) % 12 + 1


def _most_recent(month: int, day: int, today: date) -> date | Unclear:
    """The last time that day came; 29/2 may lie up to eight years back."""
    for back in range(9):
        found = real_day(today.year - back, month, day)
        if found is not None and found <= today:
            return found
    return Unclear(Reason.IMPOSSIBLE)
