"""A connection that does not wait for ever: a server that hangs answers nothing, not even that it is late."""

from __future__ import annotations

from typing import Any, TypeVar

from psycopg import Connection, OperationalError
from psycopg.abc import PQGen
from psycopg.pq import TransactionStatus

RV = TypeVar("RV")


class PatientConnection(Connection[Any]):
    """As psycopg's. What takes longer than `patience` seconds raises OperationalError and closes the connection:
    whether it was done is not known then, as when a connection breaks.
    """

    patience: float | None = None
    """None: as long as it takes."""

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        """What `gen` comes to."""
        try:
            return super().wait(gen, interval, self.patience if timeout is None else timeout)
        except OperationalError:
            if self.pgconn.transaction_status == TransactionStatus.ACTIVE:
                self.pgconn.finish()  # an answer to this may come yet: nobody else shall get it
            raise
