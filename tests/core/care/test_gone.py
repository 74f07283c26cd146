"""Who died or left the province is noted also when they are not followed any more: nothing follows them again."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import update

from core.access.scope import Scope
from core.care import area, follow_up, follow_up_acts, lost
from core.care.area import Area
from core.care.follow_up_acts import CancelReason
from core.care.handling import By, Outcome
from core.database.following import follow_up_events, follow_ups
from tests.cast import HOA, STATION, Cast

HERE = Scope(STATION, (STATION,))


def cancels(cast: Cast, reason: str) -> Outcome:
    (row,) = cast.rows(follow_ups)
    with cast.engine.begin() as connection:
        return follow_up_acts.cancel(connection, HERE, row["id"], reason, By(uuid4(), cast.clock.at))


def loses(cast: Cast) -> None:
    (row,) = cast.rows(follow_ups)
    with cast.engine.begin() as connection:
        assert lost.lose(connection, [row["id"]], cast.clock.at) == 1


def ends(cast: Cast) -> None:
    cast.later(days=3)
    with cast.engine.begin() as connection:
        assert follow_up.complete(connection, cast.clock.at) == 1


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
