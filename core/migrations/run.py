"""Bring a database's schemas up to date, or take them down again. Called by `khaibao migrate`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, text
from sqlalchemy.schema import CreateSchema, DropSchema

from core.database.engine import check_cell

_LOCK = 0x6B686169  # "khai": one migration at a time in a database
_SHARED = "shared"
_CELL = "cell"


def upgrade(engine: Engine, cell: str, revision: str = "head") -> None:
    """Both lines to their newest version, or the cell's to `revision`, in one transaction: a crash leaves the
    database as it was.

    Two starts at once are safe: the second waits for the first and then finds nothing to do.
    """
    with _alone(engine, cell) as connection:
        for line, schema, to in ((_SHARED, _SHARED, "head"), (_CELL, cell, revision)):
            connection.execute(CreateSchema(schema, if_not_exists=True))
            command.upgrade(_configuration(connection, line, schema), to)


def downgrade(engine: Engine, cell: str, revision: str = "base") -> None:
    """Take the cell's line down to `revision`; at `base` its schema goes too. Other cells stay."""
    with _alone(engine, cell) as connection:
        _down(connection, _CELL, cell, revision)


def downgrade_shared(engine: Engine, cell: str, revision: str = "base") -> None:
    """The same for what all cells need. Take down the cells first."""
    with _alone(engine, cell) as connection:
        _down(connection, _SHARED, _SHARED, revision)


def _down(connection: Connection, line: str, schema: str, revision: str) -> None:
    command.downgrade(_configuration(connection, line, schema), revision)
    if revision == "base":
        connection.execute(text(f'DROP TABLE "{schema}".alembic_version'))
        connection.execute(DropSchema(schema))


@contextmanager
def _alone(engine: Engine, cell: str) -> Iterator[Connection]:
    """A transaction that no other migration shares. It may wait and work long, yet a table's lock only 10 s:
    behind a migration that waits for a table, everybody else waits too.
    """
    names = {"shared": _SHARED, "cell": check_cell(cell)}
    with engine.connect().execution_options(schema_translate_map=names) as connection, connection.begin():
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text("SET LOCAL lock_timeout = 0"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        connection.execute(text("SET LOCAL lock_timeout = '10s'"))
        yield connection


def _configuration(connection: Connection, line: str, schema: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / line).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes.update(connection=connection, schema=schema)
    return config
