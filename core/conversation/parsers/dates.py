"""Days and years as people write them. Day first, always: nobody in Vietnam writes the month first in digits."""

from __future__ import annotations

import re
from datetime import date

from core.conversation.lexicon import phrases

OLDEST = 120
"""Years: nobody older answers, so "1848" is a slip."""

SEPARATOR = r"(?: ?(?:[.\-]|[/\\]{1,2}) ?| | ?, ?)"
_MONTH = r"(?: ?(?:thang|thg|th|t) ?)"
FULL = re.compile(
    rf"(?<![\d/.-])(\d{{1,2}})(?:{SEPARATOR}|{_MONTH})(\d{{1,2}})"
    rf"(?:{SEPARATOR}| ?nam ?|{SEPARATOR}nam ?)(\d{{4}}|\d{{2}})(?![\d/-])"
)
ISO = re.compile(r"(?<!\d)(\d{4})[/.\-](\d{1,2})[/.\-](\d{1,2})(?!\d)")
TIGHT = re.compile(r"(?<!\d)(\d{2})(\d{2})((?:19|20)\d{2})(?!\d)")
DAY_MONTH = re.compile(
    rf"(?<![\d/.-])(\d{{1,2}})(?: ?(?:[.\-]|[/\\]{{1,2}}) ?|{_MONTH})(\d{{1,2}})"
    r"(?![\d/]|[.-]\d| ?(?:ngay|hom|bua|tuan))"
)
MONTH_YEAR = re.compile(r"(?<![\d/.-])(?:thang ?|thg ?)?(\d{1,2})(?: ?[/.\-] ?| ?nam ?| )(\d{4})(?![\d/-]|\.\d)")

_MONTHS = ("january", "february", "march", "april", "may", "june", "july")
_LATER_MONTHS = ("august", "september", "october", "november", "december")
_NUMBER_OF = {
    name: str(number) for number, key in enumerate((*_MONTHS, *_LATER_MONTHS), 1) for name in phrases("dates", key)
}
_NAMES = "|".join(sorted(_NUMBER_OF, key=len, reverse=True))
_NAMED = re.compile(rf"(?<![a-z])(?:{_NAMES})(?![a-z])")
_DAY_FIRST = re.compile(rf"(?<!\d)(\d{{1,2}}) ?(?:st|nd|rd|th)?(?: of)?[ ,.\-/]{{0,2}}({_NAMES})(?![a-z])\.?")
_NAME_FIRST = re.compile(rf"(?<![a-z])({_NAMES})[ ,.\-/]{{0,2}}(?:the )?(\d{{1,2}}) ?(?:st|nd|rd|th)?(?![\da-z])")
_NAME_YEAR = re.compile(rf"(?<![a-z])({_NAMES})[ ,.\-/]{{0,2}}(?=\d{{4}}(?!\d))")


def in_digits(text: str) -> str:
    """Months with English names as numbers, day first: "july 12, 1948" -> "12/7, 1948"."""
    if _NAMED.search(text) is None:
        return text
    text = _DAY_FIRST.sub(lambda found: f"{found[1]}/{_NUMBER_OF[found[2]]}", text)
    text = _NAME_FIRST.sub(lambda found: f"{found[2]}/{_NUMBER_OF[found[1]]}", text)
    return _NAME_YEAR.sub(lambda found: f"{_NUMBER_OF[found[1]]}/", text)


def full_year(written: str, today: date) -> int:
    """ "48" -> 1948, "05" -> 2005: of two centuries the later one that is not in the future."""
    year = int(written)
    if len(written) == 4:
        return year
    return 2000 + year if year <= today.year % 100 else 1900 + year


def real_day(year: int, month: int, day: int) -> date | None:
    """The day, or None when the calendar has none (31/4)."""
    try:
        return date(year, month, day)
    except ValueError:
        return None


def written_day(text: str, today: date) -> date | bool | None:
    """The one full date in a folded text: the day, None when there is no such day, False when there is no date."""
    for pattern, order in ((ISO, (1, 2, 3)), (FULL, (3, 2, 1)), (TIGHT, (3, 2, 1))):
        found = pattern.findall(text)
        if not found:
            continue
        if len(found) > 1:
            return None
        year, month, day = (found[0][index - 1] for index in order)
        return real_day(full_year(year, today), int(month), int(day))
    return False
