"""An address that refuses for good, again and again, is one that nothing reaches; the person's other way is taken."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from uuid import UUID

import pytest
from sqlalchemy import update

from core.database.tables import outbox
from core.messaging.channel import (
    MessageKind,
    OptedOut,
    Refused,
    SendError,
    Sent,
    Status,
    StatusReport,
    TryLater,
    WindowClosed,
)
from core.messaging.outbox import Outcome, claim, settle
from core.messaging.reports import report
from core.people.addresses import hear
from tests.core.messaging.line import HOA, LAN, LEASE, NOW, Line


def end(line: Line, result: Sent | SendError, to: str = LAN) -> UUID:
    """A message to this address, and how it ended."""
    message = line.put(MessageKind.RECEIPT, to=to, created_at=NOW + timedelta(seconds=1))
    with line.engine.begin() as connection:
        (leased,) = [each for each in claim(connection, "phone", NOW, 10, LEASE, bulk=10) if each.message.id == message]
        settle(connection, [Outcome(leased, result)], NOW)
    return message


def says(line: Line, *messages: UUID, status: Status = Status.FAILED, error: str = "30003") -> None:
    with line.engine.begin() as connection:
        report(connection, [StatusReport("phone", f"SM{m}", status, error, m) for m in messages], NOW)


def marked(line: Line, to: str = LAN) -> tuple[int, bool, str]:
    row = line.address(to)
    return row["failures"], row["unreachable_at"] is not None, row["unreachable_code"]


def test_three_in_a_row_and_no_fewer(line: Line) -> None:
    for n, expected in enumerate([(1, False, ""), (2, False, ""), (3, True, "21614")]):
        end(line, Refused(("30007", "30005", "21614")[n]))
        assert marked(line) == expected
    end(line, Refused("late"))
    assert marked(line) == (3, True, "21614")


def test_reports_count_though_each_send_was_taken(line: Line) -> None:
    for _ in range(3):
        says(line, end(line, Sent()))
    assert marked(line) == (3, True, "30003")


def test_the_same_report_again_counts_once(line: Line) -> None:
    message = end(line, Sent())
    for _ in range(4):
        says(line, message)
    assert marked(line) == (1, False, "")


def test_settled_twice_counts_once(line: Line) -> None:
    line.put(created_at=NOW + timedelta(seconds=1))
    with line.engine.begin() as connection:
        (leased,) = claim(connection, "phone", NOW, 10, LEASE, bulk=10)
        for _ in range(3):
            settle(connection, [Outcome(leased, Refused("30007"))], NOW)
    assert marked(line) == (1, False, "")


@pytest.mark.parametrize("ending", [Sent(), Sent("7", Status.DELIVERED)])
def test_a_success_ends_the_row(line: Line, ending: Sent) -> None:
    for result in (Refused("30007"), Refused("30007"), ending, Refused("30007")):
        end(line, result)
    assert marked(line) == (2, False, "")


def test_whoever_writes_can_be_reached(line: Line) -> None:
    for _ in range(3):
        end(line, Refused("30007"))
    heard = {"channel": "phone", "address": LAN, "contact_id": line.contact(LAN), "heard_at": NOW + timedelta(hours=1)}
    with line.engine.begin() as connection:
        hear(connection, [heard])
    assert marked(line) == (0, False, "")
    end(line, Refused("30007"))
    assert marked(line)[1] is False


@pytest.mark.parametrize("result", [OptedOut("21610"), WindowClosed("63016"), TryLater("503")])
def test_what_is_no_fault_of_the_address_does_not_count(line: Line, result: SendError) -> None:
    end(line, result)
    assert marked(line) == (0, False, "")


def test_other_addresses_are_left_alone(line: Line) -> None:
    end(line, Sent(), to=HOA)
    for _ in range(3):
        end(line, Refused("30007"))
    assert marked(line, HOA) == (0, False, "")


def test_reading_and_reporting_at_once_do_not_wait_for_each_other(line: Line) -> None:
    """One hears from addresses and then puts messages in line, the other is told that messages to them failed."""
    people = [f"+849000001{n:02}" for n in range(12)]
    messages = [end(line, TryLater("503"), to=to) for to in people]
    together = Barrier(2)

    def hears(order: Sequence[str]) -> None:
        rows = [{"channel": "phone", "address": to, "contact_id": line.contact(to), "heard_at": NOW} for to in order]
        for _ in range(15):
            together.wait(10)
            with line.engine.begin() as connection:
                hear(connection, rows)
                connection.execute(update(outbox).values(choices=[]))

    def reports(order: Sequence[UUID]) -> None:
        for n in range(15):
            together.wait(10)
            says(line, *(order if n % 2 else order[::-1]), error=str(n))

    with ThreadPoolExecutor(2) as threads:
        for done in [threads.submit(hears, people), threads.submit(reports, messages)]:
            done.result(60)
    assert {line.status(message) for message in messages} == {"failed"}
