"""How one line of migrations runs: inside the connection and the transaction that it is handed."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection


def run() -> None:
    """Called by a line's env.py. `connection` and `schema` come with the configuration (see `run.py`).

    The version table lives in the line's own schema, so that a cell can be moved with its version.
    """
    connection: Connection = context.config.attributes["connection"]
    context.configure(connection=connection, version_table_schema=context.config.attributes["schema"])
    with context.begin_transaction():
        context.run_migrations()
