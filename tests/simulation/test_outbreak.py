"""Twenty-one days of a thousand people, looked at every day."""

from __future__ import annotations

import time
from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import Engine

from app.settings import Settings
from tests.cast import settle
from tests.simulation.invariants import Invariants
from tests.simulation.outbreak import Outbreak
from tests.simulation.people import DAYS, crowd

SEED = 20261122


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_twenty_one_days_of_a_thousand_people(
    engine: Engine, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    outbreak, seconds = after_it(engine, settings, 1000)

    with capsys.disabled():
        print(f"\n{len(outbreak.heard)} texts in, {sum(outbreak.sent.values())} out, {seconds:.0f} s")  # noqa: T201


def test_a_week_of_thirty_people(engine: Engine, settings: Settings) -> None:
    after_it(engine, settings, 30, days=7, pace=timedelta(hours=1))


def after_it(
    engine: Engine,
    settings: Settings,
    people: int,
    days: int = DAYS,
    pace: timedelta = timedelta(minutes=30),
) -> tuple[Outbreak, float]:
    chance = Random(SEED)
    outbreak = Outbreak(settle(engine, settings), crowd(people, chance, days), chance, days, pace)
    looks = Invariants(outbreak)
    started = time.monotonic()
    outbreak.begin()
    outbreak.run(looks.every_day)
    looks.at_the_end()
    return outbreak, time.monotonic() - started
