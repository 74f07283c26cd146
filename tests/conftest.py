"""What every test may ask for: `database`, `engine`, `settings`.

One PostgreSQL a test process (xdist starts several), one migrated template in it, one copy of that template
a test. `TEST_DATABASE_URL` names another server, whose user may create databases.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from cryptography.fernet import Fernet
from psycopg import sql
from sqlalchemy import Engine, make_url

from app.embedded import embedded
from app.settings import Settings
from core.database.engine import make_engine
from core.migrations.run import upgrade

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
    url = make_url(server).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as connection:
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


@pytest.fixture
def database(server: str, admin: psycopg.Connection, template: str) -> Iterator[str]:
    """The URL of this test's own migrated database, empty but for its tables."""
    yield from _database(server, admin, template)


@pytest.fixture
def engine(database: str) -> Iterator[Engine]:
    """The way into this test's own database."""
    engine = make_engine(database, CELL)
    yield engine
    engine.dispose()


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
    )


def _database(server: str, admin: psycopg.Connection, template: str) -> Iterator[str]:
    """Copied by files: 65 ms a test with its drop, against 220 ms through the write-ahead log (measured)."""
    name = sql.Identifier(f"test_{uuid4().hex[:12]}")
    admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy").format(name, sql.Identifier(template)))
    yield _in(server, name.as_string().strip('"'))
    admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


def _in(server: str, database: str) -> str:
    return make_url(server).set(database=database).render_as_string(hide_password=False)
