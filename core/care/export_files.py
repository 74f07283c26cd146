"""How exports are written: JSON lines, CSV and XLSX, each row as it comes.

A cell that a spreadsheet would take for a formula gets an apostrophe in front (OWASP, "CSV injection"): what
people type by telephone is opened by nurses in Excel. JSON lines are left as they are.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import BinaryIO, cast
from uuid import UUID

import orjson
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from core.care.export import Value
from core.clock import VIETNAM

Rows = Iterable[tuple[Value, ...]]
Cell = str | int | float | bool | None

_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")
SHEET_ROWS = 1_000_000
"""Rows of one sheet: Excel takes 1,048,576."""


def write_jsonl(out: BinaryIO, title: str, names: Sequence[str], rows: Rows) -> None:
    """An object a line, keys in the order of `names`."""
    for row in rows:
        out.write(orjson.dumps(dict(zip(names, map(_json, row), strict=True))) + b"\n")


def write_csv(out: BinaryIO, title: str, names: Sequence[str], rows: Rows) -> None:
    """UTF-8 with a byte order mark, without which Excel breaks Vietnamese."""
    text = io.TextIOWrapper(out, encoding="utf-8-sig", newline="", write_through=True)
    try:
        writer = csv.writer(text)
        writer.writerow(names)
        for row in rows:
            writer.writerow([_written(_cell(value)) for value in row])
    finally:
        text.detach()


def write_xlsx(out: BinaryIO, title: str, names: Sequence[str], rows: Rows) -> None:
    """One sheet, and another for each further million rows. The rows lie in a temporary file until the end."""
    book = Workbook(write_only=True)
    sheet, filled = None, 0
    for row in rows:
        if sheet is None or filled == SHEET_ROWS:
            sheet, filled = _sheet(book, title, names), 0
        sheet.append([_clean(_cell(value)) for value in row])
        filled += 1
    if sheet is None:
        _sheet(book, title, names)
    book.save(out)


def _sheet(book: Workbook, title: str, names: Sequence[str]) -> WriteOnlyWorksheet:
    number = len(book.worksheets) + 1
    sheet = cast(WriteOnlyWorksheet, book.create_sheet(title if number == 1 else f"{title} {number}"))
    sheet.freeze_panes = "A2"
    sheet.append(list(names))
    return sheet


FORMATS: Mapping[str, Callable[[BinaryIO, str, Sequence[str], Rows], None]] = {
    "jsonl": write_jsonl,
    "csv": write_csv,
    "xlsx": write_xlsx,
}


def _json(value: Value) -> Value:
    return _time(value) if isinstance(value, datetime) else value


def _cell(value: Value) -> Cell:
    """One value of a spreadsheet: a list is joined by semicolons, answers are JSON."""
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, datetime):
        return _time(value)
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, Mapping):
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
    return neutral(value if isinstance(value, str) else "; ".join(value))


def neutral(text: str) -> str:
    """`text` as a spreadsheet shows it and never computes it."""
    return f"'{text}" if text.lstrip(" \u00a0\ufeff").startswith(_FORMULA) else text


def _time(instant: datetime) -> str:
    return instant.astimezone(VIETNAM).isoformat(timespec="seconds")


def _written(cell: Cell) -> Cell:
    return str(cell).lower() if isinstance(cell, bool) else cell


def _clean(cell: Cell) -> Cell:
    return ILLEGAL_CHARACTERS_RE.sub("", cell) if isinstance(cell, str) else cell
