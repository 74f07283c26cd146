"""Who died or left the province is noted also when they are not followed any more: nothing follows them again."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import update

from core.access.scope import Scope
from core.care import area, follow_up, follow_up_acts, lost
from core.care.area import Area
from core.care.follow_up_acts import CancelReason, StillFollowed
from core.care.handling import By, Outcome
from core.database.following import follow_up_events, follow_ups
from core.database.tables import persons
from tests.cast import HOA, LAN, NEXT_STATION, STATION, Cast

HERE = Scope(STATION, (STATION,))


def cancels(cast: Cast, reason: str, **whose: UUID) -> Outcome | StillFollowed:
    (row,) = cast.rows(follow_ups, **whose)
    with cast.engine.begin() as connection:
        return follow_up_acts.cancel(connection, HERE, row["id"], reason, By(uuid4(), cast.clock.at))


def loses(cast: Cast, **whose: UUID) -> None:
    (row,) = cast.rows(follow_ups, **whose)
    with cast.engine.begin() as connection:
        assert lost.lose(connection, [row["id"]], cast.clock.at) == 1


def ends(cast: Cast) -> None:
    cast.later(days=3)
    with cast.engine.begin() as connection:
        assert follow_up.complete(connection, cast.clock.at) == 1


def merges(cast: Cast, gone: UUID, kept: UUID) -> None:
    with cast.engine.begin() as connection:
        connection.execute(update(persons).where(persons.c.id == gone).values(merged_into=kept))


def decides(cast: Cast) -> None:
    today = cast.today()
    with cast.engine.begin() as connection:
        decision = Area(STATION, "QĐ 9", today, today + timedelta(days=7), (8,))
        assert isinstance(area.decide(connection, HERE, decision, By(uuid4(), cast.clock.at)), UUID)
        area.open_page(connection, cast.clock.at)


@pytest.mark.parametrize("reason", ["died: ở bệnh viện", "elsewhere"])
def test_of_whoever_was_lost(cast: Cast, reason: str) -> None:
    cast.enrols(HOA)
    loses(cast)
    cast.later(hours=1)

    assert cancels(cast, reason) is Outcome.DONE
    cast.later(hours=1)
    cast.writes("SK OK", who=HOA)
    decides(cast)
    assert [row["status"] for row in cast.rows(follow_ups)] == ["cancelled"]
    assert cancels(cast, reason) is Outcome.TOO_LATE


@pytest.mark.parametrize("reason", ["died", "elsewhere"])
def test_of_whose_days_are_over_and_their_paper_stays(cast: Cast, reason: str) -> None:
    cast.enrols(HOA, days=2)
    ends(cast)
    before = dict(cast.rows(follow_ups)[0])

    assert cancels(cast, reason) is Outcome.DONE
    assert cancels(cast, reason) is Outcome.TOO_LATE
    decides(cast)
    assert [dict(row) for row in cast.rows(follow_ups)] == [before]
    assert [row["detail"] for row in cast.rows(follow_up_events, kind="gone")] == [{"reason": reason}]


@pytest.mark.parametrize("reason", [CancelReason.MISTAKE, CancelReason.OTHER])
def test_nothing_else_is_said_of_what_has_ended(cast: Cast, reason: CancelReason) -> None:
    cast.enrols(HOA, days=2)
    loses(cast)
    assert cancels(cast, reason) is Outcome.TOO_LATE
    with cast.engine.begin() as connection:
        connection.execute(update(follow_ups).values(status="under_follow_up"))
    ends(cast)
    assert cancels(cast, reason) is Outcome.TOO_LATE


@pytest.mark.parametrize("unit", [STATION, NEXT_STATION])
def test_nor_does_an_answer_bring_back_whom_staff_merged_with_them(cast: Cast, unit: str) -> None:
    half = cast.enrols(LAN, unit=unit)
    kept = cast.enrols(HOA, days=2)
    ends(cast)
    cast.later(hours=1)
    loses(cast, person_id=half)
    merges(cast, half, kept)

    assert cancels(cast, "died", person_id=kept) is Outcome.DONE
    cast.later(hours=1)
    cast.writes("SK OK", who=LAN)
    assert [row["status"] for row in cast.rows(follow_ups, person_id=half)] == ["cancelled"]
    assert [row["status"] for row in cast.rows(follow_ups, person_id=kept)] == ["completed"]
    assert len(cast.rows(follow_up_events, kind="gone")) == 1
    assert cancels(cast, "died", person_id=kept) is Outcome.TOO_LATE


@pytest.mark.parametrize("over", [True, False])
def test_who_says_so_hears_which_unit_follows_them_still(cast: Cast, over: bool) -> None:
    half = cast.enrols(LAN, unit=NEXT_STATION)
    kept = cast.enrols(HOA, days=2)
    if over:
        ends(cast)
    merges(cast, half, kept)

    assert cancels(cast, "died", person_id=kept) == StillFollowed(NEXT_STATION)
    assert [row["status"] for row in cast.rows(follow_ups, person_id=half)] == ["under_follow_up"]


def test_who_left_may_have_died_since(cast: Cast) -> None:
    cast.enrols(HOA)
    said = [cancels(cast, reason) for reason in ("elsewhere", "elsewhere", "died", "died", "elsewhere")]
    assert said == [Outcome.DONE, Outcome.TOO_LATE, Outcome.DONE, Outcome.TOO_LATE, Outcome.TOO_LATE]
    assert [row["detail"] for row in cast.rows(follow_up_events, kind="gone")] == [{"reason": "died"}]
