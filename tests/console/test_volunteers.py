"""Volunteers, households and persons who may be one, on the pages of their own station and of no other."""

from __future__ import annotations

from flask.testing import FlaskClient
from sqlalchemy import select

from core.database.households import assignments, household_members, households, merges, volunteers
from core.database.tables import persons
from tests.console.conftest import Browser, post
from tests.console.ward import HERE, NEIGHBOUR, Ward, clock


def test_a_volunteer_from_first_to_last(nurse: FlaskClient, browser: Browser, ward: Ward) -> None:
    wanted = {"name": "Lý Văn Tú", "unit_code": HERE, "status": "waiting", "asked_at": clock("09:00")}
    whose = ward.add(volunteers, contact_id=ward.phone("+84900000003"), **wanted)
    person = ward.person("Giàng Thị Ví Dụ")
    assert "Lý Văn Tú" in nurse.get("/console/volunteers").text

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
