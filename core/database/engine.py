"""The way into PostgreSQL: one engine a process, with the cell's schema chosen when it is made."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from psycopg import Connection as Driver
from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.dialects.postgresql.psycopg import PGIdentifierPreparer_psycopg
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import ConnectionPoolEntry

from core.database.patience import PatientConnection

_CELL = re.compile(r"[a-z][a-z0-9_]{0,40}")
_RESERVED = frozenset({"shared", "public", "information_schema"})
_DRIVER = "postgresql+psycopg"

_SESSION = {
    "timezone": "UTC",
    "lock_timeout": "1s",  # who waits longer for a row does something else (`core.pipeline.receive`), or comes again
    "statement_timeout": "60s",
    "idle_in_transaction_session_timeout": "60s",
}
PATIENCE = 65.0
"""Seconds. The server's own limit comes before it."""

_WIRE: dict[str, str | int] = {
    "connect_timeout": 3,  # seconds
    "tcp_user_timeout": 10_000,  # milliseconds that a packet may stay without an answer
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 2,
}
"""A server that is cut off is noticed while a webhook's caller still waits, not after TCP's own quarter of an hour."""

_AWAY = ("08", "53", "57P", "25006")
"""SQLSTATE: no connection, no resources (disk, memory, connections), shut down, a standby."""

_PREPARED = 400  # statements a connection keeps; with psycopg's 100 ours would push each other out

_MOST_NAMED = 2000  # statements: ours are some hundreds
_named: dict[tuple[Any, ...], str] = {}
"""By statement and schemas."""


def check_cell(name: str) -> str:
    """`name`, if it can be a cell's schema; ValueError otherwise."""
    if not _CELL.fullmatch(name) or name in _RESERVED or name.startswith("pg_"):
        raise ValueError(f"not a cell's name: {name!r} (a small letter, then small letters, digits or _)")
    return name


def database_url(url: str) -> URL:
    """`postgres://` and `postgresql://` as SQLAlchemy's URL for psycopg 3; ValueError for anything else."""
    scheme, mark, rest = url.partition("://")
    if not mark or scheme not in {"postgres", "postgresql", _DRIVER}:
        raise ValueError("not a PostgreSQL URL: postgresql://user:password@host:5432/database")
    try:
        return make_url(f"{_DRIVER}://{rest}")
    except ArgumentError as error:
        raise ValueError("not a URL") from error


def make_engine(  # noqa: PLR0913 - what differs between processes
    url: str,
    cell: str,
    *,
    pool_size: int = 5,
    max_overflow: int = 5,
    name: str = "khaibao",
    patience: float | None = PATIENCE,
) -> Engine:
    """An engine whose token schemas `shared` and `cell` are the real ones. Make it after a fork.

    The pool does not ask the server before each use (a round trip a transaction). After PostgreSQL restarts
    the first statement fails, SQLAlchemy throws the whole pool away, and the next one connects anew: what a
    webhook brought goes through the spool (`core.pipeline.ingress`), the worker comes round again.

    `pool_size` connections are kept, `max_overflow` more are opened under load; a caller waits 10 s at most.
    `patience`: seconds after which a statement without an answer counts as failed, though the server hangs.
    None: never, for what may work for hours; a server that is cut off is still noticed, one that hangs is not.
    """
    address = database_url(url)
    engine = create_engine(
        address,
        pool_size=pool_size,
        max_overflow=max_overflow,
        pool_timeout=10,
        pool_recycle=1800,
        pool_use_lifo=True,
        isolation_level="READ COMMITTED",
        hide_parameters=True,  # an error's text may reach the log, and parameters are names and numbers
        json_serializer=orjson.dumps,
        json_deserializer=orjson.loads,
        connect_args=_connect_args(address, name),
        execution_options={"schema_translate_map": {"shared": "shared", "cell": check_cell(cell)}},
    )
    engine.dialect.identifier_preparer = _Naming(engine.dialect)
    event.listen(engine, "connect", _keep_prepared)
    event.listen(engine, "do_connect", lambda _dialect, _record, args, options: _open(patience, args, options))
    return engine


class _Naming(PGIdentifierPreparer_psycopg):
    """Writes the schemas' names into a statement once, instead of at each of its executions."""

    def _render_schema_translates(self, statement: str, schema_translate_map: Mapping[str | None, str | None]) -> str:
        key = statement, *schema_translate_map.items()
        if (known := _named.get(key)) is not None:
            return known
        if len(_named) >= _MOST_NAMED:
            _named.clear()
        made = _named[key] = super()._render_schema_translates(statement, schema_translate_map)
        return made


def _open(patience: float | None, args: Sequence[Any], options: Mapping[str, Any]) -> PatientConnection:
    made = PatientConnection.connect(*args, **options)
    made.patience = patience
    return made


def is_away(fault: BaseException) -> bool:
    """Whether the database is at fault, and not what it was asked: it cannot be reached, broke off, or can do nothing
    just now."""
    if isinstance(fault, PoolTimeout):
        return True
    if not isinstance(fault, DBAPIError):
        return False
    if fault.connection_invalidated or fault.statement is None:  # it broke, or there never was one
        return True
    state = getattr(fault.orig, "sqlstate", None)
    return isinstance(fault, OperationalError) if state is None else str(state).startswith(_AWAY)


def _connect_args(address: URL, name: str) -> dict[str, str | int]:
    """What libpq is told. Options in the URL come last, so that an operator's word counts."""
    given = address.query.get("options", "")
    options = [f"-c {key}={value}" for key, value in _SESSION.items()]
    options.append(given if isinstance(given, str) else " ".join(given))
    defaults = _WIRE | {"application_name": name}
    arguments: dict[str, str | int] = {"options": " ".join(options).strip(), "prepare_threshold": 2}
    return arguments | {key: value for key, value in defaults.items() if key not in address.query}


def _keep_prepared(connection: DBAPIConnection, record: ConnectionPoolEntry) -> None:
    driver = getattr(connection, "driver_connection", connection)
    if isinstance(driver, Driver):
        driver.prepared_max = _PREPARED
