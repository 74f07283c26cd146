"""Queueing deliveries: one row of `forwards` for each record and destination.

Done in the transaction that stores the record, so a record is never stored and not queued. A crash before
the commit leaves neither.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Connection, Uuid, any_, bindparam, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from uuid_utils.compat import uuid7

from core.database.batch import Batch, BatchInsert, Row
from core.database.tables import forwards, persons, records

UNCONFIRMED = timedelta(minutes=30)
"""A record that nobody confirmed in this time is forwarded all the same: silence must not hide a sign."""

_COLUMNS = (
    "id",
    "record_id",
    "person_id",
    "unit_code",
    "destination_id",
    "sequence",
    "urgent",
    "due_at",
    "created_at",
)
_INSERT = BatchInsert(forwards, _COLUMNS)
_IDS = any_(bindparam("ids", type_=ARRAY(Uuid)))
_KNOWN = select(forwards.c.record_id, forwards.c.sequence).where(forwards.c.record_id == _IDS).distinct()
_LOCKED = (
    select(persons.c.id)
    .where(persons.c.id == _IDS)
    .order_by(persons.c.id)
    .with_for_update(key_share=True)
    .cte("locked")
)
_COUNTS = Batch(persons, ["id", "forward_seq"])
_TAKE = (
    update(persons)
    .values(forward_seq=persons.c.forward_seq + _COUNTS.data.c.forward_seq)
    .where(persons.c.id == _COUNTS.data.c.id, persons.c.id == _LOCKED.c.id)
    .returning(persons.c.id, persons.c.forward_seq)
)
_LEFT = (
    select(records.c.id)
    .where(records.c.forwarded_at.is_(None), records.c.declared_at <= bindparam("before"))
    .order_by(records.c.declared_at, records.c.number)
    .limit(bindparam("most"))
    .join(persons, persons.c.id == records.c.person_id)
    .with_for_update(of=[records, persons], key_share=True, skip_locked=True)
    .cte("left_over")
)
_TAKE_LEFT = (
    update(records)
    .values(forwarded_at=bindparam("at"))
    .where(records.c.id == _LEFT.c.id)
    .returning(records.c.id, records.c.number, records.c.person_id, records.c.unit_code, records.c.level)
)


def enqueue(
    connection: Connection,
    new: Sequence[Row],
    destinations_by_unit: Mapping[str, Sequence[UUID]],
    now: datetime,
) -> None:
    """Queue records for all destinations of their units, due at `now`, which also says what was confirmed.

    `new`: rows with `id`, `person_id`, `unit_code`, `level`, in the order in which they came; that is the order
    in which each person's records are delivered. Queueing one twice changes nothing. The caller sets
    `records.forwarded_at`. Persons are locked in id order.
    """
    reached = [record for record in new if destinations_by_unit.get(record["unit_code"])]
    if not reached:
        return
    sequences = _sequences(connection, reached)
    _INSERT.run(
        connection,
        [
            {
                "id": uuid7(),
                "record_id": record["id"],
                "person_id": record["person_id"],
                "unit_code": record["unit_code"],
                "destination_id": destination,
                "sequence": sequences[record["id"]],
                "urgent": record["level"] == "urgent",
                "due_at": now,
                "created_at": now,
            }
            for record in reached
            for destination in destinations_by_unit[record["unit_code"]]
        ],
    )


def enqueue_unconfirmed(
    connection: Connection,
    now: datetime,
    destinations_by_unit: Mapping[str, Sequence[UUID]],
    limit: int = 500,
) -> int:
    """Queue records that were left unconfirmed for 30 minutes, oldest first. How many; call again at `limit`.

    Safe to run twice and in two places: a record is taken by setting `forwarded_at`, under its lock. It waits
    for nobody, so it blocks nobody: records and persons that a conversation holds are left for the next time.
    """
    values = {"before": now - UNCONFIRMED, "most": limit, "at": now}
    left = [dict(row) for row in connection.execute(_TAKE_LEFT, values).mappings()]
    left.sort(key=lambda row: int(row["number"]))
    enqueue(connection, left, destinations_by_unit, now)
    return len(left)


def _sequences(connection: Connection, reached: Sequence[Row]) -> dict[UUID, int]:
    """Each record's place among its person's: as queued before, or the next ones, one UPDATE for all persons."""
    ids = list({record["id"] for record in reached})
    known = {row.record_id: row.sequence for row in connection.execute(_KNOWN, {"ids": ids})}
    fresh = {r["id"]: r["person_id"] for r in reached if r["id"] not in known}
    return known | dict(_take(connection, fresh))


def _take(connection: Connection, fresh: Mapping[UUID, UUID]) -> Iterator[tuple[UUID, int]]:
    """`fresh`: each record's person, in order of arrival."""
    counts = Counter(fresh.values())
    if not counts:
        return
    rows = [{"id": person, "forward_seq": count} for person, count in counts.items()]
    parameters = {**_COUNTS.parameters(rows), "ids": list(counts)}
    ends = {row.id: row.forward_seq for row in connection.execute(_TAKE, parameters)}
    taken: Counter[UUID] = Counter()
    for record, person in fresh.items():
        taken[person] += 1
        yield record, ends[person] - counts[person] + taken[person]
