"""The way into PostgreSQL: one engine a process, with the cell's schema chosen when it is made."""

from __future__ import annotations

import re

import orjson
from psycopg import Connection as Driver
from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import ConnectionPoolEntry

_CELL = re.compile(r"[a-z][a-z0-9_]{0,40}")
_RESERVED = frozenset({"shared", "public", "information_schema"})
_DRIVER = "postgresql+psycopg"

_SESSION = {
    "timezone": "UTC",
    "lock_timeout": "1s",  # who waits longer for a row does something else (`core.pipeline.receive`), or comes again
    "statement_timeout": "60s",
    "idle_in_transaction_session_timeout": "60s",
}
_PREPARED = 400  # statements a connection keeps; with psycopg's 100 ours would push each other out


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


def make_engine(url: str, cell: str, *, pool_size: int = 5, max_overflow: int = 5, name: str = "khaibao") -> Engine:
    """An engine whose token schemas `shared` and `cell` are the real ones. Make it after a fork.

    The pool does not ask the server before each use (a round trip a transaction). After PostgreSQL restarts
    the first statement fails, SQLAlchemy throws the whole pool away, and the next one connects anew: a
    webhook answers 500 once and is repeated by its provider, the worker comes round again.

    `pool_size` connections are kept, `max_overflow` more are opened under load; a caller waits 10 s at most.
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
    event.listen(engine, "connect", _keep_prepared)
    return engine


def _connect_args(address: URL, name: str) -> dict[str, str | int]:
    """What libpq is told. Options in the URL come last, so that an operator's word counts."""
    given = address.query.get("options", "")
    options = [f"-c {key}={value}" for key, value in _SESSION.items()]
    options.append(given if isinstance(given, str) else " ".join(given))
    defaults: dict[str, str | int] = {"connect_timeout": 10, "application_name": name}
    arguments: dict[str, str | int] = {"options": " ".join(options).strip(), "prepare_threshold": 2}
    return arguments | {key: value for key, value in defaults.items() if key not in address.query}


def _keep_prepared(connection: DBAPIConnection, record: ConnectionPoolEntry) -> None:
    driver = getattr(connection, "driver_connection", connection)
    if isinstance(driver, Driver):
        driver.prepared_max = _PREPARED
