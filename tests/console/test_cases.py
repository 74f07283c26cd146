"""The page of cases, and a person's part of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select

from core.database.following import clusters, exposures, follow_ups, level_proposals, test_results
from tests.console.conftest import Browser, post
from tests.console.test_today import words
from tests.console.ward import NEXT, OFFICER, Ward


def column(ward: Ward, wanted: Any) -> list[Any]:
    with ward.engine.connect() as connection:
        return list(connection.scalars(select(wanted)))


def test_from_a_result_to_a_level_with_everybody_on_their_own_page(
    browser: Browser, nurse: FlaskClient, ward: Ward
) -> None:
    first, second = ward.person("Lù Thị Một"), ward.person("Sùng A Hai")
    ward.follow(first), ward.follow(second, group="F2")
    today = ward.day().today.isoformat()
    sent = {"kind": "pcr", "sampled_on": today, "result": "pending", "laboratory": "CDC Lào Cai"}
    assert "Đã ghi." in post_on(nurse, f"/console/person/{first}/tests", **sent)
    assert "Đã ghi." in post_on(nurse, f"/console/person/{first}/contacts", name="sung a hai", last_contact_on=today)
    assert column(ward, exposures.c.person_id) == [second]
    (test,) = column(ward, test_results.c.id)
    assert "CDC Lào Cai" in words(nurse.get("/console/cases").text)

    page = post_on(nurse, f"/console/cases/tests/{test}", result="positive")
    assert "F1 → F0" in page
    assert "Xem và quyết định" not in page

    officer = browser(OFFICER)
    (proposal,) = column(ward, level_proposals.c.id)
    assert "Xem và quyết định" in officer.get("/console/cases").text
    assert post(nurse, f"/console/cases/levels/{proposal}/confirm").status_code == 404
    assert "Sùng A Hai" in post_on(officer, f"/console/cases/levels/{proposal}/confirm")
    assert sorted(column(ward, follow_ups.c.group)) == ["F0", "F2"]
    shown = words(officer.get("/console/cases").text)
    assert "F2 → F1 tiếp xúc với Lù Thị Một" in shown
    mine = words(officer.get(f"/console/person/{second}").text)
    assert "Đã tiếp xúc gần với Lù Thị Một" in mine


def test_a_contact_of_another_units_case_sees_no_name(browser: Browser, nurse: FlaskClient, ward: Ward) -> None:
    case, contact = ward.person("Người Bên Kia", NEXT), ward.person("Người Bên Này")
    ward.follow(case, NEXT, group="F0"), ward.follow(contact, group="F2")
    day = ward.day().today - timedelta(days=1)
    officer = browser(OFFICER)
    sent = {"name": "nguoi ben nay", "last_contact_on": day.isoformat()}
    assert "Đã ghi." in post_on(officer, f"/console/person/{case}/contacts", **sent)

    page = words(nurse.get(f"/console/person/{contact}").text)
    listed = words(nurse.get("/console/cases").text)

    assert "người của đơn vị khác" in page
    assert "F2 → F1 tiếp xúc với người của đơn vị khác" in listed
    assert "Người Bên Kia" not in page + listed


def test_what_cannot_be_is_said_and_nothing_is_written(nurse: FlaskClient, ward: Ward) -> None:
    person = ward.person()
    tomorrow = (ward.day().today + timedelta(days=1)).isoformat()

    assert "Chưa ghi" in post_on(
        nurse, f"/console/person/{person}/tests", kind="pcr", sampled_on=tomorrow, result="positive"
    )
    assert "Chưa ghi" in post_on(nurse, f"/console/person/{person}/contacts", name="Ai", last_contact_on=tomorrow)
    assert post(nurse, f"/console/person/{person}/tests", kind="blood").status_code == 400
    assert column(ward, test_results.c.id) == column(ward, exposures.c.id) == []


def test_a_cluster_is_made_joined_and_closed(nurse: FlaskClient, ward: Ward) -> None:
    person = ward.person()
    ward.follow(person)
    post_on(nurse, "/console/cases/clusters", name="Chợ phiên Bát Xát")
    (made,) = column(ward, clusters.c.id)

    assert "Đã ghi." in post_on(nurse, f"/console/person/{person}/cluster", cluster=str(made))
    assert "1, trong đó F0: 0" in words(nurse.get("/console/cases").text)
    assert "đã đóng" in post_on(nurse, f"/console/cases/clusters/{made}/close")


def test_a_page_of_another_unit_says_nothing(browser: Browser, nurse: FlaskClient, ward: Ward) -> None:
    person = ward.person(unit=NEXT)
    today = ward.day().today.isoformat()

    assert post(nurse, f"/console/person/{person}/contacts", name="Ai Đó", last_contact_on=today).status_code == 404


def post_on(client: FlaskClient, path: str, **fields: str) -> str:
    """What the browser shows after it sent a form."""
    answer = post(client, path, **fields)
    assert answer.status_code == 303
    return words(client.get(answer.headers["Location"]).text)
