"""Twenty-one days of a thousand people, looked at every day."""

from __future__ import annotations

import os
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from multiprocessing import get_context
from random import Random

import pytest
from sqlalchemy import Engine

from app.settings import Settings
from core.database.engine import make_engine
from core.migrations.run import upgrade
from tests.cast import begin, found
from tests.simulation.invariants import Invariants
from tests.simulation.outbreak import Outbreak, stations
from tests.simulation.people import crowd

SEED = 20261122
OTHER_CELL = "cell_other"
"""The second half of the province."""


@dataclass(frozen=True, slots=True)
class Seen:
    """Texts that came and that left, and the processor's seconds in this program."""

    heard: int
    sent: int
    seconds: float


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_twenty_one_days_of_a_thousand_people(
    engine: Engine, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    """In two cells of five hundred, each with its own worker and clock: two processes on one database."""
    found(engine)
    other = make_engine(settings.database_url, OTHER_CELL)
    upgrade(other, OTHER_CELL)
    other.dispose()
    halves = [(settings, 0), (replace(settings, cell=OTHER_CELL), 1)]
    started = time.monotonic()
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as both:
        seen = list(both.map(partial(half, people=500), *zip(*halves, strict=True)))
    seconds = time.monotonic() - started

    texts = f"{sum(each.heard for each in seen)} texts in, {sum(each.sent for each in seen)} out"
    with capsys.disabled():
        own = sum(each.seconds for each in seen)
        print(f"\n{texts}, {seconds:.0f} s, {own:.0f} s of them our own; load {os.getloadavg()[0]:.1f}")  # noqa: T201


def test_a_week_of_thirty_people(engine: Engine, settings: Settings) -> None:
    found(engine)
    chance = Random(SEED)
    hourly = timedelta(hours=1)
    after_it(Outbreak(begin(engine, settings), crowd(30, chance, 7), stations(2), chance, days=7, pace=hourly))


def half(settings: Settings, number: int, people: int) -> Seen:
    """All days of one cell, in a process of its own."""
    engine = make_engine(settings.database_url, settings.cell)
    chance = Random(SEED + number)
    whom = crowd(people, chance, first=number * people)
    outbreak = Outbreak(begin(engine, settings), whom, stations(5, number * 5), chance)
    after_it(outbreak)
    engine.dispose()
    return Seen(len(outbreak.heard), sum(outbreak.sent.values()), time.process_time())


def after_it(outbreak: Outbreak) -> None:
    """Live through all of it, and look at every day."""
    looks = Invariants(outbreak)
    outbreak.begin()
    outbreak.run(looks.every_day)
    looks.at_the_end()
