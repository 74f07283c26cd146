"""Dead letters: seen, corrected, sent again; what arrived is left alone."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import update

from core.database.tables import persons
from core.forwarding.replay import retry, retry_units, undelivered
from tests.core.forwarding.cast import OTHER_STATION, STATION, Cast
from tests.core.forwarding.receiver import Receiver, Reply


def test_a_dead_letter_is_listed_with_its_reason(cast: Cast, unit: Receiver) -> None:
    ids = _dead(cast, unit, 2)
    with cast.engine.connect() as connection:
        dead, pending = undelivered(connection, "dead"), undelivered(connection, "pending")
    assert ({row.id for row in dead}, {row.error for row in dead}, pending) == (set(ids), {"422"}, ())


def test_edited_and_sent_again_it_arrives_under_its_own_id(cast: Cast, unit: Receiver) -> None:
    (dead,) = _dead(cast, unit, 1)
    with cast.engine.begin() as connection:
        connection.execute(update(persons).values(full_name="Đúng"))
    unit.answer = lambda received: Reply(204 if received.data["person"]["full_name"] == "Đúng" else 422)
    assert _retry(cast, [dead]) == 1
    cast.deliver()
    assert ([received.webhook_id for received in unit.taken], cast.statuses()) == ([dead], ["delivered"])


def test_retrying_twice_and_after_it_arrived_changes_nothing(cast: Cast, unit: Receiver) -> None:
    ids = _dead(cast, unit, 3)
    unit.says(204)
    _retry(cast, ids)
    _retry(cast, ids)
    cast.deliver()
    arrived = cast.forwards()
    assert _retry(cast, ids) == 0
    assert _retry_units(cast, [STATION], None) == 0
    cast.deliver()
    assert cast.forwards() == arrived
    assert len(unit.taken) == len(unit.distinct()) == 3


def test_a_whole_unit_is_sent_again_from_a_day_on(cast: Cast, unit: Receiver) -> None:
    _dead(cast, unit, 2)
    cast.later(days=2)
    later = cast.now
    _dead(cast, unit, 1)
    unit.says(204)
    assert _retry_units(cast, [OTHER_STATION], None) == 0
    assert _retry_units(cast, [STATION], later - timedelta(days=1)) == 1
    cast.deliver()
    assert sorted(cast.statuses()) == ["dead", "dead", "delivered"]
    assert _retry_units(cast, [STATION], None) == 2
    cast.deliver()
    assert cast.statuses() == ["delivered"] * 3


def test_it_starts_over_with_a_fresh_row_of_attempts(cast: Cast, unit: Receiver) -> None:
    (dead,) = _dead(cast, unit, 1)
    cast.change_forwards(attempts=61)
    unit.says(503)
    _retry(cast, [dead])
    cast.deliver()
    assert [(row["status"], row["attempts"]) for row in cast.forwards()] == [("pending", 1)]


def _dead(cast: Cast, unit: Receiver, count: int) -> list[UUID]:
    """So many dead letters of the station, each of another person."""
    if not cast.forwards():
        cast.destination(STATION, unit.url)
    before = {row["id"] for row in cast.forwards()}
    unit.says(422)
    for _ in range(count):
        cast.checkins(cast.person(), 1)
    cast.deliver()
    return [row["id"] for row in cast.forwards() if row["id"] not in before]


def _retry(cast: Cast, ids: Collection[UUID]) -> int:
    with cast.engine.begin() as connection:
        return retry(connection, ids, cast.now)


def _retry_units(cast: Cast, codes: Collection[str], since: datetime | None) -> int:
    with cast.engine.begin() as connection:
        return retry_units(connection, codes, since, cast.now)
