"""A facility: its rooms, who comes and goes, and a round of checks entered by staff in one page."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app import wiring
from app.settings import Settings
from console.desk import EXTENSION, Desk
from core.care import facilities as places
from core.care.facilities import FacilityError, NewFacility
from core.care.handling import By, Outcome
from core.database.due import alerts, due_checks
from core.database.following import facilities, follow_up_events, follow_ups
from core.database.tables import forwards, records
from core.forwarding import destinations
from core.secrets import Vault
from tests.console import test_cases
from tests.console.conftest import Browser, made, post
from tests.console.test_today import words as all_words
from tests.console.ward import HERE, NEIGHBOUR, NEXT, NURSE, OFFICER, Ward, clock


@pytest.fixture
def app(ward: Ward, settings: Settings) -> Flask:
    with ward.engine.begin() as connection:
        destinations.register(connection, Vault(settings.data_keys), HERE, "https://unit.example/hook")
    application = made(ward)
    services = wiring.services(settings, ward.engine)
    known: Desk = application.extensions[EXTENSION]
    console = replace(known.console, pipeline=lambda: services)
    application.extensions[EXTENSION] = Desk(console, known.scopes)
    return application


@pytest.fixture
def hotel(ward: Ward) -> UUID:
    return founded(ward, "Khách sạn Hoa Ban", 3)


def founded(ward: Ward, name: str, capacity: int | None = None, unit: str = HERE) -> UUID:
    with ward.engine.begin() as connection:
        return places.add(connection, None, NewFacility(name, "hotel", unit, capacity=capacity), ward.now)


def words(page: str) -> str:
    """Without the space that a tag leaves before a mark."""
    return all_words(page).replace(" :", ":").replace(" ,", ",")


def post_on(client: FlaskClient, path: str, **fields: str) -> str:
    return test_cases.post_on(client, path, **fields).replace(" ,", ",")


def guest(ward: Ward, hotel: UUID, name: str, room: str = "201") -> UUID:
    """In the hotel, with today's two checks."""
    person = ward.person(name)
    follow_up = ward.follow(person, facility_id=hotel, room=room, place="hotel")
    ward.due(person, follow_up, "08:00")
    ward.due(person, follow_up, "16:00")
    return person


def round_page(nurse: FlaskClient, hotel: UUID, half: str = "morning") -> dict[str, str]:
    """What a page sends by itself: whom it showed, and in which room."""
    page = nurse.get(f"/console/facilities/{hotel}", query_string={"half": half}).text
    return dict(re.findall(r'type="hidden" name="((?:row-\w+|half|day))" value="([^"]*)"', page))


def column(ward: Ward, wanted: Any) -> list[Any]:
    with ward.engine.connect() as connection:
        return list(connection.scalars(select(wanted)))


def statuses(ward: Ward, person: UUID) -> list[str]:
    with ward.engine.connect() as connection:
        mine = due_checks.c.person_id == person
        return list(connection.scalars(select(due_checks.c.status).where(mine).order_by(due_checks.c.due_at)))


def test_good_rows_go_in_while_bad_ones_are_named_with_what_to_do(nurse: FlaskClient, ward: Ward, hotel: UUID) -> None:
    ward.now = clock("09:00")
    well, ill, doubt, left_out = (
        guest(ward, hotel, name) for name in ("Lò Thị Khỏe", "Lò Văn Sốt", "Lò A Chỉ Số", "Lò Bỏ Trống")
    )
    fields = round_page(nurse, hotel) | {
        f"well-{well.hex}": "1",
        f"heat-{well.hex}": "36,6",
        f"heat-{ill.hex}": "38.9",
        f"signs-{ill.hex}": "shortness_of_breath",
        f"heat-{doubt.hex}": "36.8",
    }
    page = words(post(nurse, f"/console/facilities/{hotel}", **fields).text)

    assert "Đã ghi 2 người." in page
    assert "1 người chưa ghi được" in page
    assert "Lò A Chỉ Số: chỉ có nhiệt độ: chọn “Khỏe” hoặc đánh dấu dấu hiệu" in page
    assert statuses(ward, well) == ["seen_ok", "not_performed"]
    assert statuses(ward, ill) == ["seen_not_ok", "not_performed"]
    assert statuses(ward, doubt) == statuses(ward, left_out) == ["not_performed"] * 2
    with ward.engine.connect() as connection:
        (row,) = connection.execute(select(records).where(records.c.person_id == well))
        (raised,) = connection.execute(select(alerts))
    assert (row.channel, row.entered_by, row.temperature, row.level) == ("staff", ward.staff[NURSE], 36.6, "none")
    assert (raised.kind, raised.person_id, raised.status) == ("danger", ill, "open")
    assert sorted(column(ward, forwards.c.person_id)) == sorted([well, ill])


