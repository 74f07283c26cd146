"""One text about several people of a phone, when one of them answers before it leaves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Connection, Row, select, update

from core.access.scope import Scope
from core.care import due, follow_up_acts
from core.care.handling import By
from core.database.due import due_checks, ladder_steps
from core.database.following import follow_ups
from core.database.tables import contacts, outbox
from core.reminders import silent
from core.reminders.climb import climb
from tests.cast import HOA, STATION, Cast
from tests.core.reminders import test_ladder


def at(cast: Cast, hour: int, minute: int = 0) -> None:
    """What the clock does then; what is in line stays there."""
    test_ladder.at(cast, hour, minute, leaves=False)


def answers(cast: Cast, person: UUID) -> None:
    """They say that they are well; staff write it down, for example."""
    (check,) = (row["id"] for row in cast.rows(due_checks, person_id=person) if row["due_at"] <= cast.clock.at)
    with cast.engine.begin() as connection:
        due.answer(connection, [{"id": check, "status": "seen_ok", "record_id": None}])


def ends(cast: Cast, person: UUID) -> None:
    """Staff release them."""
    (follow,) = cast.rows(follow_ups, person_id=person)
    with cast.engine.begin() as connection:
        by = By(uuid4(), cast.clock.at)
        follow_up_acts.release(connection, Scope(STATION, (STATION,)), follow["id"], "negative", by)


def left(cast: Cast) -> list[str]:
    """The reminders that are still in line for Hoa's phone."""
    return [row["text"] for row in cast.outbox(HOA) if row["kind"] == "reminder" and row["status"] == "queued"]


def test_a_family_is_asked_anew_if_one_of_them_answers_before_their_text_leaves(cast: Cast, person: UUID) -> None:
    """Whether somebody is named is up to their own state, not that of who stands first."""
    for name in ("Tran Van Binh", "Tran Van Cuong"):
        cast.enrols(HOA, 8, name=name)
    at(cast, 8)
    answers(cast, person)
    at(cast, 8, 1)

    (text,) = left(cast)
    assert "B Binh, C Cuong" in text
    assert "Hoa" not in text


def test_a_family_is_nudged_anew_as_well(cast: Cast, person: UUID) -> None:
    for name in ("Tran Van Binh", "Tran Van Cuong"):
        cast.enrols(HOA, 8, name=name)
    at(cast, 8)
    with cast.engine.begin() as connection:
        connection.execute(update(outbox).values(status="sent"))
    at(cast, 10)
    answers(cast, person)
    at(cast, 10, 1)

    (text,) = left(cast)
    assert text.startswith("Tram Y te xa Bat Xat van cho tin cua B Binh, C Cuong.")
    assert len({row["due_check_id"] for row in cast.rows(ladder_steps)}) == 3


FAMILY = ("A Hoa", "B Binh", "C Cuong")
LEAVES = pytest.mark.parametrize(
    ("leaves", "who"), [(answers, 0), (answers, 1), (answers, 2), (ends, 0), (ends, 1), (ends, 2)]
)


def family(cast: Cast, person: UUID) -> list[UUID]:
    return [person, *(cast.enrols(HOA, 8, name=name) for name in ("Tran Van Binh", "Tran Van Cuong"))]


@LEAVES
def test_whoever_of_them_answers_or_is_released_the_others_are_asked_anew(
    cast: Cast, person: UUID, leaves: Callable[[Cast, UUID], None], who: int
) -> None:
    people = family(cast, person)
    at(cast, 8)
    leaves(cast, people[who])
    assert left(cast) == []
    at(cast, 8, 1)

    (text,) = left(cast)
    assert ", ".join(name for name in FAMILY if name != FAMILY[who]) in text
    assert FAMILY[who][2:] not in text


@LEAVES
def test_whoever_of_them_answers_or_is_released_the_others_are_nudged_anew(
    cast: Cast, person: UUID, leaves: Callable[[Cast, UUID], None], who: int
) -> None:
    people = family(cast, person)
    at(cast, 8)
    with cast.engine.begin() as connection:
        connection.execute(update(outbox).values(status="sent"))
    at(cast, 10)
    leaves(cast, people[who])
    assert left(cast) == []
    at(cast, 10, 1)

    (text,) = left(cast)
    assert "van cho tin cua " + ", ".join(name for name in FAMILY if name != FAMILY[who]) in text


def test_each_who_answers_before_the_text_leaves_makes_it_shorter(cast: Cast, person: UUID) -> None:
    """However often it is put in line anew, it is put there."""
    people = family(cast, person)
    at(cast, 8)
    for minute, one in enumerate(reversed(people[1:]), 1):
        answers(cast, one)
        at(cast, 8, minute)

    (text,) = left(cast)
    assert "Hoa" in text
    assert not any(name in text for name in ("Binh", "Cuong"))


def test_who_answers_after_the_text_left_is_asked_for_nobody_anew(cast: Cast, person: UUID) -> None:
    people = family(cast, person)
    at(cast, 8)
    with cast.engine.begin() as connection:
        connection.execute(update(outbox).values(status="sent"))
    answers(cast, people[1])
    at(cast, 8, 1)

    assert left(cast) == []


@pytest.mark.parametrize("who", range(3))
def test_who_answers_at_the_moment_of_a_nudge_is_not_named_and_the_others_are(
    cast: Cast, person: UUID, who: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the clock's look and its text."""
    people = family(cast, person)
    at(cast, 8)
    cast.leaves()
    look = silent.climbing

    def late(connection: Connection, now: datetime, limit: int) -> Sequence[Row[Any]]:
        found = look(connection, now, limit)
        answers(cast, people[who])
        return found

    cast.clock.at = cast.local(10)
    with monkeypatch.context() as patch:
        patch.setattr(silent, "climbing", late)
        climb(cast.services)
    climb(cast.services)

    (text,) = left(cast)
    assert "van cho tin cua " + ", ".join(name for name in FAMILY if name != FAMILY[who]) in text
    assert len(cast.rows(ladder_steps)) == 2


def test_of_a_phone_that_somebody_holds_nobody_is_nudged_yet(cast: Cast, person: UUID) -> None:
    at(cast, 8)
    cast.leaves()
    cast.clock.at = cast.local(10)
    with cast.engine.begin() as other:
        other.execute(select(contacts).where(contacts.c.id == cast.contact(HOA)).with_for_update())
        assert climb(cast.services) == 0
    assert climb(cast.services) == 1
    assert len(left(cast)) == 1
