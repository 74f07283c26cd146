"""Volunteers, households and persons who may be one, on the pages of their own station and of no other."""

from __future__ import annotations

from uuid import uuid4

from flask.testing import FlaskClient
from sqlalchemy import insert, select

from core.access.scope import Scope
from core.database.households import assignments, household_members, households, merges, volunteers
from core.database.tables import contacts, persons
from core.people import helping
from core.people.volunteers import PAGE
from tests.console.conftest import Browser, post
from tests.console.ward import HERE, NEIGHBOUR, Ward, clock


def test_a_volunteer_from_first_to_last(nurse: FlaskClient, browser: Browser, ward: Ward) -> None:
    wanted = {"name": "Lý Văn Tú", "unit_code": HERE, "status": "waiting", "asked_at": clock("09:00")}
    whose = ward.add(volunteers, contact_id=ward.phone("+84900000003"), **wanted)
    person = ward.person("Giàng Thị Ví Dụ")
    page = nurse.get("/console/volunteers").text
    assert "Lý Văn Tú" in page
    assert "SMS · 0900 ••• •03" in page, "by these a nurse knows whether it is who they say"
    assert "+84900000003" not in page

    neighbour = browser(NEIGHBOUR)
    assert "Lý Văn Tú" not in neighbour.get("/console/volunteers").text
    assert post(neighbour, f"/console/volunteers/{whose}/approve").status_code == 404
    assert post(nurse, f"/console/volunteers/{whose}/approve").status_code == 303

    assert post(nurse, f"/console/households/of/{person}", label="nhà bà Ví").status_code == 303
    with ward.engine.connect() as connection:
        home = connection.scalars(select(households.c.id)).one()
        assert connection.scalars(select(household_members.c.person_id)).all() == [person]
    assert "nhà bà Ví" in nurse.get(f"/console/person/{person}").text
    for path in (f"/console/households/{home}", "/console/households?unassigned=1"):
        assert "nhà bà Ví" in nurse.get(path).text
        assert "nhà bà Ví" not in neighbour.get(path).text

    assert post(neighbour, f"/console/volunteers/{whose}/assign", home=str(home)).status_code == 404
    assert post(nurse, f"/console/volunteers/{whose}/assign", home=str(home)).status_code == 303
    assert "nhà bà Ví" not in nurse.get("/console/households?unassigned=1").text
    assert post(nurse, f"/console/volunteers/{whose}/stop").status_code == 303
    with ward.engine.connect() as connection:
        assert connection.scalars(select(assignments.c.to_at)).one() is not None


def test_a_merge_changes_one_pointer_and_is_undone(nurse: FlaskClient, browser: Browser, ward: Ward) -> None:
    kept, gone = ward.person("Giàng Thị Ví Dụ"), ward.person("Giàng Thị Ví Dụ")
    other = ward.person("Vàng A Khác")
    page = f"/console/person/{kept}"
    assert f"/console/person/{kept}/merge/{gone}" in nurse.get(page).text
    assert f"/merge/{other}" not in nurse.get(page).text
    assert post(browser(NEIGHBOUR), f"{page}/merge/{gone}").status_code == 404

    assert post(nurse, f"{page}/merge/{gone}").status_code == 303
    assert f"/unmerge/{gone}" in nurse.get(page).text
    assert f"/console/person/{kept}" in nurse.get(f"/console/person/{gone}").text
    assert post(nurse, f"{page}/merge/{gone}").status_code == 404

    assert post(nurse, f"{page}/unmerge/{gone}").status_code == 303
    with ward.engine.connect() as connection:
        assert set(connection.scalars(select(persons.c.merged_into))) == {None}
        assert connection.scalars(select(merges.c.undone_at)).one() is not None


def test_a_wish_for_a_household_that_nobody_can_be_asked_of_is_given_or_not(nurse: FlaskClient, ward: Ward) -> None:
    wanted = {"name": "Lý Văn Tú", "unit_code": HERE, "status": "active", "asked_at": clock("09:00")}
    whose = ward.add(volunteers, contact_id=ward.phone("+84900000003"), **wanted)
    place = {"unit_code": HERE, "hamlet": "", "address": "", "created_at": clock("08:00")}
    homes = [ward.add(households, label=label, folded_label=label, **place) for label in ("nhà ông Dụ", "nhà bà Ví")]
    with ward.engine.begin() as connection:
        for home in (*homes, *homes):
            helping.wish(connection, helping.Wish(uuid4(), whose, home, HERE), clock("09:30"))
    page = nurse.get("/console/volunteers").text
    assert page.count("Không giao") == 2
    assert "Chưa có nhà nào báo cần gì." in page, "a wish is no lack of the household's"
    assert post(nurse, f"/console/volunteers/{whose}/assign", home=str(homes[0])).status_code == 303
    with ward.engine.connect() as connection:
        (left,) = helping.wanted(connection, Scope(HERE, (HERE,)))
    assert left.home_id == homes[1]
    assert post(nurse, f"/console/needs/{left.id}/close").status_code == 303
    assert "Xin được giao" not in nurse.get("/console/volunteers").text


def test_each_of_very_many_volunteers_is_on_a_page(nurse: FlaskClient, ward: Ward) -> None:
    phone = {"channel": "phone", "seen_at": ward.now}
    row = {"unit_code": HERE, "asked_at": ward.now}
    statuses = ["waiting"] * (PAGE + 1) + ["active"] * (PAGE + 2)
    known = [(uuid4(), uuid4(), f"Số {number:03}", status) for number, status in enumerate(statuses)]
    with ward.engine.begin() as connection:
        phones = [{"id": contact, "address": str(contact)} for _, contact, *_ in known]
        connection.execute(insert(contacts).values(phone), phones)
        people = [{"id": id_, "contact_id": contact, "name": n, "status": s} for id_, contact, n, s in known]
        connection.execute(insert(volunteers).values(row), people)

    def shown(**asked: str | int) -> set[str]:
        page = nurse.get("/console/volunteers", query_string=asked).text
        assert f"Đang xin ({PAGE + 1})" in page
        assert f"Đang giúp ({PAGE + 2})" in page
        return {name for _, _, name, _ in known if f"<h3>{name}" in page}

    assert [len(shown(page=page)) for page in (1, 2, 3, 4)] == [PAGE, PAGE, 3, 3]
    found = [shown(status=status, page=page) for status in ("waiting", "active") for page in (1, 2)]
    assert [len(each) for each in found] == [PAGE, 1, PAGE, 2]
    assert len(set().union(*found)) == len(known)
    last = known[-1][0]
    done = post(nurse, f"/console/volunteers/{last}/stop?status=active&page=2")
    assert done.location == "/console/volunteers?status=active&page=2"
    assert nurse.get("/console/volunteers?status=nobody").status_code == 400
