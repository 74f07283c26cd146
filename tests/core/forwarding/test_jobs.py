"""Queueing: who gets a record, in which order, and that nothing is queued twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from core.database.tables import forwards, persons, records
from core.forwarding import destinations
from core.forwarding.jobs import enqueue, enqueue_unconfirmed
from tests.core.forwarding.cast import CENTRE, MINISTRY, OTHER_STATION, STATION, Cast


def test_a_record_is_queued_for_its_unit_and_those_above(cast: Cast) -> None:
    reached = {cast.destination(unit, "https://in.example/")[0] for unit in (STATION, CENTRE, MINISTRY)}
    cast.destination(OTHER_STATION, "https://in.example/")
    cast.queue([cast.record(cast.person())])
    rows = cast.forwards()
    assert {row["destination_id"] for row in rows} == reached
    assert {(row["sequence"], row["status"], row["unit_code"]) for row in rows} == {(1, "pending", STATION)}


def test_without_a_destination_nothing_is_queued_and_nothing_is_counted(cast: Cast) -> None:
    person = cast.person()
    cast.destination(OTHER_STATION, "https://in.example/")
    cast.queue([cast.record(person)])
    assert cast.forwards() == []
    assert _counted(cast, person) == 0


def test_each_person_is_counted_in_order_of_arrival(cast: Cast) -> None:
    cast.destination(STATION, "https://in.example/")
    one, two = cast.person(), cast.person()
    first = [cast.record(one), cast.record(two), cast.record(one)]
    cast.queue(first)
    cast.queue([cast.record(one)])
    sequences = {row["record_id"]: row["sequence"] for row in cast.forwards()}
    assert [sequences[record["id"]] for record in first] == [1, 1, 2]
    assert (_counted(cast, one), _counted(cast, two)) == (3, 1)


def test_queueing_twice_changes_nothing(cast: Cast) -> None:
    person = cast.person()
    cast.destination(STATION, "https://in.example/")
    made = cast.checkins(person, 2)
    before = cast.forwards()
    cast.later(hours=1)
    cast.queue(made)
    assert cast.forwards() == before
    assert _counted(cast, person) == 2


def test_a_later_destination_gets_the_record_under_the_same_number(cast: Cast) -> None:
    person = cast.person()
    cast.destination(STATION, "https://in.example/")
    made = cast.checkins(person, 2)
    cast.destination(CENTRE, "https://in.example/")
    cast.queue(made)
    assert [row["sequence"] for row in cast.forwards()] == [1, 1, 2, 2]


def test_only_an_urgent_record_is_urgent(cast: Cast) -> None:
    cast.destination(STATION, "https://in.example/")
    person = cast.person()
    cast.queue([cast.record(person, level=level) for level in ("none", "signs", "urgent")])
    assert [row["urgent"] for row in cast.forwards()] == [False, False, True]


def test_two_batches_at_once_share_no_number(cast: Cast) -> None:
    cast.destination(STATION, "https://in.example/")
    people = [cast.person() for _ in range(4)]
    batches = [[cast.record(person) for person in order] for order in (people, people[::-1]) * 4]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(cast.queue, batches))
    for person in people:
        assert [r["sequence"] for r in cast.forwards() if r["person_id"] == person] == list(range(1, 9))


def test_what_nobody_confirmed_in_30_minutes_is_queued_as_unconfirmed(cast: Cast) -> None:
    cast.destination(STATION, "https://in.example/")
    person = cast.person()
    left = cast.record(person, confirmed_at=None)
    cast.later(minutes=1)
    cast.record(person, confirmed_at=None)
    cast.record(person, forwarded_at=cast.now)
    cast.later(minutes=29)
    assert _unconfirmed(cast) == 1
    assert [row["record_id"] for row in cast.forwards()] == [left["id"]]
    assert _forwarded_at(cast, left["id"]) == cast.now


def test_looking_for_the_unconfirmed_twice_changes_nothing(cast: Cast) -> None:
    cast.destination(STATION, "https://in.example/")
    person = cast.person()
    for _ in range(3):
        cast.record(person, confirmed_at=None)
    cast.later(hours=1)
    assert [_unconfirmed(cast, limit=2), _unconfirmed(cast, limit=2), _unconfirmed(cast, limit=2)] == [2, 1, 0]
    assert [row["sequence"] for row in cast.forwards()] == [1, 2, 3]


def test_a_record_that_is_being_confirmed_is_left_to_who_confirms_it(cast: Cast) -> None:
    cast.destination(STATION, "https://in.example/")
    held = cast.record(cast.person(), confirmed_at=None)
    cast.later(hours=1)
    with cast.engine.begin() as connection:
        connection.execute(select(records).where(records.c.id == held["id"]).with_for_update())
        assert _unconfirmed(cast) == 0


def test_a_person_who_is_writing_just_now_is_left_for_the_next_time(cast: Cast) -> None:
    cast.destination(STATION, "https://in.example/")
    busy, idle = cast.person(), cast.person()
    for person in (busy, idle):
        cast.record(person, confirmed_at=None)
    cast.later(hours=1)
    with cast.engine.begin() as connection:
        connection.execute(select(persons).where(persons.c.id == busy).with_for_update())
        assert _unconfirmed(cast) == 1
    assert _unconfirmed(cast) == 1
    assert {row["person_id"] for row in cast.forwards()} == {busy, idle}


def test_a_rollback_takes_the_delivery_with_it(cast: Cast) -> None:
    cast.destination(STATION, "https://in.example/")
    record = cast.record(cast.person())
    with cast.engine.connect() as connection:
        enqueue(connection, [record], destinations.load_by_unit(connection), cast.now)
        assert connection.scalar(select(forwards.c.id)) is not None
        connection.rollback()
    assert cast.forwards() == []


def test_the_thirty_minutes_are_domain_time(cast: Cast) -> None:
    cast.destination(STATION, "https://in.example/")
    cast.record(cast.person(), confirmed_at=None, declared_at=cast.now - timedelta(minutes=29, seconds=59))
    assert _unconfirmed(cast) == 0


def _unconfirmed(cast: Cast, limit: int = 100) -> int:
    with cast.engine.begin() as connection:
        reached = destinations.load_by_unit(connection)
        return enqueue_unconfirmed(connection, cast.now, reached, limit)


def _counted(cast: Cast, person: UUID) -> int:
    with cast.engine.connect() as connection:
        return int(connection.scalar(select(persons.c.forward_seq).where(persons.c.id == person)) or 0)


def _forwarded_at(cast: Cast, record: UUID) -> object:
    with cast.engine.connect() as connection:
        return connection.scalar(select(records.c.forwarded_at).where(records.c.id == record))
