"""Their phone is now another one: asked there, welcomed there, and nothing lost on the way."""

from __future__ import annotations

from threading import Thread
from uuid import UUID, uuid4

import pytest
from sqlalchemy import update

from core.access.scope import Scope
from core.care import due, new_phone
from core.care.follow_up_opening import Line
from core.care.handling import By, Outcome
from core.care.new_phone import Ahead, Notice, Wanted
from core.care.opening_page import CALL
from core.database.due import alerts, due_checks, ladder_steps
from core.database.following import follow_up_events, follow_ups
from core.database.tables import members, persons, records
from core.people import merging
from core.reminders.alike import Learned
from core.reminders.climb import climb
from core.reminders.enqueue import enqueue
from core.reminders.first_and_last import tell_welcome
from tests.cast import HOA, LAN, STATION, STRANGER, TU, Cast

HERE = Scope(STATION, (STATION,))
ALL = frozenset(Notice)


def line(cast: Cast, who: str) -> Line:
    return Line(cast.contact(who), "phone", who)


def move(
    cast: Cast, who: str, seen: frozenset[Notice] = ALL, scope: Scope = HERE, *, person: UUID | None = None
) -> Outcome | Ahead:
    """Of the one who is followed, or that person of several."""
    followed = cast.rows(follow_ups, **({"person_id": person} if person else {}))
    (row,) = (each for each in followed if each["status"] == "under_follow_up")
    with cast.engine.begin() as connection:
        wanted = Wanted(row["id"], line(cast, who), seen)
        return new_phone.move(connection, scope, wanted, By(uuid4(), cast.clock.at))


def look(cast: Cast, who: str) -> Ahead:
    (row,) = cast.rows(follow_ups)
    with cast.engine.connect() as connection:
        found = new_phone.look(connection, HERE, Wanted(row["id"], line(cast, who)))
    assert found
    return found


def on(cast: Cast, who: str) -> list[tuple[str, UUID]]:
    rows = cast.rows(members, contact_id=cast.contact(who))
    return sorted((row["letter"], row["person_id"]) for row in rows)


def test_after_a_wrong_number_they_are_welcomed_and_asked_on_the_right_one(cast: Cast) -> None:
    may = cast.enrols(HOA)
    tell_welcome(cast.services)
    cast.clock.at = cast.local(7, days=4)
    with cast.engine.begin() as connection:
        due.plan(connection, cast.clock.at)
    cast.clock.at = cast.local(8, 1, days=4)
    enqueue(cast.services)
    assert len(cast.heard(HOA)) == 2
    cast.writes("NHAM SO", "1", who=HOA)
    heard = len(cast.heard(HOA))

    assert move(cast, LAN, frozenset()) is Outcome.DONE
    assert tell_welcome(cast.services) == 1
    assert "theo doi suc khoe bac" in cast.heard(LAN)[0]
    cast.clock.at = cast.local(16, 1, days=4)
    enqueue(cast.services)
    assert len(cast.heard(LAN)) == 2
    cast.writes("OK", who=LAN)

    assert len(cast.heard(HOA)) == heard
    assert [row["person_id"] for row in cast.rows(records)] == [may]
    (event,) = cast.rows(follow_up_events, kind="phone")
    assert event["detail"] == {"shared": False, "called": False}
    assert "seen_ok" in [row["status"] for row in cast.rows(due_checks)]


@pytest.mark.parametrize("leaves", [True, False], ids=["sent", "in line"])
def test_what_was_asked_on_the_wrong_phone_is_asked_on_the_right_one(cast: Cast, leaves: bool) -> None:
    cast.clock.at = cast.local(7)
    cast.enrols(HOA, 18)
    for hour in (18, 20):
        cast.clock.at = cast.local(hour, 1)
        enqueue(cast.services)
        if leaves:
            cast.leaves()
        climb(cast.services)
    asked = len(cast.outbox(HOA))
    assert [row["step"] for row in cast.rows(ladder_steps)] == ["nudge"]
    cast.clock.at = cast.local(20, 10)
    assert move(cast, LAN) is Outcome.DONE
    for _ in range(2):
        enqueue(cast.services)
        climb(cast.services)

    (text,) = [row for row in cast.outbox(LAN) if row["due_check_id"]]
    assert (text["status"], len(cast.outbox(HOA))) == ("queued", asked)
    assert cast.rows(ladder_steps) == []
    cast.writes("OK", who=LAN)
    assert cast.due(LAN)[0] == ("21 18:00", "seen_ok")


