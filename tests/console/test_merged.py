"""Two persons whom staff merged: one in the lists and numbers, and one page that shows what is known of both."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

from flask.testing import FlaskClient
from sqlalchemy import select

from core.care import follow_up_lists
from core.care.follow_up_end import complete
from core.care.follow_up_lists import State
from core.database.due import contact_attempts
from core.database.following import test_results
from core.people import merging
from tests.console.conftest import post
from tests.console.test_today import words
from tests.console.ward import HERE, NURSE, Ward


def test_whoever_was_declared_twice_is_one(nurse: FlaskClient, ward: Ward) -> None:
    kept, gone = ward.person("Lò Thị Một"), ward.person("Lò Thị Hai")
    for person, code in ((kept, "111111111"), (gone, "222222222")):
        ward.record(person, code=code)
        ward.alert(person, "urgent", status="closed", result=f"well: {code}")
        ward.due(person, ward.follow(person), "08:00", "seen_ok")
    scope, day = ward.scope(HERE), ward.day()
    with ward.engine.begin() as connection:
        assert follow_up_lists.count(connection, scope, day).followed == 2
        assert merging.merge(connection, scope, (kept, gone), ward.staff[NURSE], ward.now)
        assert follow_up_lists.count(connection, scope, day).followed == 1
        (one,) = follow_up_lists.listed(connection, scope, day, State.FOLLOWED)
        assert one.person_id == kept

    page = words(nurse.get(f"/console/person/{kept}").text)
    assert all(page.count(code) for code in ("111111111", "222222222"))
    other = words(nurse.get(f"/console/person/{gone}").text)
    assert "222222222" in other
    assert "111111111" not in other
    with ward.engine.begin() as connection:
        assert merging.undo(connection, scope, gone, ward.staff[NURSE], ward.now)
        assert follow_up_lists.count(connection, scope, day).followed == 2
    assert "222222222" not in words(nurse.get(f"/console/person/{kept}").text)


def test_staff_act_on_the_page_of_the_one_who_is_kept(nurse: FlaskClient, ward: Ward) -> None:
    kept, gone = ward.person("Lò Thị Một"), ward.person("Lò Thị Hai")
    follow_up = ward.follow(gone, end_on=ward.day().today - timedelta(days=1))
    with ward.engine.begin() as connection:
        merging.merge(connection, ward.scope(HERE), (kept, gone), ward.staff[NURSE], ward.now)
    page = nurse.get(f"/console/person/{kept}").text
    assert f"/console/person/{kept}/tries" in page
    tried = {"came": "not_reached", "via": "phone", "key": str(uuid4())}
    test = {"kind": "pcr", "sampled_on": ward.day().today.isoformat(), "result": "pending", "laboratory": "CDC"}
    for what, form in (("tries", tried), ("tests", test)):
        answer = post(nurse, f"/console/person/{kept}/{what}", **form)
        assert (answer.status_code, answer.location) == (303, f"/console/person/{kept}")

    with ward.engine.begin() as connection:
        assert connection.scalars(select(contact_attempts.c.person_id)).all() == [gone]
        assert connection.scalars(select(test_results.c.follow_up_id)).all() == [follow_up]
        assert complete(connection, ward.now) == 0  # a sample is out
    assert "CDC" in words(nurse.get(f"/console/person/{kept}").text)


def test_of_two_the_one_who_is_followed_is_shown(nurse: FlaskClient, ward: Ward) -> None:
    kept, gone = ward.person("Lò Thị Một"), ward.person("Lò Thị Hai")
    ward.follow(gone, document="QĐ 77")
    with ward.engine.begin() as connection:
        merging.merge(connection, ward.scope(HERE), (kept, gone), ward.staff[NURSE], ward.now)
        assert follow_up_lists.count(connection, ward.scope(HERE), ward.day()).followed == 1

    assert "QĐ 77" in words(nurse.get(f"/console/person/{kept}").text)
