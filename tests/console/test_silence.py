"""A person's page says whether they are asked and why not; a human's try is written down and acted on."""

from __future__ import annotations

import re
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from core.care import duty
from core.care.duty import NewDuty
from core.database.due import alerts, contact_attempts, due_checks, ladder_steps
from core.database.following import follow_ups
from core.database.tables import addresses, members, records
from tests.console.conftest import Browser, post
from tests.console.ward import HERE, NEIGHBOUR, Ward, clock


def page(nurse: FlaskClient, person: UUID) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", nurse.get(f"/console/person/{person}").text))


def tried(nurse: FlaskClient, person: UUID, came: str, via: str = "phone", **more: str) -> int:
    form = {"key": str(uuid4()), "came": came, "via": via} | more
    return post(nurse, f"/console/person/{person}/tries", **form).status_code


def statuses(ward: Ward, person: UUID) -> list[str]:
    with ward.engine.connect() as connection:
        found = select(due_checks.c.status).where(due_checks.c.person_id == person).order_by(due_checks.c.due_at)
        return list(connection.scalars(found))


@pytest.fixture
def silent(ward: Ward) -> UUID:
    """Silent since nine; the morning's check-in is closed at noon."""
    person = ward.person("Người Im Lặng")
    ward.due(person, ward.follow(person), "09:00", "non_reporting", reminded_at=clock("09:00"))
    return person


def test_it_works(nurse: FlaskClient, ward: Ward, silent: UUID) -> None:
    assert tried(nurse, silent, "not_reached", note="gọi ba lần") == 303

    assert statuses(ward, silent) == ["missed"]
    shown = page(nurse, silent)
    assert "Không liên lạc được" in shown
    assert "gọi ba lần" in shown


@pytest.mark.parametrize(("came", "status"), [("refused", "uncooperative"), ("reached", "non_reporting")])
def test_what_came_of_it_decides_what_the_check_in_was(
    nurse: FlaskClient, ward: Ward, silent: UUID, came: str, status: str
) -> None:
    tried(nurse, silent, came)

    assert statuses(ward, silent) == [status]


def test_who_was_reached_has_their_check_in_entered_once(nurse: FlaskClient, ward: Ward) -> None:
    person = ward.person("Người Gặp Được")
    ward.due(person, ward.follow(person), "09:00", opens_at=clock("00:00"), closes_at=clock("16:00"))
    key = str(uuid4())
    for _ in range(2):
        tried(nurse, person, "reached", key=key, signs="chest_pain", temperature="38,2")

    assert statuses(ward, person) == ["seen_not_ok"]
    with ward.engine.connect() as connection:
        (row,) = connection.execute(select(records)).all()
        assert (row.channel, row.signs, row.temperature, row.level) == ("staff", ["chest_pain"], 38.2, "urgent")
        assert row.entered_by is not None
        assert connection.scalars(select(alerts.c.kind)).all() == ["urgent"]


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"temperature": "39x", "signs": "cough"}, "nhiệt độ không đọc được"),
        ({"temperature": "36,5"}, "chỉ có nhiệt độ"),
    ],
)
def test_what_cannot_be_entered_is_said(nurse: FlaskClient, ward: Ward, said: dict[str, str], why: str) -> None:
    person = ward.person("Người Đã Nhắn")
    ward.due(person, ward.follow(person), "09:00", opens_at=clock("00:00"), closes_at=clock("16:00"))

    tried(nurse, person, "reached", **said)

    shown = page(nurse, person)
    assert "Sức khỏe thì chưa ghi được" in shown
    assert why in shown


@pytest.mark.parametrize("came", ["absent", "left_the_place"])
def test_absence_is_said_by_who_looked_and_told_to_the_station(
    nurse: FlaskClient, ward: Ward, silent: UUID, came: str
) -> None:
    tried(nurse, silent, came, via="phone")
    with ward.engine.connect() as connection:
        assert connection.execute(select(contact_attempts)).all() == []
    tried(nurse, silent, came, via="visit")

    assert statuses(ward, silent) == ["missed"]
    with ward.engine.connect() as connection:
        (alert,) = connection.execute(select(alerts)).all()
        assert (alert.kind, alert.unit_code, alert.person_id) == ("left_place", HERE, silent)
        assert alert.contact_id == connection.scalar(select(follow_ups.c.contact_id)) is not None


