"""The outbox's SQL. Each statement is built once and handles a whole batch.

Statuses are written into the text, not bound: only so can a prepared plan use the partial indexes.
Rows are locked in the order of their ids before they change, so that two batches cannot lock each other out.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from sqlalchemy import (
    ARRAY,
    CTE,
    ColumnElement,
    Integer,
    Interval,
    Text,
    Uuid,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    null,
    or_,
    select,
    tuple_,
    union_all,
    update,
)
from sqlalchemy.sql.dml import ReturningUpdate, Update
from sqlalchemy.sql.selectable import FromClause, Select

from core.database.batch import Batch
from core.database.due import due_checks
from core.database.shared import Instant
from core.database.tables import addresses, contacts, outbox
from core.messaging.channel import Status

Condition = ColumnElement[bool]


def _is(table: FromClause, *statuses: Status) -> Condition:
    return table.c.status.in_([literal(status) for status in statuses])


def literal(status: Status) -> ColumnElement[str]:
    """A status as it is written into a statement."""
    return literal_column(f"'{status.value}'", Text)


_clock = func.clock_timestamp(type_=Instant)
_now = bindparam("now", type_=Instant)
_lease_for = bindparam("lease_for", type_=Interval)
_OPEN = (Status.QUEUED, Status.SENDING)


def rank(status: ColumnElement[str]) -> ColumnElement[int]:
    """How far a status is."""
    order: ColumnElement[Any] = literal_column(
        "ARRAY[" + ",".join(f"'{status.value}'" for status in Status) + "]::text[]"
    )
    return func.array_position(order, status, type_=Integer)


def further(new: ColumnElement[str]) -> ColumnElement[str]:
    """The new status, unless the row is further already."""
    return case((rank(new) > rank(outbox.c.status), new), else_=outbox.c.status)


def lapsed(table: FromClause) -> Condition:
    """Its lease ended without an answer. By the database's clock: the hosts' clocks may differ."""
    return and_(_is(table, Status.SENDING), table.c.lease_until < _clock)


# --- claim ----------------------------------------------------------------------------------------

STARTED: Final = 2
"""The priority from which on a message is one that we start: a reminder, a question about a visit, news."""

_started: ColumnElement[int] = select(literal_column(str(STARTED), Integer)).scalar_subquery()
"""Hidden from the planner's statistics, which lag behind a flood of replies: where they say that there are none, it
would sort them all at each claim (0.8 s of 100,000) rather than read a few in the order of the index."""


def _blocked(table: FromClause) -> Condition:
    """Another message to the same address goes first. It is looked for in the order of one index: where statistics are
    older than a flood, any index with the channel would do for the planner, that is the whole line for each row."""
    ahead = outbox.alias("ahead")
    tried, due = ahead.c.attempts > 0, ahead.c.due_at <= _now
    earlier = tuple_(ahead.c.seq, ahead.c.id) < tuple_(table.c.seq, table.c.id)
    under_way = and_(_is(ahead, Status.SENDING), ahead.c.lease_until >= _clock)
    return (
        select(literal_column("1"))
        .select_from(ahead)
        .where(
            ahead.c.channel == table.c.channel,
            ahead.c.address == table.c.address,
            ahead.c.id != table.c.id,
            _is(ahead, *_OPEN),
            or_(
                and_(ahead.c.priority < table.c.priority, due),
                and_(ahead.c.priority == table.c.priority, earlier, or_(due, tried)),
                and_(table.c.priority > 0, under_way),
            ),
        )
        .correlate(table)
        .order_by(ahead.c.seq)
        .limit(literal_column("1"))
        .scalar_subquery()
        .is_not(None)
    )


def _may_leave(table: FromClause) -> Condition:
    """It is its time, nobody has it, and no other one goes first."""
    return and_(
        table.c.channel == bindparam("through", type_=Text),
        _is(table, *_OPEN),
        table.c.due_at <= _now,
        or_(_is(table, Status.QUEUED), lapsed(table)),
        ~_blocked(table),
    )


def _may_be_claimed(table: FromClause) -> Condition:
    rests = table.c.address == bindparam("resting", type_=ARRAY(Text)).any_()
    return and_(_may_leave(table), or_(table.c.priority == literal_column("0"), ~rests))


MAY_LEAVE: Final = _may_leave(outbox)
"""It is its time, nobody has it, and no other one goes first. Binds `through` and `now`."""

MAY_BE_CLAIMED: Final = _may_be_claimed(outbox)
"""The same, and its address has had its rest since the last one. Binds `resting` besides."""


def _fate() -> ColumnElement[str]:
    """What becomes of a row at the head of its line. Nothing more is done for one that may have arrived."""
    expired = outbox.c.expires_at <= _now
    answered = and_(
        outbox.c.due_check_id.is_not(None),
        due_checks.c.status.is_distinct_from(literal_column("'not_performed'")),
    )
    stopped = and_(
        outbox.c.kind.in_([literal_column("'reminder'"), literal_column("'news'")]), addresses.c.stopped_at.is_not(None)
    )
    may_have_arrived = outbox.c.lease.is_not(None)
    return case(
        (and_(or_(expired, answered, stopped), may_have_arrived), literal(Status.UNKNOWN)),
        (expired, literal(Status.EXPIRED)),
        (or_(answered, stopped), literal(Status.WITHDRAWN)),
        else_=literal(Status.SENDING),
    )


def _since() -> ColumnElement[Any]:
    """When the first attempt without an answer began. A queued row keeps it in `lease_until` (see SETTLE)."""
    return case(
        (outbox.c.lease.is_(None), _clock),
        (_is(outbox, Status.QUEUED), outbox.c.lease_until),
        else_=outbox.c.lease_until - _lease_for,
    )


HEAD: Final = 500
"""How much of the line is looked at for what is held back: a claim must not read a whole backlog that may not leave."""

HELD_FOR: Final = timedelta(minutes=10)
"""Until it is asked again whether a unit has money: its budget may be raised, and the next day brings a new one."""


def _head(table: FromClause) -> Select[Any]:
    """The first of what we start and could leave now, in the order of the index. What waits behind another message to
    its address would stay in the head, and stop all that is behind it."""
    waits = and_(_may_be_claimed(table), table.c.priority >= _started)
    first = select(table.c.id, table.c.contact_id).where(waits).order_by(table.c.priority, table.c.due_at)
    return first.limit(literal_column(str(HEAD)))


def _is_held(contact_id: ColumnElement[Any]) -> Condition:
    """Whether the money of their unit is spent. Who belongs to none has the empty one."""
    unit = func.coalesce(contacts.c.unit_code, literal_column("''", Text))
    return and_(contacts.c.id == contact_id, unit == bindparam("held_units", type_=ARRAY(Text)).any_())


def _unless(held: bool) -> list[Condition]:
    if not held:
        return []
    head = select(_head(outbox.alias("head")).subquery("first").c.id).scalar_subquery()
    first = func.array(head, type_=ARRAY(Uuid)).any_()  # an array: found by the key whatever the statistics say
    theirs: Select[Any] = select(literal_column("1")).where(_is_held(outbox.c.contact_id))
    return [outbox.c.id == first, ~theirs.exists()]


def _hold_back() -> Update:
    first = _head(outbox).with_for_update(of=outbox, skip_locked=True).cte("first")
    later = outbox.c.id == first.c.id
    return update(outbox).where(later, _is_held(first.c.contact_id)).values(due_at=_now + HELD_FOR)


HOLD_BACK: Final = _hold_back()
"""Makes the head of the line that may not leave due later. Binds `through`, `now`, `resting` and `held_units`."""


def _some(name: str, most: ColumnElement[int], *wanted: Condition) -> CTE:
    """At most so many rows that may leave, locked, in the order of the index: no sort of a whole backlog."""
    joined = outbox.outerjoin(due_checks, due_checks.c.id == outbox.c.due_check_id).outerjoin(
        addresses,
        and_(addresses.c.channel == outbox.c.channel, addresses.c.address == outbox.c.address),
    )
    return (
        select(
            outbox.c.id,
            outbox.c.priority,
            _fate().label("fate"),
            outbox.c.lease.is_not(None).label("unsure"),
            _since().label("since"),
            lapsed(outbox).label("lapsed"),
            addresses.c.heard_at,
        )
        .select_from(joined)
        .where(MAY_BE_CLAIMED, *wanted)
        .order_by(outbox.c.priority, outbox.c.due_at)
        .limit(most)
        .with_for_update(of=outbox, skip_locked=True)
        .cte(name)
    )


def _claim(*, held: bool) -> ReturningUpdate[Any]:
    """Replies and warnings first; what we start gets what they leave, and no more than `bulk`.

    The limits are parameters as they are: of an expression the planner would expect a tenth of the backlog, and read
    the whole of it. So a few rows may be locked that are left for the next claim.
    """
    limit = bindparam("limit", type_=Integer)
    asked = _some("asked", limit, outbox.c.priority < _started)
    room = select(func.count()).select_from(asked).scalar_subquery() < limit
    begun = _some("begun", bindparam("bulk", type_=Integer), outbox.c.priority >= _started, room, *_unless(held))
    both = union_all(select(asked), select(begun)).subquery("both")
    found = select(both).order_by(both.c.priority).limit(limit).subquery("found")
    taken = found.c.fate == literal(Status.SENDING)
    return (
        update(outbox)
        .where(outbox.c.id == found.c.id)
        .values(
            status=found.c.fate,
            lease=case((taken, bindparam("token", type_=Uuid)), else_=null()),
            lease_until=case((taken, _clock + _lease_for), else_=null()),
            attempts=outbox.c.attempts + case((taken, 1), else_=0),
        )
        .returning(*outbox.c, found.c.unsure, found.c.since, found.c.lapsed, found.c.heard_at)
    )


CLAIM: Final = _claim(held=False)
"""Binds `through` (the channel), `now`, `limit`, `bulk`, `resting`, `lease_for`, `token`; returns whole rows with
`unsure`, `since`, `lapsed` and `heard_at`."""

CLAIM_UNHELD: Final = _claim(held=True)
"""The same without what we start for people of `held_units`."""


def _behind() -> Select[Any]:
    """Since when the oldest reply and the oldest warning wait that could leave."""

    def first(priority: int) -> Select[Any]:
        here = outbox.c.priority == literal_column(str(priority), Integer)
        waits = select(outbox.c.due_at).where(MAY_LEAVE, here)
        return waits.order_by(outbox.c.priority, outbox.c.due_at).limit(1)

    return select(func.least(first(0).scalar_subquery(), first(1).scalar_subquery(), type_=Instant))


BEHIND: Final = _behind()
"""Binds `through` and `now`; null if none waits."""


# --- settle ---------------------------------------------------------------------------------------

SETTLEMENT: Final = Batch(outbox, ["id", "lease", "status", "due_at", "provider_id", "error", "sent_at", "lease_until"])
"""The parameters of SETTLE. `lease_until` is null when the attempt was answered; else the row keeps its token,
and in `lease_until` when the first attempt without an answer began."""


def _settle() -> ReturningUpdate[Any]:
    data = SETTLEMENT.data
    held = (
        select(*(c for c in data.c))
        .select_from(outbox.join(data, and_(outbox.c.id == data.c.id, outbox.c.lease == data.c.lease)))
        .order_by(outbox.c.id)
        .with_for_update(of=outbox)
        .cte("held")
    )
    unsure = held.c.lease_until.is_not(None)
    under_way = _is(outbox, Status.SENDING)
    return (
        update(outbox)
        .where(outbox.c.id == held.c.id)
        .values(
            status=case((under_way, held.c.status), else_=further(held.c.status)),
            due_at=func.coalesce(held.c.due_at, outbox.c.due_at),
            provider_id=func.coalesce(held.c.provider_id, outbox.c.provider_id),
            error=case((under_way, held.c.error), else_=outbox.c.error),
            sent_at=func.coalesce(outbox.c.sent_at, held.c.sent_at),
            lease=case((unsure, outbox.c.lease), else_=null()),
            lease_until=held.c.lease_until,
        )
        .returning(outbox.c.id, outbox.c.contact_id, outbox.c.parts)
    )


SETTLE: Final = _settle()
"""Returns id, contact_id and parts of the rows whose lease was still held."""


# --- addresses ------------------------------------------------------------------------------------

MARKS: Final = Batch(addresses, ["channel", "address", "unreachable_code"])
_marked = and_(addresses.c.channel == MARKS.data.c.channel, addresses.c.address == MARKS.data.c.address)

MARK_STOPPED: Final = update(addresses).where(_marked, addresses.c.stopped_at.is_(None)).values(stopped_at=_now)
MARK_UNREACHABLE: Final = (
    update(addresses)
    .where(_marked, addresses.c.unreachable_at.is_(None))
    .values(unreachable_at=_now, unreachable_code=MARKS.data.c.unreachable_code)
)


# --- expire ---------------------------------------------------------------------------------------


def _expire() -> ReturningUpdate[Any]:
    late = (
        select(outbox.c.id, outbox.c.lease)
        .where(_is(outbox, *_OPEN), outbox.c.expires_at <= _now, or_(_is(outbox, Status.QUEUED), lapsed(outbox)))
        .order_by(outbox.c.id)
        .limit(bindparam("limit", type_=Integer))
        .with_for_update(of=outbox, skip_locked=True)
        .cte("late")
    )
    status = case((late.c.lease.is_(None), literal(Status.EXPIRED)), else_=literal(Status.UNKNOWN))
    ended = update(outbox).where(outbox.c.id == late.c.id).values(status=status, lease=null(), lease_until=null())
    return ended.returning(outbox.c.channel, outbox.c.status)


EXPIRE: Final = _expire()
"""Binds `now` and `limit`; returns each row's channel and status."""
