"""NHAM SO: nothing of us leads to that number any more, whatever hung on it; its new owner learns nothing."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

from sqlalchemy import insert, select

from core.access.scope import Scope
from core.care import due, follow_up, follow_up_acts, follow_up_lists
from core.care.follow_up_acts import ExtendReason, Extension
from core.care.follow_up_lists import State
from core.care.handling import By
from core.care.standing import day_of
from core.database.due import alerts, due_checks
from core.database.following import follow_ups
from core.database.households import assignments, consents, households, volunteers
from core.people import households as homes
from core.people import volunteers as helpers
from core.people.households import NewHome
from core.pipeline.release import tell_released
from tests.cast import HOA, STATION, TU, Cast

HERE = Scope(STATION, (STATION,))
WRONG = ("NHAM SO", "1")


def test_whoever_was_asked_there_is_called_from_now_on(cast: Cast) -> None:
    cast.enrols(HOA, days=3)
    cast.writes(*WRONG, who=HOA)
    heard = len(cast.heard(HOA))

    (row,) = cast.rows(follow_ups)
    assert (row["status"], row["contact_id"]) == ("under_follow_up", None)
    assert {check["contact_id"] for check in cast.rows(due_checks)} == {None}
    with cast.engine.begin() as connection:
        (called,) = follow_up_lists.listed(connection, HERE, day_of(cast.clock.at), State.CALL)
        assert (called.person_id, called.has_phone) == (row["person_id"], False)
        later = Extension(row["end_on"] + timedelta(days=1), row["end_on"], ExtendReason.OTHER)
        follow_up_acts.extend(connection, HERE, row["id"], later, By(uuid4(), cast.clock.at))
        cast.clock.at = cast.local(8, days=5)
        due.plan(connection, cast.clock.at)
        follow_up.complete(connection, cast.clock.at)
    assert tell_released(cast.services) == 1
    assert len(cast.heard(HOA)) == heard


def test_a_volunteers_households_are_shown_to_nobody_who_gets_the_number(cast: Cast) -> None:
    may = cast.enrols(HOA)
    cast.writes("xin chao", who=TU)
    with cast.engine.begin() as connection:
        now = cast.clock.at
        tu = helpers.make(connection, cast.contact(TU), "Ly Van Tu", STATION, now)
        home = homes.make(connection, NewHome(STATION, "nhà bà Mẩy"), None, now)
        homes.join(connection, home, [may], now)
        helpers.assign(connection, tu, home, None, now)
    cast.writes("DANH SACH", "1", "DONG Y MIENG A", "XONG", "DANH SACH", who=TU)
    cast.writes(*WRONG, who=TU)
    cast.writes("1", "DANH SACH", "nha ba May", who=TU)

    assert not [text for text in cast.heard(TU)[-3:] if "May" in text]
    assert "serving" not in cast.session(TU)
    (volunteer,), (consent,) = cast.rows(volunteers), cast.rows(consents)
    assert (volunteer["status"], volunteer["stopped_at"] is None) == ("stopped", False)
    with cast.engine.connect() as connection:
        assert connection.scalars(select(assignments.c.to_at)).one()
    assert consent["withdrawn_at"]


def test_a_households_phone_and_what_was_agreed_to_on_it(cast: Cast) -> None:
    may = cast.enrols(HOA)
    with cast.engine.begin() as connection:
        homes.make(connection, NewHome(STATION, "nhà bà Mẩy", contact_id=cast.contact(HOA)), None, cast.clock.at)
        given = {"id": uuid4(), "person_id": may, "purpose": "tell_household", "basis": "text"}
        rest = {"contact_id": cast.contact(HOA), "asked_at": cast.clock.at, "given_at": cast.clock.at}
        connection.execute(insert(consents).values(given | rest))
    cast.writes(*WRONG, who=HOA)

    assert [row["contact_id"] for row in cast.rows(households)] == [None]
    assert [(row["contact_id"], row["withdrawn_at"] is None) for row in cast.rows(consents)] == [(None, False)]


def test_an_alert_about_whoever_was_asked_there_does_not_lead_to_a_stranger(cast: Cast) -> None:
    cast.enrols(HOA)
    cast.writes("kho tho qua", who=HOA)
    cast.writes(*WRONG, who=HOA)

    assert {(row["kind"], row["contact_id"]) for row in cast.rows(alerts)} == {
        ("danger", None),
        ("wrong_number", cast.contact(HOA)),
    }


def test_what_was_agreed_to_by_another_is_asked_anew(cast: Cast) -> None:
    cast.declares(HOA)
    assert "agreed" in cast.session(HOA)
    cast.writes(*WRONG, who=HOA)

    assert "agreed" not in cast.session(HOA)
