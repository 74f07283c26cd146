"""What was decided about a follow-up is kept in its order."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

from core.care.events import Event, Kind, append, history
from core.database.following import follow_ups
from tests.cast import HOA, STATION, Cast


def test_decisions_are_read_newest_first_as_they_were_written(cast: Cast) -> None:
    person = cast.enrols(HOA)
    (followed,) = cast.rows(follow_ups, person_id=person)
    nurse, at = uuid4(), cast.clock.at
    first = Event(followed["id"], person, at, nurse, STATION, Kind.RESULT, {"result": "positive", "day": 3})
    second = Event(followed["id"], person, at + timedelta(minutes=1), None, STATION, Kind.LEVEL)

    with cast.engine.begin() as connection:
        append(connection, [first, second])
        append(connection, [])
        assert history(connection, followed["id"])[:2] == (second, first)
        assert history(connection, followed["id"], most=1) == (second,)
        assert history(connection, uuid4()) == ()
