"""Their phone is now another one: the old one is told nothing of them, and agrees to nothing for them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert, update

from core.database.households import consents, household_members, households, volunteers
from core.database.tables import persons
from core.people import consents as asking
from core.reminders import silent
from core.reminders.volunteers import ask_of_households, tell_of_volunteers
from tests.cast import HOA, LAN, STATION, STRANGER, TU, Cast
from tests.core.care.test_new_phone import move

_NEW, _SON = LAN, TU


def add(cast: Cast, table: Any, **values: Any) -> UUID:
    made = uuid4()
    with cast.engine.begin() as connection:
        connection.execute(insert(table).values(values | ({"id": made} if "id" in table.c else {})))
    return made


def home(cast: Cast, *people: UUID) -> UUID:
    """Its phone is Hoa's."""
    named = {"label": "nha ba May", "folded_label": "nha ba may", "unit_code": STATION, "created_at": cast.clock.at}
    made = add(cast, households, contact_id=cast.contact(HOA), **named)
    for person in people:
        add(cast, household_members, household_id=made, person_id=person, joined_at=cast.clock.at)
    return made


def ask(cast: Cast, person: UUID, purpose: str, **more: Any) -> None:
    asked = {"basis": "text", "contact_id": cast.contact(HOA), "asked_at": cast.clock.at}
    add(cast, consents, person_id=person, purpose=purpose, **(asked | more))


def helper(cast: Cast, who: str) -> UUID:
    now: datetime = cast.clock.at
    cast.declares(who)
    known = {"name": "Ly Van Tu", "unit_code": STATION, "status": "active", "told_at": now, "decided_at": now}
    return add(cast, volunteers, contact_id=cast.contact(who), asked_at=now, **known)


def told(cast: Cast, person: UUID, asked: str) -> UUID | None:
    """The phone of their household that is told that they are silent."""
    with cast.engine.connect() as connection:
        return silent.household(connection, {person: cast.contact(asked)})[person]


def test_whoever_holds_the_old_number_is_not_told_that_they_are_silent(cast: Cast) -> None:
    may = cast.enrols(HOA)
    son = cast.enrols(_SON, name="Sung A Tu")
    ask(cast, may, "tell_household", given_at=cast.clock.at)
    home(cast, may, son)
    move(cast, _NEW, person=may)

    assert told(cast, may, _NEW) == cast.contact(_SON)


def test_nor_counts_it_as_another_phone_of_the_household(cast: Cast) -> None:
    may = cast.enrols(HOA)
    home(cast, may)
    move(cast, _NEW, person=may)
    cast.later(hours=2)

    assert ask_of_households(cast.services) == 0


def test_a_phone_that_somebody_else_there_has_as_own_stays_the_households(cast: Cast) -> None:
    may, tu = cast.enrols(HOA), cast.enrols(HOA, name="Sung A Tu")
    home(cast, may, tu)
    move(cast, _NEW, person=may)

    assert [row["contact_id"] for row in cast.rows(households)] == [cast.contact(HOA)]


@pytest.mark.parametrize("put_before", [True, False])
@pytest.mark.parametrize("purpose", ["declare_for", "tell_household"])
def test_what_they_had_not_answered_is_asked_on_the_new_phone_alone(cast: Cast, purpose: str, put_before: bool) -> None:
    may = cast.enrols(HOA)
    home(cast, may)
    tu = helper(cast, STRANGER) if purpose == "declare_for" else None
    ask(cast, may, purpose, volunteer_id=tu)
    if put_before:
        tell_of_volunteers(cast.services)
    move(cast, _NEW, person=may)
    cast.writes("DONG Y", who=HOA)
    assert tell_of_volunteers(cast.services) == 1
    assert {row["status"] for row in cast.outbox(HOA) if not row["inbound_id"]} <= {"withdrawn"}
    assert not [row for row in cast.rows(consents) if row["given_at"]]

    cast.writes("DONG Y", who=_NEW)
    given = [row["contact_id"] for row in cast.rows(consents, purpose=purpose) if row["given_at"]]
    assert given == [cast.contact(_NEW)]


def test_nobody_is_asked_about_themselves_on_the_volunteers_phone(cast: Cast) -> None:
    may = cast.enrols(HOA)
    tu = helper(cast, _NEW)
    ask(cast, may, "declare_for", volunteer_id=tu)
    move(cast, _NEW, person=may)

    assert tell_of_volunteers(cast.services) == 0


def test_what_was_asked_for_their_child_goes_with_them(cast: Cast) -> None:
    may = cast.enrols(HOA)
    child = cast.enrols(_SON, name="Sung A Tu")
    made = home(cast, may)
    add(cast, household_members, household_id=made, person_id=child, joined_at=cast.clock.at, guardian_id=may)
    ask(cast, child, "tell_household")
    move(cast, _NEW, person=may)
    with cast.engine.connect() as connection:
        (asked,) = asking.questions(connection, cast.clock.at, 9)

    assert asked.contact_id == cast.contact(_NEW)


@pytest.mark.parametrize("purpose", ["declare_for", "tell_household"])
def test_what_is_asked_of_their_guardian_stays_with_the_guardian(cast: Cast, purpose: str) -> None:
    may, child = cast.enrols(HOA), cast.enrols(HOA, name="Sung A Tu")
    made = home(cast, may)
    add(cast, household_members, household_id=made, person_id=child, joined_at=cast.clock.at, guardian_id=may)
    ask(cast, child, purpose, volunteer_id=helper(cast, STRANGER) if purpose == "declare_for" else None)
    move(cast, _NEW, person=child)
    (asked,) = cast.rows(consents, purpose=purpose)

    assert (asked["contact_id"], asked["withdrawn_at"]) == (cast.contact(HOA), None)


def test_so_does_what_is_asked_of_their_other_half_who_answers_there(cast: Cast) -> None:
    may, half = cast.enrols(HOA), cast.enrols(HOA, name="Sung Thi Mai")
    home(cast, half)
    with cast.engine.begin() as connection:
        connection.execute(update(persons).where(persons.c.id == half).values(merged_into=may))
    ask(cast, half, "tell_household")
    move(cast, _NEW, person=may)
    (asked,) = cast.rows(consents)

    assert (asked["contact_id"], asked["withdrawn_at"]) == (cast.contact(HOA), None)
