from __future__ import annotations

from datetime import timedelta
from itertools import permutations
from uuid import UUID, uuid4

import pytest

from core.messaging.channel import (
    MessageKind,
    OptedOut,
    OutcomeUnknown,
    Refused,
    SendError,
    Sent,
    Status,
    StatusReport,
    TryLater,
    Unreachable,
)
from core.messaging.outbox import Leased, Outcome, claim, is_taken, settle
from core.messaging.reports import report
from tests.core.messaging.line import HOA, LAN, LEASE, NOW, Line

SENT, DELIVERED, FAILED = Status.SENT, Status.DELIVERED, Status.FAILED


def take(line: Line) -> list[Leased]:
    with line.engine.begin() as connection:
        return claim(connection, "phone", NOW, 10, LEASE, bulk=10)


def end(line: Line, *outcomes: Outcome) -> None:
    with line.engine.begin() as connection:
        settle(connection, outcomes, NOW)


def say(line: Line, *reports: StatusReport) -> tuple[StatusReport, ...]:
    with line.engine.begin() as connection:
        return report(connection, reports, NOW)


def said(status: Status, provider_id: str = "SM1", message: UUID | None = None, error: str = "") -> StatusReport:
    return StatusReport("phone", provider_id, status, error, message)


def sent(line: Line, provider_id: str | None = "SM1") -> UUID:
    """A message that the provider took."""
    message = line.put()
    (leased,) = take(line)
    end(line, Outcome(leased, Sent(provider_id)))
    return message


def test_what_was_sent_holds_the_providers_id(line: Line) -> None:
    message = sent(line)
    row = line.row(message)
    assert (row["status"], row["provider_id"], row["sent_at"]) == ("sent", "SM1", NOW)
    assert (row["lease"], row["lease_until"], row["error"]) == (None, None, "")


def test_a_channel_may_know_at_once_that_it_arrived(line: Line) -> None:
    message = line.put()
    end(line, Outcome(take(line)[0], Sent("7", Status.DELIVERED)))
    assert line.status(message) == "delivered"


@pytest.mark.parametrize(
    ("kind", "result", "expected"),
    [
        (MessageKind.RECEIPT, Refused("21617"), ("failed", "21617", 0)),
        (MessageKind.RECEIPT, OptedOut("21610"), ("failed", "21610", 0)),
        (MessageKind.RECEIPT, Unreachable("21211"), ("failed", "21211", 0)),
        (MessageKind.RECEIPT, TryLater("20429"), ("queued", "20429", 5)),
        (MessageKind.RECEIPT, TryLater("20429", timedelta(minutes=3)), ("queued", "20429", 180)),
        (MessageKind.REMINDER, TryLater("503"), ("queued", "503", 5)),
        (MessageKind.DANGER, OutcomeUnknown("timeout"), ("queued", "timeout", 5)),
        (MessageKind.QUESTION, OutcomeUnknown("timeout"), ("queued", "timeout", 5)),
        (MessageKind.RECEIPT, OutcomeUnknown("timeout"), ("unknown", "timeout", 0)),
        (MessageKind.INFO, OutcomeUnknown("timeout"), ("unknown", "timeout", 0)),
        (MessageKind.REMINDER, OutcomeUnknown("timeout"), ("queued", "timeout", 5)),
    ],
)
def test_each_ending(line: Line, kind: MessageKind, result: SendError, expected: tuple[str, str, int]) -> None:
    message = line.put(kind)
    end(line, Outcome(take(line)[0], result))
    row = line.row(message)
    assert (row["status"], row["error"], (row["due_at"] - NOW).total_seconds()) == expected


@pytest.mark.parametrize(
    ("result", "unsure", "status"),
    [
        (TryLater("503", timedelta(hours=6)), False, "expired"),
        (TryLater("lookup", timedelta(hours=6)), True, "unknown"),
    ],
)
def test_a_retry_that_would_come_too_late_is_the_end(line: Line, result: SendError, unsure: bool, status: str) -> None:
    message = line.put()
    end(line, Outcome(take(line)[0], result, unsure=unsure))
    assert line.status(message) == status


def test_many_endings_in_one_go(line: Line) -> None:
    messages = [line.put(to=f"+8490000{n:04}") for n in range(3)]
    leased = {each.message.id: each for each in take(line)}
    results: tuple[Sent | SendError, ...] = (Sent("SM1"), Refused("30007"), TryLater("503"))
    end(line, *(Outcome(leased[m], r) for m, r in zip(messages, results, strict=True)))
    assert [line.status(m) for m in messages] == ["sent", "failed", "queued"]
    assert [line.row(m)["provider_id"] for m in messages] == ["SM1", None, None]


def test_settling_twice_is_settling_once(line: Line) -> None:
    message = line.put()
    outcome = Outcome(take(line)[0], Sent("SM1"))
    end(line, outcome)
    end(line, Outcome(outcome.leased, Refused("late")))
    assert line.status(message) == "sent"


def test_opting_out_at_the_provider_stops_the_address_alone(line: Line) -> None:
    line.put()
    line.put(to=HOA)
    for_lan, for_hoa = take(line)
    end(line, Outcome(for_lan, OptedOut("21610")), Outcome(for_hoa, Sent()))
    assert (line.address(LAN)["stopped_at"], line.address(HOA)["stopped_at"]) == (NOW, None)
    assert line.address(LAN)["unreachable_at"] is None


