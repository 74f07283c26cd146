"""Of whose silence a household is told: on phones of those who live there, never a neighbour's."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import update

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
