"""The outbox's queue: claim what may leave, settle what became of it, expire what is too late.

A claimed row is `sending` under a lease, whose token is the right to settle it. The token is taken away only when
an attempt was answered: a row that comes back while it still has one may have reached the provider already.

Two clocks: `due_at` and `expires_at` are domain time, compared with the caller's `now`; leases are the database's.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Connection, RowMapping, select
from sqlalchemy.sql.dml import Update

from core.database.tables import outbox
from core.messaging import counted, retry
from core.messaging.buttons import loaded, shown
from core.messaging.channel import (
    Lapsed,
    MessageKind,
    OptedOut,
    OutboundMessage,
    OutcomeUnknown,
    Refused,
    SendError,
    Sent,
    Status,
    TooLate,
    TryLater,
    Unreachable,
    WindowClosed,
)
from core.messaging.report_statements import APPLY_REPORT, REPORT
from core.messaging.silence import Ability, wait
from core.messaging.spending import spend
from core.messaging.statements import (
    BEHIND,
    CLAIM,
    CLAIM_UNHELD,
    EXPIRE,
    HOLD_BACK,
    MARK_STOPPED,
    MARK_UNREACHABLE,
    MARKS,
    SETTLE,
    SETTLEMENT,
)
from core.people.addresses import count_failures, hold


@dataclass(frozen=True, slots=True)
class Leased:
    """A message that this process may send until its lease ends.

    `attempts` counts this one. `unsure`: an earlier attempt since `since` (database time) was never answered,
    so the provider may have the message; `lapsed`: because whoever made it died, or was too slow. If not `unsure`,
    `since` is when this attempt began. `parts` is what it costs.
    """

    message: OutboundMessage
    kind: MessageKind
    lease: UUID
    attempts: int
    expires_at: datetime
    unsure: bool
    since: datetime
    lapsed: bool = False
    parts: int = 1


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one attempt ended. `chance` in [0, 1) spreads retries.

    `unsure`: whether an earlier attempt arrived is still not known (the look-up failed, nothing was sent). `ability`:
    what the provider can do about a send without an answer.
    """

    leased: Leased
    result: Sent | SendError
    chance: float = 0.0
    unsure: bool = False
    ability: Ability = Ability.NONE


@dataclass(frozen=True, slots=True)
class Mark:
    """An address at fault, and the provider's code for why."""

    channel: str
    address: str
    code: str = ""


def claim(  # noqa: PLR0913 - whose, when, how much, how long
    connection: Connection,
    channel: str,
    now: datetime,
    limit: int,
    lease_for: timedelta,
    *,
    bulk: int,
    held_units: Sequence[str] = (),
    resting: Sequence[str] = (),
) -> list[Leased]:
    """Lease at most `limit` messages of `channel` that are due, the gravest and oldest first.

    At most `bulk` of them are what we start (priority 2 and on; 0: none leaves now), and none of these is for people
    of `held_units` ("": of no known unit), whose money is spent: that is due again in ten minutes.
    `resting` addresses get nothing but warnings.

    For one address they leave one at a time, by priority and then by the session's counter; danger does not
    wait for what is under way. A row that waits for its retry holds back its like, a row planned for later
    holds back nothing. On the way, what is too late expires and a reminder is withdrawn whose check was
    answered or whose address said STOP.

    A crash before the commit leaves the rows queued; after it, they come back when the lease ends, `unsure`.
    """
    parameters = {"through": channel, "now": now, "limit": limit, "lease_for": lease_for, "token": uuid4()}
    parameters |= {"bulk": bulk, "resting": list(resting)}
    if held_units and bulk:
        wanting = {"through": channel, "now": now, "resting": list(resting), "held_units": list(held_units)}
        connection.execute(HOLD_BACK, wanting)
        rows = connection.execute(CLAIM_UNHELD, parameters | {"held_units": list(held_units)}).mappings().all()
    else:
        rows = connection.execute(CLAIM, parameters).mappings().all()
    leased = [row for row in rows if row["status"] == Status.SENDING]
    counted.ended(channel, [row["status"] for row in rows if row["status"] != Status.SENDING])
    counted.lapsed("outbox", sum(row["lapsed"] for row in rows))
    return [_leased(row) for row in sorted(leased, key=lambda row: (row["priority"], row["seq"]))]


def replies_behind(connection: Connection, channel: str, now: datetime) -> timedelta:
    """For how long the oldest reply or warning waits that could leave through this channel: no time if none does.

    What waits for its retry, or behind another message to its address, does not count: it keeps nobody waiting but
    itself, for hours if their telephone is off.
    """
    since = connection.scalar(BEHIND, {"through": channel, "now": now})
    return now - since if since else timedelta()


def _leased(row: RowMapping) -> Leased:
    choices = shown(loaded(row["choices"]))
    kind = MessageKind(row["kind"])
    message = OutboundMessage(
        row["id"], row["channel"], row["address"], row["text"], choices, kind, row["heard_at"], row["expires_at"]
    )
    return Leased(
        message=message,
        kind=kind,
        lease=row["lease"],
        attempts=row["attempts"],
        expires_at=row["expires_at"],
        unsure=row["unsure"],
        since=row["since"],
        lapsed=row["lapsed"],
        parts=row["parts"],
    )


