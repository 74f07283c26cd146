"""Who gets a nearer level is asked as often as it wants, not as seldom as what they were followed for before."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from core.care import due, levels
from core.care.cases import Result
from core.care.handling import Outcome
from core.care.levels import ByHand
from core.clock import VIETNAM
from core.database.due import due_checks
from core.database.following import follow_ups
from tests.cast import HOA, LAN, Cast
from tests.core.care.test_levels import CDC, Chain, plan


@pytest.fixture
def chain(cast: Cast) -> Chain:
    cast.clock.at = cast.local(6, 30)
    return Chain(cast)


def asks(chain: Chain, *hours: int) -> None:
    """The first of them is followed by a decision for the commune, so often."""
    at = chain.cast.clock.at
    with chain.cast.engine.begin() as connection:
        connection.execute(update(follow_ups).where(follow_ups.c.person_id == chain.first).values(group="area"))
        due.set_hours(connection, [{"contact_id": chain.cast.contact(LAN), "hours": list(hours)}], at)


def today(chain: Chain) -> list[int]:
    rows = [row["due_at"].astimezone(VIETNAM) for row in chain.cast.rows(due_checks, person_id=chain.first)]
    return [at.hour for at in rows if at.date() == chain.cast.today()]


@pytest.mark.parametrize(("hours", "wanted"), [((8,), [8, 16]), ((17,), [8, 16]), ((7, 17), [7, 17])])
def test_who_turns_out_to_be_ill_is_asked_as_often_as_the_ill(
    chain: Chain, hours: tuple[int, ...], wanted: list[int]
) -> None:
    asks(chain, *hours)
    chain.tested(chain.first, Result.POSITIVE)
    assert chain.confirm(chain.first) is Outcome.DONE

    assert chain.follow(chain.first)["hours"] == wanted
    assert today(chain) == wanted


def test_who_was_asked_this_half_of_the_day_is_asked_in_the_next(chain: Chain) -> None:
    asks(chain, 8)
    chain.cast.clock.at = chain.cast.local(9)
    chain.tested(chain.first, Result.POSITIVE)
    assert chain.confirm(chain.first) is Outcome.DONE

    assert today(chain) == [8, 16]


def test_a_level_that_falls_leaves_the_hours_that_they_chose(chain: Chain) -> None:
    with chain.cast.engine.begin() as connection:
        due.set_hours(connection, [{"contact_id": chain.cast.contact(HOA), "hours": [17]}], chain.cast.clock.at)
        follow = chain.follow(chain.second)["id"]
        down = ByHand(follow, "F3", chain.day, "nham")
        assert levels.set_by_hand(connection, CDC, down, chain.by(), plan) is Outcome.DONE

    assert chain.follow(chain.second)["hours"] == [17]
