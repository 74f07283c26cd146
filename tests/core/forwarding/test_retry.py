"""What each answer of an endpoint leads to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from core.forwarding.retry import DELAYS, JITTER, LONGEST_WAIT, Fate, Fault, parse_retry_after, verdict

WALL = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("answer", "fate"),
    [
        (200, Fate.DELIVERED),
        (202, Fate.DELIVERED),
        (204, Fate.DELIVERED),
        (301, Fate.DEAD),
        (302, Fate.DEAD),
        (307, Fate.DEAD),
        (400, Fate.DEAD),
        (401, Fate.DEAD),
        (404, Fate.DEAD),
        (408, Fate.RETRY),
        (409, Fate.RETRY),
        (410, Fate.PAUSE),
        (412, Fate.DEAD),
        (413, Fate.DEAD),
        (422, Fate.DEAD),
        (423, Fate.RETRY),
        (425, Fate.RETRY),
        (429, Fate.RETRY),
        (500, Fate.RETRY),
        (502, Fate.RETRY),
        (503, Fate.RETRY),
        (599, Fate.RETRY),
        (777, Fate.DEAD),
        (Fault.TIMEOUT, Fate.RETRY),
        (Fault.CONNECTION, Fate.RETRY),
        (Fault.NOT_ALLOWED, Fate.DEAD),
        (Fault.UNBUILDABLE, Fate.DEAD),
    ],
)
def test_each_answer_has_its_fate(answer: int | Fault, fate: Fate) -> None:
    assert verdict(answer, 1, None, 0.0).fate is fate


def test_the_wait_grows_to_six_hours_for_fourteen_days() -> None:
    waits = [verdict(503, attempts, None, 0.0).delay for attempts in range(1, 6)]
    assert waits == [
        timedelta(seconds=5),
        timedelta(minutes=5),
        timedelta(minutes=30),
        timedelta(hours=2),
        timedelta(hours=6),
    ]
    assert timedelta(days=14) < sum(DELAYS, timedelta()) < timedelta(days=15)


def test_after_the_last_attempt_it_is_a_dead_letter_that_says_why() -> None:
    assert verdict(503, len(DELAYS), None, 0.0).fate is Fate.RETRY
    last = verdict(503, len(DELAYS) + 1, None, 0.0)
    assert (last.fate, last.error) == (Fate.DEAD, "503, given up after 61 attempts")


@pytest.mark.parametrize("attempts", [1, 2, 3, 4, 5, 30])
def test_jitter_only_adds_and_at_most_a_fifth(attempts: int) -> None:
    plain = verdict(503, attempts, None, 0.0).delay
    assert plain <= verdict(503, attempts, None, 0.999).delay < plain * (1 + JITTER)


def test_retry_after_is_obeyed_whether_longer_or_shorter() -> None:
    assert verdict(429, 1, timedelta(hours=1), 0.0).delay == timedelta(hours=1)
    assert verdict(503, 5, timedelta(seconds=30), 0.0).delay == timedelta(seconds=30)
    assert verdict(503, 5, timedelta(days=400), 0.0).delay == LONGEST_WAIT


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        (None, None),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("0", timedelta()),
        ("120", timedelta(minutes=2)),
        (" 120 ", timedelta(minutes=2)),
        ("99999999999999999999", LONGEST_WAIT),
        ("Sat, 21 Nov 2026 08:10:00 GMT", timedelta(minutes=10)),
        ("Sat, 21 Nov 2026 07:00:00 GMT", None),
        ("Sat, 21 Nov 9999 07:00:00 GMT", LONGEST_WAIT),
        ("٣", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(header: str | None, wait: timedelta | None) -> None:
    assert parse_retry_after(header, WALL) == wait