def test_a_bad_number_is_marked_once_with_its_code(line: Line) -> None:
    for code in ("21614", "21211"):
        line.put()
        end(line, Outcome(take(line)[0], Unreachable(code)))
    marked = line.address(LAN)
    assert (marked["unreachable_at"], marked["unreachable_code"], marked["stopped_at"]) == (NOW, "21614", None)


def test_a_refused_text_is_no_fault_of_the_address(line: Line) -> None:
    line.put()
    end(line, Outcome(take(line)[0], Refused("30007")))
    assert (line.address()["stopped_at"], line.address()["unreachable_at"]) == (None, None)


def test_a_report_moves_the_message_on(line: Line) -> None:
    message = sent(line)
    assert say(line, said(DELIVERED)) == ()
    assert line.status(message) == "delivered"


@pytest.mark.parametrize("order", [*permutations([SENT, SENT, DELIVERED]), (FAILED, SENT), (SENT, FAILED)])
def test_reports_in_any_order_end_the_same(line: Line, order: tuple[Status, ...]) -> None:
    message = sent(line)
    for status in order:
        say(line, said(status))
    assert line.status(message) == order_free(order)


@pytest.mark.parametrize("order", list(permutations([SENT, DELIVERED, SENT])))
def test_reports_in_one_batch_end_the_same(line: Line, order: tuple[Status, ...]) -> None:
    message = sent(line)
    say(line, *(said(status) for status in order))
    assert line.status(message) == "delivered"


def order_free(order: tuple[Status, ...]) -> Status:
    return FAILED if FAILED in order else DELIVERED


def test_a_failure_keeps_the_providers_code(line: Line) -> None:
    message = sent(line)
    say(line, said(FAILED, error="30003"))
    say(line, said(SENT))
    assert (line.status(message), line.row(message)["error"]) == ("failed", "30003")
    assert line.address()["unreachable_at"] is None


def test_a_report_may_say_that_the_address_is_at_fault(line: Line) -> None:
    sent(line)
    say(line, StatusReport("phone", "SM1", FAILED, "30006", unreachable=True))
    assert line.address()["unreachable_code"] == "30006"


def test_a_report_may_say_that_the_person_opted_out(line: Line) -> None:
    sent(line)
    say(line, StatusReport("phone", "SM1", FAILED, "21610", opted_out=True))
    assert (line.address()["stopped_at"], line.address()["unreachable_at"]) == (NOW, None)


@pytest.mark.parametrize(
    "unknown",
    [
        said(DELIVERED, "SM9"),
        StatusReport("twilio", "SM1", DELIVERED),
        said(DELIVERED, "SM9", message=uuid4()),
    ],
)
def test_a_report_of_no_message_of_ours_is_given_back(line: Line, unknown: StatusReport) -> None:
    message = sent(line)
    assert say(line, unknown, said(DELIVERED)) == (unknown,)
    assert line.status(message) == "delivered"


def test_another_channels_report_does_not_touch_our_message(line: Line) -> None:
    message = sent(line)
    foreign = StatusReport("twilio", "SM9", FAILED, message_id=message)
    assert say(line, foreign) == (foreign,)
    assert line.status(message) == "sent"


def test_a_report_may_overtake_the_answer_to_our_request(line: Line) -> None:
    message = line.put()
    (leased,) = take(line)
    say(line, said(DELIVERED, message=message))
    end(line, Outcome(leased, Sent("SM1")))
    assert (line.status(message), line.row(message)["provider_id"]) == ("delivered", "SM1")


def test_a_failure_that_overtakes_the_answer_keeps_its_code(line: Line) -> None:
    message = line.put()
    (leased,) = take(line)
    say(line, said(FAILED, message=message, error="30007"))
    end(line, Outcome(leased, Sent("SM1")))
    assert (line.status(message), line.row(message)["error"]) == ("failed", "30007")


@pytest.mark.parametrize("kind", [MessageKind.DANGER, MessageKind.RECEIPT])
def test_a_report_tells_what_became_of_a_send_without_an_answer(line: Line, kind: MessageKind) -> None:
    message = line.put(kind)
    end(line, Outcome(take(line)[0], OutcomeUnknown("timeout")))
    say(line, said(SENT, "SM1", message))
    assert (line.status(message), line.row(message)["provider_id"]) == ("sent", "SM1")
    with line.engine.begin() as connection:
        assert claim(connection, "phone", NOW + timedelta(minutes=1), 10, LEASE, bulk=10) == []


def test_a_late_report_of_what_a_time_out_hid_is_not_undone_by_the_time_out(line: Line) -> None:
    message = line.put()
    (leased,) = take(line)
    say(line, said(SENT, message=message))
    end(line, Outcome(leased, OutcomeUnknown("timeout")))
    assert line.status(message) == "sent"


def test_it_knows_which_provider_ids_are_taken(line: Line) -> None:
    sent(line)
    with line.engine.begin() as connection:
        assert is_taken(connection, "phone", "SM1")
        assert not is_taken(connection, "twilio", "SM1")
        assert not is_taken(connection, "phone", "SM2")
