"""Who is due is asked, once, at their hours; what they answer settles what was asked."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import update

from core.care import due
from core.database.due import due_checks
from core.database.tables import addresses, outbox
from core.messaging import outbox as line
from core.messaging.channel import MessageKind, Sent
from core.people import contacts
from core.pipeline.receive import receive
from core.reminders.enqueue import enqueue
from tests.cast import HOA, LAN, NEXT_STATION, STATION, TU, Cast


def reminders(cast: Cast, who: str = HOA) -> list[str]:
    """The status of each reminder that was put in line for this phone."""
    return [row["status"] for row in cast.outbox(who) if row["kind"] == MessageKind.REMINDER]


def at(cast: Cast, hour: int, minute: int = 0, days: int = 0) -> None:
    cast.clock.at = cast.local(hour, minute, days)


def ask(cast: Cast) -> int:
    return enqueue(cast.services)


def plan(cast: Cast) -> None:
    with cast.engine.begin() as connection:
        due.plan(connection, cast.clock.at)


def send(cast: Cast) -> list[str]:
    """What the worker sends now."""
    sent: list[str] = []
    with cast.engine.begin() as connection:
        while taken := line.claim(connection, "phone", cast.clock.at, 100, timedelta(seconds=60), bulk=100):
            line.settle(connection, [line.Outcome(leased, Sent()) for leased in taken], cast.clock.at)
            sent += [leased.message.text for leased in taken]
    return sent


@pytest.fixture
def hoa(cast: Cast) -> Cast:
    """Hoa is under follow-up since seven in the morning, and asked at 8 and at 16."""
    at(cast, 7)
    cast.enrols(HOA, 8, 16, name="Tran Thi Hoa")
    return cast


def test_it_works(hoa: Cast) -> None:
    assert hoa.due(HOA) == [(f"{day} {hour}:00", "not_performed") for day in (21, 22) for hour in ("08", "16")]
    at(hoa, 7, 59)
    assert ask(hoa) == 0
    at(hoa, 8)
    assert ask(hoa) == 1

    (row,) = hoa.outbox(HOA)
    assert row["text"].startswith("Tram Y te xa Bat Xat hoi tham: hom nay bac the nao?")
    assert (row["kind"], row["priority"], row["parts"], row["seq"]) == ("reminder", 2, 1, 1)
    assert row["expires_at"] == hoa.local(16)


def test_once_for_each_hour(hoa: Cast) -> None:
    for minute in range(0, 10 * 60, 15):
        hoa.clock.at = hoa.local(7) + timedelta(minutes=minute)
        ask(hoa)

    assert reminders(hoa) == ["queued", "queued"]


def test_two_clocks_at_once_ask_once(hoa: Cast) -> None:
    people = [HOA] + [f"+84900000{n:03d}" for n in range(100, 140)]
    for who in people[1:]:
        hoa.enrols(who, 8)
    at(hoa, 8)
    together = Barrier(3)

    def clock(_: int) -> int:
        together.wait()
        return enqueue(hoa.services, 500)

    with ThreadPoolExecutor(3) as threads:
        found = sum(threads.map(clock, range(3)))

    assert found == len(people)
    assert [reminders(hoa, who) for who in people] == [["queued"]] * len(people)


def test_a_clock_that_was_away_asks_what_still_makes_sense(hoa: Cast) -> None:
    at(hoa, 20)

    assert ask(hoa) == 1
    assert [row["expires_at"] for row in hoa.outbox(HOA)] == [hoa.local(0, days=1)]


def test_pages(hoa: Cast) -> None:
    for n in range(10, 16):
        hoa.enrols(f"+84900000{n:03d}", 8)
    at(hoa, 8)

    assert [enqueue(hoa.services, 3) for _ in range(4)] == [3, 3, 1, 0]


def test_a_household_is_asked_in_one_text_however_many_wait(hoa: Cast) -> None:
    names = ("Tran Van Binh", "Tran Van Cuong", "Tran Van Dung")
    for name in names:
        hoa.enrols(HOA, 8, name=name)
    for n in range(10, 30):
        hoa.enrols(f"+84900000{n:03d}", 8)
        hoa.enrols(f"+84900000{n:03d}", 8)
    at(hoa, 8)
    while ask_some := enqueue(hoa.services, 2):
        assert ask_some <= 2

    assert reminders(hoa) == ["queued"]
    assert all(name in hoa.heard(HOA)[0] for name in ("A Hoa", "B Binh", "C Cuong", "D Dung"))
    assert all(len(reminders(hoa, f"+84900000{n:03d}")) == 1 for n in range(10, 30))


@pytest.mark.parametrize("mark", ["stopped_at", "unreachable_at"])
def test_nothing_is_sent_where_it_is_not_wanted_or_cannot_arrive(hoa: Cast, mark: str) -> None:
    with hoa.engine.begin() as connection:
        connection.execute(update(addresses).where(addresses.c.address == HOA).values({mark: hoa.clock.at}))
    at(hoa, 8)
    ask(hoa)
    at(hoa, 16)
    with hoa.engine.begin() as connection:
        due.close(connection, hoa.clock.at)

    assert hoa.outbox(HOA) == []
    assert hoa.due(HOA)[0] == ("21 08:00", "non_reporting"), "staff see who was silent"


def test_stop_and_its_end(hoa: Cast) -> None:
    hoa.writes("STOP", who=HOA)
    at(hoa, 8)
    ask(hoa)
    hoa.writes("BAT DAU", who=HOA)
    at(hoa, 16)
    ask(hoa)

    assert reminders(hoa) == ["queued"]


def test_a_stop_counts_for_what_is_in_line_already(hoa: Cast) -> None:
    at(hoa, 8)
    ask(hoa)
    hoa.writes("STOP", who=HOA)

    assert [text.partition(".")[0] for text in send(hoa)] == ["Da ngung nhac tin"]
    assert reminders(hoa) == ["withdrawn"]


def test_who_answers_early_is_not_asked(hoa: Cast) -> None:
    hoa.writes("SK 36,8 khoe", who=HOA)
    assert hoa.due(HOA)[0] == ("21 08:00", "seen_ok")
    at(hoa, 8)

    assert ask(hoa) == 0


def test_who_answers_before_it_was_sent_is_not_asked(hoa: Cast) -> None:
    at(hoa, 8)
    ask(hoa)
    hoa.writes("SK khoe", who=HOA)

    assert reminders(hoa) == ["withdrawn"]


def test_the_claim_looks_once_more(hoa: Cast) -> None:
    at(hoa, 8)
    ask(hoa)
    with hoa.engine.begin() as connection:
        connection.execute(update(due_checks).values(status="seen_ok"))

    assert send(hoa) == []
    assert reminders(hoa) == ["withdrawn"]


def test_a_reminder_that_did_not_leave_ends_with_its_time(hoa: Cast) -> None:
    at(hoa, 8)
    ask(hoa)
    at(hoa, 16)

    assert send(hoa) == []
    assert reminders(hoa) == ["expired"]


@pytest.mark.parametrize(
    ("asked", "answered", "expected"),
    [
        ((8, 0), (8, 5), ["seen_ok", "not_performed"]),
        ((8, 0), (15, 59), ["seen_ok", "not_performed"]),
        ((8, 0), (16, 0), ["not_performed", "seen_ok"]),
        ((16, 0), (23, 59), ["not_performed", "seen_ok"]),
    ],
    ids=["at once", "at the last minute", "too late, early for the next", "late in the evening"],
)
def test_an_answer_settles_exactly_its_slot(
    hoa: Cast, asked: tuple[int, int], answered: tuple[int, int], expected: list[str]
) -> None:
    at(hoa, *asked)
    ask(hoa)
    at(hoa, *answered)
    hoa.writes("SK khoe", who=HOA)

    today = [status for when, status in hoa.due(HOA) if when.startswith("21")]
    assert today == expected
    (settled,) = (row for row in hoa.rows(due_checks) if row["status"] == "seen_ok")
    assert settled["record_id"] == hoa.records(HOA)[0]["id"]


def test_a_second_report_in_the_same_slot_settles_nothing_else(hoa: Cast) -> None:
    at(hoa, 8)
    ask(hoa)
    hoa.writes("SK khoe", "SK khoe", "SK 37,9 ho", who=HOA)

    assert [status for _, status in hoa.due(HOA)] == ["seen_ok", *["not_performed"] * 3]
    assert len(hoa.records(HOA)) == 3


def test_signs_settle_it_as_not_well(hoa: Cast) -> None:
    at(hoa, 8)
    ask(hoa)
    hoa.writes("SK 38,4 ho", who=HOA)

    assert hoa.due(HOA)[0] == ("21 08:00", "seen_not_ok")


def test_silence_is_closed_and_never_said_to_be_well(hoa: Cast) -> None:
    for n, (hour, days) in enumerate([(15, 0), (16, 0), (0, 1)]):
        at(hoa, hour, days=days)
        ask(hoa)
        with hoa.engine.begin() as connection:
            assert due.close(connection, hoa.clock.at) == (1 if n else 0)
            assert due.close(connection, hoa.clock.at) == 0

    assert [status for _, status in hoa.due(HOA)][:2] == ["non_reporting"] * 2


def test_planning_twice_and_at_once_makes_each_hour_once(hoa: Cast) -> None:
    together = Barrier(3)

    def clock(_: int) -> None:
        together.wait()
        plan(hoa)

    with ThreadPoolExecutor(3) as threads:
        list(threads.map(clock, range(3)))
    assert len(hoa.due(HOA)) == 4
    at(hoa, 0, 1, days=1)
    plan(hoa)

    assert [when for when, _ in hoa.due(HOA)][4:] == ["23 08:00", "23 16:00"]


def test_nothing_is_planned_beyond_the_last_day(hoa: Cast) -> None:
    hoa.enrols(TU, 8, 16, days=0)
    for days in range(4):
        at(hoa, 1, days=days)
        plan(hoa)

    assert hoa.due(TU) == [("21 08:00", "not_performed"), ("21 16:00", "not_performed")]


def test_who_is_enrolled_at_noon_is_not_asked_about_the_morning(cast: Cast) -> None:
    at(cast, 12)
    cast.enrols(LAN, 8, 16)

    assert [when for when, _ in cast.due(LAN)] == ["21 16:00", "22 08:00", "22 16:00"]


def test_new_hours_replace_what_was_not_asked_yet(hoa: Cast) -> None:
    at(hoa, 8)
    ask(hoa)
    hoa.writes("NHAC 7 12 18", who=HOA)

    assert [when for when, _ in hoa.due(HOA)] == [
        "21 08:00",
        "21 12:00",
        "21 18:00",
        *(f"22 {hour}:00" for hour in ("07", "12", "18")),
    ]
    at(hoa, 10)
    hoa.writes("SK khoe", who=HOA)
    assert hoa.due(HOA)[0] == ("21 08:00", "seen_ok"), "what was asked stays, and is settled first"


def test_new_hours_keep_what_was_answered(hoa: Cast) -> None:
    at(hoa, 13)
    with hoa.engine.begin() as connection:
        due.close(connection, hoa.clock.at)
    hoa.writes("SK khoe", who=HOA)
    settled = [when for when, status in hoa.due(HOA) if status == "seen_ok"]
    hoa.writes("NHAC 20", who=HOA)

    assert [when for when, status in hoa.due(HOA) if status == "seen_ok"] == settled
    assert [when for when, status in hoa.due(HOA) if status == "not_performed"][-1:] == ["22 20:00"]


def test_new_hours_are_this_phones_alone(hoa: Cast) -> None:
    hoa.enrols(LAN, 8, unit=NEXT_STATION)
    hoa.writes("NHAC 9", who=HOA)

    assert [when for when, _ in hoa.due(LAN)] == ["21 08:00", "22 08:00"]
    assert [when for when, _ in hoa.due(HOA)] == ["21 09:00", "22 09:00"]


def test_the_unit_that_asks_is_the_persons(hoa: Cast) -> None:
    hoa.enrols(LAN, 8, unit=NEXT_STATION)
    at(hoa, 8)
    ask(hoa)

    assert {row["unit_code"] for row in hoa.rows(due_checks, contact_id=hoa.contact(HOA))} == {STATION}
    assert hoa.heard(LAN)[0].startswith("Tram Y te xa Coc San hoi tham")


def test_a_phone_in_other_hands_is_asked_the_next_time(hoa: Cast) -> None:
    """Whoever answers at that moment holds the contact and then the due row; a clock that took them the other way
    round would stop both for a second."""
    hoa.enrols(LAN, 8)
    at(hoa, 8)
    with hoa.engine.begin() as other:
        contacts.lock(other, [hoa.contact(HOA)], wait=True)
        assert ask(hoa) == 1
        other.execute(update(due_checks).where(due_checks.c.contact_id == hoa.contact(HOA)).values(reminded_at=None))
    assert (reminders(hoa, LAN), reminders(hoa, HOA)) == (["queued"], [])

    assert ask(hoa) == 1
    assert reminders(hoa, HOA) == ["queued"]


def test_reminders_and_replies_share_one_order(hoa: Cast) -> None:
    hoa.writes("?", who=HOA)
    at(hoa, 8)
    ask(hoa)
    receive(hoa.services, [hoa.message("?", HOA), hoa.message("GOI", HOA)])

    assert [row["seq"] for row in hoa.outbox(HOA)] == [1, 2, 3, 4]
    assert len(hoa.rows(outbox)) == 4
