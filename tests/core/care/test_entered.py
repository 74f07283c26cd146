"""What staff enter of somebody is judged by what was said before, just as the person's own words are."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from core.access.scope import Scope
from core.care import due
from core.care.entered import Entry, Half, Means, Problem, Round, enter, half_of
from core.care.handling import By
from core.database.due import alerts
from tests.cast import HOA, STATION, Cast

HERE = Scope(STATION, (STATION,))


def seen(cast: Cast, half: Half, entry: Entry) -> None:
    means = Means(cast.services.codes.next, {})
    with cast.engine.begin() as connection:
        found = enter(connection, HERE, Round(half, [entry]), By(uuid4(), cast.clock.at), means)
    assert set(found.values()) == {None}


def raised(cast: Cast) -> list[tuple[str, list[str], object]]:
    return [(row["kind"], row["reasons"], row["contact_id"]) for row in cast.rows(alerts)]


@pytest.mark.parametrize("by_staff", [True, False])
def test_a_new_sign_is_told_whoever_says_it(cast: Cast, by_staff: bool) -> None:
    cast.clock.at = cast.local(7)
    person: UUID = cast.enrols(HOA)
    cast.clock.at = cast.local(8, 30)
    seen(cast, Half.MORNING, Entry(person, well=True))
    cast.clock.at = cast.local(16, 30)
    if by_staff:
        seen(cast, Half.AFTERNOON, Entry(person, well=False, signs=("cough",)))
    else:
        cast.writes("SK ho", who=HOA)
    assert raised(cast) == [("new_sign", ["new_sign", "sign"], cast.contact(HOA))]
    cast.clock.at = cast.local(8, 30, days=1)
    seen(cast, Half.MORNING, Entry(person, well=False, signs=("cough",)))

    assert len(raised(cast)) == 1  # known by now


def enters(cast: Cast, entry: Entry) -> object:
    means = Means(cast.services.codes.next, {})
    half = half_of(cast.clock.at)
    with cast.engine.begin() as connection:
        found = enter(connection, HERE, Round(half, [entry]), By(uuid4(), cast.clock.at), means)
        due.close(connection, cast.clock.at)
    return found[entry.person_id]


@pytest.mark.parametrize("hours", [(7, 10), (13, 17)])
def test_a_look_settles_all_of_its_half_day_that_was_due_by_then(cast: Cast, hours: tuple[int, int]) -> None:
    cast.clock.at = cast.local(6)
    person: UUID = cast.enrols(HOA, *hours, days=0)
    cast.clock.at = cast.local(hours[1], 30)

    assert enters(cast, Entry(person, well=True)) is None
    assert [status for _, status in cast.due(HOA)] == ["seen_ok", "seen_ok"]
    assert enters(cast, Entry(person, well=True)) is Problem.ANSWERED


def test_the_second_check_in_of_a_half_day_is_settled_by_a_look_of_its_own(cast: Cast) -> None:
    cast.clock.at = cast.local(6)
    person: UUID = cast.enrols(HOA, 7, 10, days=0)
    cast.clock.at = cast.local(8, 40)  # what is due at ten is open already

    assert enters(cast, Entry(person, well=True)) is None
    assert enters(cast, Entry(person, well=True)) is Problem.ANSWERED, "sent twice"
    assert [status for _, status in cast.due(HOA)] == ["seen_ok", "not_performed"]
    cast.clock.at = cast.local(10, 30)
    assert enters(cast, Entry(person, well=False, signs=("cough",))) is None
    assert [status for _, status in cast.due(HOA)] == ["seen_ok", "seen_not_ok"], "of seven it stays"
