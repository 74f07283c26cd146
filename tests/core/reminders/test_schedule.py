"""When a person is asked, in local time."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.clock import VIETNAM
from core.reminders.schedule import days, slots

SATURDAY = date(2026, 11, 21)


def shown(hours: tuple[int, ...]) -> list[str]:
    """Each slot as opens, due, closes."""
    return [f"{s.opens_at:%H:%M} {s.due_at:%H:%M} {s.closes_at:%d-%H:%M}" for s in slots(SATURDAY, hours, VIETNAM)]


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        ((8,), ["00:00 08:00 22-00:00"]),
        ((0,), ["00:00 00:00 22-00:00"]),
        ((23,), ["00:00 23:00 22-00:00"]),
        ((8, 16), ["00:00 08:00 21-16:00", "12:00 16:00 22-00:00"]),
        ((6, 12, 21), ["00:00 06:00 21-12:00", "09:00 12:00 21-21:00", "16:30 21:00 22-00:00"]),
        ((16, 8, 16), ["00:00 08:00 21-16:00", "12:00 16:00 22-00:00"]),
        ((0, 23), ["00:00 00:00 21-23:00", "11:30 23:00 22-00:00"]),
        ((), []),
    ],
)
def test_a_slot_opens_before_its_hour_and_closes_with_the_next(hours: tuple[int, ...], expected: list[str]) -> None:
    assert shown(hours) == expected


def test_a_day_is_vietnams() -> None:
    (only,) = slots(SATURDAY, (0,), VIETNAM)

    assert only.due_at.astimezone(UTC) == datetime(2026, 11, 20, 17, 0, tzinfo=UTC)
    assert only.closes_at.astimezone(UTC) == datetime(2026, 11, 21, 17, 0, tzinfo=UTC)


@given(st.lists(st.integers(0, 23), min_size=1, max_size=6), st.integers(0, 24 * 60 - 1))
def test_every_minute_of_the_day_settles_something(hours: list[int], minute: int) -> None:
    made = list(slots(SATURDAY, hours, VIETNAM))
    at = datetime(2026, 11, 21, minute // 60, minute % 60, tzinfo=VIETNAM)

    assert any(slot.opens_at <= at < slot.closes_at for slot in made)
    assert all(slot.opens_at <= slot.due_at < slot.closes_at for slot in made)
    assert [slot.due_at.hour for slot in made] == sorted(set(hours))


@pytest.mark.parametrize(
    ("start", "end", "today", "expected"),
    [
        (20, 30, 21, [21, 22]),
        (21, 21, 21, [21]),
        (20, 22, 22, [22]),
        (20, 22, 23, []),
        (23, 30, 21, [23, 24]),
        (22, 22, 21, [22]),
    ],
    ids=["in between", "one day", "the last day", "over", "begins later", "begins and ends tomorrow"],
)
def test_only_days_of_the_follow_up_are_planned(start: int, end: int, today: int, expected: list[int]) -> None:
    planned = days(date(2026, 11, start), date(2026, 11, end), date(2026, 11, today), 2)

    assert [day.day for day in planned] == expected
