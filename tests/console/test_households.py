"""Households on the page: made once, joined from a person's page, found however many there are."""

from __future__ import annotations

from uuid import UUID

from flask.testing import FlaskClient
from sqlalchemy import select

from core.database.households import household_members, households, volunteers
from core.database.tables import contacts, persons
from core.people.helping import MOST_HOMES
from core.people.household_lists import PAGE
from core.people.households import NewHome, join, make
from core.people.volunteers import assign
from tests.console.conftest import Browser, post
from tests.console.ward import HERE, NEIGHBOUR, NEXT, OFFICER, Ward


def test_a_household_that_is_made_twice_is_one(nurse: FlaskClient, ward: Ward) -> None:
    phone = ward.phone()
    people = {ward.person("Giàng Thị Ví Dụ", phone=phone), ward.person("Giàng A Khác", phone=phone)}
    first = min(people)
    made = [post(nurse, f"/console/households/of/{first}", label="nhà bà Ví") for _ in range(2)]
    assert [answer.status_code for answer in made] == [303, 303]
    assert made[0].location == made[1].location
    with ward.engine.connect() as connection:
        assert len(connection.scalars(select(households.c.id)).all()) == 1
        assert {(row.person_id, row.left_at) for row in connection.execute(select(household_members))} == {
            (person, None) for person in people
        }


def test_of_those_declared_on_the_phone_only_who_is_ticked_lives_there(nurse: FlaskClient, ward: Ward) -> None:
    """A neighbour who was declared there once would else be told of, and be heard of, with the household."""
    mother = ward.person("Giàng Thị Ví Dụ")
    phone = ward.phone_of(mother)
    child, neighbour = (ward.person(name, phone=phone) for name in ("Giàng A Con", "Lò Văn Xóm"))
    far = ward.person("Lò Văn Xa", NEXT, phone=phone)
    ward.change(contacts, phone, session={"others": [each.hex for each in (child, neighbour, far)]})
    page = nurse.get(f"/console/person/{mother}").text
    assert [str(each) in page for each in (child, neighbour, far)] == [True, True, False]
    post(nurse, f"/console/households/of/{mother}", label="nhà bà Ví", also=[str(child), str(far)])
    with ward.engine.connect() as connection:
        lives = set(connection.scalars(select(household_members.c.person_id)))
    assert lives == {mother, child}


def test_wife_and_husband_with_a_phone_each_live_in_one_household(
    nurse: FlaskClient, browser: Browser, ward: Ward
) -> None:
    husband, wife = ward.person("Giàng A Khác"), ward.person("Giàng Thị Ví Dụ")
    post(nurse, f"/console/households/of/{husband}", label="nhà ông Khác")
    post(nurse, f"/console/households/of/{wife}", label="nhà bà Ví")
    home = home_of(ward, husband)
    join = f"/console/households/{home}/join"
    assert "nhà ông Khác" not in nurse.get(f"/console/person/{wife}").text
    page = nurse.get(f"/console/person/{wife}?home=giang khac").text
    assert f'action="{join}"' in page
    assert "nhà ông Khác" in page
    assert join not in nurse.get(f"/console/person/{husband}?home=khac").text, "they live there"
    assert join not in nurse.get(f"/console/person/{wife}?home=k").text

    assert post(browser(NEIGHBOUR), join, person=str(wife)).status_code == 404
    assert home_of(ward, wife) != home
    joined = post(nurse, join, person=str(wife))
    assert (joined.status_code, joined.location) == (303, f"/console/households/{home}")
    assert home_of(ward, wife) == home, "and nowhere else any more"
    assert "nhà ông Khác" in nurse.get(f"/console/person/{wife}").text


def test_a_guardian_is_an_adult_of_the_household(nurse: FlaskClient, ward: Ward) -> None:
    grandmother, child = ward.person("Giàng Thị Ví Dụ"), ward.person("Giàng A Con")
    ward.change(persons, child, year_of_birth=2017)
    post(nurse, f"/console/households/of/{grandmother}", label="nhà bà Ví")
    home = home_of(ward, grandmother)
    post(nurse, f"/console/households/{home}/join", person=str(child))
    page = nurse.get(f"/console/households/{home}").text
    assert f'<option value="{grandmother}"' in page
    assert f'<option value="{child}"' not in page

    path = f"/console/households/{home}/guardian/"
    said = "người đồng ý thay phải là người lớn"
    assert said in nurse.get(post(nurse, f"{path}{grandmother}", guardian=str(child)).location).text
    assert said not in nurse.get(post(nurse, f"{path}{child}", guardian=str(grandmother)).location).text
    assert f'<option value="{grandmother}" selected' in nurse.get(f"/console/households/{home}").text


