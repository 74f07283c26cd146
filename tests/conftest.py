"""What every test may ask for: `database`, `engine`, `settings`, `environ`.

One PostgreSQL a test process (xdist starts several), one migrated template in it, one copy of that template
a test, which is emptied for the next one: to copy takes ten times as long. `TEST_DATABASE_URL` names another server,
whose user may create databases.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from cryptography.fernet import Fernet
from psycopg import sql
from sqlalchemy import Engine, make_url

from app.embedded import embedded
from app.settings import Settings
from core.care import rules
from core.database.engine import make_engine
from core.migrations.run import upgrade
from sms.phone.config import PhoneConfig

CELL = "cell_test"
"""Not the default's name: SQL with the name written into it fails here."""


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The URL of an empty PostgreSQL."""
    if given := os.environ.get("TEST_DATABASE_URL"):
        yield given
        return
    with (
        tempfile.TemporaryDirectory(prefix="khaibao-") as folder,
        embedded(Path(folder), durable=False) as url,
    ):
        yield url


@pytest.fixture(scope="session")
def admin(server: str) -> Iterator[psycopg.Connection]:
    """A connection that creates and drops databases."""
    with psycopg.connect(_plain(server), autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="session")
def template(server: str, admin: psycopg.Connection) -> Iterator[str]:
    """The name of a migrated database that nobody is connected to."""
    name = f"template_{uuid4().hex[:8]}"
    admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    engine = make_engine(_in(server, name), CELL)
    upgrade(engine, CELL)
    engine.dispose()
    yield name
    admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def empty_database(server: str, admin: psycopg.Connection) -> Iterator[str]:
    """The URL of a database without any table."""
    yield from _database(server, admin, "template1")


@pytest.fixture(scope="session")
def shape(server: str, template: str) -> object:
    """What a migrated database looks like: its tables, columns, indexes and constraints, in a number each."""
    with psycopg.connect(_plain(_in(server, template))) as connection:
        return connection.execute(_SHAPE).fetchone()


@pytest.fixture(scope="session")
def spare(admin: psycopg.Connection) -> Iterator[list[str]]:
    """Names of migrated databases that are empty again."""
    names: list[str] = []
    yield names
    for name in names:
        _drop(admin, name)


@pytest.fixture
def database(server: str, admin: psycopg.Connection, template: str, shape: object, spare: list[str]) -> Iterator[str]:
    """The URL of this test's own migrated database, empty but for its tables."""
    name = spare.pop() if spare else _create(admin, template)
    yield _in(server, name)
    if _emptied(admin, _in(server, name), name, shape):
        spare.append(name)
    else:
        _drop(admin, name)


@pytest.fixture
def engine(database: str) -> Iterator[Engine]:
    """The way into this test's own database."""
    engine = make_engine(database, CELL)
    yield engine
    _returned(engine)
    engine.dispose()


def _returned(engine: Engine) -> None:
    """A server that was just shut down may still be answering a last request: its connection has to come back first,
    or it is thrown away open."""
    until = time.monotonic() + 10
    while engine.pool.checkedout() and time.monotonic() < until:  # type: ignore[attr-defined]
        time.sleep(0.01)


@pytest.fixture
def settings(database: str, tmp_path: Path) -> Settings:
    """A demo's settings over this test's own database."""
    return Settings(
        secret_key="made up for tests " * 2,
        data_keys=(Fernet.generate_key().decode(),),
        database_url=database,
        var_dir=tmp_path,
        demo=True,
        cell=CELL,
        channels=(PhoneConfig(),),
    )


@pytest.fixture
def no_quiet_hours(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Rules without quiet hours: for what goes by the real clock, and is tested also when it is night in Vietnam."""
    awake = tuple(replace(each, quiet_hours=(0, 0)) for each in rules.load())
    monkeypatch.setattr(rules, "load", lambda: awake)
    rules.in_force.cache_clear()
    yield
    rules.in_force.cache_clear()


@pytest.fixture
def environ(settings: Settings) -> dict[str, str]:
    """The same settings, as the environment of a process."""
    return {
        "DEMO": "1",
        "VAR_DIR": str(settings.var_dir),
        "DATABASE_URL": settings.database_url,
        "CELL": settings.cell,
    }


def _database(server: str, admin: psycopg.Connection, template: str) -> Iterator[str]:
    name = _create(admin, template)
    yield _in(server, name)
    _drop(admin, name)


def _create(admin: psycopg.Connection, template: str) -> str:
    """Copied by files: 65 ms with its drop, on an idle machine, against 220 ms by the write-ahead log (measured)."""
    name = f"test_{uuid4().hex[:12]}"
    names = sql.Identifier(name), sql.Identifier(template)
    admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy").format(*names))
    return name


def _drop(admin: psycopg.Connection, name: str) -> None:
    admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _emptied(admin: psycopg.Connection, url: str, name: str, shape: object) -> bool:
    """Whether the database is as it was made: nobody is connected, no row is left, and no test changed a table."""
    admin.execute("SELECT pg_terminate_backend(pid, 1000) FROM pg_stat_activity WHERE datname = %s", (name,))
    with psycopg.connect(_plain(url), autocommit=True) as connection:
        if connection.execute(_SHAPE).fetchone() != shape:
            return False
        connection.execute(_EMPTY)
    return True


def _plain(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def _in(server: str, database: str) -> str:
    return make_url(server).set(database=database).render_as_string(hide_password=False)


_OURS = "relnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace) AND relpersistence = 'p'"
_SHAPE = f"""
SELECT (SELECT sum(hashtext(concat(relname, relkind, relnatts, reloptions)))
        FROM pg_class WHERE {_OURS} AND relnamespace <> 'pg_toast'::regnamespace),
       (SELECT sum(hashtext(concat(attname, atttypid, attnotnull))) FROM pg_attribute
        JOIN pg_class ON pg_class.oid = attrelid WHERE {_OURS} AND attnum > 0),
       (SELECT sum(hashtext(concat(conname, pg_get_constraintdef(oid)))) FROM pg_constraint WHERE conrelid <> 0),
       (SELECT count(*) FROM pg_proc), (SELECT count(*) FROM pg_trigger), (SELECT count(*) FROM pg_namespace)
"""
_EMPTY = f"""
DO $$ DECLARE each regclass; filled bool; BEGIN
    FOR each IN SELECT oid FROM pg_class WHERE relkind = 'r' AND {_OURS} AND relname NOT LIKE 'alembic_version%' LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %s)', each) INTO filled;
        IF filled THEN EXECUTE format('TRUNCATE %s RESTART IDENTITY CASCADE', each); END IF;
    END LOOP;
END $$
"""
