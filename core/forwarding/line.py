"""The lines of waiting deliveries: taking from one under a lease, and putting back what became of it.

A destination's line is cut by person: one delivery of a person is on its way at a time, in the order of
`sequence`, urgent ones first. A row that is given up no longer holds those behind it.

Two clocks: `due_at` is domain time and given, leases are the database's time. A worker that dies leaves its
lease to run out; another takes the row, under the same webhook-id. A worker that was only slow finds its
lease gone and settles nothing.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import (
    ARRAY,
    Connection,
    Integer,
    Select,
    Uuid,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.sql.expression import ColumnClause

from core.database.batch import Batch
from core.database.shared import Instant
from core.database.tables import forwards
from core.forwarding.payload import Queued, load
from core.forwarding.retry import DOWN, Fate, Verdict
from core.metrics import LEASES_LAPSED

LEASE = timedelta(seconds=60)
"""Of database time: four times the longest attempt."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery that is ours while `lease` lasts. `attempts` counts this one; `body` None: cannot be written."""

    id: UUID
    person_id: UUID
    urgent: bool
    attempts: int
    lease: UUID
    body: bytes | None


_PENDING: ColumnClause[str] = literal_column(
    "'pending'"
)  # no parameter, so that a prepared statement uses the partial index
_NOW = func.clock_timestamp()
_row, _other = forwards.alias("waiting"), forwards.alias("other")
_free = or_(_row.c.lease_until.is_(None), _row.c.lease_until < _NOW)
_due = and_(_row.c.status == _PENDING, _row.c.due_at <= bindparam("at", type_=Instant), _free)
_before = or_(
    and_(_other.c.urgent, ~_row.c.urgent),
    and_(_other.c.urgent == _row.c.urgent, _other.c.sequence < _row.c.sequence),
)
_held = exists().where(
    _other.c.destination_id == _row.c.destination_id,
    _other.c.person_id == _row.c.person_id,
    _other.c.status == _PENDING,
    _other.c.id != _row.c.id,
    or_(_before, _other.c.lease_until >= _NOW),
)
_asked = func.unnest(bindparam("destinations", type_=ARRAY(Uuid))).column_valued("destination")
_WITH_WORK = select(_asked).where(
    or_(*(exists().where(_row.c.destination_id == _asked, _row.c.urgent.is_(u), _due) for u in (True, False)))
)
_LOCK = select(func.pg_advisory_xact_lock(func.hashtextextended(bindparam("key"), 0)))


def _pick(urgent: bool) -> Select[tuple[UUID, UUID]]:
    """The first due rows of a destination that nothing holds. The index gives their order, so no sort is made."""
    return (
        select(_row.c.id, _row.c.lease.label("lapsed"))
        .where(_row.c.destination_id == bindparam("destination"), _row.c.urgent.is_(urgent), _due, ~_held)
        .order_by(_row.c.due_at)
        .limit(bindparam("most", type_=Integer))
        .with_for_update(skip_locked=True)
    )


_TAKE = {}
for _urgent in (True, False):
    _picked = _pick(_urgent).cte("picked")
    _TAKE[_urgent] = (
        update(forwards)
        .values(lease=bindparam("held"), lease_until=_NOW + LEASE, attempts=forwards.c.attempts + 1)
        .where(forwards.c.id == _picked.c.id)
        .returning(forwards, _picked.c.lapsed)
    )


def with_work(connection: Connection, destinations: Collection[UUID], now: datetime) -> list[UUID]:
    """Those of `destinations` with a row due at `now` that nobody is sending."""
    parameters = {"destinations": list(destinations), "at": now}
    return list(connection.scalars(_WITH_WORK, parameters))


