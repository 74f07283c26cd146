"""The short form of `make chaos`: each kind of process is killed at least once, then everything is counted."""

from __future__ import annotations

import pytest

from tests.chaos.processes import Cluster
from tests.chaos.weather import Weather, blow, scene

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

SEED = 20261121


def test_killed_at_random_nothing_is_lost_and_nothing_is_doubled(template: Cluster) -> None:
    with scene(template, SEED) as made:
        report = blow(made, Weather(rounds=8, seed=SEED))
    assert report.passed, f"\n{report}"
    assert made.running.kills.keys() >= {"web", "web worker", "worker", "clock", "postgres"}
