"""Follow-ups are planned a day ahead, once a day, and end with their last day."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import Connection, event

from core.care import due, follow_up
from core.database.due import due_checks
from core.database.following import follow_ups
from tests.cast import HOA, LAN, TU, Cast


def plan(cast: Cast, limit: int = 500) -> int:
    with cast.engine.begin() as connection:
        return due.plan(connection, cast.clock.at, limit)


def complete(cast: Cast, limit: int = 500) -> int:
    with cast.engine.begin() as connection:
        return follow_up.complete(connection, cast.clock.at, limit)


def status(cast: Cast, person: UUID) -> str:
    (row,) = cast.rows(follow_ups, person_id=person)
    return str(row["status"])


@pytest.mark.parametrize(
    ("hour", "minute", "days", "ended"),
    [(8, 0, 3, "under_follow_up"), (23, 59, 3, "under_follow_up"), (0, 0, 4, "completed"), (8, 0, 9, "completed")],
)
def test_a_follow_up_ends_with_its_last_day_in_vietnam(
    cast: Cast, hour: int, minute: int, days: int, ended: str
) -> None:
    person = cast.enrols(HOA, days=3)
    cast.clock.at = cast.local(hour, minute, days)

    assert complete(cast) == (ended == "completed")
    assert status(cast, person) == ended
    assert complete(cast) == 0


def test_another_may_begin_when_one_has_ended(cast: Cast) -> None:
    cast.enrols(HOA, days=1)
    cast.later(days=2)
    complete(cast)
    cast.enrols(TU, days=1)

    assert [row["status"] for row in cast.rows(follow_ups)] == ["completed", "under_follow_up"]


def test_follow_ups_end_a_page_at_a_time(cast: Cast) -> None:
    for who in (LAN, HOA, TU):
        cast.enrols(who, days=0)
    cast.later(days=1)

    assert [complete(cast, 2) for _ in range(3)] == [2, 1, 0]


def test_each_is_planned_once_a_day(cast: Cast) -> None:
    cast.enrols(HOA)
    looked_at = []
    for hours in range(0, 72, 6):
        cast.clock.at = cast.local(8) + timedelta(hours=hours)
        looked_at.append(plan(cast))

    assert looked_at == [0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1]
    assert len(cast.due(HOA)) == 1 + 2 * 4


def test_a_page_of_planning_is_a_transaction(cast: Cast) -> None:
    for who in (LAN, HOA, TU):
        cast.enrols(who)
    cast.later(days=1)

    assert [plan(cast, 2) for _ in range(3)] == [2, 1, 0]
    assert [len(cast.due(who)) for who in (LAN, HOA, TU)] == [5] * 3


def test_what_somebody_holds_is_planned_the_next_time(cast: Cast) -> None:
    cast.enrols(HOA)
    cast.later(days=1)
    with cast.engine.begin() as other:
        other.execute(follow_ups.select().with_for_update())
        assert plan(cast) == 0

    assert plan(cast) == 1


def test_nothing_is_written_where_all_is_planned(cast: Cast) -> None:
    cast.enrols(HOA)
    said: list[str] = []

    def listen(_c: Connection, _k: object, statement: str, *_: object) -> None:
        said.append(statement.split(maxsplit=1)[0])

    event.listen(cast.engine, "before_cursor_execute", listen)
    plan(cast)

    assert "INSERT" not in said


def test_new_hours_after_the_clock_was_away_are_planned_at_once(cast: Cast) -> None:
    """The clock was away for two days; what she chose holds for today and tomorrow, and nothing is planned twice."""
    cast.enrols(HOA, 8, 16)
    cast.clock.at = cast.local(7, days=2)
    cast.writes("NHAC 9 17", who=HOA)

    assert [row["planned_until"] for row in cast.rows(follow_ups)] == [date(2026, 11, 24)]
    assert [when for when, _ in cast.due(HOA)][-4:] == ["23 09:00", "23 17:00", "24 09:00", "24 17:00"]
    before = cast.rows(due_checks)
    assert plan(cast) == 0
    assert cast.rows(due_checks) == before
