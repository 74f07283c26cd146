"""A year or day of birth: "1948", "12/7/1948", "sn 62", "65 tuoi"."""

from __future__ import annotations

import re
from datetime import date, timedelta

from core.conversation.fold import Folded, fold
from core.conversation.lexicon import phrases
from core.conversation.parsers import slip, spoken
from core.conversation.parsers.dates import FULL, MONTH_YEAR, OLDEST, in_digits, written_day
from core.conversation.parsers.phrases import Phrases
from core.conversation.understanding import Choice, Reason, Unclear, Understood

_VAGUE = Phrases(
    [
        *((p, False) for p in phrases("dates", "not_vague")),
        *((p, True) for p in (*phrases("numbers", "unsure"), *phrases("dates", "vague"), *phrases("talk", "question"))),
    ]
)
_OLDEST_WHO_WRITES = 105
"""Years: of "sn 15" the century that makes somebody older is not meant."""

_NEW_BORN = re.compile(r"(?<!\d)(\d{1,2}) ?(?:(thang)(?: tuoi)?|(tuan|ngay) tuoi)(?! ?(?:\d|nam))")
_MAY = re.compile(r"\d ?(?:st|nd|rd|th)?(?: of)? may,? \d{4}|\bmay \d{1,2}(?:st|nd|rd|th)?,? \d{4}")
_AGE = re.compile(
    r"(?<!\d)(\d{1,3}) ?(?:tuoi|t|tui|tuoi tron|y ?/? ?o|(?:years?|yrs?)(?: old)?)\b"
    r"|\b(?:tuoi|aged?|nam nay|im|i am) ?:? ?(?:la )?(\d{1,3})(?!\d| ?(?:tuoi|t|years?|yrs?|yo)\b)"
)
_YEAR = re.compile(r"(?<![\d/.])(\d{4})(?![\d/])")
_SHORT_YEAR = re.compile(r"\b(?:sinh nam|nam sinh|ns|sn|nam|sinh|s)[ :]*(?:la )?'?(\d{2})(?!\d|[/.\-]\d| ?tuoi)")
_MONTH_SHORT = re.compile(r"\bthang (?:1[0-2]|0?[1-9]) nam (\d{2})(?!\d)")
_BESIDE_YEAR = re.compile(r"\b(?:truoc|sau) (?:nam )?\d{4}(?!\d)")
_COUNTED = frozenset({"tuoi", "thang"})
_THOUSANDS = re.compile(r"\b2k(\d{0,2})\b")
_TWO_DIGITS = re.compile(r"\W*(\d\d)\W*")
_NUMBER = re.compile(r"\d+")
_SPREAD = re.compile(r"(?<!\d)([12]) ?([90]) (\d) (\d)(?!\d| \d|[/.\-]\d)")  # "1 9 4 9", key by key
_SLIP = re.compile(r"(?<![^\W_])[12l][09o][\do]{2}(?![^\W_])")  # letters for digits: "194o", "l949"
_LEADING_ZERO = re.compile(r"(?<![\d/.-])(0\d)(?![\d/]|[.-]\d)")  # no age begins with 0


def parse(text: str, today: date) -> Understood[str] | Unclear:
    """ "YYYY" or "YYYY-MM-DD". Two bare digits may be an age or a year: unclear, as is anything said with "khoảng"."""
    return slip.of_value(text, lambda said: _parse(said, today))


def _parse(text: str, today: date) -> Understood[str] | Unclear:
    folded = fold(text)
    if not folded.tokens:
        return Unclear(Reason.EMPTY)
    if "2k" in folded.text:
        folded = fold(_with_thousands(folded.text))
    if _vague(folded):
        return Unclear(Reason.UNCERTAIN)
    said = in_digits(_without_slips(spoken.digits(folded)))
    if not _NUMBER.search(said):
        return Unclear(Reason.NOT_AN_ANSWER)
    day = written_day(said, today)
    if day is False:
        return _year(said, today)
    if day is None or day is True:
        return Unclear(Reason.IMPOSSIBLE)
    return _day(day, said, today)


def _vague(folded: Folded) -> bool:
    """Whether it is said to be a guess, or only near a year ("trước 1960").

    "mấy" without its accent is May beside a day and a year.
    """
    if _BESIDE_YEAR.search(folded.text):
        return True
    may = _MAY.search(folded.text) is not None
    vague = [hit for hit in _VAGUE.find(folded.tokens) if hit.meaning]
    hits = [hit for hit in vague if not (may and folded.tokens[hit.start].mark == "may")]
    return bool(spoken.hits_beside_numbers(folded, hits)) or spoken.approximate(folded, _COUNTED)