def test_nothing_is_ticked_before_somebody_does(nurse: FlaskClient, ward: Ward, hotel: UUID) -> None:
    guest(ward, hotel, "Lò Thị Một")

    page = nurse.get(f"/console/facilities/{hotel}").text

    assert "08:00 chưa trả lời 16:00 chưa đến hẹn" in words(page)
    assert page.count('type="checkbox"') > 8
    assert " checked" not in page
    assert "Đã ghi 0 người." in words(post(nurse, f"/console/facilities/{hotel}", half="morning").text)
    assert column(ward, records.c.id) == []


def test_a_whole_room_is_well_but_for_those_of_whom_something_else_is_said(
    nurse: FlaskClient, ward: Ward, hotel: UUID
) -> None:
    ward.now = clock("09:00")
    first, coughing = guest(ward, hotel, "Lò Một"), guest(ward, hotel, "Lò Ho")
    other = guest(ward, hotel, "Lò Khác", room="305")

    shown = round_page(nurse, hotel)
    post(nurse, f"/console/facilities/{hotel}", **shown | {"room-well": "201", f"signs-{coughing.hex}": "cough"})

    assert [statuses(ward, each)[0] for each in (first, coughing, other)] == ["seen_ok", "seen_not_ok", "not_performed"]


def test_the_same_page_sent_twice_is_one_record_each(nurse: FlaskClient, ward: Ward, hotel: UUID) -> None:
    ward.now = clock("09:00")
    person = guest(ward, hotel, "Lò Một")
    fields = round_page(nurse, hotel) | {f"well-{person.hex}": "1"}

    post(nurse, f"/console/facilities/{hotel}", **fields)
    again = words(post(nurse, f"/console/facilities/{hotel}", **fields).text)

    assert "Lò Một: buổi này đã có câu trả lời" in again
    assert len(column(ward, records.c.id)) == 1


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"heat": "ba bảy", "well": "1"}, "nhiệt độ không đọc được"),
        ({"heat": "366", "well": "1"}, "nhiệt độ không đọc được"),
        ({"heat": "38,5", "well": "1"}, "vừa chọn “Khỏe” vừa có sốt"),
        ({"signs": "cough", "well": "1"}, "vừa chọn “Khỏe” vừa có sốt"),
        ({"half": "afternoon", "well": "1"}, "chưa đến giờ của buổi này"),
    ],
)
def test_a_row_that_cannot_be_is_not_guessed(
    nurse: FlaskClient, ward: Ward, hotel: UUID, fields: dict[str, str], why: str
) -> None:
    ward.now = clock("09:00")
    person = guest(ward, hotel, "Lò Một")
    shown = round_page(nurse, hotel, fields.get("half", "morning"))
    sent = shown | {f"{name}-{person.hex}": value for name, value in fields.items() if name != "half"}

    assert f"Lò Một: {why}" in words(post(nurse, f"/console/facilities/{hotel}", **sent).text)
    assert column(ward, records.c.id) == []


def test_who_moved_in_after_the_page_was_opened_gets_no_answer(nurse: FlaskClient, ward: Ward, hotel: UUID) -> None:
    ward.now = clock("09:00")
    first = guest(ward, hotel, "Lò Một")
    shown = round_page(nurse, hotel)
    late = guest(ward, hotel, "Lò Đến Sau")

    page = words(post(nurse, f"/console/facilities/{hotel}", **shown | {"room-well": "201"}).text)

    assert "Đã ghi 1 người." in page
    assert statuses(ward, first)[0] == "seen_ok"
    assert statuses(ward, late)[0] == "not_performed"


