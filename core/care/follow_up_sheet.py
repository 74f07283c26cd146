"""Reading a list of people to be followed: CSV or XLSX, a row at a time, with Vietnamese or English headings.

A row that cannot be read is told by its line and column; the others are not held up by it. Nothing is guessed: what is
not understood is a fault, what is left out stays unknown.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import BinaryIO
from zipfile import BadZipFile

from openpyxl import load_workbook

from core.care.durations import GROUPS
from core.care.follow_up_rows import NewPerson
from core.care.follow_up_terms import Terms
from core.conversation.fold import fold
from core.conversation.parsers import gender as genders
from core.conversation.parsers.phone import e164
from core.conversation.understanding import Understood

LONGEST = 200  # characters of a cell


class Why(StrEnum):
    """What is wrong with a cell."""

    MISSING = "missing"
    YEAR = "year"
    GENDER = "gender"
    PHONE = "phone"
    GROUP = "group"
    DAY = "day"
    YES_NO = "yes_no"
    PLACE = "place"
    HOURS = "hours"


class SheetError(ValueError):
    """The file as a whole cannot be read. In words for staff."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One row. `phone` is E.164, or "" if there is none."""

    line: int
    who: NewPerson
    phone: str
    terms: Terms


@dataclass(frozen=True, slots=True)
class Fault:
    """A row that cannot be read, and where. `column`: its heading as written."""

    line: int
    column: str
    why: Why


class _Bad(Exception):
    def __init__(self, key: str, why: Why) -> None:
        super().__init__(key)
        self.key = key
        self.why = why


def read(file: BinaryIO, name: str, unit_code: str, today: date) -> Iterator[Entry | Fault]:
    """The rows of the file, whose name says which kind it is. SheetError if it is none, or lacks a heading."""
    rows = _xlsx(file) if name.lower().endswith(".xlsx") else _csv(file)
    first = next(rows, None)
    if first is None:
        raise SheetError("the file is empty")
    headings = _headings(first[1])
    for line, cells in rows:
        if any(_text(cell) for cell in cells):
            yield _entry(line, dict(zip(headings, cells, strict=False)), unit_code, today, first[1])


def _headings(cells: Sequence[object]) -> list[str]:
    found = [_KEYS.get(_plain(cell), "") for cell in cells]
    missing = [key for key in ("name", "year", "group") if key not in found]
    if missing:
        raise SheetError(f"no column for {', '.join(missing)}: the headings are {', '.join(_NAMES)}")
    return found


def _entry(
    line: int, cells: Mapping[str, object], unit_code: str, today: date, headings: Sequence[object]
) -> Entry | Fault:
    try:
        name = _text(cells.get("name"))
        if not name:
            raise _Bad("name", Why.MISSING)
        who = NewPerson(
            name,
            _year(cells.get("year"), today),
            _gender(cells.get("gender")),
            unit_code,
            _text(cells.get("hamlet")),
            _text(cells.get("address")),
        )
        return Entry(line, who, _phone(cells.get("phone")), _terms(cells))
    except _Bad as bad:
        written = (_text(each) for each in headings if _KEYS.get(_plain(each)) == bad.key)
        return Fault(line, next(written, bad.key), bad.why)


def _terms(cells: Mapping[str, object]) -> Terms:
    return Terms(
        group=_chosen(cells.get("group"), _GROUPS, "group", Why.GROUP),
        place=_chosen(cells.get("place"), _PLACES, "place", Why.PLACE) if _text(cells.get("place")) else "home",
        last_contact_on=_day(cells.get("last_contact"), "last_contact"),
        vaccinated=_yes_no(cells.get("vaccinated")),
        hours=_hours(cells.get("hours")),
        end_on=_day(cells.get("end"), "end"),
        document=_text(cells.get("document")),
    )


def _year(cell: object, today: date) -> int:
    """A year, or the last one in a date of birth."""
    if isinstance(cell, date):
        return cell.year
    found = re.findall(r"(?<!\d)(?:19|20)\d\d(?!\d)", _text(cell))
    if len(set(found)) != 1 or int(found[0]) > today.year:
        raise _Bad("year", Why.YEAR if _text(cell) else Why.MISSING)
    return int(found[0])


def _gender(cell: object) -> str:
    if not _text(cell):
        return ""
    if _text(cell) in ("male", "female", "other"):
        return _text(cell)
    read_ = genders.parse(_text(cell))
    if not isinstance(read_, Understood):
        raise _Bad("gender", Why.GENDER)
    return read_.value


def _phone(cell: object) -> str:
    written = _text(cell)
    if not written:
        return ""
    number = e164(written)
    if number is None:
        raise _Bad("phone", Why.PHONE)
    return number


