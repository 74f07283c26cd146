from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from core.care.rules import in_force
from core.clock import VIETNAM
from core.conversation.context import in_quiet_hours
from core.messaging.quiet import is_quiet, may_leave_at

RULES = in_force(date(2026, 11, 21))


def at(hour: int, minute: int = 0, second: int = 0) -> datetime:
    return datetime(2026, 11, 21, hour, minute, second, tzinfo=VIETNAM)


@pytest.mark.parametrize(
    ("moment", "quiet"),
    [
        (at(20, 59, 59), False),
        (at(21), True),
        (at(23, 59, 59), True),
        (at(0), True),
        (at(5, 59, 59), True),
        (at(6), False),
        (at(12), False),
    ],
)
def test_from_nine_in_the_evening_to_six(moment: datetime, quiet: bool) -> None:
    assert is_quiet(moment) is quiet
    assert is_quiet(moment.astimezone(), RULES) is quiet


def test_they_are_data() -> None:
    longer = replace(RULES, quiet_hours=(20, 7))
    assert is_quiet(at(20), longer)
    assert is_quiet(at(6), longer)
    assert not is_quiet(at(7), longer)


@pytest.mark.parametrize(
    ("quiet", "hours"), [((12, 14), {12, 13}), ((0, 6), {0, 1, 2, 3, 4, 5}), ((0, 0), set()), ((22, 1), {22, 23, 0})]
)
def test_they_need_not_cross_midnight(quiet: tuple[int, int], hours: set[int]) -> None:
    assert {hour for hour in range(24) if in_quiet_hours(hour, quiet)} == hours


@pytest.mark.parametrize(
    ("moment", "leaves"),
    [
        (at(20, 59), at(20, 59)),
        (at(21), at(6) + timedelta(days=1)),
        (at(23, 59), at(6) + timedelta(days=1)),
        (at(0), at(6)),
        (at(5, 59, 59), at(6)),
        (at(6), at(6)),
    ],
)
def test_what_we_start_leaves_when_they_end(moment: datetime, leaves: datetime) -> None:
    assert may_leave_at(moment) == leaves
    assert not is_quiet(may_leave_at(moment))
