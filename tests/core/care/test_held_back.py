"""Nobody gets a paper while something that may change it is not decided; staff see whom that holds, and why."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert, update
from sqlalchemy.sql.dml import Insert, Update

from core.access.scope import Scope
from core.care import due, follow_up, follow_up_lists, lost
from core.care.follow_up_lists import State
from core.care.held_back import HeldBack
from core.care.standing import day_of
from core.database.due import alerts
from core.database.following import follow_ups, level_proposals, test_results
from core.reminders.climb import climb
from core.reminders.enqueue import enqueue
from core.reminders.first_and_last import tell_last_day
from tests.cast import HOA, STATION, Cast

HERE = Scope(STATION, (STATION,))


def did(cast: Cast, statement: Insert | Update) -> None:
    with cast.engine.begin() as connection:
        connection.execute(statement)


def proposed(cast: Cast, row: dict[str, Any]) -> None:
    why = {"id": uuid4(), "from_group": "F1", "to_group": "F0", "status": "proposed", "at": cast.clock.at}
    did(cast, insert(level_proposals).values(**row, **why))


def sampled(cast: Cast, row: dict[str, Any]) -> None:
    sample = {"id": uuid4(), "kind": "pcr", "sampled_on": cast.today(), "result": "pending", "at": cast.clock.at}
    did(cast, insert(test_results).values(**row, **sample))


def alarmed(cast: Cast, person: UUID | None, kind: str = "danger") -> None:
    alert = {"id": uuid4(), "kind": kind, "unit_code": STATION, "signs": ["fever"], "status": "taken"}
    about = {"person_id": person, "contact_id": cast.contact(HOA), "inbound_id": uuid4(), "raise_at": cast.clock.at}
    did(cast, insert(alerts).values(**alert, **about))


def ends(cast: Cast) -> str:
    with cast.engine.begin() as connection:
        follow_up.complete(connection, cast.clock.at)
    return str(cast.rows(follow_ups)[0]["status"])


def listed(cast: Cast) -> list[tuple[HeldBack, ...]]:
    day = day_of(cast.clock.at)
    with cast.engine.connect() as connection:
        rows = follow_up_lists.listed(connection, HERE, day, State.HELD)
        counts = follow_up_lists.count(connection, HERE, day)
    assert counts.held == len(rows)
    assert counts.ending == 0
    return [row.held for row in rows]


@pytest.mark.parametrize("why", [*HeldBack, "danger of nobody known", "urgent", "seen_ill", "unfinished", "left_place"])
def test_what_is_not_decided_holds_it_and_then_it_ends_by_itself(cast: Cast, why: str) -> None:
    person = cast.enrols(HOA, days=2)
    row = {"follow_up_id": cast.rows(follow_ups)[0]["id"], "person_id": person, "unit_code": STATION}
    deeds = {HeldBack.LEVEL: proposed, HeldBack.TEST: sampled}
    if why in deeds:
        deeds[HeldBack(why)](cast, row)
    else:
        kind, nobody, _ = why.partition(" ")
        alarmed(cast, None if nobody else person, "danger" if kind == HeldBack.ALERT else kind)
    cast.clock.at = cast.local(17, days=2)
    assert tell_last_day(cast.services) == 0
    cast.clock.at = cast.local(8, days=3)

    assert ends(cast) == "under_follow_up"
    assert listed(cast) == [(HeldBack(why) if why in deeds else HeldBack.ALERT,)]

    for statement in (
        update(level_proposals).values(status="rejected"),
        update(test_results).values(result="negative"),
        update(alerts).values(status="closed"),
    ):
        did(cast, statement)
    assert listed(cast) == []
    assert ends(cast) == "completed"


def test_what_says_nothing_of_it_holds_nobody(cast: Cast) -> None:
    person = cast.enrols(HOA, days=2)
    row = {"follow_up_id": None, "person_id": person, "unit_code": STATION}
    sampled(cast, row)
    did(cast, update(test_results).values(sampled_on=cast.today() - timedelta(days=30)))  # of another time
    alarmed(cast, person, "call_back")
    cast.clock.at = cast.local(8, days=3)

    assert ends(cast) == "completed"


def test_nobody_who_is_held_back_is_given_up(cast: Cast) -> None:
    cast.clock.at = cast.local(7)
    person = cast.enrols(HOA, days=2)
    row = {"follow_up_id": cast.rows(follow_ups)[0]["id"], "person_id": person, "unit_code": STATION}
    sampled(cast, row)
    for days in range(6):
        for hour in (8, 10, 16, 20):
            cast.clock.at = cast.local(hour, 5, days=days)
            with cast.engine.begin() as connection:
                due.plan(connection, cast.clock.at)
            enqueue(cast.services)
            while climb(cast.services):
                pass
            cast.leaves()
    assert ends(cast) == "under_follow_up"

    did(cast, update(test_results).values(result="negative"))
    assert ends(cast) == "completed"


@pytest.mark.parametrize(("result", "after"), [("pending", "under_follow_up"), ("negative", "lost_to_follow_up")])
def test_who_was_lost_and_is_heard_of_behind_their_last_day_comes_back_if_something_is_waited_for(
    cast: Cast, result: str, after: str
) -> None:
    person = cast.enrols(HOA, days=2)
    row = {"follow_up_id": cast.rows(follow_ups)[0]["id"], "person_id": person, "unit_code": STATION}
    sampled(cast, row)
    did(cast, update(test_results).values(result=result))
    did(cast, update(follow_ups).values(status="lost_to_follow_up", ended_at=cast.clock.at))
    cast.clock.at = cast.local(8, days=4)
    with cast.engine.begin() as connection:
        lost.found(connection, [person], cast.clock.at)

    assert cast.rows(follow_ups)[0]["status"] == after