def _day(cell: object, key: str) -> date | None:
    """A day: a spreadsheet's own, 2026-11-21, or day first: 21/11/2026."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    written = _text(cell)
    if not written:
        return None
    iso = re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", written)
    ours = re.fullmatch(r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4})", written)
    parts = iso.groups() if iso else ours.groups()[::-1] if ours else None
    try:
        if parts:
            return date(*(int(part) for part in parts))
    except ValueError:
        pass
    raise _Bad(key, Why.DAY)


def _yes_no(cell: object) -> bool | None:
    written = _plain(cell)
    if not written:
        return None
    if written in _YES or written in _NO:
        return written in _YES
    raise _Bad("vaccinated", Why.YES_NO)


def _hours(cell: object) -> tuple[int, ...]:
    written = _text(cell)
    found = re.findall(r"\d+", written)
    if (written and not found) or any(int(each) > 23 for each in found):
        raise _Bad("hours", Why.HOURS)
    return tuple(int(each) for each in found)


def _chosen(cell: object, table: Mapping[str, str], key: str, why: Why) -> str:
    if not _text(cell):
        raise _Bad(key, Why.MISSING)
    found = table.get(_plain(cell))
    if found is None:
        raise _Bad(key, why)
    return found


def _text(cell: object) -> str:
    """A cell in words. Spreadsheets hold years and numbers as numbers."""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return " ".join(str(cell).split())[:LONGEST] if cell is not None else ""


def _plain(cell: object) -> str:
    return " ".join(re.findall(r"\w+", fold(_text(cell)).text))


def _csv(file: BinaryIO) -> Iterator[tuple[int, Sequence[object]]]:
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    try:
        first = text.readline()
        if not first:
            return
        mark = max(",;\t", key=first.count)
        reader = csv.reader(_with(first, text), delimiter=mark)
        for cells in reader:
            yield reader.line_num, cells
    except UnicodeDecodeError:
        raise SheetError("the file is not UTF-8: save it as “CSV UTF-8”, or as XLSX") from None
    except csv.Error as error:
        raise SheetError(f"the file is no CSV: {error}") from None
    finally:
        text.detach()


def _with(first: str, rest: Iterable[str]) -> Iterator[str]:
    yield first
    yield from rest


def _xlsx(file: BinaryIO) -> Iterator[tuple[int, Sequence[object]]]:
    try:
        book = load_workbook(file, read_only=True, data_only=True)
    except (BadZipFile, KeyError, ValueError, OSError) as error:
        raise SheetError(f"the file is no XLSX: {type(error).__name__}") from None
    sheet = book.worksheets[0]
    yield from enumerate(sheet.iter_rows(values_only=True), start=1)
    book.close()


_NAMES: Mapping[str, tuple[str, ...]] = {
    "name": ("họ tên", "họ và tên", "tên", "full name"),
    "year": ("năm sinh", "ngày sinh", "year of birth", "birth year"),
    "gender": ("giới tính", "giới", "sex"),
    "phone": ("điện thoại", "số điện thoại", "sđt", "phone number", "mobile"),
    "group": ("nhóm", "diện", "level"),
    "last_contact": ("tiếp xúc lần cuối", "ngày tiếp xúc cuối", "lần tiếp xúc cuối", "last contact", "last contact on"),
    "vaccinated": ("đã tiêm", "tiêm chủng", "vắc xin", "đã tiêm vắc xin", "đã tiêm đủ vắc xin"),
    "hamlet": ("thôn", "thôn bản", "thôn bản tổ", "tổ", "xóm"),
    "address": ("địa chỉ", "số nhà"),
    "place": ("nơi theo dõi", "nơi cách ly", "nơi"),
    "hours": ("giờ", "giờ hỏi", "giờ nhắc"),
    "end": ("ngày cuối", "đến ngày", "last day", "end on", "until"),
    "document": ("văn bản", "quyết định"),
}
"""Headings by key; the key itself is one too. Accents, capitals and marks do not matter."""


def _index(table: Mapping[str, Iterable[str]], plain: Callable[[object], str]) -> dict[str, str]:
    return {plain(word): key for key, words in table.items() for word in (key, *words)}


_KEYS = _index(_NAMES, _plain) | {"last_contact": "last_contact"}
_PLACES = _index(
    {
        "home": ("nhà", "tại nhà", "ở nhà"),
        "facility": ("khu cách ly", "cách ly tập trung", "tập trung"),
        "hotel": ("khách sạn",),
        "hospital": ("bệnh viện",),
    },
    _plain,
)
_GROUPS = _index(
    {**dict.fromkeys(GROUPS, ()), "arrival": ("về từ nơi khác", "nhập cảnh"), "area": ("vùng dịch",)}, _plain
)
_YES = frozenset({"co", "roi", "da tiem", "x", "yes", "y", "1", "true"})
_NO = frozenset({"khong", "chua", "no", "n", "0", "false"})
