"""What lately came and went through each channel, for who looks after them. Counts and times only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, bindparam, func, select

from core.database.tables import inbox, outbox
from core.messaging.channel import Status

LATELY: Final = timedelta(hours=24)
_NEWEST: Final = 5000  # messages; ids sort by time, so these are read from the end of the primary key


@dataclass(frozen=True, slots=True)
class Traffic:
    """One channel. `waiting` are messages of ours in line, the oldest since `waiting_since`; `failed` those of the
    last day, most of them for the reason `error` (the provider's code). `heard_at`: the newest message from a person.
    """

    heard_at: datetime | None = None
    waiting: int = 0
    waiting_since: datetime | None = None
    sent: int = 0
    failed: int = 0
    error: str = ""


def traffic(connection: Connection, now: datetime) -> Mapping[str, Traffic]:
    """By channel, from the newest 5,000 messages each way and everything that waits."""
    heard = dict(connection.execute(_HEARD).tuples().all())
    waiting = {row.channel: row for row in connection.execute(_WAITING)}
    ended = {row.channel: row for row in connection.execute(_ENDED, {"since": now - LATELY})}
    return {
        name: Traffic(
            heard_at=heard.get(name),
            waiting=waiting[name].n if name in waiting else 0,
            waiting_since=waiting[name].since if name in waiting else None,
            sent=ended[name].sent if name in ended else 0,
            failed=ended[name].failed if name in ended else 0,
            error=(ended[name].error or "") if name in ended else "",
        )
        for name in heard.keys() | waiting.keys() | ended.keys()
    }


_in = select(inbox.c.channel, inbox.c.received_at).order_by(inbox.c.id.desc()).limit(_NEWEST).subquery()
_HEARD = select(_in.c.channel, func.max(_in.c.received_at)).group_by(_in.c.channel)
_WAITING = (
    select(outbox.c.channel, func.count().label("n"), func.min(outbox.c.created_at).label("since"))
    .where(outbox.c.status.in_([Status.QUEUED.value, Status.SENDING.value]))
    .group_by(outbox.c.channel)
)
_out = (
    select(outbox.c.channel, outbox.c.status, outbox.c.error, outbox.c.created_at)
    .order_by(outbox.c.id.desc())
    .limit(_NEWEST)
    .subquery()
)
_gone = _out.c.status.in_([Status.SENT.value, Status.DELIVERED.value])
_bad = _out.c.status == Status.FAILED.value
_ENDED = (
    select(
        _out.c.channel,
        func.count().filter(_gone).label("sent"),
        func.count().filter(_bad).label("failed"),
        func.mode().within_group(_out.c.error).filter(_bad).label("error"),
    )
    .where(_out.c.created_at > bindparam("since"))
    .group_by(_out.c.channel)
)
