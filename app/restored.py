"""What a restored database needs before anybody works with it: nothing that may have happened since the backup happens
to people a second time without need, and no number is given to two.

Everything is one transaction: a crash leaves the database as it was restored, and still read-only.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, Text, bindparam, case, cast, delete, func, null, or_, select, text, update

from core.care.receipt_code import BLOCK
from core.database.shared import Instant, channel_states, channel_tokens, staff
from core.database.tables import forwards, inbox, outbox, persons
from core.messaging.channel import MessageKind, Status

_LEAP: Final = 1000
"""How far counters jump: blocks of a thousand receipts, records, forwards of a person. More than a day brings."""

_waits = outbox.c.status.in_([Status.QUEUED.value, Status.SENDING.value])
_again = outbox.c.kind.in_([MessageKind.DANGER.value, MessageKind.QUESTION.value])
_late = outbox.c.expires_at <= func.clock_timestamp(type_=Instant)
_DOUBT: Final = (
    update(outbox)
    .where(_waits, or_(~_again, _late))
    .values(status=Status.UNKNOWN.value, error="restored", lease=null(), lease_until=null())
)
_ASK_AGAIN: Final = (
    update(outbox)
    .where(_waits)
    .values(
        status=Status.QUEUED.value,
        lease=func.coalesce(outbox.c.lease, func.gen_random_uuid()),
        lease_until=case((outbox.c.lease.is_(None), bindparam("made_at", type_=Instant)), else_=outbox.c.lease_until),
    )
)


@dataclass(frozen=True, slots=True)
class Calmed:
    """How many messages are sent again, how many are `unknown` (perhaps sent since the backup, and not sent again), how
    many records go to units again, and how many messages from people are read again."""

    made_at: datetime
    again: int
    unknown: int
    forwards: int
    inbox: int


def calm(connection: Connection, cell: str, made_at: datetime, *, stood_still: bool) -> Calmed:
    """Put what was under way at `made_at` into a safe state.

    What waited to be sent was most likely sent since, so it is treated as a send without an answer always is: warnings
    and open questions go again (after a look at the provider, where that can be asked), receipts, news and reminders
    do not. Records go to units again under the same webhook-id, which a receiver has seen. `stood_still`: nothing was
    sent since, and all of it goes out as usual.
    """
    connection.execute(text("SET LOCAL statement_timeout = 0"))  # as long as it takes, like the migration before it
    unknown = 0
    if not stood_still:
        unknown = connection.execute(_DOUBT).rowcount
        connection.execute(_ASK_AGAIN, {"made_at": made_at})
        _leap(connection, cell)
    connection.execute(delete(channel_states))
    connection.execute(update(channel_tokens).values(lease=None, lease_until=None))
    connection.execute(update(forwards).where(forwards.c.lease.is_not(None)).values(lease=None, lease_until=None))
    connection.execute(update(staff).values(session_token=cast(func.gen_random_uuid(), Text)))
    return Calmed(
        made_at,
        connection.scalar(select(func.count()).select_from(outbox).where(_waits)) or 0,
        unknown,
        connection.scalar(select(func.count()).select_from(forwards).where(forwards.c.status == "pending")) or 0,
        connection.scalar(select(func.count()).select_from(inbox).where(inbox.c.state == "waiting")) or 0,
    )


def _leap(connection: Connection, cell: str) -> None:
    """Past all numbers that were given out since the backup and are lost: a receipt's number stays one person's, and a
    unit's system that has seen a person's tenth record does not take the next for an old one."""
    for sequence, step in ((f'"{cell}".receipt_numbers', BLOCK), (f'"{cell}".records_number_seq', BLOCK)):
        leap = f"SELECT setval('{sequence}', (SELECT last_value FROM {sequence}) + :leap)"  # noqa: S608 - our schema
        connection.execute(text(leap), {"leap": _LEAP * step})
    later = persons.c.forward_seq + _LEAP
    connection.execute(update(persons).where(persons.c.forward_seq > 0).values(forward_seq=later))
