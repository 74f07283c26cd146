from __future__ import annotations

from datetime import timedelta

import pytest

from core.messaging.retry import delay


@pytest.mark.parametrize(
    ("attempts", "seconds"),
    [(1, 5), (2, 30), (3, 120), (4, 600), (5, 1800), (6, 3600), (7, 3600), (500, 3600)],
)
def test_it_waits_longer_each_time_and_then_hourly(attempts: int, seconds: int) -> None:
    assert delay(attempts, chance=0) == timedelta(seconds=seconds)


def test_chance_adds_up_to_a_fifth() -> None:
    assert delay(4, chance=0.5) == timedelta(seconds=660)
    assert delay(4, chance=0.999) < timedelta(seconds=720)


def test_what_the_provider_asks_for_counts_instead() -> None:
    assert delay(1, chance=0, after=timedelta(minutes=7)) == timedelta(minutes=7)
    assert delay(6, chance=0, after=timedelta()) == timedelta()
    assert delay(1, chance=0.9, after=timedelta(minutes=7)) > timedelta(minutes=7)
