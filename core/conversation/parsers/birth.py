"""A year or day of birth: "1948", "12/7/1948", "sn 62", "65 tuoi"."""

from __future__ import annotations

import re
from datetime import date

from core.conversation.fold import fold
from core.conversation.lexicon import phrases
from core.conversation.parsers import spoken
from core.conversation.parsers.dates import MONTH_YEAR, OLDEST, full_year, written_day
from core.conversation.parsers.phrases import Phrases
from core.conversation.understanding import Reason, Unclear, Understood

_VAGUE = Phrases(
    [(p, True) for p in (*phrases("numbers", "unsure"), *phrases("dates", "vague"), *phrases("talk", "question"))]
)
_MONTHS_OLD = re.compile(r"(?<!\d)(\d{1,2}) ?thang(?: tuoi)?(?! ?(?:\d|nam))")
_AGE = re.compile(
    r"(?<!\d)(\d{1,3}) ?(?:tuoi|t|tui|years? old|yo|yrs?)\b|\b(?:tuoi|age|nam nay) ?:? ?(?:la )?(\d{1,3})(?!\d)"
)
_YEAR = re.compile(r"(?<![\d/.])(\d{4})(?![\d/])")
_SHORT_YEAR = re.compile(r"\b(?:sinh nam|nam sinh|ns|sn|nam|sinh|s)[ :]*(?:la )?'?(\d{2})(?!\d|[/.\-]\d| ?tuoi)")
_THOUSANDS = re.compile(r"\b2k(\d{0,2})\b")
_NUMBER = re.compile(r"\d+")
_LEADING_ZERO = re.compile(r"(?<![\d/.-])(0\d)(?![\d/]|[.-]\d)")  # no age begins with 0


def parse(text: str, today: date) -> Understood[str] | Unclear:
    """ "YYYY" or "YYYY-MM-DD". Two bare digits may be an age or a year: unclear, as is anything said with "khoảng"."""
    folded = fold(text)
    if not folded.tokens:
        return Unclear(Reason.EMPTY)
    if "2k" in folded.text:
        folded = fold(_with_thousands(folded.text))
    if spoken.hits_beside_numbers(folded, _VAGUE.find(folded.tokens)):
        return Unclear(Reason.UNCERTAIN)
    said = spoken.digits(folded)
    if not _NUMBER.search(said):
        return Unclear(Reason.NOT_AN_ANSWER)
    day = written_day(said, today)
    if day is False:
        return _year(said, today)
    if day is None or day is True:
        return Unclear(Reason.IMPOSSIBLE)
    return Understood(day.isoformat()) if _born(day.year, today) and day <= today else Unclear(Reason.OUT_OF_RANGE)


def _with_thousands(said: str) -> str:
    """ "2k1" is how the young write 2001."""
    return _THOUSANDS.sub(lambda match: str(2000 + int(match.group(1) or 0)), said)


def _born(year: int, today: date) -> bool:
    return today.year - OLDEST <= year <= today.year


def _year(said: str, today: date) -> Understood[str] | Unclear:
    readers = (_from_age, _from_month_year, _from_year, _from_months, _from_short_year)
    years = next((found for reader in readers if (found := reader(said, today))), set())
    if len(years) != 1:
        return Unclear(Reason.AMBIGUOUS)
    year = years.pop()
    return Understood(str(year)) if _born(year, today) else Unclear(Reason.OUT_OF_RANGE)


def _from_age(said: str, today: date) -> set[int]:
    """An age with a year beside it must agree with it, give or take the birthday."""
    ages = {int("".join(groups)) for groups in _AGE.findall(said)}
    years = {int(year) for year in _YEAR.findall(said)}
    if ages and years:
        near = {year for year in years for age in ages if today.year - year - age in (0, 1)}
        return near if near else years | {today.year - age for age in ages}
    return {today.year - age for age in ages} if len(_NUMBER.findall(said)) == len(ages) else set()


def _from_month_year(said: str, today: date) -> set[int]:
    found = MONTH_YEAR.findall(said)
    alone = len(_NUMBER.findall(said)) == 2
    return {int(year) for month, year in found if 1 <= int(month) <= 12} if alone else set()


def _from_year(said: str, today: date) -> set[int]:
    years = _YEAR.findall(said)
    return {int(year) for year in years} if len(years) == len(_NUMBER.findall(said)) else set()


def _from_months(said: str, today: date) -> set[int]:
    months = _MONTHS_OLD.findall(said)
    if len(months) != 1 or len(_NUMBER.findall(said)) != 1:
        return set()
    return {(today.year * 12 + today.month - 1 - int(months[0])) // 12}


def _from_short_year(said: str, today: date) -> set[int]:
    years = _SHORT_YEAR.findall(said) or _LEADING_ZERO.findall(said)
    return {full_year(year, today) for year in years} if len(_NUMBER.findall(said)) == len(years) else set()
