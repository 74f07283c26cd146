"""Somebody does not answer: each rung is climbed once, in the day, as far as they agreed; and an answer ends it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert, update

from core.care import due
from core.database.due import due_checks, ladder_steps
from core.database.following import follow_ups
from core.database.households import assignments, consents, household_members, households, volunteers
from core.database.tables import addresses, contacts, members, outbox, persons
from core.reminders import ladder
from core.reminders.climb import climb
from core.reminders.enqueue import enqueue
from tests.cast import HOA, LAN, MORNING, STATION, TU, Cast


def at(cast: Cast, hour: int, minute: int = 0, days: int = 0, *, leaves: bool = True) -> None:
    """What the clock does about reminders then; what is in line leaves."""
    cast.clock.at = cast.local(hour, minute, days)
    while enqueue(cast.services):
        pass
    if leaves:
        cast.leaves()
    while climb(cast.services):
        pass
    with cast.engine.begin() as connection:
        due.close(connection, cast.clock.at)


def steps(cast: Cast, due_at: str = "21 08:00") -> list[tuple[str, str]]:
    """What was done about that check-in, in its order, and what came of it."""
    (check,) = (row["id"] for row in cast.rows(due_checks) if f"{row['due_at']:%d}" and _when(cast, row) == due_at)
    found = sorted(cast.rows(ladder_steps, due_check_id=check), key=lambda row: row["rung"])
    return [(row["step"], row["outcome"]) for row in found]


def _when(cast: Cast, row: Any) -> str:
    return f"{row['due_at'].astimezone(cast.local(8).tzinfo):%d %H:%M}"


def add(cast: Cast, table: Any, **values: Any) -> UUID:
    made = uuid4()
    with cast.engine.begin() as connection:
        connection.execute(insert(table).values(values | ({"id": made} if "id" in table.c else {})))
    return made


def phone(cast: Cast, who: str) -> UUID:
    """Somebody whom we know by their phone alone."""
    made = cast.contact(who)
    add_missing = {"id": made, "channel": "phone", "address": who, "seen_at": cast.clock.at}
    with cast.engine.begin() as connection:
        connection.execute(insert(contacts).values(add_missing))
        connection.execute(insert(addresses).values(channel="phone", address=who, contact_id=made))
    return made


def agree(cast: Cast, person: UUID, purpose: str, **more: Any) -> UUID:
    now = cast.clock.at
    given = {"person_id": person, "purpose": purpose, "basis": "text", "asked_at": now, "given_at": now}
    return add(cast, consents, **(given | more))


def home(cast: Cast, person: UUID, contact: UUID | None) -> UUID:
    """A household that somebody else's phone answers for."""
    made = add(
        cast,
        households,
        unit_code=STATION,
        label="nha ba Hoa",
        folded_label="nha ba hoa",
        contact_id=contact,
        created_at=cast.clock.at,
    )
    add(cast, household_members, household_id=made, person_id=person, joined_at=cast.clock.at)
    return made


def test_it_works(cast: Cast, person: UUID) -> None:
    for hour in (8, 10, 12, 14, 20):
        at(cast, hour)
        at(cast, hour, 1)

    assert steps(cast) == [
        ("nudge", "done"),
        ("other_channel", "no_other"),
        ("household", "not_agreed"),
        ("volunteer", "not_agreed"),
        ("station", "done"),
    ]
    assert [text.partition(".")[0] for text in cast.heard(HOA)] == [
        "Tram Y te xa Bat Xat hoi tham: hom nay bac the nao? Khoe thi nhan OK",
        "Tram Y te xa Bat Xat van cho tin cua bac",
    ]


def test_an_answer_ends_it_at_any_time(cast: Cast, person: UUID) -> None:
    at(cast, 8)
    at(cast, 10)
    cast.writes("OK", who=HOA)
    for hour in (12, 14, 20):
        at(cast, hour)

    assert steps(cast) == [("nudge", "done")]
    assert [row["status"] for row in cast.outbox(HOA) if row["kind"] == "reminder"] == ["sent", "withdrawn"]


