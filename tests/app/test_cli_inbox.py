from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, insert, select, update

from app.cli_inbox import inbox
from core.database.due import due_checks
from core.database.tables import contacts
from core.database.tables import inbox as rows
from tests.core.messaging.line import LAN, Line

pytestmark = pytest.mark.usefixtures("environment")


@pytest.fixture
def line(engine: Engine) -> Line:
    return Line(engine)


def put(line: Line, state: str = "failed", **values: Any) -> UUID:
    """Lan's text of two hours ago."""
    made = {"id": uuid4(), "external_id": str(uuid4()), "text": "khong", "attempts": 8, "error": "KeyError"}
    at = datetime.now(UTC) - timedelta(hours=2, minutes=5)
    common = {"channel": "phone", "address": LAN, "contact_id": line.contact(LAN), "received_at": at, "state": state}
    with line.engine.begin() as connection:
        connection.execute(insert(rows).values(common | made | values))
    return UUID(str(made["id"]))


def state(line: Line, message: UUID) -> tuple[str, int]:
    with line.engine.connect() as connection:
        row = connection.execute(select(rows.c.state, rows.c.attempts).where(rows.c.id == message)).one()
    return row.state, row.attempts


def khaibao(*arguments: str) -> Result:
    return CliRunner().invoke(inbox, arguments)


def test_list_shows_what_failed_and_why_but_neither_number_nor_word(line: Line) -> None:
    failed = put(line)
    put(line, "done")
    header, row = khaibao("list").output.splitlines()

    assert header.split("\t") == ["id", "channel", "attempts", "age", "error"]
    assert row.split("\t") == [str(failed), "phone", "8", "2h 5m", "KeyError"]


def test_retry_has_a_message_read_again(line: Line) -> None:
    one, other = put(line), put(line)

    assert khaibao("retry", str(one)).output == "1 due now\n"
    assert (state(line, one), state(line, other)) == (("waiting", 0), ("failed", 8))
    assert khaibao("retry", "--failed").output == "1 due now\n"
    assert state(line, other) == ("waiting", 0)


@pytest.mark.parametrize("before", ["done", "waiting"])
def test_retry_leaves_alone_what_did_not_fail(line: Line, before: str) -> None:
    message = put(line, before)

    assert khaibao("retry", str(message)).output == "0 due now\n"
    assert state(line, message) == (before, 8)


@pytest.mark.parametrize("session", [{"stage": "asking"}, {"doubt": ["shortness_of_breath"]}])
def test_an_old_word_is_no_answer_to_a_question_of_today(line: Line, session: dict[str, object]) -> None:
    message = put(line)
    with line.engine.begin() as connection:
        connection.execute(update(contacts).values(session=session))

    assert khaibao("retry", str(message)).output == "0 due now\n"


def test_an_old_word_is_no_answer_to_a_reminder_of_today(line: Line) -> None:
    message, now = put(line), datetime.now(UTC)
    check = line.due_check(LAN)
    with line.engine.begin() as connection:
        asked = {"reminded_at": now - timedelta(minutes=5), "closes_at": now + timedelta(hours=3)}
        connection.execute(update(due_checks).where(due_checks.c.id == check).values(asked))
    assert khaibao("retry", "--failed").output == "0 due now\n"
    line.answer(check)

    assert khaibao("retry", "--failed").output == "1 due now\n"
    assert state(line, message) == ("waiting", 0)


@pytest.mark.parametrize("arguments", [(), ("--failed", "0193fd00-0000-7000-8000-000000000001"), ("not-an-id",)])
def test_retry_wants_ids_or_all(arguments: tuple[str, ...]) -> None:
    assert khaibao("retry", *arguments).exit_code == 2
