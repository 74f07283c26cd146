"""A camp with more people than one page holds: every room and everybody in it can be reached and entered."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

from flask.testing import FlaskClient
from sqlalchemy import insert, select

from core.care.facilities import MOST
from core.database.following import follow_ups
from core.database.tables import persons, records
from tests.console.conftest import post
from tests.console.test_facilities import app, founded, round_page, words
from tests.console.ward import HERE, Ward

__all__ = ["app"]


def fill(ward: Ward, camp: UUID, room: str, number: int) -> list[UUID]:
    """So many people without a phone, in one room; their names begin with its."""
    people = [uuid4() for _ in range(number)]
    known = {"unit_code": HERE, "created_at": ward.now}
    name = [f"{room} {each:04}" for each in range(number)]
    today = ward.day().today
    follow = {"unit_code": HERE, "group": "F1", "place": "facility", "hours": [8, 16], "status": "under_follow_up"}
    days = {"start_on": today, "end_on": today + timedelta(days=9)}
    with ward.engine.begin() as connection:
        named = [
            {"id": one, "full_name": each, "folded_name": each.lower(), "sort_key": each.lower()}
            for one, each in zip(people, name, strict=True)
        ]
        connection.execute(insert(persons).values(known), named)
        rows = [{"id": uuid4(), "person_id": one} for one in people]
        connection.execute(insert(follow_ups).values(facility_id=camp, room=room, **follow, **days), rows)
    return people


def test_the_rooms_of_a_camp_lead_to_whoever_does_not_fit_on_the_page(nurse: FlaskClient, ward: Ward) -> None:
    camp = founded(ward, "Trại lớn")
    fill(ward, camp, "Nhà A", MOST)
    (last,) = fill(ward, camp, "Nhà B", 1)
    path = f"/console/facilities/{camp}"
    first = nurse.get(path).text
    assert last.hex not in first
    assert "Từng phòng (2)" in words(first)
    assert f"{MOST} trên {MOST + 1} người" in first
    assert "room=Nh%C3%A0+B" in first
    assert last.hex in nurse.get(path, query_string={"room": "Nhà B"}).text
    assert last.hex in nurse.get(path, query_string={"page": 2}).text
    assert last.hex in nurse.get(path, query_string={"page": 10**9}).text


def test_a_hall_of_very_many_beds_has_pages_and_says_how_many_there_are(nurse: FlaskClient, ward: Ward) -> None:
    camp = founded(ward, "Trại lớn")
    *_, last = fill(ward, camp, "Hội trường", MOST + 2)
    path = f"/console/facilities/{camp}"
    assert f"{MOST}/{MOST + 2}" in nurse.get(path).text
    page = nurse.get(path, query_string={"page": 2}).text
    assert f"2/{MOST + 2}" in page
    assert "Từng phòng" not in page
    shown = {name: value for name, value in round_page(nurse, camp).items() if not name.startswith("row-")}
    sent = shown | {f"row-{last.hex}": "Hội trường", "room-well": "Hội trường"}
    assert "Đã ghi 1 người." in words(post(nurse, path, **sent).text)
    with ward.engine.connect() as connection:
        assert connection.scalars(select(records.c.person_id)).all() == [last]