def test_what_is_said_besides_ends_it_as_well(cast: Cast, person: UUID) -> None:
    """A check-in for which no hour was open is a sign of life."""
    at(cast, 8)
    with cast.engine.begin() as connection:
        connection.execute(update(due_checks).values(opens_at=cast.local(8, 30), closes_at=cast.local(8, 31)))
    cast.clock.at = cast.local(9)
    cast.writes("SK khoe", who=HOA)
    at(cast, 12)

    assert steps(cast) == []


def test_the_other_channel_is_another_address_than_the_one_that_was_asked(cast: Cast, person: UUID) -> None:
    with cast.engine.begin() as connection:
        connection.execute(
            insert(addresses).values(channel="phone", address=LAN, contact_id=cast.contact(HOA), heard_at=cast.local(6))
        )
    for hour in (8, 10, 12):
        at(cast, hour)

    assert steps(cast)[-1] == ("other_channel", "done")
    assert [len(cast.outbox(who)) for who in (HOA, LAN)] == [2, 1]


def test_the_household_is_told_if_the_person_agreed_and_never_why(cast: Cast, person: UUID) -> None:
    home(cast, person, phone(cast, LAN))
    agree(cast, person, "tell_household")
    agree(cast, person, "tell_volunteer")
    for hour in (8, 14):
        at(cast, hour)

    assert steps(cast)[-2:] == [("household", "done"), ("volunteer", "household_told")]
    (text,) = cast.heard(LAN)
    assert text.startswith("Tram Y te xa Bat Xat can lien lac voi Hoa.")
    assert not any(word in text.lower() for word in ("cach ly", "theo doi", "benh", "f1", "suc khoe"))


def test_another_phone_of_their_own_is_of_their_household(cast: Cast, person: UUID) -> None:

    add(cast, members, contact_id=phone(cast, LAN), letter="B", person_id=person)
    agree(cast, person, "tell_household")
    for hour in (8, 14):
        at(cast, hour)

    assert steps(cast)[2] == ("household", "done")
    assert len(cast.heard(LAN)) == 1


def test_a_consent_that_was_withdrawn_is_none(cast: Cast, person: UUID) -> None:
    home(cast, person, phone(cast, LAN))
    agree(cast, person, "tell_household", withdrawn_at=cast.clock.at)
    for hour in (8, 14):
        at(cast, hour)

    assert steps(cast)[2] == ("household", "not_agreed")
    assert cast.heard(LAN) == []


def test_the_volunteer_who_looks_after_them_is_told(cast: Cast, person: UUID) -> None:
    household = home(cast, person, None)
    one = add(
        cast,
        volunteers,
        contact_id=phone(cast, TU),
        unit_code=STATION,
        name="Tu",
        status="active",
        asked_at=cast.clock.at,
    )
    add(cast, assignments, volunteer_id=one, household_id=household, from_at=cast.clock.at)
    agree(cast, person, "tell_household")
    agree(cast, person, "tell_volunteer")
    for hour in (8, 14):
        at(cast, hour)

    assert steps(cast)[-2:] == [("household", "nobody"), ("volunteer", "done")]
    assert cast.heard(TU)[0].startswith("Tram Y te xa Bat Xat hom nay chua nghe tin Tran Thi Hoa.")


def test_nobody_is_woken(cast: Cast) -> None:
    cast.clock.at = cast.local(7)
    cast.enrols(HOA, 16)
    for hour in (16, 18, 20, 21, 22, 23):
        at(cast, hour)
    assert ("station", "done") not in steps(cast, "21 16:00"), "nobody reads a list at night"
    assert not {"household", "volunteer"} & dict(steps(cast, "21 16:00")).keys(), "they wait for the morning"
    at(cast, 6, days=1)
    at(cast, 7, days=1)

    assert steps(cast, "21 16:00") == [
        ("nudge", "done"),
        ("other_channel", "no_other"),
        ("household", "not_agreed"),
        ("volunteer", "not_agreed"),
        ("station", "done"),
    ]


def test_a_clock_that_was_away_does_not_make_up_for_every_rung(cast: Cast, person: UUID) -> None:
    at(cast, 8)
    at(cast, 23)

    assert dict(steps(cast)[:4]) == dict.fromkeys(("nudge", "other_channel", "household", "volunteer"), "passed")
    assert len(cast.heard(HOA)) == 1