def _day(day: date, said: str, today: date) -> Understood[str] | Unclear:
    """A full date, if an age said with it agrees and its century is certain."""
    if not _born(day.year, today) or day > today:
        return Unclear(Reason.OUT_OF_RANGE)
    if not all(_fits(age, day.year, today) for age in _ages(said)):
        return Unclear(Reason.CONTRADICTION)
    written = FULL.search(said)
    return Unclear(Reason.AMBIGUOUS) if written and len(_full(written[3], today)) > 1 else Understood(day.isoformat())


def _with_thousands(said: str) -> str:
    """ "2k1" is how the young write 2001."""
    return _THOUSANDS.sub(lambda match: str(2000 + int(match.group(1) or 0)), said)


def _without_slips(said: str) -> str:
    said = _SPREAD.sub(r"\1\2\3\4", said)
    return _SLIP.sub(lambda found: found[0].replace("o", "0").replace("l", "1"), said)


def _born(year: int, today: date) -> bool:
    return today.year - OLDEST <= year <= today.year


def _year(said: str, today: date) -> Understood[str] | Unclear:
    readers = (_from_age, _from_month_year, _from_year, _from_months, _from_short_year)
    years = next((found for reader in readers if (found := reader(said, today))), set())
    if len(years) != 1:
        return Unclear(Reason.AMBIGUOUS, _either(said, today))
    year = years.pop()
    return Understood(str(year)) if _born(year, today) else Unclear(Reason.OUT_OF_RANGE)


def _either(said: str, today: date) -> tuple[Choice, ...]:
    """The years that two bare digits may mean, to be picked from: "70" is 70 years old, or born in 1970."""
    bare = _TWO_DIGITS.fullmatch(said)
    if bare is None:
        return ()
    years = sorted({*_full(bare[1], today), today.year - int(bare[1])})
    return tuple(Choice(str(year), str(year)) for year in years)


def _full(written: str, today: date) -> set[int]:
    """The years that two digits may mean: two of them for a small child who may be a hundred."""
    if len(written) == 4:
        return {int(written)}
    near = {year for year in (1900 + int(written), 2000 + int(written)) if year <= today.year}
    return {year for year in near if today.year - year <= _OLDEST_WHO_WRITES} or near


def _ages(said: str) -> set[int]:
    return {int("".join(groups)) for groups in _AGE.findall(said)}


def _fits(age: int, year: int, today: date) -> bool:
    """Give or take the birthday; who counts the year before birth is one year older."""
    return today.year - year - age in (-1, 0, 1)


def _from_age(said: str, today: date) -> set[int]:
    """An age with a year beside it must agree with it."""
    ages = _ages(said)
    years = {int(year) for year in _YEAR.findall(said)}
    if ages and years:
        near = {year for year in years for age in ages if _fits(age, year, today)}
        return near if near else years | {today.year - age for age in ages}
    return {today.year - age for age in ages} if len(_NUMBER.findall(said)) == len(_AGE.findall(said)) else set()


def _from_month_year(said: str, today: date) -> set[int]:
    found = MONTH_YEAR.findall(said)
    alone = len(_NUMBER.findall(said)) == 2
    return {int(year) for month, year in found if 1 <= int(month) <= 12} if alone else set()


def _from_year(said: str, today: date) -> set[int]:
    years = _YEAR.findall(said)
    return {int(year) for year in years} if len(years) == len(_NUMBER.findall(said)) else set()


def _from_months(said: str, today: date) -> set[int]:
    ages = _NEW_BORN.findall(said)
    if len(ages) != 1 or len(_NUMBER.findall(said)) != 1:
        return set()
    count, months, unit = ages[0]
    if months:
        return {(today.year * 12 + today.month - 1 - int(count)) // 12}
    return {(today - timedelta(days=int(count) * (7 if unit == "tuan" else 1))).year}


def _from_short_year(said: str, today: date) -> set[int]:
    years = _SHORT_YEAR.findall(said) or _MONTH_SHORT.findall(said) or _LEADING_ZERO.findall(said)
    counted = len(_NUMBER.findall(said)) - (1 if _MONTH_SHORT.search(said) else 0)
    return {full for year in years for full in _full(year, today)} if counted == len(years) else set()
