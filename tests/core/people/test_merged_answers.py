"""Two persons whom staff merged, of whom the other one's follow-up went on: what is said of either is said of the one
who is followed."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert, select, update

from core.access.scope import Scope
from core.care import area, area_lists, attempts, follow_up, lost
from core.care.attempts import Attempt, Came, Via
from core.care.follow_up_risk import Risk, open_to_verify
from core.care.handling import By
from core.database.due import alerts, contact_attempts, due_checks
from core.database.following import follow_ups
from core.database.tables import persons
from core.people import merging
from core.reminders.enqueue import enqueue
from tests.cast import HOA, LAN, NEXT_STATION, STATION, Cast

HERE = Scope(STATION, (STATION, NEXT_STATION))


@pytest.fixture
def pair(cast: Cast) -> tuple[UUID, UUID]:
    """May, who is kept and answers on Hoa's phone; and Mai, whom the next station follows and asks on Lan's."""
    kept = cast.enrols(HOA)
    gone = cast.enrols(LAN, name="Sung Thi Mai", unit=NEXT_STATION)
    with cast.engine.begin() as connection:
        connection.execute(update(follow_ups).where(follow_ups.c.person_id == kept).values(group="F2"))
        assert merging.merge(connection, HERE, (kept, gone), uuid4(), cast.clock.at)
    cast.clock.at = cast.local(16, 1)
    enqueue(cast.services)
    return kept, gone


def status(cast: Cast, person: UUID) -> str:
    (row,) = cast.rows(follow_ups, person_id=person)
    return str(row["status"])


def raised(cast: Cast) -> list[tuple[str, list[str]]]:
    return [(row["unit_code"], row["reasons"]) for row in cast.rows(alerts)]


def loses(cast: Cast, *people: UUID) -> None:
    with cast.engine.begin() as connection:
        ids = [row["id"] for row in cast.rows(follow_ups) if row["person_id"] in people]
        connection.execute(update(follow_ups).where(follow_ups.c.id.in_(ids)).values(status="under_follow_up"))
        assert lost.lose(connection, ids, cast.clock.at) == len(people)


def test_a_new_sign_is_told_to_whoever_follows_them(cast: Cast, pair: tuple[UUID, UUID]) -> None:
    cast.writes("SK 37,0 ho", who=HOA)

    assert raised(cast) == [(NEXT_STATION, ["new_sign", "sign"])]
    assert len(cast.rows(due_checks, person_id=pair[1], status="seen_not_ok")) == 1


def test_that_they_left_is_told_as_well(cast: Cast, pair: tuple[UUID, UUID]) -> None:
    cast.writes("SK", "khong", "36,5", "2", who=HOA)

    assert [(unit, reasons[0]) for unit, reasons in raised(cast)] == [(NEXT_STATION, "left_place")]


def test_what_the_other_phone_said_before_is_known(cast: Cast, pair: tuple[UUID, UUID]) -> None:
    cast.writes("SK 37,0 ho", who=LAN)
    assert len(raised(cast)) == 1
    cast.clock.at = cast.local(8, 5, days=1)
    cast.writes("SK 37,0 ho", who=HOA)

    assert len(raised(cast)) == 1


def test_they_see_how_long_it_goes_on(cast: Cast, pair: tuple[UUID, UUID]) -> None:
    cast.writes("XEM", who=HOA)

    assert "con 14 ngay" in cast.heard(HOA)[-1]


def test_they_choose_their_hours_from_either_phone(cast: Cast, pair: tuple[UUID, UUID]) -> None:
    cast.writes("NHAC 7 17", who=HOA)
    assert [row["hours"] for row in cast.rows(follow_ups, status="under_follow_up")] == [[7, 17]]
    cast.writes("NHAC 9", who=LAN)
    assert [row["hours"] for row in cast.rows(follow_ups, status="under_follow_up")] == [[9]]


def test_on_a_phone_of_both_one_is_asked_and_either_is_judged(cast: Cast) -> None:
    kept, gone = cast.enrols(HOA), cast.enrols(HOA, name="Sung Thi Mai")
    with cast.engine.begin() as connection:
        connection.execute(update(follow_ups).where(follow_ups.c.person_id == kept).values(group="F2"))
        assert merging.merge(connection, HERE, (kept, gone), uuid4(), cast.clock.at)
    cast.writes("XEM", "37,0 ho", "1", who=HOA)

    assert "con 14 ngay" in cast.heard(HOA)[0]
    assert "Mai" not in cast.heard(HOA)[0]
    assert [reasons for _, reasons in raised(cast) if reasons] == [["new_sign", "sign"]]


def test_an_answer_from_either_phone_takes_them_back(cast: Cast, pair: tuple[UUID, UUID]) -> None:
    loses(cast, pair[1])
    cast.later(hours=1)
    cast.writes("SK OK", who=HOA)

    assert status(cast, pair[1]) == "under_follow_up"


def test_of_two_that_were_lost_at_once_one_comes_back(cast: Cast, pair: tuple[UUID, UUID]) -> None:
    loses(cast, *pair)
    cast.later(hours=1)
    cast.writes("SK OK", who=HOA)

    assert sorted(status(cast, person) for person in pair) == ["lost_to_follow_up", "under_follow_up"]


def test_whoever_was_lost_rests_while_the_other_is_followed(cast: Cast, pair: tuple[UUID, UUID]) -> None:
    loses(cast, pair[0])
    cast.later(hours=1)
    cast.writes("SK OK", who=HOA)

    assert [status(cast, person) for person in pair] == ["lost_to_follow_up", "under_follow_up"]


def test_who_is_heard_of_just_now_is_not_given_up(cast: Cast, pair: tuple[UUID, UUID]) -> None:
    (row,) = cast.rows(follow_ups, person_id=pair[1])
    with cast.engine.begin() as other, cast.engine.begin() as clock:
        other.execute(select(persons.c.id).where(persons.c.id == pair[0]).with_for_update(key_share=True, read=True))
        assert lost.unheard(clock, [row["id"]]) == set()
    with cast.engine.begin() as clock:
        assert lost.unheard(clock, [row["id"]]) == {row["id"]}


def test_danger_of_the_kept_one_holds_the_paper_back(cast: Cast, pair: tuple[UUID, UUID]) -> None:
    said = {"id": uuid4(), "kind": "danger", "unit_code": STATION, "signs": ["fever"], "status": "open"}
    with cast.engine.begin() as connection:
        about = {"person_id": pair[0], "inbound_id": uuid4(), "raise_at": cast.clock.at}
        connection.execute(insert(alerts).values(said | about))
    cast.clock.at = cast.local(8, days=15)
    with cast.engine.begin() as connection:
        follow_up.complete(connection, cast.clock.at)
    assert status(cast, pair[1]) == "under_follow_up"

    with cast.engine.begin() as connection:
        connection.execute(update(alerts).values(status="closed"))
        follow_up.complete(connection, cast.clock.at)
    assert status(cast, pair[1]) == "completed"


def test_a_decision_for_the_commune_follows_them_no_second_time(cast: Cast, pair: tuple[UUID, UUID]) -> None:
    until = cast.today() + timedelta(days=7)
    decision = area.Area(STATION, "QĐ 9", cast.today(), until, (8,))
    with cast.engine.begin() as connection:
        assert area_lists.count(connection, STATION) == area_lists.Counted(people=1, followed=1)
        area.decide(connection, HERE, decision, By(uuid4(), cast.clock.at))
        area.open_page(connection, cast.clock.at)

    assert [row["person_id"] for row in cast.rows(follow_ups, status="under_follow_up")] == [pair[1]]


def test_a_risk_that_either_declares_is_verified_no_second_time(cast: Cast, pair: tuple[UUID, UUID]) -> None:
    risks = [Risk(uuid4(), person, cast.contact(HOA), STATION, {"contact_area": True}) for person in pair]
    with cast.engine.begin() as connection:
        open_to_verify(connection, risks, cast.clock.at)
    assert cast.rows(follow_ups, status="to_verify") == []

    with cast.engine.begin() as connection:
        connection.execute(update(follow_ups).values(status="completed"))
        open_to_verify(connection, risks, cast.clock.at)
    assert [row["person_id"] for row in cast.rows(follow_ups, status="to_verify")] == [pair[0]]


def tries(cast: Cast, person: UUID, came: Came) -> None:
    tried = Attempt(uuid4(), person, STATION, uuid4(), cast.clock.at, Via.PHONE, came)
    with cast.engine.begin() as connection:
        assert attempts.record(connection, tried)


def test_a_try_noted_of_the_kept_one_is_one_to_reach_the_other(cast: Cast, pair: tuple[UUID, UUID]) -> None:
    with cast.engine.begin() as connection:
        connection.execute(update(due_checks).values(status="non_reporting"))
    tries(cast, pair[0], Came.REFUSED)
    assert {row["status"] for row in cast.rows(due_checks, person_id=pair[1])} == {"uncooperative"}
    (row,) = cast.rows(contact_attempts)
    assert row["follow_up_id"] == cast.rows(follow_ups, person_id=pair[1])[0]["id"]

    loses(cast, pair[1])
    cast.later(hours=1)
    tries(cast, pair[0], Came.REACHED)
    assert status(cast, pair[1]) == "under_follow_up"
