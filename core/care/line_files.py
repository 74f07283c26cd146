"""A line list as a file that spreadsheets read, written as it is read."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator

from core.care.export_files import neutral
from core.care.line_lists import Listed
from core.clock import VIETNAM

_COLUMNS = (
    *("name", "year_of_birth", "gender", "phone", "address", "unit"),
    *("group", "end_on", "since", "until", "alerts"),
)


def written(people: Iterable[Listed], unit_name: Callable[[str], str]) -> Iterator[str]:
    """Lines of CSV, with a byte order mark, without which Excel breaks Vietnamese."""
    yield "\ufeff" + _row(_COLUMNS)
    for one in people:
        yield _row(_cells(one, unit_name))


def _row(cells: tuple[str, ...]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue()


def _cells(one: Listed, unit_name: Callable[[str], str]) -> tuple[str, ...]:
    times = (f"{at.astimezone(VIETNAM):%Y-%m-%d %H:%M}" if at else "" for at in (one.since, one.until))
    words = (_called(one), str(one.year_of_birth or ""), one.gender or "", one.phone, one.address)
    place = (unit_name(one.unit_code), one.group, one.end_on.isoformat() if one.end_on else "")
    return tuple(neutral(cell) for cell in (*words, *place, *times, " ".join(one.codes)))


def _called(one: Listed) -> str:
    """Their name; of a phone, whose it is."""
    return one.name or one.volunteer or ", ".join(one.whose)
