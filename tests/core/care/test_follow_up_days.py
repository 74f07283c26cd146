"""Who hears nothing of other days, and of the end: whoever was not welcomed yet, or does not answer there any more."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, update

from core.care import follow_up
from core.database.following import follow_ups
from core.database.tables import members
from core.pipeline.release import tell_released
from core.reminders.level_days import tell_days
from tests.cast import HOA, Cast


@pytest.mark.parametrize(("welcomed", "there", "heard"), [(True, True, 1), (False, True, 0), (True, False, 0)])
def test_of_other_days(cast: Cast, welcomed: bool, there: bool, heard: int) -> None:
    cast.enrols(HOA)
    with cast.engine.begin() as connection:
        when = cast.clock.at if welcomed else None
        connection.execute(update(follow_ups).values(days_changed_at=cast.clock.at, welcomed_at=when))
        if not there:
            connection.execute(delete(members))

    assert [tell_days(cast.services), tell_days(cast.services)] == [1, 0]
    assert len(cast.heard(HOA)) == heard


def test_of_the_end(cast: Cast) -> None:
    cast.enrols(HOA, days=2)
    cast.clock.at = cast.local(8, days=3)
    with cast.engine.begin() as connection:
        connection.execute(delete(members))
        follow_up.complete(connection, cast.clock.at)

    assert [tell_released(cast.services), tell_released(cast.services)] == [1, 0]
    assert cast.heard(HOA) == []
