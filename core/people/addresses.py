"""What we know of an address: whether its owner wants nothing started there."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, update

from core.database.batch import Batch, Row
from core.database.tables import addresses

_STOPS = Batch(addresses, ["channel", "address", "stopped_at"])
_STOP = (
    update(addresses)
    .values(stopped_at=_STOPS.data.c.stopped_at)
    .where(addresses.c.channel == _STOPS.data.c.channel, addresses.c.address == _STOPS.data.c.address)
)


def stop(connection: Connection, rows: Sequence[Row]) -> None:
    """STOP, or its end: rows of channel, address, stopped_at (None: reminders may come again). The newest counts."""
    newest = {(row["channel"], row["address"]): row for row in rows}
    if newest:
        connection.execute(_STOP, _STOPS.parameters(newest.values()))
