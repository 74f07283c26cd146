"""PostgreSQL is stopped while people write, and its connections are cut: nothing is acknowledged that is not kept."""

from __future__ import annotations

import os
import time

import pytest

from tests.chaos.processes import Cluster
from tests.chaos.weather import Scene, finish, scene

OUTAGE = float(os.environ.get("OUTAGE") or 20)
"""Seconds. `OUTAGE=600 make slow` stops it for ten minutes."""

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240 + 2 * int(OUTAGE))]

_CUT = """
SELECT pg_terminate_backend(pid) FROM (
    SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'khaibao%' ORDER BY random() LIMIT 2
) AS unlucky
"""


def test_postgresql_stopped_under_load(template: Cluster) -> None:
    """People notice nothing: every message is acknowledged, and is read when the database is back."""
    with scene(template, 3, people=4) as made:
        with made.load.blowing():
            made.running.live_for(2)
            refused = _refused(made)
            made.running.stop("postgres")
            acknowledged = len(made.load.acknowledged())
            _ready_all_the_while(made, OUTAGE)
            during = len(made.load.acknowledged()) - acknowledged
            made.running.start("postgres")
            made.running.live_for(2)
            finish(made)
        report = made.judged()
    assert report.passed, f"\n{report}"
    assert during > OUTAGE, f"{during} messages in {OUTAGE:.0f} s"
    assert _refused(made) == refused, made.load.refusals


def _refused(made: Scene) -> int:
    return sum(made.load.refusals.values())


def _ready_all_the_while(made: Scene, seconds: float) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        assert made.running.status() == 200
        made.running.live_for(1)


def test_connections_cut_in_the_middle_of_transactions(template: Cluster) -> None:
    with scene(template, 4) as made:
        with made.load.blowing():
            for _ in range(60):
                made.running.live_for(0.15)
                made.running.kills["connection"] = made.running.kills.get("connection", 0) + len(
                    made.running.values(_CUT)
                )
            finish(made)
        report = made.judged()
    assert report.passed, f"\n{report}"
    assert made.running.kills["connection"] > 60
