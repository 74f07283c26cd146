"""What the database puts in line by itself is what row by row would have been: the same texts, for the same people."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, func, insert, select, update

from core.conversation.turn import address_as
from core.database.due import due_checks
from core.database.following import follow_ups
from core.database.tables import addresses, contacts, outbox, persons
from core.reminders.alike import Learned, ages
from core.reminders.enqueue import enqueue
from core.reminders.rows import text_id
from tests.cast import NEXT_STATION, STATION, Cast

SIMPLE = [f"+84900000{n:03d}" for n in range(100, 112)]
"""Of one person, one telephone each: those of whom a kind can be learned."""

OTHERS = {
    "family": "+84900000200",
    "stopped": "+84900000201",
    "unreachable": "+84900000202",
    "watching": "+84900000203",
    "two addresses": "+84900000204",
    "somebody else's": "+84900000205",
    "cancelled": "+84900000206",
}


@pytest.fixture
def morning(cast: Cast) -> Cast:
    """Eight o'clock: all sorts of people are due."""
    cast.clock.at = cast.local(7)
    for n, who in enumerate(SIMPLE):
        person = cast.enrols(who, 8, name=f"Nguoi {n}", unit=NEXT_STATION if n % 3 == 2 else STATION)
        with cast.engine.begin() as connection:
            born = {"year_of_birth": (1950, 1985, 2012)[n // 4], "gender": ("male", "female", None, "other")[n % 4]}
            connection.execute(update(persons).where(persons.c.id == person).values(born))
            asked = update(follow_ups).where(follow_ups.c.person_id == person)
            connection.execute(asked.values(group="F0" if n % 5 == 0 else "F1", watch_from=_watch(cast, n)))
            spoken = {"language": "en" if n % 6 == 0 else "vi", "accents": n % 4 == 3}
            connection.execute(update(contacts).where(contacts.c.id == cast.contact(who)).values(spoken))
    for who in OTHERS.values():
        cast.enrols(who, 8, name="Nguoi Khac")
    cast.enrols(OTHERS["family"], 8, name="Nguoi Thu Hai")
    _make_them_so(cast)
    cast.clock.at = cast.local(8)
    return cast


def _watch(cast: Cast, n: int) -> Any:
    return cast.today() + timedelta(days=5) if n % 2 else None


def _make_them_so(cast: Cast) -> None:
    def mine(who: str) -> Any:
        return follow_ups.c.contact_id == cast.contact(OTHERS[who])

    with cast.engine.begin() as connection:
        for who, column in (("stopped", "stopped_at"), ("unreachable", "unreachable_at")):
            at = update(addresses).where(addresses.c.address == OTHERS[who])
            connection.execute(at.values({column: cast.clock.at}))
        connection.execute(update(follow_ups).where(mine("watching")).values(watch_from=cast.today()))
        connection.execute(update(follow_ups).where(mine("cancelled")).values(status="cancelled"))
        second = {"channel": "web", "address": "a browser", "contact_id": cast.contact(OTHERS["two addresses"])}
        connection.execute(insert(addresses).values(second))
        given = update(addresses).where(addresses.c.address == OTHERS["somebody else's"])
        connection.execute(given.values(contact_id=cast.contact(OTHERS["family"])))


def lines(cast: Cast) -> list[tuple[Any, ...]]:
    """All that is in line, but for what the database makes."""
    names = ("id", "contact_id", "seq", "due_check_id", "channel", "address", "kind", "priority", "text", "choices")
    more = ("parts", "status", "created_at", "due_at", "expires_at")
    return sorted(tuple(str(row[name]) for name in (*names, *more)) for row in cast.rows(outbox))


def checks(cast: Cast) -> list[tuple[Any, ...]]:
    return sorted((str(row["id"]), row["reminded_at"], row["remind_at"]) for row in cast.rows(due_checks))


def again(cast: Cast) -> None:
    """As if nobody had been asked."""
    with cast.engine.begin() as connection:
        connection.execute(delete(outbox))
        connection.execute(update(contacts).values(seq=0))
        connection.execute(update(due_checks).values(reminded_at=None, remind_at=due_checks.c.due_at))


def test_it_is_the_same_as_row_by_row(morning: Cast) -> None:
    learned = Learned()
    assert enqueue(morning.services, 100, learned=learned) == len(SIMPLE) + len(OTHERS) + 1
    one_by_one = lines(morning), checks(morning)
    assert len(one_by_one[0]) == len(SIMPLE) + 2  # the family in one text, and who has two addresses
    again(morning)
    enqueue(morning.services, 100, learned=learned)

    assert (lines(morning), checks(morning)) == one_by_one


def test_just_the_simple_ones_are_recognised_and_nobody_else(morning: Cast) -> None:
    learned = Learned()
    enqueue(morning.services, 100, learned=learned)
    for words in learned.say.values():
        words["text"] = "learned"
    again(morning)
    enqueue(morning.services, 100, learned=learned)

    assert {row["address"] for row in morning.rows(outbox) if row["text"] == "learned"} == set(SIMPLE)


def test_whoever_answered_or_stopped_since_is_not_asked(morning: Cast) -> None:
    learned = Learned()
    enqueue(morning.services, 100, learned=learned)
    again(morning)
    answered, stopped = SIMPLE[:2]
    with morning.engine.begin() as connection:
        theirs = update(due_checks).where(due_checks.c.contact_id == morning.contact(answered))
        connection.execute(theirs.values(status="seen_ok"))
        said = update(addresses).where(addresses.c.address == stopped)
        connection.execute(said.values(stopped_at=morning.clock.at))
    enqueue(morning.services, 100, learned=learned)

    assert set(SIMPLE) - {row["address"] for row in morning.rows(outbox)} == {answered, stopped}


def test_a_message_that_is_there_already_is_no_error_and_no_second_one(morning: Cast) -> None:
    learned = Learned()
    enqueue(morning.services, 100, learned=learned)
    with morning.engine.begin() as connection:
        connection.execute(update(due_checks).values(reminded_at=None, remind_at=due_checks.c.due_at))
    before = len(morning.rows(outbox))
    enqueue(morning.services, 100, learned=learned)

    assert len(morning.rows(outbox)) == before


def test_what_was_learned_yesterday_does_not_count(morning: Cast) -> None:
    learned = Learned()
    enqueue(morning.services, 100, learned=learned)
    learned.begin(morning.today() + timedelta(days=1))

    assert (learned.say, learned.may) == ({}, {})


def test_ids_are_those_that_the_program_makes(morning: Cast) -> None:
    learned = Learned()
    for _ in range(2):
        again(morning)
        enqueue(morning.services, 100, learned=learned)

        rows = morning.rows(outbox)
        asked = Counter((row["contact_id"], row["reminded_at"]) for row in morning.rows(due_checks))
        alone = [row for row in rows if asked[row["contact_id"], row["created_at"]] == 1]
        told = [text_id("reminder", row["contact_id"], [row["due_check_id"]], row["created_at"]) for row in alone]
        assert [row["id"] for row in alone] == told
        assert len(alone) > len(rows) / 2


def test_ages_are_where_people_are_spoken_to_otherwise(cast: Cast) -> None:
    """The database sorts years of birth by them (`width_bucket`): within a bucket everybody is called the same."""
    with cast.engine.begin() as connection:
        for gender in ("male", "female", "other", None):
            called: dict[int, set[str]] = {}
            for born in range(1900, 2027):
                bucket = connection.scalar(select(func.width_bucket(born, ages(2026))))
                called.setdefault(bucket or 0, set()).add(address_as(born, gender, 2026))
            assert [len(names) for names in called.values()] == [1, 1, 1]
