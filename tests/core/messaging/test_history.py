"""What a message went through is kept whole, and told without a number or a word."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert, text, update

from core.database.tables import outbox_history
from core.messaging.channel import Refused, Sent, Status, StatusReport, TryLater
from core.messaging.history import KEPT, forget, steps
from core.messaging.outbox import Leased, Outcome, claim, settle
from core.messaging.reports import report
from core.messaging.staff import retry
from tests.core.messaging.line import HOA, LEASE, NOW, Line

DELIVERED, FAILED, SENT, UNKNOWN = Status.DELIVERED, Status.FAILED, Status.SENT, Status.UNKNOWN


def take(line: Line, now: datetime = NOW) -> Leased:
    with line.engine.begin() as connection:
        (leased,) = claim(connection, "phone", now, 10, LEASE, bulk=10)
    return leased


def end(line: Line, leased: Leased, result: Sent | TryLater | Refused) -> None:
    with line.engine.begin() as connection:
        settle(connection, [Outcome(leased, result)], NOW)


def says(line: Line, status: Status, error: str = "") -> None:
    with line.engine.begin() as connection:
        report(connection, [StatusReport("phone", "SM1", status, error)], NOW)


def told(line: Line, message: UUID) -> list[tuple[str, str, int, str]]:
    with line.engine.connect() as connection:
        return [(row.status, row.source, row.attempts, row.error) for row in steps(connection, message)]


def test_each_step_once_in_its_order(line: Line) -> None:
    message, other = line.put(), line.put(to=HOA, due_at=NOW + timedelta(days=1))
    end(line, take(line), TryLater("20429"))
    end(line, take(line, NOW + timedelta(seconds=10)), Sent("SM1"))
    says(line, DELIVERED)
    assert told(line, message) == [
        ("sending", "row", 1, ""),
        ("queued", "row", 1, "20429"),
        ("sending", "row", 2, "20429"),
        ("sent", "row", 2, ""),
        ("delivered", "row", 2, ""),
    ]
    assert told(line, other) == []


def test_what_moves_nothing_is_kept_once(line: Line) -> None:
    message = line.put()
    end(line, take(line), Sent("SM1"))
    before = told(line, message)
    for status, error in ((DELIVERED, ""), (SENT, ""), (DELIVERED, ""), (UNKNOWN, "?"), (UNKNOWN, "?")):
        says(line, status, error)
    assert told(line, message)[len(before) :] == [("delivered", "row", 1, ""), ("unknown", "report", 1, "?")]
    says(line, FAILED, "30003")
    says(line, FAILED, "30005")
    assert told(line, message)[-2:] == [("failed", "row", 1, "30003"), ("failed", "report", 1, "30005")]
    assert line.row(message)["error"] == "30003"


def test_the_same_report_twice_in_one_go(line: Line) -> None:
    message = line.put()
    end(line, take(line), Sent("SM1"))
    with line.engine.begin() as connection:
        twice = [StatusReport("phone", "SM1", status) for status in (UNKNOWN, DELIVERED, UNKNOWN, DELIVERED)]
        report(connection, twice, NOW)
    assert told(line, message)[2:] == [("delivered", "row", 1, ""), ("unknown", "report", 1, "")]


def test_a_step_back_at_somebodys_word_is_kept_too(line: Line) -> None:
    message = line.put()
    end(line, take(line), Refused("30007"))
    with line.engine.begin() as connection:
        retry(connection, NOW, [message])
    assert told(line, message)[-2:] == [("failed", "row", 1, "30007"), ("queued", "row", 0, "")]


@pytest.mark.parametrize("status", [UNKNOWN, Status.QUEUED, Status.SENDING])
def test_a_provider_that_does_not_know_ends_no_attempt_of_ours(line: Line, status: Status) -> None:
    message = line.put()
    end(line, take(line), TryLater("20429"))
    with line.engine.begin() as connection:
        report(connection, [StatusReport("phone", "SM1", status, message_id=message)], NOW)
    assert line.status(message) == "queued"
    assert take(line, NOW + timedelta(seconds=10)).message.id == message


def test_it_is_forgotten_by_age_page_by_page(line: Line) -> None:
    message = line.put()
    old, new = datetime.now(UTC) - KEPT - timedelta(days=1), datetime.now(UTC)
    row = {"message_id": message, "status": "sent", "source": "row", "attempts": 1}
    with line.engine.begin() as connection:
        connection.execute(insert(outbox_history), [{**row, "at": at} for at in (old, old, old, new)])
        assert [forget(connection, datetime.now(UTC), 2) for _ in range(3)] == [2, 1, 0]
    assert len(told(line, message)) == 1


def test_another_message_has_another_history(line: Line) -> None:
    assert told(line, uuid4()) == []


def test_many_at_once_are_no_slower_after_a_few(line: Line) -> None:
    line.put()
    make = text(
        "INSERT INTO cell_test.outbox (id, contact_id, seq, channel, address, kind, priority, text, parts, created_at, "
        "due_at, expires_at) SELECT gen_random_uuid(), contact_id, seq + n, channel, address, kind, priority, text, "
        "parts, created_at, due_at, expires_at FROM cell_test.outbox, generate_series(1, 8000) n"
    )
    step = "UPDATE cell_test.outbox SET attempts = attempts + 1"
    with line.engine.begin() as connection:
        for _ in range(2):
            connection.execute(text(step))
        connection.execute(make)
        began = connection.scalar(text("SELECT clock_timestamp()"))
        connection.execute(text(step))
        ended = connection.scalar(text("SELECT clock_timestamp()"))
        kept = connection.scalar(text("SELECT count(*) FROM cell_test.outbox_history"))
    assert kept == 2 + 8001
    assert ended - began < timedelta(seconds=2)


def test_what_does_not_change_the_status_is_no_step(line: Line) -> None:
    message = line.put()
    with line.engine.begin() as connection:
        connection.execute(text("UPDATE cell_test.outbox SET text = ''"))
        connection.execute(update(outbox_history).values(error=""))
    assert told(line, message) == []
