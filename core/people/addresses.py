"""What we know of an address: whose it is, when it was last heard, whether its owner wants nothing started there."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

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
    update=["heard_at", "unreachable_at", "unreachable_code"],
)
_HEAR_AND_TELL = _HEAR.statement.returning(addresses.c.channel, addresses.c.address, addresses.c.contact_id)


def hear(connection: Connection, rows: Sequence[Row]) -> set[UUID]:
    """Something came from these addresses, so they can be reached. Rows of channel, address, contact_id, heard_at.

    Returns those contacts to whom their address belongs no more: it was linked to another one since the directory
    was asked.
    """
    newest = {(row["channel"], row["address"]): row for row in rows}
    if not newest:
        return set()
    reached = [{**newest[key], "unreachable_at": None, "unreachable_code": ""} for key in sorted(newest)]
    owners = connection.execute(_HEAR_AND_TELL, _HEAR.parameters(reached))
    believed = {(row.channel, row.address, row.contact_id): newest[row.channel, row.address] for row in owners}
    return {row["contact_id"] for (_, _, owner), row in believed.items() if owner != row["contact_id"]}


def stop(connection: Connection, rows: Sequence[Row]) -> None:
    """STOP, or its end: rows of channel, address, stopped_at (None: reminders may come again). The newest counts."""
    newest = {(row["channel"], row["address"]): row for row in rows}
    if newest:
        connection.execute(_STOP, _STOPS.parameters(newest.values()))
