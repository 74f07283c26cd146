"""Visits are kept as long as the rules of the day say, and not longer."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import insert

from core.care.rules import in_force
from core.care.visits import forget_visits
from core.database.tables import visits
from tests.cast import LAN, Cast


def write(cast: Cast, *days_ago: float) -> None:
    cast.writes("chao", who=LAN)
    rows = [
        {
            "id": UUID(int=n),
            "contact_id": cast.contact(),
            "venue_code": "1234566",
            "direction": "in",
            "at": cast.clock.at - timedelta(days=days),
        }
        for n, days in enumerate(days_ago)
    ]
    with cast.engine.begin() as connection:
        connection.execute(insert(visits), rows)


def forget(cast: Cast, limit: int = 500) -> int:
    with cast.engine.begin() as connection:
        return forget_visits(connection, cast.clock.at, limit)


def test_thirty_days_say_the_rules(cast: Cast) -> None:
    assert in_force(cast.today()).visit_days == 30


@pytest.mark.parametrize(("days", "gone"), [(29.9, 0), (30, 1), (31, 1)])
def test_what_is_older_goes(cast: Cast, days: float, gone: int) -> None:
    write(cast, days)

    assert forget(cast) == gone
    assert len(cast.rows(visits)) == 1 - gone


def test_a_page_at_a_time(cast: Cast) -> None:
    write(cast, 31, 32, 33, 1)

    assert [forget(cast, 2) for _ in range(3)] == [2, 1, 0]
    assert len(cast.rows(visits)) == 1
