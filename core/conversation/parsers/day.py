"""A day that has passed: "hôm qua", "10/8", "mùng 5", "2 ngày trước", "thứ 7 tuần trước"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

from core.conversation.fold import fold
from core.conversation.lexicon import phrases
from core.conversation.parsers import spoken
from core.conversation.parsers.dates import DAY_MONTH, real_day, written_day
from core.conversation.parsers.phrases import Phrases
from core.conversation.understanding import Reason, Unclear, Understood

LONGEST_AGO = 370
"""Days: further back is no day that a declaration asks about, so a count beyond it is a slip."""

_NAMED = {"today": 0, "yesterday": 1, "two_days_ago": 2, "three_days_ago": 3}
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_KEYS = (*_NAMED, *_WEEKDAYS, "last_week", "ahead", "vague")
_TABLE = Phrases(
    [
        *((phrase, key) for key in _KEYS for phrase in phrases("dates", key)),
        *((phrase, "vague") for phrase in (*phrases("talk", "question"), *phrases("talk", "uncertain"))),
    ]
)
_AGO = re.compile(r"(?<!thu )(?<!\d)(\d{1,3}) ?(ngay|hom|bua|hum|days?|tuan|weeks?)(?: ?(?:truoc|roi|vua roi|ago)\b)?")
_SAYS_AGO = re.compile(r"\b(?:truoc|roi|ago|cach day|cach nay)\b")
_DAY_OF_MONTH = re.compile(
    r"\b(?:ngay|hom|mung|mong|ngay mung|ngay mong) ?(\d{1,2})(?!\d| ?[/.\-] ?\d| ?(?:thang \d|ngay))"
)
_TIME = re.compile(r"\b(?:luc |vao )?\d{1,2} ?(?:h|g|gio)(?: ?\d{2})?\b")
_MONTH_SAID = re.compile(r"\bthang (nay|truoc|vua roi|roi)\b")
_NUMBER = re.compile(r"\d+")


def parse(text: str, today: date) -> Understood[date] | Unclear:
    """The most recent day, today or before, that fits. Lunar days, ranges and "mấy hôm trước" are asked again."""
    folded = fold(text)
    if not folded.tokens:
        return Unclear(Reason.EMPTY)
    said = _TIME.sub(" ", spoken.digits(folded))
    hits = _TABLE.find(folded.tokens)
    vague = spoken.hits_beside_numbers(folded, [hit for hit in hits if hit.meaning == "vague"])
    meanings = [hit.meaning for hit in hits if hit.meaning != "vague" or hit in vague]
    if "vague" in meanings or "ahead" in meanings:
        return Unclear(Reason.UNCERTAIN if "vague" in meanings else Reason.OUT_OF_RANGE)
    found = _read(said, meanings, today)
    if isinstance(found, Unclear):
        return found
    return Understood(found) if found <= today else Unclear(Reason.OUT_OF_RANGE)


def _read(said: str, meanings: list[str], today: date) -> date | Unclear:
    weekday = [name for name in meanings if name in _WEEKDAYS]
    numbers = len(_NUMBER.findall(said))
    day = written_day(said, today)
    if day is not False:
        return day if isinstance(day, date) else Unclear(Reason.IMPOSSIBLE)
    named = {_NAMED[name] for name in meanings if name in _NAMED}
    month_day = DAY_MONTH.findall(said)
    if len(month_day) == 1:
        return _most_recent(int(month_day[0][1]), int(month_day[0][0]), today)
    if weekday:
        return _weekday(weekday, "last_week" in meanings, today)
    if named and not numbers:
        return today - timedelta(days=named.pop()) if len(named) == 1 else Unclear(Reason.AMBIGUOUS)
    return _counted(said, numbers, today)


def _weekday(names: list[str], last_week: bool, today: date) -> date | Unclear:
    if len(set(names)) > 1:
        return Unclear(Reason.AMBIGUOUS)
    number = _WEEKDAYS.index(names[0])
    if last_week:
        return today - timedelta(days=today.weekday() + 7 - number)
    return today - timedelta(days=(today.weekday() - number) % 7)


def _counted(said: str, numbers: int, today: date) -> date | Unclear:
    ago = _AGO.findall(said)
    if len(ago) == 1 and numbers == 1 and _SAYS_AGO.search(said):
        count = int(ago[0][0]) * (7 if ago[0][1][0] in "tw" else 1)
        return today - timedelta(days=count) if count <= LONGEST_AGO else Unclear(Reason.OUT_OF_RANGE)
    days = _DAY_OF_MONTH.findall(said)
    if len(days) == 1 and numbers == 1:
        return _day_of_month(int(days[0]), said, today)
    return Unclear(Reason.AMBIGUOUS if numbers else Reason.NOT_AN_ANSWER)


def _day_of_month(day: int, said: str, today: date) -> date | Unclear:
    """ "mùng 5", "ngày 20", "ngày 10 tháng trước"."""
    month = _MONTH_SAID.search(said)
    months = list(_months_back(today))
    if month is not None:
        months = [months[0] if month.group(1) == "nay" else months[1]]
    for year, number in months:
        found = real_day(year, number, day)
        if found is not None and (month is not None or found <= today):
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