@pytest.mark.parametrize("leaves", [True, False], ids=["sent", "in line"])
@pytest.mark.parametrize("alike", [True, False], ids=["as others are", "row by row"])
def test_back_on_the_former_phone_they_are_asked_there_once_more(cast: Cast, leaves: bool, alike: bool) -> None:
    """The new number was a slip."""
    learned = Learned()
    cast.clock.at = cast.local(7)
    if alike:
        cast.enrols(STRANGER, 8)
    person = cast.enrols(HOA, 8)
    slip = {5: LAN, 10: HOA}
    for hour, minute in ((8, 1), (10, 1), (10, 5), (10, 10), (12, 15)):
        cast.clock.at = cast.local(hour, minute)
        if minute in slip:
            assert move(cast, slip[minute], person=person) is Outcome.DONE
        enqueue(cast.services, learned=learned)
        if leaves or hour == 12:
            cast.leaves()
        climb(cast.services)
        if leaves:
            cast.leaves()

    went = [row["created_at"] for row in cast.outbox(HOA) if row["status"] != "withdrawn"]
    before = [cast.local(8, 1), cast.local(10, 1)] if leaves else []
    assert went == [*before, cast.local(10, 10), cast.local(12, 15)]


def test_their_silence_is_counted_anew_on_the_right_phone(cast: Cast) -> None:
    cast.clock.at = cast.local(7)
    cast.enrols(HOA, 8)
    for hour, minute in ((8, 0), (10, 1), (10, 30), (12, 31), (16, 0)):
        cast.clock.at = cast.local(hour, minute)
        if minute == 30:
            assert move(cast, LAN) is Outcome.DONE
        enqueue(cast.services)
        cast.leaves()
        climb(cast.services)

    assert [row["created_at"] for row in cast.outbox(LAN)] == [cast.local(10, 30), cast.local(12, 31)]
    (step,) = cast.rows(ladder_steps, step="nudge")
    assert step["message_id"] == cast.outbox(LAN)[-1]["id"]


def test_pressed_twice_it_is_done_once(cast: Cast) -> None:
    cast.enrols(HOA)
    assert [move(cast, LAN) for _ in range(2)] == [Outcome.DONE, Outcome.DONE]
    assert len(cast.rows(follow_up_events, kind="phone")) == 1
    assert tell_welcome(cast.services) == 1


def test_a_familys_phone_gives_the_next_letter_once_staff_know(cast: Cast) -> None:
    may = cast.enrols(HOA)
    cast.declares(LAN)
    ahead = move(cast, LAN, frozenset())
    assert isinstance(ahead, Ahead)
    assert (ahead.letter, ahead.notices, len(ahead.others)) == ("B", (Notice.SHARED,), 1)
    assert cast.rows(follow_ups)[0]["contact_id"] == cast.contact(HOA)

    assert move(cast, LAN, frozenset({Notice.SHARED})) is Outcome.DONE
    assert ("B", may) in on(cast, LAN)
    assert on(cast, HOA) == []


def test_a_number_that_said_it_is_wrong_is_asked_about(cast: Cast) -> None:
    cast.enrols(HOA)
    cast.writes("NHAM SO", "1", who=HOA)
    ahead = look(cast, HOA)
    assert ahead.notices == (Notice.WRONG,)
    assert ahead.wrong_at
    assert isinstance(move(cast, HOA, frozenset()), Ahead)
    assert move(cast, HOA, frozenset({Notice.WRONG})) is Outcome.DONE


def test_stop_is_kept(cast: Cast) -> None:
    cast.enrols(HOA)
    cast.writes("STOP", who=LAN)
    heard = len(cast.heard(LAN))
    assert Notice.STOPPED in look(cast, LAN).notices
    assert move(cast, LAN) is Outcome.DONE
    tell_welcome(cast.services)
    cast.clock.at = cast.local(16, 1)
    enqueue(cast.services)
    assert len(cast.heard(LAN)) == heard


