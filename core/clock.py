"""Domain time: what is due, what expired, how many days are left. Leases use the database's time, signatures
and sign-in the wall's.
"""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from core.database.shared import installation

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
_PATIENCE = 5.0  # seconds until a database that does not answer is asked again
FRESH = 0.5
"""Seconds within which all processes of a demo see that its clock was moved."""


class Clock:
    """Wall time; in a demo, wall time plus the offset that all its processes share in the database."""

    def __init__(self, engine: Engine, *, demo: bool) -> None:
        self._engine = engine
        self._demo = demo
        self._offset = timedelta()
        self._fresh_until = 0.0

    def now(self) -> datetime:
        """Aware, in UTC. In a demo it asks the database, at most every half second, and goes on without it."""
        if self._demo and time.monotonic() >= self._fresh_until:
            self._fresh_until = time.monotonic() + _PATIENCE
            with suppress(OperationalError, PoolTimeout):
                self._read()
        return datetime.now(UTC) + self._offset

    def move(self, connection: Connection, seconds: int) -> None:
        """Move a demo's clock forward, seen by all its processes within half a second of the commit.

        Raises ValueError when `seconds` is not above zero or the installation is no demo: time that people
        live in is not ours to move, and nothing that was done can become undone.
        """
        if seconds <= 0:
            raise ValueError("a clock moves only forward")
        moved = update(installation).values(clock_offset=installation.c.clock_offset + seconds)
        if connection.execute(moved.where(installation.c.demo)).rowcount != 1:
            raise ValueError("only a demo's clock moves")
        self._fresh_until = 0.0

    def _read(self) -> None:
        with self._engine.connect() as connection:
            offset = connection.scalar(select(installation.c.clock_offset))
        self._offset = timedelta(seconds=offset or 0)
        self._fresh_until = time.monotonic() + FRESH
