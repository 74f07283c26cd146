"""Who writes at the moment at which staff act on their follow-up: one waits for the other, and never both."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select, update

from core.access.scope import Scope
from core.care import due, follow_up_acts, transfers
from core.care.cases import Result
from core.care.follow_up_acts import NewCase
from core.care.follow_up_opening import Opened
from core.care.follow_up_opening import Outcome as Opening
from core.care.follow_up_terms import Terms
from core.care.handling import By, Outcome
from core.care.transfers import Answer, Offer
from core.database.following import follow_ups, level_proposals
from core.database.following import transfers as offers
from core.people import contacts
from tests.cast import HOA, LAN, NEXT_STATION, STATION, Cast
from tests.core.care.test_levels import Chain
from tests.core.care.test_verifying import declares_a_risk
from tests.core.reminders.test_lost import until_somebody_waits

HERE, THERE = Scope(STATION, (STATION,)), Scope(NEXT_STATION, (NEXT_STATION,))


def while_they_write(cast: Cast, who: str, act: Callable[[], Any]) -> Any:
    """What comes of an act that begins while a message of theirs is read, which then changes their follow-up."""
    with ThreadPoolExecutor(1) as thread:
        with cast.engine.begin() as reading:
            contacts.lock(reading, [cast.contact(who)], wait=True)
            acting = thread.submit(act)
            until_somebody_waits(cast)
            reading.execute(select(follow_ups).with_for_update(key_share=True))
            due.set_hours(reading, [{"contact_id": cast.contact(who), "hours": [7]}], cast.clock.at)
        return acting.result(timeout=10)


def test_taking_somebody_over(cast: Cast) -> None:
    person = cast.enrols(HOA)
    by = By(uuid4(), cast.clock.at)
    with cast.engine.begin() as connection:
        tree = cast.services.units()
        assert transfers.offer(connection, HERE, Offer(person, NEXT_STATION), by, tree) is Outcome.DONE
        offer: UUID = connection.scalars(select(offers.c.id)).one()

    def take() -> Outcome:
        with cast.engine.begin() as connection:
            return transfers.answer(connection, THERE, Answer(offer, accepted=True), by)

    assert while_they_write(cast, HOA, take) is Outcome.DONE
    (row,) = cast.rows(follow_ups)
    assert (row["unit_code"], row["hours"]) == (NEXT_STATION, [7])


def test_opening_for_somebody_known(cast: Cast) -> None:
    declares_a_risk(cast)
    (row,) = cast.rows(follow_ups)
    case = NewCase(row["person_id"], None, Terms("F0"), STATION)

    def verify() -> object:
        with cast.engine.begin() as connection:
            return follow_up_acts.open_one(connection, HERE, case, By(uuid4(), cast.clock.at))

    assert while_they_write(cast, LAN, verify) == Opened(Opening.VERIFIED, row["person_id"])


def test_confirming_a_level_while_somebody_is_taken_over(cast: Cast) -> None:
    chain = Chain(cast)
    chain.tested(chain.first, Result.POSITIVE)
    with ThreadPoolExecutor(1) as thread:
        with cast.engine.begin() as moving:
            moving.execute(select(follow_ups).with_for_update(key_share=True))
            confirming = thread.submit(chain.confirm, chain.first)
            until_somebody_waits(cast)
            moving.execute(update(level_proposals).values(unit_code=STATION))
        assert confirming.result(timeout=10) is Outcome.DONE
