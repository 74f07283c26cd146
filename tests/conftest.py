"""What every test may ask for: `database`, `engine`, `settings`, `environ`.

One PostgreSQL a test process (xdist starts several), one migrated template in it, one copy of that template
a test, which is emptied for the next one, by a connection that stays: to copy takes ten times as long, and so does to
truncate. The engine stays with it, for to compile and to plan every statement anew takes longer than most tests.
`TEST_DATABASE_URL` names another server, whose user may create databases.
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
from hypothesis import settings as drawn
from psycopg import sql
from sqlalchemy import Engine, make_url, text
from sqlalchemy.exc import DBAPIError

from app.embedded import embedded
from app.settings import Settings
from core.care import rules
from core.database.engine import make_engine
from core.migrations.run import upgrade
from sms.phone.config import PhoneConfig

drawn.register_profile("untimed", deadline=None)  # how long an example takes says how busy the machine is
drawn.load_profile("untimed")

CELL = "cell_test"
"""Not the default's name: SQL with the name written into it fails here."""

KEPT = "khaibao kept"
"""What the connections of an engine that stays call themselves."""


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
def spare(admin: psycopg.Connection) -> Iterator[dict[str, psycopg.Connection]]:
    """Migrated databases that are empty again: by their names the connections that empty them."""
    keepers: dict[str, psycopg.Connection] = {}
    yield keepers
    for name, keeper in keepers.items():
        keeper.close()
        _drop(admin, name)


@pytest.fixture
def database(
    server: str, admin: psycopg.Connection, template: str, shape: object, spare: dict[str, psycopg.Connection]
) -> Iterator[str]:
    """The URL of this test's own migrated database, empty but for its tables."""
    name, keeper = spare.popitem() if spare else (_create(admin, template), None)
    yield _in(server, name)
    _leave(admin, name, keeper)
    keeper = _alive(keeper, _in(server, name))
    if _emptied(keeper, shape):
        spare[name] = keeper
    else:
        keeper.close()
        _drop(admin, name)


@pytest.fixture(scope="session")
def engines() -> Iterator[dict[str, Engine]]:
    """By the URL of a database the engine that was made for it: what it compiled and planned once is of use again."""
    made: dict[str, Engine] = {}
    yield made
    for engine in made.values():
        engine.dispose()


@pytest.fixture
def engine(database: str, engines: dict[str, Engine]) -> Iterator[Engine]:
    """The way into this test's own database."""
    engine = engines.pop(database, None) or make_engine(database, CELL, name=KEPT)
    _connected(engine)
    yield engine
    if _returned(engine):
        engines[database] = engine
    else:
        engine.dispose()


@pytest.fixture(scope="session")
def untouched(server: str, admin: psycopg.Connection, template: str) -> Iterator[Engine]:
    """Tables that nobody ever filled: how large one has been decides how it is read."""
    name = f"plans_{uuid4().hex[:8]}"
    admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template)))
    engine = make_engine(_in(server, name), CELL)
    yield engine
    engine.dispose()
    admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _returned(engine: Engine) -> bool:
    """Whether nobody uses it any more. A server that was just shut down may still be answering a last request: its
    connection has to come back first, or it is thrown away open."""
    until = time.monotonic() + 10
    while engine.pool.checkedout() and time.monotonic() < until:  # type: ignore[attr-defined]
        time.sleep(0.01)
    return not engine.pool.checkedout()  # type: ignore[attr-defined]


def _connected(engine: Engine) -> None:
    """The last test may have cut its connections off, or changed how they are set: then they are made anew."""
    waiting = [engine.connect() for _ in range(engine.pool.checkedin())]  # type: ignore[attr-defined]
    try:
        for connection in waiting:
            connection.execute(text("RESET ALL"))
            connection.commit()
    except DBAPIError:
        engine.dispose()
    finally:
        for connection in waiting:
            connection.close()


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


def _leave(admin: psycopg.Connection, name: str, keeper: psycopg.Connection | None) -> None:
    """Nobody is connected any more but the keeper and the engine that stays."""
    stays = keeper.info.backend_pid if keeper is not None else 0
    others = (
        "SELECT pg_terminate_backend(pid, 1000) FROM pg_stat_activity "
        "WHERE datname = %s AND pid <> %s AND application_name <> %s"
    )
    admin.execute(others, (name, stays, KEPT))


def _alive(keeper: psycopg.Connection | None, url: str) -> psycopg.Connection:
    """The keeper, or another one if a test cut it off with everybody else."""
    if keeper is not None:
        try:
            keeper.execute("SELECT 1")
        except psycopg.OperationalError:
            keeper.close()
        else:
            return keeper
    return psycopg.connect(_plain(url), autocommit=True)


def _emptied(keeper: psycopg.Connection, shape: object) -> bool:
    """Whether the database is as it was made: no row is left, and no test changed a table."""
    if keeper.execute(_SHAPE).fetchone() != shape:
        return False
    keeper.execute(_EMPTY)
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
DO $$ DECLARE each regclass; filled bool; again bool; BEGIN
    FOR round IN 1..20 LOOP
        again := false;
        FOR each IN SELECT oid FROM pg_class WHERE relkind = 'r' AND {_OURS} AND relname NOT LIKE 'alembic_version%'
                    ORDER BY oid DESC LOOP
            EXECUTE format('SELECT EXISTS (SELECT FROM %s)', each) INTO filled;
            CONTINUE WHEN NOT filled;
            BEGIN
                IF pg_relation_size(each) > 128 * 1024 THEN
                    EXECUTE format('TRUNCATE %s CASCADE', each);
                ELSE
                    EXECUTE format('DELETE FROM %s', each);
                END IF;
            EXCEPTION WHEN foreign_key_violation THEN again := true;
            END;
        END LOOP;
        EXIT WHEN NOT again;
    END LOOP;
    IF again THEN RAISE EXCEPTION 'rows are left'; END IF;
    PERFORM setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false)
        FROM pg_sequences WHERE last_value IS NOT NULL;
END $$
"""
"""Rows are deleted in as many rounds as references ask for. To truncate makes every file anew, and those of all tables
that refer to it: 200 ms a table (measured), which only many rows are worth."""
