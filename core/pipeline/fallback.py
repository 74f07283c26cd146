"""A message that failed on one address goes to another one of the same person, if it matters and there is any. So does
a warning that waits because its channel does not send: it may then arrive twice, which harms nobody.

Contacts are locked, and only then their messages: the same order as everywhere, and what somebody holds is left for the
next round. The copy has an id derived from the first one's, and the failed row is marked in the same transaction, so a
crash leaves both or neither, and two workers make one copy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ARRAY, Connection, Row, Uuid, bindparam, func, literal_column, or_, select, union_all, update

from core.conversation.ids import derived
from core.database.batch import BatchInsert
from core.database.due import alert_notices
from core.database.tables import outbox
from core.messaging.buttons import loaded, stored
from core.messaging.channel import MessageKind
from core.messaging.route import Address, barred, best
from core.people.addresses import by_contact
from core.people.lines import Line, count, hold
from core.pipeline.replies import OUTBOX
from core.pipeline.services import Services

KINDS: Final = (MessageKind.DANGER, MessageKind.QUESTION, MessageKind.REMINDER)
"""What is worth another way. A receipt or an information is about what was said where it failed."""

_IDS = bindparam("ids", type_=ARRAY(Uuid)).any_()
_root = func.coalesce(outbox.c.fallback_of, outbox.c.id)
_PATIENCE: Final = timedelta(seconds=30)  # that a warning waits for its channel

_failed = (
    select(outbox.c.id, outbox.c.contact_id)
    .where(outbox.c.status == "failed", outbox.c.fell_back_at.is_(None), outbox.c.expires_at > bindparam("now"))
    .where(outbox.c.kind.in_([kind.value for kind in KINDS]))
    .limit(bindparam("most"))
)
_waiting = (
    select(outbox.c.id, outbox.c.contact_id)
    .where(literal_column("priority = 0 AND status = 'queued' AND fell_back_at IS NULL"))  # as the index has it
    .where(outbox.c.created_at < bindparam("late"), outbox.c.expires_at > bindparam("now"))
    .limit(bindparam("most"))
)
_STUCK = union_all(_failed, _waiting)
_MARK = (
    update(outbox)
    .where(outbox.c.id == _IDS, outbox.c.fell_back_at.is_(None))
    .values(fell_back_at=bindparam("now"))
    .returning(*outbox.c)
)
_TRIED = select(_root.label("root"), outbox.c.channel, outbox.c.address).where(
    or_(outbox.c.id == _IDS, outbox.c.fallback_of == _IDS)
)
_TO_DUTY = select(alert_notices.c.message_id).where(alert_notices.c.message_id == _IDS)
"""What a duty phone is told may be answered from that number alone: another way is another gateway to it."""
_COPY = BatchInsert(outbox, [*(column.name for column in OUTBOX.columns), "fallback_of"], strict=True)


def fall_back(services: Services, limit: int = 200) -> int:
    """Give failed messages another way; how many were looked at. Call again while it is `limit`."""
    now = services.clock.now()
    with services.engine.begin() as connection:
        stuck = connection.execute(_STUCK, {"now": now, "late": now - _PATIENCE, "most": limit}).all()
        if not stuck:
            return 0
        lines = hold(connection, {row.contact_id for row in stuck})
        ids = [row.id for row in stuck if row.contact_id in lines]
        rows = sorted(connection.execute(_MARK, {"ids": ids, "now": now}), key=lambda row: (row.contact_id, row.seq))
        copies = _copies(services, rows, lines, _known(connection, rows), now)
        _COPY.run(connection, copies)
        count(connection, {copy["contact_id"]: copy["seq"] for copy in copies})  # in their order: the newest counts
    return min(len(stuck), limit)


def _known(connection: Connection, rows: Sequence[Row[Any]]) -> Mapping[UUID, list[Address]]:
    """For each message the addresses of its person where it was not tried yet."""
    of_contact = by_contact(connection, {row.contact_id for row in rows})
    roots = [row.fallback_of or row.id for row in rows]
    tried = {(row.root, row.channel, row.address) for row in connection.execute(_TRIED, {"ids": roots})}
    to_duty = set(connection.scalars(_TO_DUTY, {"ids": roots}))
    return {
        row.id: [
            each
            for each in of_contact[row.contact_id]
            if (row.fallback_of or row.id, *each.key) not in tried
            and (each.address == row.address or (row.fallback_of or row.id) not in to_duty)
        ]
        for row in rows
    }


def _copies(
    services: Services,
    rows: Sequence[Row[Any]],
    lines: Mapping[UUID, Line],
    known: Mapping[UUID, list[Address]],
    now: datetime,
) -> list[dict[str, Any]]:
    seq = {contact: line.seq for contact, line in lines.items()}
    copies = []
    for row in rows:
        line = lines[row.contact_id]
        if row.kind == MessageKind.QUESTION and line.seen_at > row.created_at:
            continue  # they wrote since: it may be answered, and the answer here would be one to another question
        open_ = [each for each in known[row.id] if _may(row.kind, each, services, now)]
        target = best(open_, (line.channel, line.address), services.on)
        if target is not None:
            seq[row.contact_id] += 1
            copies.append(_copy(services, row, target, seq[row.contact_id], accents=line.accents))
    return copies


def _may(kind: str, address: Address, services: Services, now: datetime) -> bool:
    """A warning goes also where STOP was said; what we start does not."""
    stopped = address.stopped and kind == MessageKind.REMINDER
    plain = Address(address.channel, address.address, address.heard_at, stopped, address.unreachable)
    return barred(plain, services.on, now) is None


def _copy(services: Services, row: Row[Any], target: Address, seq: int, *, accents: bool) -> dict[str, Any]:
    """The same words as the other channel carries them."""
    carried = services.channels[target.channel].render(row.text, loaded(row.choices), accents=accents)
    root = row.fallback_of or row.id
    same = {name: getattr(row, name) for name in ("contact_id", "inbound_id", "due_check_id", "kind", "priority")}
    return same | {
        "id": derived(row.id, "fallback"),
        "seq": seq,
        "channel": target.channel,
        "address": target.address,
        "text": carried.text,
        "choices": stored(carried.choices),
        "parts": carried.parts,
        "created_at": row.created_at,
        "due_at": row.due_at,
        "expires_at": row.expires_at,
        "fallback_of": root,
    }
