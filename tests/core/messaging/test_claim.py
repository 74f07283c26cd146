from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Connection

from core.messaging.channel import MessageKind, OutcomeUnknown, Sent, Status, TryLater
from core.messaging.outbox import Leased, Outcome, claim, expire, replies_behind, settle
from tests.core.messaging.line import HOA, LAN, LEASE, NOW, Line

DANGER, QUESTION, RECEIPT, REMINDER = (
    MessageKind.DANGER,
    MessageKind.QUESTION,
    MessageKind.RECEIPT,
    MessageKind.REMINDER,
)


def take(line: Line, now: datetime = NOW, limit: int = 10, channel: str = "phone", **given: Any) -> list[Leased]:
    with line.engine.begin() as connection:
        return claim(connection, channel, now, limit, LEASE, **({"bulk": limit} | given))


def ids(leased: list[Leased]) -> list[UUID]:
    return [each.message.id for each in leased]


def end(line: Line, *outcomes: Outcome, now: datetime = NOW) -> None:
    with line.engine.begin() as connection:
        settle(connection, outcomes, now)


@contextmanager
def open_transaction(line: Line) -> Iterator[Connection]:
    with line.engine.connect() as connection, connection.begin():
        yield connection


def test_it_leases_what_is_due_with_all_that_a_sender_needs(line: Line) -> None:
    message = line.put(choices=[["yes", "Có"], ["no", "Không"]], text="Bác có sốt không?")
    (leased,) = take(line)
    assert (leased.message.id, leased.message.address, leased.message.text) == (message, LAN, "Bác có sốt không?")
    assert [(c.value, c.label) for c in leased.message.choices] == [("yes", "1 Có"), ("no", "2 Không")]
    assert (leased.attempts, leased.unsure) == (1, False)
    assert line.row(message)["lease"] == leased.lease
    assert line.status(message) == "sending"


def test_it_leaves_what_is_not_due_or_another_channels(line: Line) -> None:
    line.put(due_at=NOW + timedelta(seconds=1))
    line.put(channel="twilio")
    assert take(line) == []


def test_one_at_a_time_to_an_address_in_their_order(line: Line) -> None:
    first, second, other = line.put(), line.put(RECEIPT), line.put(to=HOA)
    (to_lan, to_hoa) = take(line)
    assert ids([to_lan, to_hoa]) == [first, other]
    assert take(line) == []
    end(line, Outcome(to_lan, Sent("SM1")))
    assert ids(take(line)) == [second]


def test_a_message_that_waits_for_its_retry_holds_back_the_next(line: Line) -> None:
    first, _second = line.put(), line.put()
    end(line, Outcome(take(line)[0], TryLater("20429")))
    assert take(line) == []
    assert ids(take(line, NOW + timedelta(seconds=5))) == [first]


def test_a_message_planned_for_later_holds_back_nothing(line: Line) -> None:
    line.put(due_at=NOW + timedelta(hours=1))
    now = line.put()
    assert ids(take(line)) == [now]


def test_danger_overtakes_what_is_in_line_and_under_way(line: Line) -> None:
    under_way = line.put()
    assert ids(take(line)) == [under_way]
    line.put()
    danger = line.put(DANGER)
    assert ids(take(line)) == [danger]


def test_danger_goes_before_other_peoples_messages(line: Line) -> None:
    line.put(to=HOA, due_at=NOW - timedelta(hours=1))
    danger = line.put(DANGER)
    assert ids(take(line, limit=1)) == [danger]


def test_what_we_start_gets_no_more_than_its_share(line: Line) -> None:
    reminders = [line.put(REMINDER, to=f"+8490000001{n}", due_at=NOW - timedelta(minutes=9 - n)) for n in range(4)]
    reply, warning = line.put(to=HOA), line.put(DANGER)
    assert ids(take(line, bulk=0)) == [warning, reply]
    assert ids(take(line, bulk=1)) == reminders[:1]
    assert ids(take(line, bulk=2)) == reminders[1:3]
    assert ids(take(line)) == reminders[3:]


def test_replies_leave_no_room_for_what_we_start(line: Line) -> None:
    line.put(REMINDER, to=HOA, due_at=NOW - timedelta(hours=1))
    replies = [line.put(to=f"+8490000001{n}", due_at=NOW - timedelta(minutes=9 - n)) for n in range(4)]
    assert ids(take(line, limit=3)) == replies[:3]
    assert len(take(line, limit=3)) == 2


