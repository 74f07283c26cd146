"""What a reply says of a day, before it is decided which day that is: dates, weekdays, counts and named days."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.conversation.fold import Folded, fold, tidy
from core.conversation.lexicon import phrases
from core.conversation.parsers import spoken
from core.conversation.parsers.dates import DAY_MONTH, in_digits
from core.conversation.parsers.phrases import Hit, Phrases
from core.conversation.understanding import Reason, Unclear

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
PAST = {"three_days_ago": -3, "two_days_ago": -2, "yesterday": -1, "today": 0}
COMING = {**PAST, "tomorrow": 1, "in_two_days": 2, "in_three_days": 3}
"""Named days, in days from today."""

_WEEKS = ("this_week", "last_week", "week_before_last", "next_week", "just_gone")


def _table(days: Iterable[str], **others: str) -> Phrases[str]:
    """Phrases of days and weeks by their keys, and of `others` under another meaning; "" says nothing of a day."""
    vague = (*phrases("dates", "vague"), *phrases("talk", "question"), *phrases("talk", "uncertain"))
    return Phrases(
        [
            *((phrase, "") for phrase in phrases("dates", "not_vague")),
            *((phrase, key) for key in (*days, *WEEKDAYS, *_WEEKS) for phrase in phrases("dates", key)),
            *((phrase, meaning) for key, meaning in others.items() for phrase in phrases("dates", key)),
            *((phrase, "vague") for phrase in vague),
        ]
    )


_PAST_TABLE = _table(PAST, ahead="ahead", either_side="vague")
_COMING_TABLE = _table(COMING)
_SPANS = frozenset({"ngay", "hom", "bua", "tuan", "day", "days", "week", "weeks"})
_A_WEEK = re.compile(r"\ban? (?=(?:day|week)\b)")
_TIME = re.compile(r"\b(?:luc |vao |hoi )?\d{1,2} ?(?:h|g|gio)(?: ?\d{2})?\b|\b(?:luc |vao )?\d{1,2}:\d{2}\b")
_WEEKDAY_NUMBER = re.compile(r"\b(?:thu|t) ?[2-7]\b")
_DAY_OF_MONTH = re.compile(
    r"\b(?:ngay|hom|mung|mong|ngay mung|ngay mong|sang|trua|chieu|dem) ?(\d{1,2})"
    r"(?!\d| ?[/.\-] ?\d| ?(?:thang \d|ngay|h\b|gio))"
    r"|(?<![\d/.\-])(\d{1,2})(?: (?:tay|duong lich|dl)\b|(?:st|nd|rd|th)\b(?! ?\d))"
)
_MONTH_FIRST = re.compile(r"\bthang (\d{1,2}) ?,? ?(?:ngay|mung|mong) (\d{1,2})(?!\d)")
_BESIDE = re.compile(
    r"(?<!tuan )\b(?:truoc|sau|before|after) "
    r"(?:(?:ngay|hom|bua|thu|mung|mong|the) ?\d|\d{1,2}[/.\-]\d|hom (?:nay|qua|kia)|chu nhat|cn\b"
    r"|thu (?:hai|ba|tu|nam|sau|bay)\b)"
)
_AGO = re.compile(r"(?<!thu )(?<!\d)(\d{1,3}) ?(ngay|hom|bua|hum|days?|tuan|weeks?)(?: ?(?:truoc|roi|vua roi|ago)\b)?")
_SAYS_AGO = re.compile(r"\b(?:truoc|roi|ago|cach day|cach nay)\b")
_MONTH = re.compile(r"\bthang (nay|truoc|vua roi|roi|sau|toi)\b")
_NEXT_MONTH = re.compile(r"(?i)\btháng sau\b")
_DAY_AFTER = re.compile(r"(?i)\b(?:ngày|bữa) mốt\b")
_JUNE_OR_NEXT = "thang sau"  # without accents
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Said:
    """`text`: folded, numbers in digits, without times of day. `words`: meanings of the lexicon. `weekdays`: their
    numbers from Monday, 0. `numbers`: how many there are beside weekdays."""

    text: str
    words: frozenset[str]
    weekdays: frozenset[int]
    numbers: int

    @property
    def day_month(self) -> tuple[int, int] | None:
        """Day and month of the one date without a year."""
        found = DAY_MONTH.findall(self.text) or [pair[::-1] for pair in _MONTH_FIRST.findall(self.text)]
        return (int(found[0][0]), int(found[0][1])) if len(found) == 1 else None

    @property
    def day_of_month(self) -> int | None:
        """Of "mùng 5", "ngày 20", when nothing else is counted."""
        found = _DAY_OF_MONTH.findall(self.text)
        return int("".join(found[0])) if len(found) == 1 and self.numbers == 1 else None

    @property
    def days_ago(self) -> int | None:
        """Of "3 ngày trước", "cách đây 1 tuần"."""
        found = _AGO.findall(self.text)
        if len(found) != 1 or self.numbers != 1 or not _SAYS_AGO.search(self.text):
            return None
        return int(found[0][0]) * (7 if found[0][1][0] in "tw" else 1)

    @property
    def month(self) -> str:
        """ "nay" of "tháng này", "truoc" of "tháng trước"; "" when no month is named so."""
        found = _MONTH.search(self.text)
        return found[1] if found else ""


def read(text: str, *, coming: bool = False) -> Said | Unclear:
    """Everything that a reply says of a day; unclear when it says "khoảng", "mấy hôm" or asks.

    `coming`: of a day that may lie ahead, when "mai" is a day too.
    """
    folded = fold(_not_counted(text) if coming else text)
    if not folded.tokens:
        return Unclear(Reason.EMPTY)
    if coming and _JUNE_OR_NEXT in folded.text:
        return Unclear(Reason.AMBIGUOUS)
    if _BESIDE.search(folded.text):
        return Unclear(Reason.UNCERTAIN)
    said = _TIME.sub(" ", in_digits(_A_WEEK.sub("1 ", spoken.digits(folded))))
    table = _COMING_TABLE if coming else _PAST_TABLE
    hits = [hit for hit in table.find(folded.tokens) if hit.meaning]
    vague = [hit for hit in hits if hit.meaning == "vague"]
    if spoken.hits_beside_numbers(folded, vague) or spoken.approximate(folded, _SPANS):
        return Unclear(Reason.UNCERTAIN)
    clear = [hit for hit in hits if hit.meaning != "vague" and not _in_a_date(folded, hit)]
    named = {hit.meaning for hit in clear if not (coming and _no_day(folded, hit, clear))}
    weekdays = frozenset(WEEKDAYS.index(name) for name in named if name in WEEKDAYS)
    if weekdays:
        said = _WEEKDAY_NUMBER.sub(" ", said)
    return Said(said, frozenset(named - set(WEEKDAYS)), weekdays, len(_NUMBER.findall(said)))


def _not_counted(text: str) -> str:
    """ "tháng sau" and "ngày mốt" in other words: without their accents they are a six and a one."""
    clean = tidy(text)
    return _DAY_AFTER.sub("mốt", _NEXT_MONTH.sub("tháng tới", clean))


def _in_a_date(folded: Folded, hit: Hit[str]) -> bool:
    """The "t5" of "10t5" is May, no Thursday."""
    tokens: Sequence[str] = [token.text for token in folded.tokens]
    return hit.start > 0 and tokens[hit.start] == "t" and tokens[hit.start - 1].isdigit()


def _no_day(folded: Folded, hit: Hit[str], hits: Sequence[Hit[str]]) -> bool:
    """The "nay" of "thu 5 nay" is "này", not today; the "mot" of "mot tuan nua" is one, not the day after tomorrow."""
    alone = hit.end - hit.start == 1
    if alone and folded.tokens[hit.start].text == "nay":
        return any(each.end == hit.start and each.meaning in WEEKDAYS for each in hits)
    following = folded.tokens[hit.end].text if hit.end < len(folded.tokens) else ""
    return alone and folded.tokens[hit.start].text == "mot" and following in _SPANS
