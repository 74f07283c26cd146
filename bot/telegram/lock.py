"""Which worker asks Telegram: the one that holds an advisory lock of PostgreSQL.

Telegram lets one ask at a time and breaks off the other. The lock lives and dies with a connection of its own: a
process that ends in any way, or loses its database, gives it up, and another one asks.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError

_LOCK: Final = 0x74656C65  # "tele"
_TRY: Final = text("SELECT pg_try_advisory_lock(:key, hashtext(:bot))")


class Lock:
    """The right to ask for one bot's updates. Its methods wait for the database: call them in a thread."""

    def __init__(self, engine: Engine, bot: str) -> None:
        self._engine = engine
        self._bot = bot
        self._connection: Connection | None = None

    def hold(self) -> bool:
        """Whether it is ours: taken now, or still held. Raises if the database is away; then it is not ours."""
        try:
            return self._hold()
        except SQLAlchemyError:
            self.release()
            raise

    def release(self) -> None:
        """Let another process have it."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def _hold(self) -> bool:
        if self._connection is not None:
            self._connection.execute(text("SELECT 1"))
            return True
        connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        try:
            held = bool(connection.scalar(_TRY, {"key": _LOCK, "bot": self._bot}))
        except SQLAlchemyError:
            connection.close()
            raise
        if held:
            connection.detach()  # the pool opens another in its place
            self._connection = connection
        else:
            connection.close()
        return held
