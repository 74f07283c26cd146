"""The engine: which URLs it takes, where its statements go, what it does when PostgreSQL goes away."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from sqlalchemy import Connection, Engine, insert, make_url, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from core.database.engine import check_cell, database_url, make_engine
from core.database.tables import contacts
from tests.conftest import CELL


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    with engine.connect() as connection:
        yield connection


def contact(**changes: object) -> dict[str, object]:
    row: dict[str, object] = {
        "id": uuid4(),
        "channel": "phone",
        "address": "+84900000001",
        "seen_at": datetime.now(UTC),
    }
    return row | changes


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_all_ways_to_write_a_url_mean_psycopg_3(scheme: str) -> None:
    url = database_url(f"{scheme}://nurse:p%40ss@db.example:5433/khaibao")

    assert (url.drivername, url.password, url.port) == ("postgresql+psycopg", "p@ss", 5433)


@pytest.mark.parametrize("url", ["mysql://db/khaibao", "db.example/khaibao", "postgresql+asyncpg://db/khaibao", ""])
def test_other_urls_are_refused(url: str) -> None:
    with pytest.raises(ValueError, match="PostgreSQL"):
        database_url(url)


@pytest.mark.parametrize("name", ["cell_15", "c", "x" * 41])
def test_a_cell_is_named_like_an_identifier(name: str) -> None:
    assert check_cell(name) == name


@pytest.mark.parametrize(
    "name", ["", "Cell", "15", "cell-1", "cell 1", "x" * 42, 'a"; DROP', "cell\n", "shared", "public", "pg_temp", "ô"]
)
def test_other_names_are_no_cell(name: str) -> None:
    with pytest.raises(ValueError, match="cell"):
        check_cell(name)


def test_the_token_cell_means_the_schema_it_was_made_for(connection: Connection) -> None:
    connection.execute(insert(contacts).values(contact()))

    assert connection.scalar(text(f"SELECT count(*) FROM {CELL}.contacts")) == 1


def test_json_comes_back_as_it_went(connection: Connection) -> None:
    session = {"form": "checkin", "answers": {"họ tên": "Nguyễn Thị Đậu", "temperature": 37.5}, "asked": [None, True]}
    connection.execute(insert(contacts).values(contact(session=session)))

    assert connection.scalar(select(contacts.c.session)) == session


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("timezone", "UTC"),
        ("transaction_isolation", "read committed"),
        ("lock_timeout", "1s"),
        ("statement_timeout", "1min"),
        ("idle_in_transaction_session_timeout", "1min"),
        ("application_name", "khaibao"),
    ],
)
def test_a_session_is_set_up(database: str, name: str, value: str) -> None:
    engine = make_engine(database, CELL)
    with engine.connect() as connection:
        shown = connection.scalar(text(f"SHOW {name}"))
    engine.dispose()

    assert shown == value


def test_an_operators_options_in_the_url_count(database: str) -> None:
    url = make_url(database).update_query_dict({"options": "-c lock_timeout=3s", "application_name": "bench"})
    engine = make_engine(url.render_as_string(hide_password=False), CELL)
    with engine.connect() as connection:
        shown = [connection.scalar(text(f"SHOW {name}")) for name in ("lock_timeout", "timezone", "application_name")]
    engine.dispose()

    assert shown == ["3s", "UTC", "bench"]


def test_a_repeated_statement_is_prepared_by_the_server(connection: Connection) -> None:
    for _ in range(4):
        connection.execute(select(contacts.c.id).where(contacts.c.address == "x"))

    names = connection.scalars(text("SELECT statement FROM pg_prepared_statements"))
    assert any(f"FROM {CELL}.contacts" in name for name in names)


def test_after_the_server_cut_all_connections_only_the_first_statement_fails(engine: Engine) -> None:
    with engine.connect() as one, engine.connect() as other:
        pids = [connection.scalar(text("SELECT pg_backend_pid()")) for connection in (one, other)]
    killer = make_engine(str(engine.url.render_as_string(hide_password=False)), CELL)
    with killer.connect() as connection:
        connection.execute(
            text("SELECT pg_terminate_backend(pid) FROM unnest(CAST(:pids AS int[])) pid"), {"pids": pids}
        )
    killer.dispose()

    with pytest.raises(OperationalError), engine.connect() as connection:
        connection.execute(text("SELECT 1"))
    for _ in range(2):
        with engine.connect() as connection:
            assert connection.scalar(text("SELECT 1")) == 1


def test_an_error_quotes_no_parameter(connection: Connection) -> None:
    with pytest.raises(IntegrityError) as raised:
        connection.execute(insert(contacts).values(contact(seen_at=None)))

    assert "parameters hidden" in str(raised.value)


def test_a_lock_that_nobody_gives_back_ends_as_an_error(engine: Engine) -> None:
    row = contact()
    with engine.begin() as connection:
        connection.execute(insert(contacts).values(row))
    with engine.begin() as holder, engine.connect() as waiting:
        holder.execute(select(contacts).with_for_update())
        waiting.execute(text("SET lock_timeout = '50ms'"))
        with pytest.raises(DBAPIError, match="lock timeout"):
            waiting.execute(select(contacts).with_for_update())
