"""Danger on a phone of several people: each person's is told, once, and to whoever follows that person."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update

from core.access.scope import Scope
from core.care import lost
from core.care.entered import Entry, Half, Means, Round, enter
from core.care.handling import By
from core.database.due import alerts
from core.database.following import follow_ups
from tests.cast import HOA, NEXT_STATION, STATION, Cast

HERE = Scope(STATION, (STATION,))
SIGN = "shortness_of_breath"


@pytest.fixture
def family(cast: Cast) -> tuple[UUID, UUID]:
    """Hoa's phone, on which two people are followed: A and B."""
    return cast.enrols(HOA, name="Sung A Chu"), cast.enrols(HOA, name="Giang Thi My")


def seen(cast: Cast, person: UUID) -> None:
    """A nurse enters that this person cannot breathe."""
    means = Means(cast.services.codes.next, {})
    told = Round(Half.MORNING, [Entry(person, well=False, signs=(SIGN,))])
    with cast.engine.begin() as connection:
        assert enter(connection, HERE, told, By(uuid4(), cast.clock.at), means) == {person: None}


def danger(cast: Cast) -> list[tuple[str, UUID | None]]:
    """The letter and the person of each alert, in their order."""
    rows = sorted(cast.rows(alerts, kind="danger"), key=lambda row: row["raise_at"])
    return [(row["letter"], row["person_id"]) for row in rows]


def taken(cast: Cast) -> None:
    """A nurse takes all that is open."""
    with cast.engine.begin() as connection:
        connection.execute(
            update(alerts).where(alerts.c.status == "open").values(status="taken", taken_at=cast.clock.at)
        )


@pytest.mark.parametrize("is_taken", [False, True])
def test_danger_that_staff_entered_hides_nobody_elses(cast: Cast, family: tuple[UUID, UUID], *, is_taken: bool) -> None:
    father, child = family
    cast.clock.at = cast.local(8, 30)
    seen(cast, child)
    assert danger(cast) == [("B", child)]
    if is_taken:
        taken(cast)
    cast.later(minutes=20)
    cast.writes("toi kho tho", "1", who=HOA)
    assert danger(cast) == [("B", child), ("A", father)]


@pytest.mark.parametrize("is_taken", [False, True])
def test_danger_of_one_hides_nobody_elses(cast: Cast, family: tuple[UUID, UUID], *, is_taken: bool) -> None:
    father, child = family
    cast.writes("kho tho", "2", who=HOA)
    assert danger(cast) == [("B", child)]
    if is_taken:
        taken(cast)
    cast.later(minutes=50)
    cast.writes("kho tho", "1", who=HOA)
    assert danger(cast) == [("B", child), ("A", father)]


def test_danger_of_nobody_named_is_told_again_after_a_while(cast: Cast, family: tuple[UUID, UUID]) -> None:
    """It may be about the other one."""
    cast.writes("kho tho", "kho tho qua", who=HOA)
    assert danger(cast) == [("", None)]
    cast.later(minutes=20)
    cast.writes("kho tho", who=HOA)
    assert danger(cast) == [("", None)] * 2
    cast.writes("2", who=HOA)
    assert danger(cast) == [("", None), ("B", family[1])]


def test_danger_that_is_asked_for_is_not_what_nobody_said_before(cast: Cast, family: tuple[UUID, UUID]) -> None:
    """Nobody said who had no breath at eight; at ten A is asked for each sign."""
    cast.writes("kho tho", who=HOA)
    cast.later(hours=2)
    cast.writes("SK", "1", "xyz zyx", "xyz zyx", "3", who=HOA)
    assert danger(cast)[-1] == ("A", family[0])


def follow_elsewhere(cast: Cast, person: UUID) -> None:
    """The next station follows this person, who lives where they lived."""
    with cast.engine.begin() as connection:
        theirs = update(follow_ups).where(follow_ups.c.person_id == person)
        connection.execute(theirs.values(unit_code=NEXT_STATION))


def told(cast: Cast, kind: str = "danger") -> list[tuple[UUID | None, str]]:
    rows = sorted(cast.rows(alerts, kind=kind), key=lambda row: row["raise_at"])
    return [(row["person_id"], row["unit_code"]) for row in rows]


def test_danger_is_told_to_the_unit_that_follows_whoever_is_in_danger(cast: Cast, family: tuple[UUID, UUID]) -> None:
    father, child = family
    follow_elsewhere(cast, child)
    cast.writes("B kho tho", who=HOA)
    assert told(cast) == [(child, NEXT_STATION)]
    assert "Coc San" in cast.heard(HOA)[0]
    cast.writes("toi kho tho", "1", who=HOA)
    assert told(cast)[1:] == [(father, STATION)]


def test_danger_goes_to_the_unit_that_follows_once_it_is_known_whose_it_is(
    cast: Cast, family: tuple[UUID, UUID]
) -> None:
    follow_elsewhere(cast, family[1])
    cast.writes("kho tho", who=HOA)
    assert told(cast) == [(None, STATION)]
    cast.writes("2", who=HOA)
    assert told(cast) == [(family[1], NEXT_STATION)]


def test_who_is_followed_elsewhere_is_told_of_there_in_all(cast: Cast) -> None:
    """Also a record's alert, and the record itself."""
    person = cast.enrols(HOA)
    follow_elsewhere(cast, person)
    cast.writes("OK", who=HOA)
    cast.later(hours=1)
    cast.writes("38 ho", who=HOA)
    assert told(cast, "new_sign") == [(person, NEXT_STATION)]
    assert {row["unit_code"] for row in cast.records(HOA)} == {NEXT_STATION}
    cast.writes("kho tho", who=HOA)
    assert told(cast) == [(person, NEXT_STATION)]
    assert "Coc San" in cast.heard(HOA)[-2]


def test_who_was_lost_and_comes_back_ill_is_told_at_once(cast: Cast) -> None:
    person = cast.enrols(HOA)
    cast.writes("OK", who=HOA)
    with cast.engine.begin() as connection:
        ids = list(connection.scalars(select(follow_ups.c.id)))
        assert lost.lose(connection, ids, cast.clock.at) == 1
    cast.later(hours=1)
    cast.writes("38 ho", who=HOA)
    assert told(cast, "new_sign") == [(person, STATION)]


@pytest.mark.parametrize("ended", ["over", "cancelled"])
def test_who_is_followed_no_more_raises_no_new_sign(cast: Cast, ended: str) -> None:
    cast.enrols(HOA, days=3)
    cast.writes("OK", who=HOA)
    with cast.engine.begin() as connection:
        status = "cancelled" if ended == "cancelled" else "lost_to_follow_up"
        connection.execute(update(follow_ups).values(status=status, ended_at=cast.clock.at))
    cast.later(days=0 if ended == "cancelled" else 5)
    cast.writes("38 ho", who=HOA)
    assert told(cast, "new_sign") == []
