"""Two clocks run; the first is killed: the other takes over within seconds, and nobody is reminded twice."""

from __future__ import annotations

import time

import pytest

from tests.chaos.due import patients
from tests.chaos.processes import Cluster
from tests.chaos.weather import Scene, scene

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

PEOPLE, SECONDS = 60, 12.0


def test_the_second_takes_over_and_nobody_is_reminded_twice(template: Cluster) -> None:
    with scene(template, 5, by_day=True) as made:
        made.running.add("clock 2", "clock")
        made.running.live_for(3)
        patients(made.running, PEOPLE, SECONDS)
        made.running.until(lambda: _reminded(made) >= PEOPLE // 4, 30, "a quarter of the reminders")
        first, second = (made.running.processes[name] for name in ("clock", "clock 2"))
        assert "enqueue reminders" in first.log.read_text()
        assert "enqueue reminders" not in second.log.read_text()

        first.end()
        killed, before = time.monotonic(), _reminded(made)
        made.running.until(lambda: _reminded(made) > before, 10, "a reminder by the second clock")
        took = time.monotonic() - killed
        made.running.add("clock", "clock")
        made.running.until(lambda: _reminded(made) == PEOPLE, 30, "all reminders")
        made.settle(hurry=False)
        report, said = made.judged(), second.log.read_text()
    assert report.passed, f"\n{report}"
    assert took < 8
    assert "enqueue reminders" in said


def _reminded(made: Scene) -> int:
    (count,) = made.running.values("SELECT count(*) FROM outbox WHERE kind = 'reminder'")
    return int(count)
