"""What a provider says of addresses: blocked, opened again, moved, stopped, resumed.

One transaction a batch. A crash before the commit leaves everything as it was, and the provider repeats what we did
not acknowledge; the same notice twice changes nothing more.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, func, null, select, update

from core.database.shared import directory
from core.database.tables import addresses, contacts, outbox
from core.messaging.channel import MessageKind
from core.messaging.outbox import Mark, mark_stopped, mark_unreachable
from core.messaging.ports import Change, Notice

_here = and_(addresses.c.channel == bindparam("via"), addresses.c.address == bindparam("who"))
_OPEN = update(addresses).where(_here).values(unreachable_at=null(), unreachable_code="")
_RESUME = update(addresses).where(_here).values(stopped_at=null())
_MOVES = tuple(
    update(table).where(table.c.channel == bindparam("via"), table.c.address == bindparam("who"))
    for table in (directory, addresses, contacts)
)
_MOVE_QUEUED = update(outbox).where(
    outbox.c.channel == bindparam("via"), outbox.c.address == bindparam("who"), outbox.c.status == "queued"
)
_refused = (
    select(outbox.c.id)
    .where(
        outbox.c.channel == bindparam("via"),
        outbox.c.address == bindparam("who"),
        outbox.c.status == "queued",
        outbox.c.lease.is_(None),
        outbox.c.kind != MessageKind.DANGER,
    )
    .order_by(outbox.c.id)
    .with_for_update()
    .cte("refused")
)
_WITHDRAW_QUEUED = update(outbox).where(outbox.c.id == _refused.c.id).values(status="withdrawn")
"""What may have arrived already is left alone, and so is a warning: once it is refused, it goes another way."""


def apply(connection: Connection, notices: Sequence[Notice], now: datetime) -> None:
    """Write them down, in their order."""
    for said in notices:
        if said.change is Change.BLOCKED:
            mark_unreachable(connection, [Mark(said.channel, said.address, said.code or said.change)], now)
        elif said.change is Change.OPENED:
            connection.execute(_OPEN, {"via": said.channel, "who": said.address})
        elif said.change is Change.STOPPED:
            mark_stopped(connection, [Mark(said.channel, said.address)], now)
            connection.execute(_WITHDRAW_QUEUED, {"via": said.channel, "who": said.address})
        elif said.change is Change.RESUMED:
            connection.execute(_RESUME, {"via": said.channel, "who": said.address})
        else:
            _move(connection, said)


def _move(connection: Connection, said: Notice) -> None:
    """The chat has another address now, with everything that belongs to it. Known there already: nothing to do."""
    known = select(func.count()).where(directory.c.channel == said.channel, directory.c.address == said.moved_to)
    if not said.moved_to or connection.scalar(known):
        return
    for statement in (*_MOVES, _MOVE_QUEUED):
        connection.execute(statement.values(address=said.moved_to), {"via": said.channel, "who": said.address})
