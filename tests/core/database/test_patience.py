"""A server that hangs: who asked it something is not kept waiting."""

from __future__ import annotations

import time

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from core.database.engine import is_away, make_engine
from tests.conftest import CELL


def test_who_waits_too_long_gives_up_and_the_next_statement_has_a_connection_of_its_own(database: str) -> None:
    engine = make_engine(database, CELL, pool_size=1, max_overflow=0, patience=0.5)

    began = time.monotonic()
    with pytest.raises(OperationalError) as fault, engine.connect() as connection:
        connection.execute(text("SELECT pg_sleep(20)"))
    took = time.monotonic() - began
    with engine.connect() as connection:
        answer = connection.scalar(text("SELECT 1"))
    engine.dispose()

    assert took < 5
    assert is_away(fault.value)
    assert answer == 1


def test_an_error_of_a_statement_is_no_reason_to_give_up_the_connection(database: str) -> None:
    engine = make_engine(database, CELL, pool_size=1, max_overflow=0)
    with engine.connect() as connection:
        first = connection.scalar(text("SELECT pg_backend_pid()"))
    with pytest.raises(OperationalError) as fault, engine.connect() as connection:
        connection.execute(text("SET LOCAL statement_timeout = '50ms'"))
        connection.execute(text("SELECT pg_sleep(20)"))
    with engine.connect() as connection:
        second = connection.scalar(text("SELECT pg_backend_pid()"))
    engine.dispose()

    assert not is_away(fault.value)
    assert first == second
