from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine

from app.cli_outbox import outbox
from core.messaging.channel import Sent, Status, StatusReport
from core.messaging.outbox import Outcome, claim, settle
from core.messaging.reports import report
from tests.core.messaging.line import HOA, LAN, LEASE, NOW, Line

FAILED, UNKNOWN = Status.FAILED, Status.UNKNOWN


pytestmark = pytest.mark.usefixtures("environment")


@pytest.fixture
def line(engine: Engine) -> Line:
    return Line(engine)


def put(line: Line, status: Status, to: str = LAN, hours: int = 1, **values: Any) -> UUID:
    """A message of two hours ago that is worth sending for `hours` more."""
    now = datetime.now(UTC)
    made = now - timedelta(hours=2, minutes=5)
    return line.put(
        to=to, status=status, created_at=made, due_at=made, expires_at=now + timedelta(hours=hours), **values
    )


def khaibao(*arguments: str) -> Result:
    return CliRunner().invoke(outbox, arguments)


def test_list_shows_what_failed_and_why(line: Line) -> None:
    failed = put(line, Status.FAILED, error="30007", attempts=3)
    put(line, Status.SENT)
    header, row = khaibao("list").output.splitlines()
    assert header.split("\t") == ["id", "channel", "kind", "attempts", "age", "error"]
    assert row.split("\t") == [str(failed), "phone", "question", "3", "2h 5m", "30007"]


def test_list_shows_what_somebody_took_and_did_not_settle(line: Line) -> None:
    put(line, Status.QUEUED)
    stuck = line.put(to=HOA)
    with line.engine.begin() as connection:
        (leased,) = claim(connection, "phone", NOW, 1, LEASE, bulk=1)
    assert len(khaibao("list", "--status", "stuck").output.splitlines()) == 1
    line.lapse()
    _, row = khaibao("list", "--status", "stuck").output.splitlines()
    assert row.startswith(str(leased.message.id))
    assert leased.message.id == stuck


def test_show_tells_what_a_message_went_through(line: Line) -> None:
    message = line.put()
    with line.engine.begin() as connection:
        (leased,) = claim(connection, "phone", NOW, 1, LEASE, bulk=1)
        settle(connection, [Outcome(leased, Sent("SM1"))], NOW)
        said = [StatusReport("phone", "SM1", status, error) for status, error in ((FAILED, "30003"), (UNKNOWN, ""))]
        report(connection, said, NOW)
    output = khaibao("show", str(message)).output
    first, *steps = (line.split("\t") for line in output.splitlines())
    assert first[1:] == ["phone", "question", "made 2026-11-21 07:00:00, good until 2026-11-21 13:00:00"]
    assert [step[1:] for step in steps] == [
        ["sending", "ours", "1", ""],
        ["sent", "ours", "1", ""],
        ["failed", "ours", "1", "30003"],
        ["unknown", "provider", "1", ""],
    ]
    assert LAN not in output
    assert "somebody" not in output


def test_show_of_no_message(line: Line) -> None:
    shown = khaibao("show", "0193fd00-0000-7000-8000-000000000001")
    assert (shown.exit_code, "no message" in shown.output) == (1, True)


def test_list_shows_neither_numbers_nor_words(line: Line) -> None:
    message = put(line, Status.UNKNOWN)
    output = khaibao("list", "--status", "unknown").output
    assert str(message) in output
    assert LAN not in output
    assert "somebody" not in output


def test_retry_puts_messages_in_line_again_by_id(line: Line) -> None:
    failed, unknown = put(line, Status.FAILED, error="30007", attempts=3), put(line, Status.UNKNOWN, HOA)
    assert khaibao("retry", str(failed), str(unknown)).output == "2 due now\n"
    row = line.row(failed)
    assert (row["status"], row["attempts"], row["error"]) == ("queued", 0, "")
    assert row["due_at"] > row["created_at"]
    assert line.status(unknown) == "queued"


def test_retry_of_all_that_failed_leaves_the_unknown_alone(line: Line) -> None:
    failed, unknown = put(line, Status.FAILED), put(line, Status.UNKNOWN, HOA)
    assert khaibao("retry", "--failed").output == "1 due now\n"
    assert (line.status(failed), line.status(unknown)) == ("queued", "unknown")


@pytest.mark.parametrize("status", [Status.SENT, Status.DELIVERED, Status.WITHDRAWN, Status.EXPIRED, Status.SENDING])
def test_retry_leaves_alone_what_did_not_fail(line: Line, status: Status) -> None:
    message = put(line, status)
    assert khaibao("retry", str(message)).output == "0 due now\n"
    assert line.status(message) == status


def test_retry_leaves_alone_what_is_too_late(line: Line) -> None:
    message = put(line, Status.FAILED, hours=-1)
    assert khaibao("retry", "--failed").output == "0 due now\n"
    assert line.status(message) == "failed"


@pytest.mark.parametrize("arguments", [(), ("--failed", "0193fd00-0000-7000-8000-000000000001"), ("not-an-id",)])
def test_retry_wants_ids_or_all(arguments: tuple[str, ...]) -> None:
    assert khaibao("retry", *arguments).exit_code == 2
