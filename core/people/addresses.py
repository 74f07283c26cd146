"""What we know of an address: whose it is, when it was last heard, whether its owner wants nothing started there."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, update

from core.database.batch import Batch, BatchInsert, Row
from core.database.tables import addresses

_STOPS = Batch(addresses, ["channel", "address", "stopped_at"])
_STOP = (
    update(addresses)
    .values(stopped_at=_STOPS.data.c.stopped_at)
    .where(addresses.c.channel == _STOPS.data.c.channel, addresses.c.address == _STOPS.data.c.address)
)

_HEAR = BatchInsert(
    addresses,
    ["channel", "address", "contact_id", "heard_at", "unreachable_at", "unreachable_code"],
    update=["contact_id", "heard_at", "unreachable_at", "unreachable_code"],
)


def hear(connection: Connection, rows: Sequence[Row]) -> None:
    """Something came from these addresses, so they can be reached. Rows of channel, address, contact_id, heard_at."""
    newest = {(row["channel"], row["address"]): row for row in rows}
    reached = [{**newest[key], "unreachable_at": None, "unreachable_code": ""} for key in sorted(newest)]
    _HEAR.run(connection, reached)


def stop(connection: Connection, rows: Sequence[Row]) -> None:
    """STOP, or its end: rows of channel, address, stopped_at (None: reminders may come again). The newest counts."""
    newest = {(row["channel"], row["address"]): row for row in rows}
    if newest:
        connection.execute(_STOP, _STOPS.parameters(newest.values()))