def test_another_unit_cannot_say_so(browser: Browser, ward: Ward, silent: UUID) -> None:
    assert tried(browser(NEIGHBOUR), silent, "not_reached") == 404
    assert statuses(ward, silent) == ["non_reporting"]


@pytest.mark.parametrize("wrong", [{"came": "away"}, {"via": "drum"}, {"key": "1"}])
def test_what_is_no_choice_is_refused(nurse: FlaskClient, silent: UUID, wrong: dict[str, str]) -> None:
    given = {"came": "not_reached", "via": "phone"} | wrong
    assert tried(nurse, silent, **given) == 400


def test_the_page_says_when_they_are_asked_or_why_not(nurse: FlaskClient, ward: Ward) -> None:
    person = ward.person("Người Chờ")
    follow_up = ward.follow(person)
    check = ward.due(
        person, follow_up, "16:00", remind_at=clock("16:00"), opens_at=clock("12:00"), closes_at=clock("23:59")
    )
    assert "Sẽ được nhắc lúc 16:00" in page(nurse, person)

    with ward.engine.begin() as connection:
        connection.execute(addresses.update().values(stopped_at=clock("08:00")))
    assert "Không nhắc: đã nhắn STOP" in page(nurse, person)

    ward.change(due_checks, check, status="seen_ok")
    assert "Không nhắc: đã trả lời" in page(nurse, person)

    ward.change(follow_ups, follow_up, watch_from=ward.day().today)
    assert "chỉ còn tự theo dõi" in page(nurse, person)


def test_every_step_of_the_ladder_is_on_the_page(nurse: FlaskClient, ward: Ward, silent: UUID) -> None:
    with ward.engine.connect() as connection:
        check = connection.scalar(select(due_checks.c.id))
    said = {"due_check_id": check, "person_id": silent}
    ward.add(ladder_steps, **said, rung=3, step="household", outcome="not_agreed", at=clock("11:00"))
    ward.add(ladder_steps, **said, rung=5, step="station", outcome="done", at=clock("11:30"))

    shown = page(nurse, silent)

    assert "Báo người nhà: người này chưa đồng ý" in shown
    assert re.search(r"Vào danh sách trạm phải tìm: đã làm tìm trước .*11:00", shown)


def test_who_left_the_phone_is_not_said_to_be_reminded_there(nurse: FlaskClient, ward: Ward) -> None:
    ward.now = clock("08:30")
    person = ward.person("Người Chuyển Đi")
    ward.due(person, ward.follow(person), "09:00")
    assert "Sẽ được nhắc lúc" in page(nurse, person)

    with ward.engine.begin() as connection:
        connection.execute(members.delete().where(members.c.person_id == person))

    assert "Không nhắc: không còn dùng chung số máy" in page(nurse, person)


def test_who_shares_a_phone_is_asked_with_whoever_is_asked_first(nurse: FlaskClient, ward: Ward) -> None:
    ward.now = clock("08:30")
    first, second = ward.person("Người Trước"), None
    phone = ward.phone_of(first)
    second = ward.person("Người Sau", phone=phone)
    ward.due(first, ward.follow(first), "09:00", remind_at=clock("09:02"))
    ward.due(second, ward.follow(second, contact_id=phone), "09:00", remind_at=clock("09:17"))

    assert re.search(r"Sẽ được nhắc lúc\s+09:02", page(nurse, second))


def test_a_try_by_a_duty_phone_has_its_name(nurse: FlaskClient, ward: Ward) -> None:
    person = ward.person("Lò Thị Ốm")
    ward.follow(person)
    with ward.engine.begin() as connection:
        duty.add(connection, NewDuty(HERE, "phone", "+84900000041", "Máy trực ca tối"), ward.now)
        (phone,) = (one.id for one in duty.at(connection, ["+84900000041"]))
    whose = {"person_id": person, "unit_code": HERE, "by_kind": "duty", "by": phone}
    ward.add(contact_attempts, **whose, at=ward.now, via="phone", outcome="reached", note="da chuyen vien")

    shown = page(nurse, person)
    assert "da chuyen vien" in shown
    assert "(Máy trực ca tối)" in shown
