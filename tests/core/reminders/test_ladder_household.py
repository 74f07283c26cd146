"""Of whose silence a household is told: on phones of those who live there, never a neighbour's."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import update

from core.care import due
from core.database.households import household_members
from core.database.tables import contacts, members
from core.reminders.climb import climb
from core.reminders.volunteers import ask_of_households
from tests.cast import HOA, LAN, TU, Cast
from tests.core.reminders.test_ladder import add, agree, at, home, phone, steps


def test_a_neighbour_who_declared_them_once_is_not_of_their_household(cast: Cast, person: UUID) -> None:
    neighbour = phone(cast, LAN)
    add(cast, members, contact_id=neighbour, letter="B", person_id=person)
    with cast.engine.begin() as connection:
        declared = update(contacts).where(contacts.c.id == neighbour)
        connection.execute(declared.values(session={"others": ["B"]}))
    agree(cast, person, "tell_household")
    for hour in (8, 14):
        at(cast, hour)

    assert steps(cast)[2] == ("household", "nobody")
    assert cast.heard(LAN) == []


def test_whoever_lives_with_them_is_told_on_their_own_phone(cast: Cast, person: UUID) -> None:
    daughter = cast.enrols(TU, 20, name="Tran Thi Tu")
    made = home(cast, person, None)
    add(cast, household_members, household_id=made, person_id=daughter, joined_at=cast.clock.at)
    agree(cast, person, "tell_household")
    for hour in (8, 14):
        at(cast, hour)

    assert steps(cast)[2] == ("household", "done")
    assert "can lien lac voi Hoa" in cast.heard(TU)[-1]


def test_who_has_only_a_neighbours_phone_besides_is_not_asked_of_their_household(cast: Cast, person: UUID) -> None:
    neighbour = phone(cast, LAN)
    add(cast, members, contact_id=neighbour, letter="B", person_id=person)
    cast.later(hours=2)
    for session, asked in (({"others": ["B"]}, 0), ({}, 1)):
        with cast.engine.begin() as connection:
            declared = update(contacts).where(contacts.c.id == neighbour)
            connection.execute(declared.values(session=session))
        assert ask_of_households(cast.services) == asked


def test_of_whom_no_reminder_left_nobody_is_told(cast: Cast, person: UUID) -> None:
    home(cast, person, phone(cast, LAN))
    agree(cast, person, "tell_household")
    agree(cast, person, "tell_volunteer")
    for hour in (8, 10, 12, 14):
        at(cast, hour, leaves=False)

    told = dict(steps(cast))
    assert (told["nudge"], told["household"], told["volunteer"]) == ("not_asked",) * 3
    assert cast.heard(LAN) == []
    assert len(cast.heard(HOA)) == 1, "nothing waits behind what waits"


def test_of_whom_nobody_asked_since_the_clock_was_away_nobody_is_told(cast: Cast, person: UUID) -> None:
    home(cast, person, phone(cast, LAN))
    agree(cast, person, "tell_household")
    cast.clock.at = cast.local(14)
    while climb(cast.services):  # a moment before they are asked
        pass

    assert steps(cast)[2] == ("household", "not_asked")
    assert cast.heard(LAN) == []


def test_of_who_said_stop_the_household_is_told(cast: Cast, person: UUID) -> None:
    home(cast, person, phone(cast, LAN))
    agree(cast, person, "tell_household")
    cast.writes("STOP", who=HOA)
    for hour in (8, 14):
        at(cast, hour)

    assert steps(cast)[2] == ("household", "done")


@pytest.mark.parametrize(
    ("hours", "told_at"),
    [((7, 12, 17), (13, 37)), ((8, 13, 18), (14, 38)), ((12, 17), (18, 42)), ((20,), (30,)), ((8, 16), (14, 38))],
)
def test_whatever_their_hours_the_household_is_told_once_a_day_and_never_at_night(
    cast: Cast, hours: tuple[int, ...], told_at: tuple[int, ...]
) -> None:
    cast.clock.at = cast.local(6)
    who = cast.enrols(HOA, *hours, name="Tran Thi Hoa")
    home(cast, who, phone(cast, LAN))
    agree(cast, who, "tell_household")
    agree(cast, who, "tell_volunteer")
    for hour in range(7, 43):
        with cast.engine.begin() as connection:
            due.plan(connection, cast.local(hour % 24, days=hour // 24))
        at(cast, hour % 24, days=hour // 24)

    assert [row["created_at"] for row in cast.outbox(LAN)] == [cast.local(n % 24, days=n // 24) for n in told_at]


def test_who_answers_in_the_morning_is_told_of_to_nobody(cast: Cast) -> None:
    """The check-in of the evening has closed; the text about it is still in line."""
    cast.clock.at = cast.local(7)
    who = cast.enrols(HOA, 20, name="Tran Thi Hoa")
    home(cast, who, phone(cast, LAN))
    agree(cast, who, "tell_household")
    with cast.engine.begin() as connection:
        due.plan(connection, cast.local(7, days=1))
    for hour, day in ((20, 0), (0, 1), (2, 1)):
        at(cast, hour, days=day)
    at(cast, 6, days=1, leaves=False)
    assert [row["status"] for row in cast.outbox(LAN)] == ["queued"]
    cast.writes("SK OK", who=HOA)

    assert [row["status"] for row in cast.outbox(LAN)] == ["withdrawn"]


def test_after_their_last_day_nobody_is_told(cast: Cast) -> None:
    cast.clock.at = cast.local(7)
    who = cast.enrols(HOA, 20, name="Tran Thi Hoa", days=0)
    home(cast, who, phone(cast, LAN))
    agree(cast, who, "tell_household")
    for hour, day in ((20, 0), (22, 0), (0, 1), (2, 1), (6, 1)):
        at(cast, hour, days=day)

    assert cast.heard(LAN) == []
