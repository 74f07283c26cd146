"""Asking for a sign of presence on a person's page: where a rule is on; every outcome is said as what it is."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from flask.testing import FlaskClient

from core.care import presence
from core.care.presence import Kind, Rule
from core.database.due import presence_checks
from tests.console.conftest import Browser, post
from tests.console.test_cases import post_on
from tests.console.test_today import words
from tests.console.ward import HERE, NEIGHBOUR, Ward, clock


def on(ward: Ward) -> None:
    with ward.engine.begin() as connection:
        day = ward.day().today - timedelta(days=1)
        presence.switch_on(connection, Rule(HERE, day, 0, 30, "12/KH-BCĐ (bịa)", "ai đó"), ward.now)


def asked(ward: Ward, person: UUID, follow_up: UUID, outcome: str, **more: object) -> None:
    row = {"person_id": person, "follow_up_id": follow_up, "kind": "call_back", "outcome": outcome}
    ward.add(presence_checks, **row, asked_at=clock("10:00"), told_at=clock("10:00"), expires_at=clock("10:30"), **more)


def test_it_works(nurse: FlaskClient, ward: Ward) -> None:
    on(ward)
    person = ward.person("Lò Một")
    ward.follow(person)

    page = post_on(nurse, f"/console/person/{person}/presence", kind="call_back")

    assert "Sẽ hỏi ngay" in page
    assert "đang chờ trả lời" in page
    assert "12/KH-BCĐ (bịa)" in page
    where = f"/console/person/{person}/presence"
    assert "câu hỏi trước gửi máy của họ còn đang chờ" in post_on(nurse, where, kind="location")
    assert "Sẽ hỏi ngay" in post_on(nurse, where, kind="household")
    assert "câu hỏi trước gửi người nhà còn đang chờ" in post_on(nurse, where, kind="household", again="told")
    assert post(nurse, where, kind="household", again="made_up").status_code == 400


def test_each_outcome_is_said_as_what_it_is(nurse: FlaskClient, ward: Ward) -> None:
    on(ward)
    person = ward.person("Lò Một")
    follow_up = ward.follow(person)
    asked(ward, person, follow_up, "there", answered_at=clock("10:05"))
    asked(ward, person, follow_up, "unanswered")

    page = words(nurse.get(f"/console/person/{person}").text)

    assert "10:05 , từ máy của họ; đó không phải là bằng chứng về nơi ở" in page.replace("10:05,", "10:05 ,")
    assert "không có trả lời: chưa biết có mặt hay không" in page
    assert "Vắng mặt:" not in page


def test_where_it_is_off_nothing_of_it_is_shown_or_done(browser: Browser, nurse: FlaskClient, ward: Ward) -> None:
    person = ward.person("Lò Một")
    ward.follow(person)

    assert "Hỏi có mặt" not in nurse.get(f"/console/person/{person}").text
    assert post(nurse, f"/console/person/{person}/presence", kind="call_back").status_code == 404
    on(ward)
    assert post(nurse, f"/console/person/{person}/presence", kind="made_up").status_code == 400
    assert post(browser(NEIGHBOUR), f"/console/person/{person}/presence", kind="call_back").status_code == 404


def test_the_home_is_kept_to_some_hundred_metres(nurse: FlaskClient, ward: Ward) -> None:
    on(ward)
    person = ward.person("Lò Một")
    ward.follow(person)

    assert "Đã ghi nơi ở" in post_on(nurse, f"/console/person/{person}/home", home="22.533123, 103.891456")
    assert "xin chép vĩ độ" in post_on(nurse, f"/console/person/{person}/home", home="thôn Bản Qua")
    with ward.engine.connect() as connection:
        assert presence.home(connection, ward.scope(), person) == "22.533,103.891"
    assert Kind.LOCATION in presence.Kind
