"""The lock by which one clock at a time serves a cell. It is the connection's: who loses that loses the lock."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, text

_LOCK: Final = 0x636C6F63  # "cloc"
_TAKE: Final = text("SELECT pg_try_advisory_lock(:key, hashtext(:cell))")
_HELD: Final = text(
    "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 2 AND classid = :key "
    "AND objid = CAST(CAST(hashtext(:cell) AS bigint) & 4294967295 AS oid) "
    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))"
)


def take(connection: Connection, cell: str) -> bool:
    """Hold the lock of that cell from now on; False if another clock does."""
    taken = connection.scalar(_TAKE, {"key": _LOCK, "cell": cell})
    connection.commit()
    return bool(taken)


def held(connection: Connection, cell: str) -> bool:
    """Whether any clock holds the lock of that cell."""
    return bool(connection.scalar(_HELD, {"key": _LOCK, "cell": cell}))