def test_a_reminder_that_came_late_is_waited_for_as_long(cast: Cast, person: UUID) -> None:
    at(cast, 11, 30)
    at(cast, 12)
    assert steps(cast) == []
    at(cast, 13, 30)

    assert steps(cast) == [("nudge", "done")]


def test_who_said_stop_is_not_written_to_and_comes_on_the_stations_list(cast: Cast, person: UUID) -> None:
    cast.writes("STOP", who=HOA)
    for hour in (8, 10, 12, 14, 20):
        at(cast, hour)

    assert steps(cast)[:2] == [("nudge", "not_asked"), ("other_channel", "not_asked")]
    assert steps(cast)[-1] == ("station", "done")
    assert len(cast.heard(HOA)) == 1, "that it stopped"


def test_a_family_is_nudged_in_one_text_about_those_who_are_silent(cast: Cast, person: UUID) -> None:
    cast.enrols(HOA, 8, name="Tran Van Binh")
    cast.enrols(HOA, 8, name="Tran Van Cuong")
    at(cast, 8)
    with cast.engine.begin() as connection:
        connection.execute(update(outbox).values(status="sent"))
    cast.writes("B 36,5 khoe", who=HOA)

    at(cast, 10)

    newest = cast.heard(HOA)[-1]
    assert newest.startswith("Tram Y te xa Bat Xat van cho tin cua A Hoa, C Cuong.")
    assert len({row["message_id"] for row in cast.rows(ladder_steps)}) == 1


def test_two_clocks_climb_once(cast: Cast, person: UUID) -> None:
    people = [f"+84900000{n:03d}" for n in range(100, 130)]
    for who in people:
        cast.enrols(who, 8)
    at(cast, 8)
    cast.clock.at = cast.local(10)
    together = Barrier(3)

    def clock(_: int) -> None:
        together.wait()
        climb(cast.services)

    with ThreadPoolExecutor(3) as threads:
        list(threads.map(clock, range(3)))
    climb(cast.services)

    assert {len(cast.outbox(who)) for who in people} == {2}


def test_somebody_without_a_phone_is_on_the_stations_list(cast: Cast, person: UUID) -> None:
    with cast.engine.begin() as connection:
        connection.execute(update(due_checks).values(contact_id=None))
        connection.execute(update(follow_ups).values(contact_id=None))
    for hour in (8, 10, 12, 14, 20):
        at(cast, hour)

    assert steps(cast)[0] == ("nudge", "no_phone")
    assert steps(cast)[-1] == ("station", "done")
    assert cast.rows(persons)[0]["full_name"]


def test_a_follow_up_that_ended_climbs_no_more(cast: Cast, person: UUID) -> None:
    at(cast, 8)
    with cast.engine.begin() as connection:
        connection.execute(update(follow_ups).values(status="cancelled"))
    at(cast, 10)

    assert steps(cast) == []
    assert {row["climb_at"] for row in cast.rows(due_checks) if row["due_at"] <= cast.clock.at} == {None}


def test_the_ladder_is_data_with_its_document() -> None:
    table = ladder.in_force(ladder.load()[0].valid_from)
    turns = [table.climb_at(n, MORNING) for n in range(1, len(table.rungs) + 1)]

    assert all(turns)
    assert table.document
    assert table.approved_by
    assert table.climb_at(len(table.rungs) + 1, MORNING) is None


@pytest.mark.parametrize(
    ("asked", "listed", "deadline"),
    [(7, (16, 0), (11, 1)), (8, (16, 0), (11, 1)), (10, (16, 0), (11, 1)), (11, (7, 1), (11, 1))]
    + [(hour, (7, 1), (11, 1)) for hour in (16, 18, 20)],
)
def test_the_stations_list_is_made_at_its_hours_and_its_deadline_is_the_next_morning(
    cast: Cast, asked: int, listed: tuple[int, int], deadline: tuple[int, int]
) -> None:
    table = ladder.in_force(ladder.load()[0].valid_from)
    number = next(n for n, rung in enumerate(table.rungs, start=1) if rung.step is ladder.Step.STATION)
    turn = table.climb_at(number, cast.local(asked))

    assert turn == cast.local(listed[0], days=listed[1])
    assert turn is not None
    assert table.deadline(turn) == cast.local(deadline[0], days=deadline[1])