def test_nobody_of_elsewhere_and_nobody_who_was_merged_is_put_into_a_household(
    browser: Browser, nurse: FlaskClient, ward: Ward
) -> None:
    husband, wife = ward.person("Giàng A Khác"), ward.person("Giàng Thị Ví Dụ")
    far = ward.person("Giàng A Xa", NEXT)
    post(nurse, f"/console/households/of/{husband}", label="nhà ông Khác")
    home = home_of(ward, husband)
    officer = browser(OFFICER)
    assert f"/households/{home}/join" not in officer.get(f"/console/person/{far}?home=khac").text
    assert post(officer, f"/console/households/{home}/join", person=str(far)).status_code == 404
    ward.change(persons, wife, merged_into=husband)
    assert 'name="home"' not in nurse.get(f"/console/person/{wife}").text
    assert post(nurse, f"/console/households/{home}/join", person=str(wife)).status_code == 404
    assert post(nurse, f"/console/households/of/{wife}", label="nhà bà Ví").status_code == 404


def test_every_household_is_found_and_given_however_many_there_are(
    nurse: FlaskClient, browser: Browser, ward: Ward
) -> None:
    row = {"name": "Lý Văn Tú", "unit_code": HERE, "status": "active", "asked_at": ward.now}
    whose = ward.add(volunteers, contact_id=ward.phone(), **row)
    labels = [f"nhà số {number:03}" for number in range(PAGE + 1)]
    with ward.engine.begin() as connection:
        made = [make(connection, NewHome(HERE, label), None, ward.now) for label in labels]
        last = ward.person("Giàng Thị Ví Dụ")
        join(connection, made[-1], [last], ward.now)
    assert labels[-1] not in nurse.get("/console/households").text
    assert "page=2&amp;unassigned=1" in nurse.get("/console/households?unassigned=1").text
    assert labels[-1] in nurse.get("/console/households?page=2").text
    found = nurse.get("/console/households?q=vi du").text
    assert [label for label in labels if label in found] == [labels[-1]], "by who lives there"
    assert "trang của hộ" in nurse.get("/console/volunteers").text

    page = f"/console/households/{made[-1]}"
    assert f'<option value="{whose}"' in nurse.get(page).text
    neighbour = browser(NEIGHBOUR)
    assert post(neighbour, f"{page}/give", volunteer=str(whose)).status_code == 404
    assert post(nurse, f"{page}/give", volunteer=str(whose)).status_code == 303
    assert f"{page}/take/{whose}" in nurse.get(page).text
    theirs = nurse.get(f"/console/households?volunteer={whose}").text
    assert [label for label in labels if label in theirs] == [labels[-1]]
    assert post(neighbour, f"{page}/take/{whose}").status_code == 404
    assert post(nurse, f"{page}/take/{whose}").status_code == 303
    assert f"{page}/take/{whose}" not in nurse.get(page).text


def test_a_volunteer_with_very_many_households_hides_none_of_anybody_else(nurse: FlaskClient, ward: Ward) -> None:
    row = {"unit_code": HERE, "status": "active", "asked_at": ward.now}
    many, few = (ward.add(volunteers, contact_id=ward.phone(), name=name, **row) for name in ("Tú", "Mai"))
    with ward.engine.begin() as connection:
        for number in range(MOST_HOMES + 1):
            home = make(connection, NewHome(HERE, f"nhà số {number:03}"), None, ward.now)
            assign(connection, many, home, None, ward.now)
        assign(connection, few, home, None, ward.now)
    page = nurse.get("/console/volunteers").text
    assert f"/volunteers/{few}/unassign/{home}" in page
    assert f"/volunteers/{many}/unassign/{home}" not in page
    assert f"/console/households?volunteer={many}" in page


def home_of(ward: Ward, person: UUID) -> UUID:
    here = household_members.c.person_id == person, household_members.c.left_at.is_(None)
    with ward.engine.connect() as connection:
        return UUID(str(connection.scalars(select(household_members.c.household_id).where(*here)).one()))
