"""A phone shows what it sent and received, in the order in which that happened, and what it cost."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import insert

from core.database.due import due_checks
from core.database.following import follow_ups
from core.database.tables import persons
from sms.phone.screen import Total
from tests.sms.phone.desk import LAN, MAY, NOW, Desk


def said(desk: Desk, number: str = MAY) -> list[str]:
    return [line.text for line in desk.screens.of(number).lines]


def test_a_phone_that_was_never_used_shows_nothing(desk: Desk) -> None:
    screen = desk.screens.of(MAY)

    assert (screen.lines, screen.count, desk.screens.count(MAY)) == ((), 0, 0)
    assert screen.by_person == screen.by_us == Total(0, 0, 0)


def test_messages_stand_in_the_order_of_what_happened_not_of_the_rows(desk: Desk) -> None:
    desk.got("reminder", 0)
    desk.got("second answer", 5)
    desk.wrote("second", 4)
    desk.got("first answer", 2)
    desk.wrote("first", 1)

    assert said(desk) == ["reminder", "first", "first answer", "second", "second answer"]
    assert [line.sent for line in desk.screens.of(MAY).lines] == [False, True, False, True, False]


def test_an_answer_of_the_same_moment_stands_behind_its_question(desk: Desk) -> None:
    desk.got("answer", 1)
    desk.got("more of it", 1)
    desk.wrote("question", 1)

    assert said(desk) == ["question", "answer", "more of it"]


def test_a_danger_that_overtook_stands_where_it_arrived(desk: Desk) -> None:
    desk.got("form", 3, created_at=NOW)
    desk.got("call 115", 2, created_at=NOW, priority=0)

    assert said(desk) == ["call 115", "form"]


def test_nothing_arrives_before_it_was_written(desk: Desk) -> None:
    """The worker dates what it sends by a clock that sees a move half a second late."""
    desk.wrote("after the move", 60)
    desk.got("answer", 60.01, sent_at=NOW)

    assert said(desk) == ["after the move", "answer"]


@pytest.mark.parametrize("status", ["queued", "sending", "unknown", "failed", "expired", "withdrawn"])
def test_what_did_not_arrive_is_not_shown(desk: Desk, status: str) -> None:
    desk.got("arrived", status="sent")
    desk.got("not here", status=status, sent_at=None)

    assert said(desk) == ["arrived"]
    assert desk.screens.count(MAY) == 1
    assert desk.screens.received([MAY]) == {MAY: 1}


@pytest.mark.parametrize("state", ["done", "waiting", "failed"])
def test_what_was_sent_is_shown_whatever_became_of_it(desk: Desk, state: str) -> None:
    desk.wrote("KHAI", state=state)

    assert said(desk) == ["KHAI"]


def test_another_phone_and_another_channel_are_not_shown(desk: Desk) -> None:
    desk.wrote("mine")
    desk.wrote("hers", number=LAN)
    desk.got("to her", number=LAN)
    desk.wrote("by Twilio", channel="twilio")
    desk.got("by Twilio", channel="twilio")
    desk.got("to a number that was hers before", address="+84900000070")

    assert said(desk) == ["mine"]
    assert said(desk, LAN) == ["hers", "to her"]
    assert desk.screens.received([MAY, LAN]) == {LAN: 1}


def test_each_message_costs_by_its_parts(desk: Desk) -> None:
    desk.wrote("a" * 160, 1)
    desk.wrote("a" * 161, 2)
    desk.got("ạ" * 70, 3)
    desk.got("ạ" * 71, 4)
    screen = desk.screens.of(MAY)
    paid = [(x.measured.encoding, x.measured.units, x.measured.room, x.measured.parts, x.cost) for x in screen.lines]

    assert paid == [
        ("GSM-7", 160, 160, 1, 350),
        ("GSM-7", 161, 306, 2, 700),
        ("UCS-2", 70, 70, 1, 350),
        ("UCS-2", 71, 134, 2, 700),
    ]
    assert screen.by_person == screen.by_us == Total(2, 3, 1050)


def test_a_long_conversation_shows_its_end_and_counts_all(desk: Desk) -> None:
    for minute in range(205):
        desk.wrote(str(minute), minute)
    screen = desk.screens.of(MAY)

    assert [line.text for line in screen.lines] == [str(minute) for minute in range(5, 205)]
    assert (screen.count, screen.by_person.messages) == (205, 205)


def test_used_phones_are_known(desk: Desk) -> None:
    desk.wrote("KHAI", number=LAN)
    desk.wrote("KHAI", number=MAY)

    assert desk.screens.used() == (MAY, LAN)


def test_the_next_reminder_is_the_first_that_nobody_was_sent(desk: Desk) -> None:
    assert desk.screens.next_reminder(NOW) is None
    plan(desk, minute=-1)
    plan(desk, minute=10, status="seen_ok")
    plan(desk, minute=20, reminded_at=NOW)
    plan(desk, minute=40)
    plan(desk, minute=30)

    assert desk.screens.next_reminder(NOW) == NOW + timedelta(minutes=30)


def plan(desk: Desk, minute: int, **values: object) -> None:
    """A due check of a person of its own."""
    person, follow_up, contact = uuid4(), uuid4(), desk.contact(MAY)
    days = {"start_on": NOW.date(), "end_on": NOW.date()}
    due = NOW + timedelta(minutes=minute)
    whose = {"person_id": person, "contact_id": contact, "unit_code": "TYT1"}
    followed = {"group": "F1", "place": "home", "hours": [8], "status": "under_follow_up"}
    check = {
        "opens_at": due,
        "due_at": due,
        "remind_at": due,
        "closes_at": due + timedelta(hours=1),
        "status": "not_performed",
    }
    with desk.engine.begin() as connection:
        connection.execute(insert(persons), {"id": person, "created_at": NOW})
        connection.execute(insert(follow_ups), {"id": follow_up, **whose, **days, **followed})
        connection.execute(insert(due_checks), {"id": uuid4(), "follow_up_id": follow_up, **whose, **check, **values})
