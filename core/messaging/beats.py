"""Whether a machine of a channel's own is alive: a commune's phone that carries its SMS says so from time to time.

Kept by the database's clock, which all processes share. A crash before the commit loses one beat; the next one counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects.postgresql import insert

from core.database.shared import Instant, channel_beats

_NOW = func.clock_timestamp(type_=Instant)


def beat(connection: Connection, channel: str) -> None:
    """It was heard just now."""
    row = insert(channel_beats).values(channel=channel, heard_at=_NOW)
    connection.execute(row.on_conflict_do_update(index_elements=["channel"], set_={"heard_at": _NOW}))


def silences(connection: Connection) -> Mapping[str, timedelta]:
    """By channel: how long ago it was last heard. One that was never heard is not there."""
    rows = connection.execute(select(channel_beats.c.channel, (_NOW - channel_beats.c.heard_at).label("silence")))
    return {row.channel: max(row.silence, timedelta()) for row in rows}