def test_who_left_the_room_meanwhile_is_not_well_with_it(nurse: FlaskClient, ward: Ward, hotel: UUID) -> None:
    ward.now = clock("09:00")
    stays, moves, seen = (guest(ward, hotel, name) for name in ("Lò Ở Lại", "Lò Đổi Phòng", "Lò Được Khám"))
    shown = round_page(nurse, hotel)
    with ward.engine.begin() as connection:
        for person in (moves, seen):
            places.put(connection, ward.scope(), person, (hotel, "305"), By(ward.staff[NURSE], ward.now))

    sent = shown | {"room-well": "201", f"signs-{seen.hex}": "cough"}
    page = words(post(nurse, f"/console/facilities/{hotel}", **sent).text)

    assert "Lò Đổi Phòng: đã đổi phòng" in page
    assert [statuses(ward, each)[0] for each in (stays, moves, seen)] == ["seen_ok", "not_performed", "seen_not_ok"]


def test_signs_seen_after_an_answer_are_a_further_record(nurse: FlaskClient, ward: Ward, hotel: UUID) -> None:
    ward.now = clock("09:00")
    person = guest(ward, hotel, "Lò Một")
    post(nurse, f"/console/facilities/{hotel}", **round_page(nurse, hotel) | {f"well-{person.hex}": "1"})
    ward.now = clock("10:30")
    again = round_page(nurse, hotel) | {f"signs-{person.hex}": "shortness_of_breath", f"heat-{person.hex}": "38,7"}

    said = words(post(nurse, f"/console/facilities/{hotel}", **again).text)
    twice = words(post(nurse, f"/console/facilities/{hotel}", **again).text)

    assert "Đã ghi 1 người." in said
    assert "buổi này đã có câu trả lời" in twice
    with ward.engine.connect() as connection:
        kept = connection.execute(select(records.c.level, records.c.signs).order_by(records.c.declared_at)).all()
        assert [row.level for row in kept] == ["none", "urgent"]
        assert connection.scalars(select(alerts.c.kind)).all() == ["danger"]
    assert statuses(ward, person) == ["seen_not_ok", "not_performed"]
    assert len(column(ward, forwards.c.person_id)) == 2


def test_well_at_noon_does_not_take_back_the_fever_of_the_morning(nurse: FlaskClient, ward: Ward, hotel: UUID) -> None:
    ward.now = clock("08:30")
    person = guest(ward, hotel, "Lò Một")
    post(nurse, f"/console/facilities/{hotel}", **round_page(nurse, hotel) | {f"signs-{person.hex}": "fever"})
    ward.now = clock("11:30")
    post(
        nurse,
        f"/console/facilities/{hotel}",
        **round_page(nurse, hotel) | {f"well-{person.hex}": "1", f"heat-{person.hex}": "36.6"},
    )

    assert statuses(ward, person)[0] == "seen_not_ok"
    assert sorted(map(str, column(ward, records.c.temperature))) == ["36.6", "None"]


def test_yesterdays_round_is_entered_as_of_then(nurse: FlaskClient, ward: Ward, hotel: UUID) -> None:
    ward.now = clock("09:00", day=22)
    person = guest(ward, hotel, "Lò Một")  # its checks were due on the 21st
    with ward.engine.begin() as connection:
        connection.execute(due_checks.update().values(status="non_reporting"))
    path = f"/console/facilities/{hotel}?half=afternoon&day=2026-11-21"
    page = nurse.get(path).text
    shown = dict(re.findall(r'type="hidden" name="((?:row-\w+|half|day))" value="([^"]*)"', page))

    assert "hôm qua" in words(page)
    assert shown["day"] == "2026-11-21"
    post(nurse, f"/console/facilities/{hotel}", **shown | {f"well-{person.hex}": "1"})

    assert statuses(ward, person) == ["non_reporting", "seen_ok"]
    assert column(ward, records.c.declared_at) == [clock("16:00")]
    assert nurse.get(f"/console/facilities/{hotel}?day=2026-11-19").status_code == 400


def test_into_a_room_to_another_and_home(nurse: FlaskClient, ward: Ward, hotel: UUID) -> None:
    person = ward.person("Lò Một")
    ward.follow(person)
    path = f"/console/person/{person}/facility"

    assert "Khách sạn Hoa Ban, Phòng 201" in post_on(nurse, path, facility=str(hotel), room="201")
    assert "Khách sạn Hoa Ban, Phòng 305" in post_on(nurse, path, facility=str(hotel), room="305")
    assert "Không đổi gì" in post_on(nurse, path, facility=str(hotel), room="305")
    assert column(ward, follow_ups.c.place) == ["hotel"]
    assert "không ở khu nào" in post_on(nurse, path, facility="home")
    assert column(ward, follow_ups.c.place + follow_ups.c.room) == ["home"]
    assert column(ward, follow_up_events.c.kind) == ["changed"] * 3


