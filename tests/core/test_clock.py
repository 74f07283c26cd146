"""Domain time: the wall's, moved forward in a demo for all its processes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, insert

from core.clock import VIETNAM, Clock
from core.database.shared import installation


def installed(engine: Engine, *, demo: bool) -> None:
    with engine.begin() as connection:
        connection.execute(insert(installation).values(id=1, demo=demo))


def ahead(clock: Clock) -> timedelta:
    """By how much it is ahead of the wall, in whole seconds."""
    return timedelta(seconds=round((clock.now() - datetime.now(UTC)).total_seconds()))


def test_it_is_the_walls_time_in_utc(engine: Engine) -> None:
    installed(engine, demo=True)
    clock = Clock(engine, demo=True)

    assert clock.now().tzinfo is UTC
    assert ahead(clock) == timedelta()


def test_outside_a_demo_it_asks_no_database(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(insert(installation).values(id=1, demo=True, clock_offset=3600))

    assert ahead(Clock(engine, demo=False)) == timedelta()


def test_all_processes_of_a_demo_see_it_moved(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    installed(engine, demo=True)
    seconds = [100.0]
    monkeypatch.setattr("core.clock.time.monotonic", lambda: seconds[0])
    mover, other = Clock(engine, demo=True), Clock(engine, demo=True)
    assert ahead(other) == timedelta()

    with engine.begin() as connection:
        mover.move(connection, 3600)
        mover.move(connection, 60)

    assert ahead(mover) == timedelta(seconds=3660)
    assert ahead(other) == timedelta(), "it asks twice a second, not at each question"
    seconds[0] += 0.5
    assert ahead(other) == timedelta(seconds=3660)


@pytest.mark.parametrize("seconds", [0, -1])
def test_it_moves_only_forward(engine: Engine, seconds: int) -> None:
    installed(engine, demo=True)

    with engine.begin() as connection, pytest.raises(ValueError, match="forward"):
        Clock(engine, demo=True).move(connection, seconds)


def test_real_time_is_not_moved(engine: Engine) -> None:
    installed(engine, demo=False)

    with engine.begin() as connection, pytest.raises(ValueError, match="demo"):
        Clock(engine, demo=True).move(connection, 60)


def test_vietnam_is_seven_hours_ahead() -> None:
    assert datetime(2021, 8, 15, 23, tzinfo=UTC).astimezone(VIETNAM).isoformat() == "2021-08-16T06:00:00+07:00"