def test_what_we_start_waits_where_the_money_is_spent(line: Line) -> None:
    held, of_nobody, free = (line.put(REMINDER, to=f"+8490000001{n}", due_at=NOW) for n in range(3))
    reply, warning = line.put(to=HOA), line.put(DANGER)
    for to, unit in (("+84900000010", "TYT1"), ("+84900000012", "TYT2"), (HOA, "TYT1"), (LAN, "TYT1")):
        line.lives(to, unit)
    assert set(ids(take(line, held_units=["TYT1", ""]))) == {warning, reply, free}
    assert take(line) == []
    later, last = NOW + timedelta(minutes=10), NOW + timedelta(minutes=20)
    assert ids(take(line, later, held_units=["TYT1"])) == [of_nobody]
    assert take(line, later) == []
    assert ids(take(line, last)) == [held]


def test_how_long_replies_wait(line: Line) -> None:
    assert behind(line) == timedelta()
    line.put(REMINDER, due_at=NOW - timedelta(hours=1))
    line.put(channel="twilio", due_at=NOW - timedelta(hours=1))
    line.put(to=HOA, due_at=NOW + timedelta(hours=1))
    assert behind(line) == timedelta()
    line.put(to=HOA, due_at=NOW - timedelta(minutes=1))
    assert behind(line) == timedelta(minutes=1)
    line.put(DANGER, due_at=NOW - timedelta(minutes=2))
    assert behind(line) == timedelta(minutes=2)
    take(line)
    assert behind(line) == timedelta()
    line.lapse()
    assert behind(line) == timedelta(minutes=2)


def test_what_waits_for_its_own_retry_keeps_no_reply_behind(line: Line) -> None:
    """A telephone that is off for hours must not hold up everybody's reminders."""
    line.put(due_at=NOW - timedelta(hours=1))
    end(line, Outcome(take(line)[0], TryLater("20429")))
    line.put(due_at=NOW - timedelta(minutes=30))
    assert behind(line) == timedelta()


def behind(line: Line) -> timedelta:
    with line.engine.connect() as connection:
        return replies_behind(connection, "phone", NOW)


def test_two_warnings_to_one_address_keep_their_order(line: Line) -> None:
    first, second = line.put(DANGER), line.put(DANGER)
    (leased,) = take(line)
    assert leased.message.id == first
    end(line, Outcome(leased, Sent()))
    assert ids(take(line)) == [second]


def test_a_warning_in_its_retry_does_not_hold_back_a_question(line: Line) -> None:
    line.put(DANGER)
    end(line, Outcome(take(line)[0], TryLater("30001", timedelta(minutes=10))))
    question = line.put()
    assert ids(take(line)) == [question]


def test_a_reply_does_not_wait_behind_a_reminder(line: Line) -> None:
    reminder, reply = line.put(REMINDER), line.put(RECEIPT)
    (leased,) = take(line)
    assert leased.message.id == reply
    end(line, Outcome(leased, Sent()))
    assert ids(take(line)) == [reminder]


def test_a_reply_waits_for_the_reminder_that_is_under_way(line: Line) -> None:
    line.put(REMINDER)
    (under_way,) = take(line)
    reply = line.put(RECEIPT)
    assert take(line) == []
    end(line, Outcome(under_way, Sent()))
    assert ids(take(line)) == [reply]


def test_a_reply_does_not_wait_for_a_reminder_whose_sender_is_gone(line: Line) -> None:
    line.put(REMINDER)
    take(line)
    line.lapse()
    reply = line.put(RECEIPT)
    assert ids(take(line)) == [reply]


def test_a_reminder_leaves_while_its_check_is_open(line: Line) -> None:
    reminder = line.put(REMINDER, due_check_id=line.due_check())
    assert ids(take(line)) == [reminder]


def test_an_answered_reminder_is_withdrawn(line: Line) -> None:
    check = line.due_check()
    reminder, next_one = line.put(REMINDER, due_check_id=check), line.put(REMINDER)
    line.answer(check)
    assert take(line) == []
    assert line.status(reminder) == "withdrawn"
    assert line.row(reminder)["attempts"] == 0
    assert ids(take(line)) == [next_one]


@pytest.mark.parametrize("kind", [REMINDER, MessageKind.NEWS])
def test_stop_ends_what_we_start_and_nothing_else(line: Line, kind: MessageKind) -> None:
    reminder, receipt, warning = line.put(kind), line.put(RECEIPT), line.put(DANGER, to=HOA)
    line.stop(LAN)
    line.stop(HOA)
    leased = take(line)
    assert ids(leased) == [warning, receipt]
    end(line, *(Outcome(each, Sent()) for each in leased))
    assert take(line) == []
    assert line.status(reminder) == "withdrawn"


