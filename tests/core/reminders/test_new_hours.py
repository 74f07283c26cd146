"""Other hours (`NHAC 7 17`), in the middle of a day: nobody is asked twice in one half of it."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import update

from core.access.scope import Scope
from core.care import due, follow_up_acts
from core.care.follow_up_acts import ExtendReason, Extension
from core.care.handling import By
from core.database.due import due_checks
from core.database.following import follow_ups
from core.reminders.enqueue import enqueue
from tests.cast import HOA, STATION, Cast


@pytest.fixture
def follow_up(cast: Cast) -> UUID:
    """Hoa is asked at 8 and at 16."""
    cast.clock.at = cast.local(7)
    cast.enrols(HOA, 8, 16)
    (row,) = cast.rows(follow_ups)
    return UUID(str(row["id"]))


def asks(cast: Cast, hour: int, minute: int = 0) -> None:
    cast.clock.at = cast.local(hour, minute)
    enqueue(cast.services)


def writes(cast: Cast, text: str, hour: int, minute: int) -> None:
    cast.clock.at = cast.local(hour, minute)
    cast.writes(text, who=HOA)


def hours(cast: Cast) -> list[str]:
    """When they are, or were, asked."""
    return [when for when, _ in cast.due(HOA)]


def test_who_answered_this_afternoon_is_not_asked_again_at_the_new_hour(cast: Cast, follow_up: UUID) -> None:
    asks(cast, 16)
    writes(cast, "SK OK", 16, 5)
    writes(cast, "NHAC 7 17", 16, 10)

    assert hours(cast) == ["21 08:00", "21 16:00", "22 07:00", "22 17:00"]
    longer = Extension(cast.today() + timedelta(days=20), cast.rows(follow_ups)[0]["end_on"], ExtendReason.SIGNS)
    with cast.engine.begin() as connection:
        by = By(uuid4(), cast.clock.at)
        follow_up_acts.extend(connection, Scope(STATION, (STATION,)), follow_up, longer, by)
    assert "21 17:00" not in hours(cast), "nor once their days change"


def test_who_was_asked_and_has_not_answered_answers_that(cast: Cast, follow_up: UUID) -> None:
    asks(cast, 16)
    writes(cast, "NHAC 7 17", 16, 10)
    assert hours(cast) == ["21 08:00", "21 16:00", "22 07:00", "22 17:00"]
    writes(cast, "SK OK", 17, 30)
    assert cast.due(HOA)[1] == ("21 16:00", "seen_ok")


def test_whose_text_is_still_spread_over_the_minutes_is_asked_by_that(cast: Cast, follow_up: UUID) -> None:
    with cast.engine.begin() as connection:
        connection.execute(update(due_checks).values(remind_at=due_checks.c.due_at + timedelta(minutes=12)))
    writes(cast, "NHAC 9 17", 8, 5)

    assert hours(cast) == ["21 08:00", "21 17:00", "22 09:00", "22 17:00"]


def test_the_other_half_of_the_day_is_asked_about(cast: Cast, follow_up: UUID) -> None:
    asks(cast, 8)
    writes(cast, "SK OK", 8, 5)
    writes(cast, "NHAC 20", 9, 0)

    assert hours(cast) == ["21 08:00", "21 20:00", "22 20:00"]


def test_two_hours_in_one_half_of_the_day_are_both_asked_about(cast: Cast, follow_up: UUID) -> None:
    writes(cast, "NHAC 13 17", 7, 30)
    asks(cast, 13)
    with cast.engine.begin() as connection:
        due.plan(connection, cast.clock.at)

    assert hours(cast) == ["21 13:00", "21 17:00", "22 13:00", "22 17:00"]
