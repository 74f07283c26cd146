"""Logs: one JSON object a line, and never what somebody typed."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import Engine, insert
from sqlalchemy.exc import IntegrityError

from app.logs import setup
from app.settings import Settings
from core.database.shared import directory

PRIVATE = "+84900000001"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def stderr() -> Iterator[Terminal]:
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    yield Terminal()
    root.handlers[:], root.level = before


@pytest.fixture
def real(settings: Settings) -> Settings:
    return replace(settings, demo=False)


def fail(engine: Engine) -> None:
    row = {"channel": "phone", "address": PRIVATE, "contact_id": "00000000-0000-0000-0000-000000000001", "cell": "c"}
    with engine.begin() as connection:
        for _ in range(2):
            connection.execute(insert(directory).values(row))


def test_a_line_is_an_object_with_ids(stderr: Terminal, real: Settings) -> None:
    setup(real, "worker", stderr)

    logging.getLogger("core.messaging").info("sent", extra={"message_id": "018f"})

    line = json.loads(stderr.getvalue())
    assert (line["level"], line["process"], line["logger"]) == ("INFO", "worker", "core.messaging")
    assert (line["message"], line["message_id"]) == ("sent", "018f")
    assert line["time"].endswith("+0000")


def test_an_exception_is_its_type_and_its_frames(stderr: Terminal, real: Settings, engine: Engine) -> None:
    setup(real, "web", stderr)

    try:
        fail(engine)
    except IntegrityError:
        logging.getLogger("app").exception("failed")

    assert "IntegrityError 23505" in stderr.getvalue()
    assert "test_logs.py" in stderr.getvalue()
    assert PRIVATE not in stderr.getvalue()


def test_a_demo_at_a_terminal_gets_a_plain_line(stderr: Terminal, settings: Settings) -> None:
    setup(settings, "clock", stderr)

    logging.getLogger("app").warning("stand-by")

    assert stderr.getvalue().endswith(" clock WARNING stand-by\n")
    assert stderr.getvalue().count("\n") == 1


@pytest.mark.parametrize("name", ["httpx", "twilio.http_client", "apscheduler.executors"])
def test_libraries_that_log_addresses_are_quiet(stderr: Terminal, real: Settings, name: str) -> None:
    setup(real, "worker", stderr)

    logging.getLogger(name).info("POST https://api.example/bot%s", PRIVATE)

    assert stderr.getvalue() == ""