def claim(connection: Connection, destination_id: UUID, now: datetime, width: int) -> tuple[Claimed, ...]:
    """At most `width` rows of one destination, urgent ones first, one a person.

    Claims of one destination wait for each other: an urgent row and the one before it could otherwise be
    taken by two workers at once, each of which sees the other's row as free.
    """
    connection.execute(_LOCK, {"key": f"forwards {destination_id}"})
    values = {"destination": destination_id, "at": now, "held": uuid4()}
    rows = connection.execute(_TAKE[True], values | {"most": width}).all()
    if len(rows) < width:
        rows = [*rows, *connection.execute(_TAKE[False], values | {"most": width - len(rows)})]
    if lapsed := sum(row.lapsed is not None for row in rows):
        LEASES_LAPSED.labels("forwards").inc(lapsed)
    bodies = load(connection, [Queued(row.record_id, row.sequence, row.created_at) for row in rows])
    return tuple(
        Claimed(row.id, row.person_id, row.urgent, row.attempts, row.lease, bodies[row.record_id]) for row in rows
    )


_settled = Batch(forwards, ["id", "lease", "status", "due_at", "error", "delivered_at"])
_result = _settled.data.c
_SETTLE = (
    update(forwards)
    .values(
        status=_result.status,
        due_at=_result.due_at,
        error=_result.error,
        delivered_at=_result.delivered_at,
        lease=None,
        lease_until=None,
    )
    .where(forwards.c.id == _result.id, forwards.c.lease == _result.lease)
    .returning(forwards.c.id)
)

_moved = Batch(forwards, ["destination_id", "person_id", "urgent", "status", "due_at"])
_head = _moved.data.c
_ALIGN = (
    update(forwards)
    .values(due_at=_head.due_at)
    .where(
        forwards.c.destination_id == _head.destination_id,
        forwards.c.person_id == _head.person_id,
        forwards.c.status == _PENDING,
        forwards.c.attempts == 0,
        or_(_head.urgent, ~forwards.c.urgent),
        case(
            (_head.status == _PENDING, forwards.c.due_at < _head.due_at),
            else_=forwards.c.due_at > _head.due_at,
        ),
    )
)


def settle(
    connection: Connection,
    destination_id: UUID,
    outcomes: Collection[tuple[Claimed, Verdict]],
    now: datetime,
) -> int:
    """Write what became of claimed rows, and return how many were still ours: a lost lease settles nothing.

    Rows that wait behind a postponed one are postponed with it, untried: looked at again and again, the
    backlog of a unit that is down for days would make each claim slower.
    """
    rows = [_outcome(destination_id, claimed, verdict, now) for claimed, verdict in outcomes]
    kept = set(connection.scalars(_SETTLE, _settled.parameters(rows)))
    heads = [row for row in rows if row["id"] in kept]
    if heads:
        connection.execute(_ALIGN, _moved.parameters(heads))
    return len(kept)


def _outcome(destination_id: UUID, claimed: Claimed, verdict: Verdict, now: datetime) -> dict[str, object]:
    waiting = verdict.fate in (Fate.RETRY, Fate.PAUSE)
    return {
        "id": claimed.id,
        "lease": claimed.lease,
        "destination_id": destination_id,
        "person_id": claimed.person_id,
        "urgent": claimed.urgent,
        "status": "pending" if waiting else verdict.fate.value,
        "due_at": now + verdict.delay,
        "error": verdict.error,
        "delivered_at": now if verdict.fate is Fate.DELIVERED else None,
    }


_WAKE = (
    update(forwards)
    .values(due_at=bindparam("at", type_=Instant))
    .where(
        forwards.c.destination_id == bindparam("destination"),
        forwards.c.status == _PENDING,
        forwards.c.due_at > bindparam("at", type_=Instant),
        or_(forwards.c.error.in_(sorted(DOWN)), forwards.c.attempts == 0),
    )
)


def wake(connection: Connection, destination_id: UUID, now: datetime) -> int:
    """The endpoint is back: what waited because it was down is due now. What failed by itself is not."""
    return connection.execute(_WAKE, {"destination": destination_id, "at": now}).rowcount
