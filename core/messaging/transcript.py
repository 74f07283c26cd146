"""What was said at one address, from both sides, as SQL: for pages that show a conversation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import CompoundSelect, Text, bindparam, cast, false, func, literal, select, true, union_all
from sqlalchemy.dialects.postgresql import JSONB

from core.database.tables import addresses, inbox, outbox
from core.messaging.channel import Status


def messages(channel: str, shown: Sequence[Status], *, of_all: bool = False) -> CompoundSelect[Any]:
    """Columns id, sent (by the person), text, choices, mark, at, seq, status; the parameter is `address`.

    `shown`: which of ours, by status. Found through the contact: the inbox and the outbox have their indexes
    there. `of_all`: also what others had sent there, which reads the whole outbox: for a demo.
    """
    address = bindparam("address", type_=Text)
    here = (addresses.c.channel == channel, addresses.c.address == address)
    owner = select(addresses.c.contact_id).where(*here).scalar_subquery()
    none = cast(literal("[]"), JSONB).label("choices")
    sent = select(
        inbox.c.id,
        true().label("sent"),
        inbox.c.text,
        none,
        inbox.c.mark,
        inbox.c.received_at.label("at"),
        literal(0).label("seq"),
        literal("").label("status"),
    ).where(inbox.c.contact_id == owner, inbox.c.channel == channel, inbox.c.address == address)
    # The worker sees a moved clock half a second late: nothing arrives before it was written.
    at = func.greatest(outbox.c.sent_at, outbox.c.created_at).label("at")
    ours = (
        outbox.c.id,
        false().label("sent"),
        outbox.c.text,
        outbox.c.choices,
        literal("").label("mark"),
        at,
        outbox.c.seq,
        outbox.c.status,
    )
    whose = true() if of_all else outbox.c.contact_id == owner
    received = select(*ours).where(
        whose,
        outbox.c.channel == channel,
        outbox.c.address == address,
        outbox.c.status.in_([status.value for status in shown]),
    )
    return union_all(sent, received)
