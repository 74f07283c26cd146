"""The pages about follow-ups: lists by state, opening one, and what is done to one, within the unit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import cache
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app import wiring
from app.settings import Settings
from console.desk import EXTENSION
from core.care.follow_up_lists import PAGE
from core.clock import Clock
from core.database.following import follow_up_events, follow_ups
from core.database.tables import addresses, persons
from tests.console.conftest import Browser, post, token
from tests.console.test_today import words
from tests.console.ward import HERE, NEIGHBOUR, NEXT, OFFICER, Ward


@pytest.fixture(autouse=True)
def pipeline(app: Flask, ward: Ward, settings: Settings) -> Iterator[None]:
    desk = app.extensions[EXTENSION]
    services = cache(lambda: wiring.services(settings, ward.engine, Clock(ward.engine, demo=False)))
    app.extensions[EXTENSION] = replace(desk, console=replace(desk.console, pipeline=services))
    yield


def one(ward: Ward, follow_up: UUID) -> dict[str, Any]:
    with ward.engine.connect() as connection:
        return dict(connection.execute(follow_ups.select().where(follow_ups.c.id == follow_up)).mappings().one())


def act(client: FlaskClient, person: UUID, follow_up: UUID, name: str, **fields: str) -> TestResponse:
    return post(client, f"/console/person/{person}/follow-up/{follow_up}/{name}", **fields)


def test_each_is_on_the_lists_of_its_state_with_its_number(nurse: FlaskClient, ward: Ward) -> None:
    today = ward.day().today
    ward.follow(ward.person("Đang Theo"))
    ward.follow(ward.person("Sắp Hết"), end_on=today + timedelta(days=2))
    ward.follow(ward.person("Chờ Xem"), status="to_verify", verify_by=ward.now - timedelta(hours=1), source="risk")
    ward.follow(ward.person("Đã Xong"), status="completed", ended_at=ward.now)
    ward.follow(ward.person("Mất Tin"), status="lost_to_follow_up", ended_at=ward.now)
    ward.follow(ward.person("Xã Bên", NEXT), NEXT)

    pages = {state: words(nurse.get(f"/console/follow-ups?state={state}").text) for state in _STATES}

    numbers = "Cần xác minh 1 Đang theo dõi 2 Sắp hết ngày 1/2 Hết ngày, còn chờ 0 Không có điện thoại 0"
    assert f"{numbers} Mất liên lạc 1 Đã xong (30 ngày qua) 1" in pages["verify"]
    for state, names in _STATES.items():
        assert [name for name in _NAMES if name in pages[state]] == names
    assert "1 người quá hạn xác minh/1" in pages["verify"]
    assert nurse.get("/console/follow-ups?state=no").status_code == 404


_NAMES = ("Đang Theo", "Sắp Hết", "Chờ Xem", "Đã Xong", "Mất Tin", "Xã Bên")
_STATES = {
    "verify": ["Chờ Xem"],
    "followed": ["Đang Theo", "Sắp Hết"],
    "ending": ["Sắp Hết"],
    "lost": ["Mất Tin"],
    "closed": ["Đã Xong"],
}


def test_long_lists_have_pages(nurse: FlaskClient, ward: Ward) -> None:
    phone = ward.phone()
    for number in range(PAGE + 1):
        ward.follow(ward.person(f"Người {number:02}", phone=phone))

    first, second = (nurse.get(f"/console/follow-ups?page={page}").text for page in (1, 2))

    assert (first.count('class="name"'), second.count('class="name"')) == (PAGE, 1)
    assert "Trang 1 trên 2" in words(first)


FORM = {
    "name": "Sùng Thị  Thử",
    "year": "1953",
    "phone": "0162 900 0001",
    "group": "F1",
    "place": "home",
    "end_on": "2026-11-30",
    "document": "QĐ 12",
    "hours": "7 17",
    "unit": HERE,
}


def test_opening_one(nurse: FlaskClient, ward: Ward) -> None:
    answer = post(nurse, "/console/follow-ups/open", **FORM)

    with ward.engine.connect() as connection:
        row = connection.execute(follow_ups.select()).mappings().one()
        person = connection.execute(persons.select()).mappings().one()
        phone = connection.execute(addresses.select()).mappings().one()
    assert answer.headers["Location"] == f"/console/person/{person['id']}"
    assert (row["hours"], row["document"], person["full_name"]) == ([7, 17], "QĐ 12", "Sùng Thị Thử")
    assert (phone["channel"], phone["address"]) == ("phone", "+84329000001")
    page = words(nurse.get(answer.headers["Location"]).text)
    assert "Đã mở theo dõi." in page
    assert "Theo văn bản QĐ 12" in page

    post(nurse, "/console/follow-ups/open", **FORM)
    assert "Người này đang được theo dõi rồi" in words(nurse.get(answer.headers["Location"]).text)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"end_on": ""}, "Hiện không có quy định số ngày cho nhóm này: xin ghi ngày cuối và văn bản. (Bộ Y tế 4/2022)"),
        ({"end_on": "2026-11-20"}, "Ngày cuối không thể trước hôm nay."),
        ({"end_on": "2027-02-29"}, "Có ngày không đọc được."),
        ({"hours": "8 22"}, "Từ 21 giờ đến 6 giờ không nhắn tin hỏi ai"),
        ({"phone": "12345"}, "Số điện thoại chưa đúng."),
        ({"year": "53"}, "Năm sinh chưa đúng."),
        ({"name": " "}, "Xin ghi họ tên."),
        ({"last_contact_on": "2026-11-22"}, "Ngày tiếp xúc cuối không thể sau hôm nay."),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(nurse: FlaskClient, changed: dict[str, str], said: str) -> None:
    answer = post(nurse, "/console/follow-ups/open", **(FORM | changed))

    assert answer.status_code == 422
    assert said in words(answer.text)
    assert "QĐ 12" in answer.text


def test_another_units_person_or_unit_is_not_found(nurse: FlaskClient, browser: Browser, ward: Ward) -> None:
    person = ward.person("Xã Bên", NEXT)
    follow_up = ward.follow(person, NEXT)

    assert nurse.get(f"/console/follow-ups/open?person={person}").status_code == 404
    assert nurse.get("/console/follow-ups/open?person=x").status_code == 404
    assert post(nurse, "/console/follow-ups/open", **(FORM | {"unit": NEXT})).status_code == 404
    assert act(nurse, person, follow_up, "cancel", reason="mistake").status_code == 404
    assert act(browser(NEIGHBOUR), person, follow_up, "cancel", reason="mistake").status_code == 303
    assert one(ward, follow_up)["status"] == "cancelled"


def test_verify_extend_release_and_the_paper(browser: Browser, ward: Ward) -> None:
    officer = browser(OFFICER)
    person = ward.person("Giàng Thị Ví Dụ")
    follow_up = ward.follow(person, status="to_verify", group="F1", verify_by=ward.now)
    page = officer.get(f"/console/person/{person}").text
    assert "Xác minh, bắt đầu theo dõi" in page

    act(officer, person, follow_up, "verify", group="F1", place="home")
    assert "Hiện không có quy định số ngày" in words(officer.get(f"/console/person/{person}").text)
    act(officer, person, follow_up, "verify", group="F0", place="home")
    assert one(ward, follow_up)["end_on"].isoformat() == "2026-12-05"
    act(officer, person, follow_up, "extend", end_on="2026-12-08", seen="2026-12-05", reason="positive", note="cả nhà")
    act(officer, person, follow_up, "extend", end_on="2026-12-09", seen="2026-12-05", reason="positive")
    page = words(officer.get(f"/console/person/{person}").text)
    assert "Đồng nghiệp đã làm trước" in page
    assert "2026-12-05 → 2026-12-08, có xét nghiệm dương tính: cả nhà (Y tá cdc.laocai)" in page
    act(officer, person, follow_up, "release", reason="recovered")
    paper = officer.get(f"/console/person/{person}/certificate")

    code = one(ward, follow_up)["release_code"]
    assert f"{code[:3]} {code[3:6]} {code[6:]}" in words(paper.text)
    assert "Giàng Thị Ví Dụ" in paper.text
    with ward.engine.connect() as connection:
        kinds = list(connection.scalars(follow_up_events.select().with_only_columns(follow_up_events.c.kind)))
    assert sorted(kinds) == ["extended", "released", "verified"]


def test_who_died_after_they_were_lost_is_noted(nurse: FlaskClient, ward: Ward) -> None:
    person = ward.person()
    follow_up = ward.follow(person, status="lost_to_follow_up", ended_at=ward.now)
    page = nurse.get(f"/console/person/{person}").text
    assert "Ghi: đã mất hoặc đi khỏi tỉnh" in page
    assert "ghi nhầm" not in page

    act(nurse, person, follow_up, "cancel", reason="died")
    assert one(ward, follow_up)["status"] == "cancelled"
    assert "Không quyết định khoanh vùng nào" in nurse.get(f"/console/person/{person}").text


def test_who_notes_a_death_hears_which_unit_follows_them_still(nurse: FlaskClient, ward: Ward) -> None:
    person = ward.person()
    follow_up = ward.follow(person, status="completed", ended_at=ward.now)
    ward.follow(person, NEXT)

    act(nurse, person, follow_up, "cancel", reason="died")
    page = words(nurse.get(f"/console/person/{person}").text)
    assert "Xin báo ngay cho đơn vị đó: Trạm Y tế xã Cốc San" in page


def test_a_reason_is_needed_and_a_paper_is_only_for_the_released(nurse: FlaskClient, ward: Ward) -> None:
    person = ward.person()
    follow_up = ward.follow(person)

    assert act(nurse, person, follow_up, "cancel", reason="").status_code == 400
    assert nurse.get(f"/console/person/{person}/certificate").status_code == 404
    assert nurse.post(f"/console/person/{person}/follow-up/{follow_up}/cancel", data={"reason": "x"}).status_code == 400


def test_a_list_is_uploaded_tried_first(nurse: FlaskClient, ward: Ward) -> None:
    content = "Họ tên,Năm sinh,Nhóm,SĐT\nSùng Thị Thử,1953,F0,0900000011\nLù Văn Sai,1985,F9,\nLù Văn Hết,1985,F1,\n"
    fields = {"csrf_token": token(nurse), "unit": HERE}

    def send(**more: str) -> TestResponse:
        file = (BytesIO(content.encode()), "list.csv")
        return nurse.post("/console/follow-ups/list", data={**fields, **more, "file": file})

    tried, done, again = send(dry="1"), send(), send()

    assert "1 người sẽ được theo dõi" in words(tried.text)
    assert "0 người đang được theo dõi rồi, 2 dòng cần sửa." in words(tried.text)
    assert "Dòng 3, Nhóm: không phải nhóm" in words(done.text)
    assert "Dòng 4: Hiện không có quy định số ngày" in words(done.text)
    assert "đã mở theo dõi 1 người" in words(done.text)
    assert "đã mở theo dõi 0 người" in words(again.text)
    assert "1 người đang được theo dõi rồi" in words(again.text)
    assert send(unit=NEXT).status_code == 404
    assert post(nurse, "/console/follow-ups/list", unit=HERE).status_code == 422