def test_a_full_house_takes_nobody_and_one_with_people_is_not_closed(nurse: FlaskClient, ward: Ward) -> None:
    small = founded(ward, "Nhà văn hóa", 1)
    guest(ward, small, "Lò Một")
    late = ward.person("Lò Đến Sau")
    ward.follow(late)

    assert "khu đã đủ người" in post_on(nurse, f"/console/person/{late}/facility", facility=str(small), room="1")
    assert "trong khu còn người" in post_on(nurse, f"/console/facilities/{small}/close")
    assert column(ward, facilities.c.active) == [True]
    with ward.engine.begin() as connection:
        places.leave(connection, ward.scope(), column(ward, follow_ups.c.person_id)[0], By(ward.staff[NURSE], ward.now))
    assert "đã đóng" in post_on(nurse, f"/console/facilities/{small}/close")
    assert "hoặc khu đã đóng" in post_on(nurse, f"/console/person/{late}/facility", facility=str(small), room="1")


def test_who_is_followed_by_another_unit_is_seen_and_entered_where_they_are(browser: Browser, ward: Ward) -> None:
    """The province gives a room in one commune's hotel to somebody whom another commune follows."""
    ward.now = clock("09:00")
    hotel = founded(ward, "Khách sạn Hoa Ban", unit=NEXT)
    person = ward.person("Lò Khách")
    ward.due(person, ward.follow(person), "08:00")
    sent = {"facility": str(hotel), "room": "201"}
    assert post(browser(OFFICER), f"/console/person/{person}/facility", **sent).status_code == 303
    nurse = browser(NEIGHBOUR)
    path = f"/console/facilities/{hotel}"
    page = nurse.get(path).text
    assert "Lò Khách" in page
    assert f"/console/person/{person}" not in page, "her page is her unit's"

    seen = round_page(nurse, hotel) | {f"signs-{person.hex}": "shortness_of_breath"}
    assert "Đã ghi 1 người." in words(post(nurse, path, **seen).text)
    assert statuses(ward, person) == ["seen_not_ok"]
    assert column(ward, records.c.unit_code) == column(ward, alerts.c.unit_code) == [HERE]
    assert "Khách sạn Hoa Ban (Trạm Y tế xã Cốc San), Phòng 201" in words(
        browser(NURSE).get(f"/console/person/{person}").text
    )


def test_a_round_is_of_whoever_is_there_alone(browser: Browser, ward: Ward) -> None:
    ward.now = clock("09:00")
    hotel = founded(ward, "Khách sạn Hoa Ban", unit=NEXT)
    person = guest(ward, founded(ward, "Nhà văn hóa"), "Lò Nơi Khác")
    sent = {"half": "morning", f"row-{person.hex}": "201", f"well-{person.hex}": "1"}
    page = words(post(browser(NEIGHBOUR), f"/console/facilities/{hotel}", **sent).text)
    assert "Chưa rõ tên: không còn được theo dõi ở đây" in page
    assert column(ward, records.c.id) == []


def test_another_units_house_is_not_seen(browser: Browser, ward: Ward, hotel: UUID) -> None:
    guest(ward, hotel, "Lò Một")
    neighbour = browser(NEIGHBOUR)

    assert "Hoa Ban" not in neighbour.get("/console/facilities").text
    assert neighbour.get(f"/console/facilities/{hotel}").status_code == 404
    assert post(neighbour, f"/console/facilities/{hotel}/close").status_code == 404
    with ward.engine.begin() as connection:
        assert places.close(connection, ward.scope(NEXT), hotel) is Outcome.UNKNOWN


def test_a_house_is_added_with_what_it_needs(nurse: FlaskClient, ward: Ward) -> None:
    sent = {"name": "Trường nội trú", "kind": "facility", "capacity": "40"}
    assert "Trường nội trú" in post_on(nurse, "/console/facilities", **sent)
    assert "Chưa thêm" in post_on(nurse, "/console/facilities", **(sent | {"capacity": "nhiều"}))
    assert "Chưa thêm" in post_on(nurse, "/console/facilities", **(sent | {"kind": "barn"}))
    assert len(column(ward, facilities.c.id)) == 1
    with ward.engine.begin() as connection, pytest.raises(FacilityError):
        places.add(connection, ward.scope(), NewFacility("Của xã khác", "hotel", NEXT), ward.now)
