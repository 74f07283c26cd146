"""One person's page, and finding it."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from core.database.following import follow_ups
from core.database.tables import addresses, persons
from tests.console.conftest import Browser, post
from tests.console.test_today import words
from tests.console.ward import NEIGHBOUR, NEXT, NURSE, Ward, clock


def test_who_how_long_and_what_happened(nurse: FlaskClient, ward: Ward) -> None:
    person = ward.person("Giàng Thị Ví Dụ")
    follow_up = ward.follow(person)
    ward.due(person, follow_up, "08:00", "seen_not_ok")
    ward.due(person, follow_up, "23:00")
    ward.record(person, signs=["cough"], level="signs", inbound_id=ward.said("SK ho", ward.phone_of(person)))
    ward.alert(person, "call_back", "GOI", status="closed", result="well: mai gọi", taken_by=ward.staff[NURSE])

    page = words(nurse.get(f"/console/person/{person}").text)

    for part in (
        "Giàng Thị Ví Dụ Hôm nay báo có dấu hiệu 10:00",
        "Năm sinh 1953",
        "thôn Bản Qua",
        "0900 000 001",
        "F1, tại nhà, đến hết ngày 30/11/2026 (còn 9 ngày)",
        "SK ho",
        "08:00 có dấu hiệu",
        "Xin được gọi lại",
        "Đã liên lạc, không có gì nặng: mai gọi",
        "Y tá nga.batxat",
    ):
        assert part in page
    assert page.count("23:00") == 1, "when they are asked next, and no check-in that is not open yet"


def test_a_replaced_version_is_struck_and_kept(nurse: FlaskClient, ward: Ward) -> None:
    person = ward.person()
    answers = {
        "contact_patient": True,
        "contact_area": False,
        "contact_symptomatic": False,
        "travelled": True,
        "travel_places": "Hà Nội",
    }
    first = ward.record(person, "declaration", signs=["rash"], level="signs", superseded_at=clock("10:05"))
    ward.record(person, "declaration", root=first, version=2, declared_at=clock("10:05"), answers=answers)

    page = nurse.get(f"/console/person/{person}").text

    assert "<s>" in page
    assert "phát ban" in page.split("<s>")[1].split("</s>")[0]
    assert "bản 1 đã sửa" in words(page)
    assert "Tiếp xúc: Người mắc bệnh Đi lại: có, Hà Nội" in words(page)
    assert "vùng dịch" not in words(page)


def test_the_last_day_has_none_left_and_an_ended_follow_up_is_not_shown(nurse: FlaskClient, ward: Ward) -> None:
    person = ward.person()
    follow_up = ward.follow(person, end_on=ward.day().today)
    assert "còn 0 ngày" in nurse.get(f"/console/person/{person}").text

    ward.change(follow_ups, follow_up, status="completed")
    assert "còn" not in words(nurse.get(f"/console/person/{person}").text)


def test_who_moved_away_is_the_new_units_to_call(browser: Browser, nurse: FlaskClient, ward: Ward) -> None:
    person = ward.person("Người Chuyển")
    ward.record(person, declared_at=clock("10:00") - timedelta(days=3))
    with ward.engine.begin() as connection:
        connection.execute(update(persons).values(unit_code=NEXT, address="thôn Mới"))
    ward.record(person, signs=["rash"], level="signs", unit_code=NEXT)

    old, new = (words(c.get(f"/console/person/{person}").text) for c in (nurse, browser(NEIGHBOUR)))

    assert "thôn Mới" not in old
    assert "0900 000 001" not in old
    assert "phát ban" not in old
    assert "Nay thuộc đơn vị khác" in old
    assert "thôn Mới" in new
    assert "phát ban" in new


@pytest.mark.parametrize("path", ["/console/person/0190f3c0-0000-7000-8000-000000000000", "/console/person/1"])
def test_nobody_is_not_found(nurse: FlaskClient, path: str) -> None:
    assert nurse.get(path).status_code == 404


@pytest.mark.parametrize(
    "asked", ["giang thi", "Giàng", "GIANG", "du giang", "598 066 111", "598066111", " 598066111 "]
)
def test_one_is_found_by_name_in_any_spelling_or_by_code(nurse: FlaskClient, ward: Ward, asked: str) -> None:
    person = ward.person("Giàng Thị Ví Dụ")
    ward.record(person, "declaration")
    ward.person("Sùng Thị Mẩy")

    answer = post(nurse, "/console/find", q=asked)

    assert answer.headers.get("Location") == f"/console/person/{person}"


@pytest.mark.parametrize("asked", ["Lò", "598066112", "%", "_", "a", "", "598066111598066111"])
def test_what_finds_nobody(nurse: FlaskClient, ward: Ward, asked: str) -> None:
    ward.record(ward.person("Giàng Thị Ví Dụ"), "declaration")

    answer = post(nurse, "/console/find", q=asked)

    assert answer.status_code == 200
    assert "Giàng" not in answer.text


def test_several_are_listed_by_given_name(nurse: FlaskClient, ward: Ward) -> None:
    for name in ("Nguyễn Thị Yến", "Trần Thị An"):
        ward.person(name)

    page = words(post(nurse, "/console/find", q="thi").text)

    assert "2 người với “thi”" in page
    assert page.index("Trần Thị An") < page.index("Nguyễn Thị Yến")


def test_no_log_line_and_no_address_holds_what_was_typed(
    nurse: FlaskClient, ward: Ward, caplog: pytest.LogCaptureFixture
) -> None:
    person = ward.person("Giàng Thị Ví Dụ")
    alert = ward.alert(person, text="tin riêng")
    with caplog.at_level(logging.DEBUG):
        answer = post(nurse, "/console/find", q="Giàng")
        post(nurse, f"/console/alerts/{alert}/close", result="well", note="ghi riêng")
        post(nurse, "/console/sign-in", login="ten.rieng", password="mat-khau-rieng")

    assert answer.headers["Location"] == f"/console/person/{person}"
    assert str(alert) in caplog.text
    for private in ("Giàng", "riêng", "rieng", "0900", "+849", NURSE):
        assert private not in caplog.text


def test_where_they_can_be_written_to_in_plain_words(nurse: FlaskClient, ward: Ward) -> None:
    person = ward.person()
    contact = ward.phone_of(person)
    ward.add(
        addresses, channel="zalo", address="1234567890123456789", contact_id=contact, unreachable_at=clock("09:30")
    )
    ward.add(addresses, channel="esms", address="+84900000077", contact_id=contact, stopped_at=clock("08:00"))

    page = words(nurse.get(f"/console/person/{person}").text)

    assert "Zalo tin không tới từ 09:30" in page
    assert "SMS 0900 000 077 đã nhắn STOP" in page
    assert "1234567890123456789" not in page