def test_yesterdays_message_is_not_sent_today(line: Line) -> None:
    late, next_one = line.put(), line.put(expires_at=NOW + timedelta(days=2))
    tomorrow = NOW + timedelta(hours=6)
    assert take(line, tomorrow) == []
    assert line.status(late) == "expired"
    assert ids(take(line, tomorrow)) == [next_one]


def test_expire_ends_what_no_channel_claims(line: Line) -> None:
    late, other = line.put(channel="gone"), line.put(expires_at=NOW + timedelta(days=2))
    with line.engine.begin() as connection:
        assert expire(connection, NOW) == 0
        assert expire(connection, NOW + timedelta(hours=6)) == 1
    assert (line.status(late), line.status(other)) == ("expired", "queued")


def test_expire_leaves_what_is_under_way_and_calls_a_lost_one_unknown(line: Line) -> None:
    message = line.put()
    take(line)
    tomorrow = NOW + timedelta(days=1)
    with line.engine.begin() as connection:
        assert expire(connection, tomorrow) == 0
    line.lapse()
    with line.engine.begin() as connection:
        assert expire(connection, tomorrow) == 1
    assert line.status(message) == "unknown"


def test_a_lease_that_ended_gives_the_message_back_unsure(line: Line) -> None:
    message = line.put()
    (before,) = take(line)
    line.lapse()
    (after,) = take(line)
    assert after.message.id == message
    assert (after.unsure, after.attempts) == (True, 2)
    assert after.lease != before.lease
    assert after.since < before.since + timedelta(seconds=1)


def test_a_slow_owner_cannot_settle_what_was_given_to_another(line: Line) -> None:
    message = line.put()
    (slow,) = take(line)
    line.lapse()
    (quick,) = take(line)
    end(line, Outcome(slow, TryLater("late")))
    assert (line.status(message), line.row(message)["lease"]) == ("sending", quick.lease)
    end(line, Outcome(quick, Sent("SM2")))
    end(line, Outcome(slow, Sent("SM1")))
    assert (line.status(message), line.row(message)["provider_id"]) == ("sent", "SM2")


def test_a_slow_owner_may_still_settle_what_nobody_else_took(line: Line) -> None:
    message = line.put()
    (slow,) = take(line)
    line.lapse()
    end(line, Outcome(slow, Sent("SM1")))
    assert line.status(message) == "sent"


def test_two_workers_claim_different_messages(line: Line) -> None:
    messages = {line.put(to=f"+8490000{n:04}") for n in range(6)}
    with open_transaction(line) as one, open_transaction(line) as two:
        first = claim(one, "phone", NOW, 4, LEASE, bulk=4)
        second = claim(two, "phone", NOW, 4, LEASE, bulk=4)
    assert (len(first), len(second)) == (4, 2)
    assert {*ids(first), *ids(second)} == messages


def test_two_workers_never_send_to_one_address_at_once(line: Line) -> None:
    first, _second = line.put(), line.put()
    with open_transaction(line) as one, open_transaction(line) as two:
        assert ids(claim(one, "phone", NOW, 4, LEASE, bulk=4)) == [first]
        assert claim(two, "phone", NOW, 4, LEASE, bulk=4) == []


@pytest.mark.parametrize("kind", [DANGER, QUESTION])
def test_a_time_out_comes_back_unsure_since_its_first_attempt(line: Line, kind: MessageKind) -> None:
    message = line.put(kind)
    (first,) = take(line)
    end(line, Outcome(first, OutcomeUnknown("timeout")))
    assert line.status(message) == "queued"
    assert take(line) == []
    (second,) = take(line, NOW + timedelta(seconds=5))
    assert (second.unsure, second.since) == (True, first.since)
    end(line, Outcome(second, TryLater("lookup"), unsure=True), now=NOW + timedelta(seconds=5))
    (third,) = take(line, NOW + timedelta(seconds=35))
    assert (third.unsure, third.since) == (True, first.since)
    end(line, Outcome(third, TryLater("20429")), now=NOW + timedelta(seconds=35))
    (fourth,) = take(line, NOW + timedelta(minutes=5))
    assert not fourth.unsure


def test_an_unsure_reminder_that_was_answered_stays_unknown(line: Line) -> None:
    check = line.due_check()
    reminder = line.put(REMINDER, due_check_id=check)
    take(line)
    line.lapse()
    line.answer(check)
    assert take(line) == []
    assert line.status(reminder) == Status.UNKNOWN