def settle(connection: Connection, outcomes: Sequence[Outcome], now: datetime, price: int = 0) -> None:
    """Write down how attempts ended, in one statement, one for what it cost, and four more if addresses are at fault.
    `price`: đồng for a part, or for a message where there are no parts.

    A row whose lease went to somebody else is left alone, but for a late yes, which counts as the provider's
    report would. A status that a report has moved further meanwhile stays. A crash before the commit gives the
    rows back when the lease ends, as `unsure`: `core.messaging.silence` says what follows. Settling twice does
    the same as once: what it cost is counted with the lease that it takes away.

    Addresses are locked first, as whoever reads what came from there does (`core.people.addresses.hold`); the rows
    themselves are `sending`, which nobody else waits for.
    """
    if not outcomes:
        return
    stopped, unreachable = _addresses(outcomes, OptedOut), _addresses(outcomes, Unreachable)
    failed = _addresses(outcomes, Refused, but=(OptedOut, Unreachable, WindowClosed))
    hold(connection, {(mark.channel, mark.address) for mark in (*stopped, *unreachable, *failed)})
    held = connection.execute(SETTLE, SETTLEMENT.parameters(_settlement(outcome, now) for outcome in outcomes)).all()
    if len(held) < len(outcomes):
        _settle_late(connection, outcomes, now)
    taken = {outcome.leased.message.id for outcome in outcomes if isinstance(outcome.result, Sent)}
    spend(connection, [row for row in held if row.id in taken], price, now)
    mark_stopped(connection, stopped, now)
    mark_unreachable(connection, unreachable, now)
    count_failures(connection, [(mark.channel, mark.address, mark.code) for mark in failed], now)


def _settle_late(connection: Connection, outcomes: Sequence[Outcome], now: datetime) -> None:
    """What the provider took although its lease had ended is not sent once more."""
    rows = [
        {"id": o.leased.message.id, "status": o.result.status, "provider_id": o.result.provider_id, "error": ""}
        for o in outcomes
        if isinstance(o.result, Sent)
    ]
    if rows:
        connection.execute(APPLY_REPORT, REPORT.parameters(rows) | {"now": now})


def _settlement(outcome: Outcome, now: datetime) -> dict[str, Any]:
    result, leased = outcome.result, outcome.leased
    if isinstance(result, Sent):
        ending = {"status": result.status, "provider_id": result.provider_id, "sent_at": now}
    elif isinstance(result, Refused):
        ending = {"status": Status.FAILED, "error": result.code}
    elif isinstance(result, TooLate):
        ending = {"status": Status.UNKNOWN if outcome.unsure else Status.EXPIRED, "error": result.code}
    else:
        ending = _retried(outcome, result, now)
    blank = {"due_at": None, "provider_id": None, "error": "", "sent_at": None, "lease_until": None}
    return blank | {"id": leased.message.id, "lease": leased.lease} | ending


def _retried(outcome: Outcome, error: SendError, now: datetime) -> dict[str, Any]:
    """Back to the queue; or its end, if the next attempt would come too late or must not be made."""
    leased = outcome.leased
    lost = isinstance(error, OutcomeUnknown)
    after_silence = wait(leased.kind, outcome.ability, lapsed=isinstance(error, Lapsed)) if lost else timedelta()
    if after_silence is None:
        return {"status": Status.UNKNOWN, "error": error.code}
    unsure = lost or outcome.unsure
    after = error.after if isinstance(error, TryLater) else None
    due_at = now + max(retry.delay(leased.attempts, outcome.chance, after), after_silence)
    if due_at >= leased.expires_at:
        return {"status": Status.UNKNOWN if unsure else Status.EXPIRED, "error": error.code}
    since = leased.since if unsure else None
    return {"status": Status.QUEUED, "due_at": due_at, "error": error.code, "lease_until": since}


def _addresses(outcomes: Iterable[Outcome], reason: type[Refused], but: tuple[type[Refused], ...] = ()) -> list[Mark]:
    return [
        Mark(outcome.leased.message.channel, outcome.leased.message.address, outcome.result.code)
        for outcome in outcomes
        if isinstance(outcome.result, reason) and not isinstance(outcome.result, but)
    ]


def mark_stopped(connection: Connection, marks: Sequence[Mark], now: datetime) -> None:
    """The person told the provider to stop: we start nothing on these addresses. What was marked stays."""
    _mark(connection, MARK_STOPPED, marks, now)


def mark_unreachable(connection: Connection, marks: Sequence[Mark], now: datetime) -> None:
    """Nothing can reach these addresses. Staff see it; it does not stop a reply to what arrives from there."""
    _mark(connection, MARK_UNREACHABLE, marks, now)


def _mark(connection: Connection, statement: Update, marks: Sequence[Mark], now: datetime) -> None:
    if marks:
        rows = [{"channel": m.channel, "address": m.address, "unreachable_code": m.code} for m in marks]
        connection.execute(statement, MARKS.parameters(rows) | {"now": now})


def expire(connection: Connection, now: datetime, limit: int = 1000) -> int:
    """End at most `limit` messages that are too late; returns how many there were.

    What may have reached the provider (a lease that ended unanswered) becomes `unknown`, the rest `expired`.
    A crash before the commit leaves them for the next round; two at once take different rows.
    """
    rows = connection.execute(EXPIRE, {"now": now, "limit": limit}).all()
    for row in rows:
        counted.ended(row.channel, [row.status])
    return len(rows)


def is_taken(connection: Connection, channel: str, provider_id: str) -> bool:
    """Does a message already hold this id of the provider's? Then it was not the one that got no answer."""
    held = select(outbox.c.id).where(outbox.c.channel == channel, outbox.c.provider_id == provider_id)
    return connection.execute(held.limit(1)).first() is not None
