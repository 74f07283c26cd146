"""One decision for a commune or a hamlet: everybody there is followed, also who comes later, once, until it ends."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert, update

from core.access.scope import Scope
from core.care import area, follow_up_acts
from core.care.area import Area
from core.care.follow_up_acts import NewCase
from core.care.follow_up_opening import Opened
from core.care.follow_up_opening import Outcome as Opening
from core.care.follow_up_terms import Problem, Terms
from core.care.hamlets import in_hamlet
from core.care.handling import By, Outcome
from core.clock import VIETNAM
from core.database.following import area_decisions, follow_up_events, follow_ups, level_proposals
from core.database.tables import persons, records
from tests.cast import HOA, LAN, NEXT_STATION, STATION, Cast

HERE = Scope(STATION, (STATION,))


def decides(cast: Cast, **changes: object) -> UUID | Problem | None:
    today = cast.today()
    given = {"unit_code": STATION, "document": "QĐ 9", "from_on": today, "until_on": today + timedelta(days=7)}
    decision = Area(**{**given, "hours": (8,), **changes})  # type: ignore[arg-type]
    with cast.engine.begin() as connection:
        return area.decide(connection, HERE, decision, By(uuid4(), cast.clock.at))


def runs(cast: Cast, limit: int = 500) -> list[int]:
    counts: list[int] = []
    for page in (area.open_page, area.release_page):
        while True:
            with cast.engine.begin() as connection:
                counts.append(page(connection, cast.clock.at, limit))
            if counts[-1] < limit:
                break
    return counts


def lives(cast: Cast, number: int, hamlet: str = "", unit: str = STATION) -> UUID:
    row = {"id": UUID(int=number), "full_name": f"Người {number}", "unit_code": unit, "hamlet": hamlet}
    with cast.engine.begin() as connection:
        connection.execute(insert(persons).values(**row, created_at=cast.clock.at))
    return UUID(int=number)


def test_all_of_the_commune_page_by_page_and_twice_is_once(cast: Cast) -> None:
    for number in range(1, 6):
        lives(cast, number)
    lives(cast, 9, unit=NEXT_STATION)
    decides(cast)

    assert runs(cast, 2) == [2, 2, 1, 0]
    cast.later(minutes=10)
    assert runs(cast) == [0, 0]
    rows = cast.rows(follow_ups)
    assert [row["person_id"].int for row in sorted(rows, key=lambda row: row["person_id"])] == [1, 2, 3, 4, 5]
    assert {(row["group"], row["source"], row["document"]) for row in rows} == {("area", "area", "QĐ 9")}
    assert len(cast.rows(follow_up_events)) == 5


def test_who_declares_later_is_asked_on_their_phone_and_who_is_followed_keeps_theirs(cast: Cast) -> None:
    cast.enrols(HOA)
    decides(cast)
    runs(cast)
    cast.declares(LAN)
    cast.later(minutes=10)
    runs(cast)

    assert sorted((row["group"], row["contact_id"]) for row in cast.rows(follow_ups)) == [
        ("F1", cast.contact(HOA)),
        ("area", cast.contact(LAN)),
    ]


def test_ending_it_ends_them_and_nobody_is_opened_again(cast: Cast) -> None:
    lives(cast, 1)
    decision = decides(cast)
    assert isinstance(decision, UUID)
    runs(cast)
    with cast.engine.begin() as connection:
        by = By(uuid4(), cast.clock.at)
        assert area.stop(connection, Scope(NEXT_STATION, (NEXT_STATION,)), decision, by) is Outcome.UNKNOWN
        assert area.stop(connection, HERE, decision, by) is Outcome.DONE
        assert area.stop(connection, HERE, decision, by) is Outcome.TOO_LATE
    cast.later(minutes=10)

    assert runs(cast) == [0, 1]
    (row,) = cast.rows(follow_ups)
    assert (row["status"], row["end_reason"]) == ("completed", "document")
    assert row["release_code"]


def test_ending_it_leaves_whoever_became_a_case_meanwhile(cast: Cast) -> None:
    for number in (1, 2, 3):
        lives(cast, number)
    decision = decides(cast)
    assert isinstance(decision, UUID)
    runs(cast)
    (ill, near, _) = sorted(cast.rows(follow_ups), key=lambda row: row["person_id"])
    proposal = {"id": uuid4(), "person_id": near["person_id"], "follow_up_id": near["id"], "unit_code": STATION}
    level = {"from_group": "area", "to_group": "F0", "status": "proposed", "at": cast.clock.at}
    with cast.engine.begin() as connection:
        connection.execute(update(follow_ups).where(follow_ups.c.id == ill["id"]).values(group="F0"))
        connection.execute(insert(level_proposals).values(proposal | level))
        area.stop(connection, HERE, decision, By(uuid4(), cast.clock.at))
    assert runs(cast)[-1] == 1
    with cast.engine.begin() as connection:
        connection.execute(update(level_proposals).values(status="rejected"))

    assert runs(cast)[-1] == 1
    rows = sorted(cast.rows(follow_ups), key=lambda row: row["person_id"])
    assert [row["status"] for row in rows] == ["under_follow_up", "completed", "completed"]


def test_no_decision_waits_for_ever_behind_others(cast: Cast) -> None:
    """Twelve of them, all looked at in one round; the newest is the only one with somebody in it."""
    for number in range(12):
        decides(cast, hamlet=f"thôn {number}")
    lives(cast, 1, hamlet="thôn 11")
    seen = []
    for _ in range(2):
        runs(cast)
        seen.append({row["opened_at"] for row in cast.rows(area_decisions)})
        cast.later(minutes=6)

    assert [len(each) for each in seen] == [1, 1]
    assert seen[0] != seen[1]
    assert len(cast.rows(follow_ups)) == 1


def test_who_was_taken_out_by_staff_stays_out(cast: Cast) -> None:
    lives(cast, 1)
    decides(cast)
    runs(cast)
    with cast.engine.begin() as connection:
        connection.execute(update(follow_ups).values(status="cancelled"))
    cast.later(minutes=10)
    runs(cast)

    assert [row["status"] for row in cast.rows(follow_ups)] == ["cancelled"]


@pytest.mark.parametrize("reason", ["died", "died: ở bệnh viện", "elsewhere"])
def test_who_died_or_went_away_is_followed_by_no_decision_any_more(cast: Cast, reason: str) -> None:
    """Neither by one that runs while they are followed for something else, nor by the next one."""
    person = cast.enrols(HOA)
    decides(cast)
    runs(cast)
    cancels(cast, reason)
    cast.later(minutes=10)
    runs(cast)
    decides(cast)
    runs(cast)

    assert [(row["person_id"], row["status"]) for row in cast.rows(follow_ups)] == [(person, "cancelled")]


@pytest.mark.parametrize("reason", ["mistake", "no_contact", "other: died"])
def test_who_was_only_no_contact_lives_there_still(cast: Cast, reason: str) -> None:
    cast.enrols(HOA)
    cancels(cast, reason)
    decides(cast)
    runs(cast)

    assert sorted(row["status"] for row in cast.rows(follow_ups)) == ["cancelled", "under_follow_up"]


def test_who_came_back_and_was_followed_since_is_followed_again(cast: Cast) -> None:
    person = cast.enrols(HOA)
    cancels(cast, "elsewhere")
    cast.later(days=1)
    stated = Terms("area", end_on=cast.today(), document="QĐ 1")
    with cast.engine.begin() as connection:
        back = NewCase(person, None, stated, STATION)
        opened = follow_up_acts.open_one(connection, HERE, back, By(uuid4(), cast.clock.at))
    assert isinstance(opened, Opened) and opened.outcome is Opening.OPENED
    cancels(cast, "mistake")
    decides(cast)
    runs(cast)

    assert [row["status"] for row in cast.rows(follow_ups)].count("under_follow_up") == 1


def test_who_went_away_and_declares_from_there_again_is_back_and_who_died_is_not(cast: Cast) -> None:
    cast.declares(LAN)
    cast.declares(HOA)
    decides(cast)
    runs(cast)
    gone, dead = sorted(cast.rows(follow_ups), key=lambda row: row["contact_id"] != cast.contact(LAN))
    cancels(cast, "elsewhere", gone["id"])
    cancels(cast, "died", dead["id"])
    cast.later(days=1)
    with cast.engine.begin() as connection:
        connection.execute(update(records).values(declared_at=cast.clock.at))
    decides(cast)
    runs(cast)

    assert [row["contact_id"] for row in cast.rows(follow_ups, status="under_follow_up")] == [cast.contact(LAN)]


def cancels(cast: Cast, reason: str, follow_up: UUID | None = None) -> None:
    """Staff end it: that one, or the only one."""
    wanted = follow_up or next(row["id"] for row in cast.rows(follow_ups) if row["status"] == "under_follow_up")
    with cast.engine.begin() as connection:
        by = By(uuid4(), cast.clock.at)
        assert follow_up_acts.cancel(connection, HERE, wanted, reason, by) is Outcome.DONE


def test_it_begins_with_its_first_day_in_vietnam(cast: Cast) -> None:
    lives(cast, 1)
    decides(cast, from_on=cast.today() + timedelta(days=1))
    cast.clock.at = cast.clock.at.astimezone(VIETNAM).replace(hour=23, minute=59)
    assert runs(cast) == [0, 0]
    cast.later(minutes=1)
    assert runs(cast) == [1, 0]


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"unit_code": NEXT_STATION}, None),
        ({"hours": (22,)}, Problem.QUIET_HOUR),
        ({"hours": ()}, Problem.HOURS),
        ({"until_on": date(2026, 11, 20)}, Problem.END_BEFORE_START),
    ],
)
def test_what_cannot_be_decided(cast: Cast, changes: dict[str, object], found: Problem | None) -> None:
    assert decides(cast, **changes) is found


@pytest.mark.parametrize(
    ("hamlet", "noted", "address", "there"),
    [
        ("", "", "", True),
        ("thôn Na Áng", "Na Ang", "", True),
        ("thôn Na Áng", "", "so 5 thon na ang", True),
        ("thôn Na Áng", "thôn Bản Qua", "na ang", False),
        ("thôn Na Áng", "", "thon na ang 2", False),
        ("tổ 1", "", "so 1 to 12", False),
        ("tổ 1", "", "so 7, to 1", True),
        ("tổ 1", "tổ 1", "", True),
        ("thôn Na Áng", "", "", False),
    ],
)
def test_who_lives_in_a_hamlet(hamlet: str, noted: str, address: str, there: bool) -> None:
    assert in_hamlet(hamlet, noted, address) is there