def test_a_landline_is_called(cast: Cast) -> None:
    cast.enrols(HOA)
    (row,) = cast.rows(follow_ups)
    number = Line(uuid4(), CALL, "+842143888888")
    with cast.engine.begin() as connection:
        wanted = Wanted(row["id"], number, frozenset({Notice.CALLED}))
        assert new_phone.move(connection, HERE, wanted, By(uuid4(), cast.clock.at)) is Outcome.DONE
    assert cast.rows(follow_ups)[0]["contact_id"] is None
    assert {check["contact_id"] for check in cast.rows(due_checks)} == {None}


def test_only_the_unit_that_follows_them_may(cast: Cast) -> None:
    cast.enrols(HOA)
    assert move(cast, LAN, scope=Scope("X", ("X",))) is Outcome.UNKNOWN


def test_open_alerts_lead_to_the_new_phone_and_keep_apart(cast: Cast) -> None:
    """One message about two: both alerts would have the same letter there."""
    cast.enrols(HOA)
    cast.writes("kho tho qua", who=HOA)
    (first,) = cast.rows(alerts)
    with cast.engine.begin() as connection:
        other = dict(first) | {"id": uuid4(), "letter": "B", "person_id": None, "code": ""}
        connection.execute(alerts.insert().values(other))
    cast.declares(LAN)
    cast.writes("NHAM SO", "1", who=HOA)
    assert move(cast, LAN) is Outcome.DONE

    moved = next(row for row in cast.rows(alerts) if row["id"] == first["id"])
    assert (moved["contact_id"], moved["letter"]) == (cast.contact(LAN), "~B")


def test_the_old_phone_cannot_correct_what_they_said(cast: Cast) -> None:
    cast.enrols(HOA)
    cast.writes("SK 38 ho", who=HOA)
    (said,) = cast.rows(records)
    assert move(cast, LAN) is Outcome.DONE
    cast.enrols(HOA, name="Sung A Tu")  # goes by the letter that is free now
    cast.writes("SUA 36,5", who=HOA)

    assert [(row["id"], row["temperature"]) for row in cast.rows(records, root=said["root"])] == [(said["id"], 38.0)]


@pytest.mark.parametrize("merged", [True, False])
def test_a_merge_at_the_same_time(cast: Cast, merged: bool) -> None:
    """The merge holds both persons when the phone is changed; committed or not, the follow-up is asked there."""
    may = cast.enrols(HOA)
    twin = cast.enrols(TU)
    with cast.engine.begin() as connection:
        gone = update(follow_ups).where(follow_ups.c.person_id == twin)
        connection.execute(gone.values(status="cancelled", ended_at=cast.clock.at))
    done: list[Outcome | Ahead] = []
    with cast.engine.connect() as connection:
        assert merging.merge(connection, HERE, (twin, may), uuid4(), cast.clock.at)
        thread = Thread(target=lambda: done.append(move(cast, LAN)))
        thread.start()
        thread.join(0.3)
        connection.commit() if merged else connection.rollback()
        thread.join(20)

    assert done == [Outcome.DONE]
    (row,) = cast.rows(persons, id=may)
    assert row["merged_into"] == (twin if merged else None)
    assert on(cast, LAN) == [("A", may)]
    (follow,) = cast.rows(follow_ups, person_id=may)
    assert follow["contact_id"] == cast.contact(LAN)


def test_a_text_to_the_old_phone_that_was_not_sent_is_withdrawn(cast: Cast) -> None:
    cast.enrols(HOA)
    tu = cast.enrols(HOA, name="Sung A Tu")
    with cast.engine.begin() as connection:
        ended = update(follow_ups).where(follow_ups.c.person_id == tu)
        connection.execute(ended.values(status="to_verify"))
    cast.clock.at = cast.local(16, 1)
    enqueue(cast.services)
    asked = [row for row in cast.outbox(HOA) if row["due_check_id"]]
    assert [row["status"] for row in asked] == ["queued"]
    assert move(cast, LAN) is Outcome.DONE
    assert [row["status"] for row in cast.outbox(HOA) if row["due_check_id"]] == ["withdrawn"]
