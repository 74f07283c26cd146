"""Organisations of the unit, on a page: made, renamed, closed, and by which code members join."""

from __future__ import annotations

import re
from uuid import uuid4

from flask.testing import FlaskClient
from sqlalchemy import select

from core.database.households import organisation_members, organisations
from tests.console.conftest import Browser, post
from tests.console.test_today import words
from tests.console.ward import HERE, NEIGHBOUR, NEXT, OFFICER, Ward

PAGE = "/console/organisations"


def make(client: FlaskClient, name: str, unit: str = HERE, key: str = "", kind: str = "school") -> int:
    return post(client, PAGE, name=name, kind=kind, unit=unit, key=key or str(uuid4())).status_code


def code_of(ward: Ward, name: str) -> str:
    with ward.engine.connect() as connection:
        return str(connection.scalars(select(organisations.c.code).where(organisations.c.name == name)).one())


def test_from_making_to_closing(nurse: FlaskClient, ward: Ward) -> None:
    key = str(uuid4())
    assert [make(nurse, "Trường <b>Bát Xát</b>", key=key) for _ in range(2)] == [303, 303]
    code = code_of(ward, "Trường <b>Bát Xát</b>")
    page = nurse.get(PAGE).text
    assert re.fullmatch(r"\d{4}", code)
    assert f"THAM GIA {code}" in words(page)
    assert "&lt;b&gt;Bát Xát" in page
    assert "dưới 10" in words(page)

    assert post(nurse, f"{PAGE}/{code}/rename", name="  Trường   mới ").status_code == 303
    assert "Trường mới" in words(nurse.get(PAGE).text)
    assert post(nurse, f"{PAGE}/{code}/rename", name="  ").status_code == 303
    assert code_of(ward, "Trường mới") == code
    assert post(nurse, f"{PAGE}/{code}/close").status_code == 303
    assert code not in words(nurse.get(PAGE).text)
    for deed in ("close", "rename"):
        assert post(nurse, f"{PAGE}/{code}/{deed}", name="x").status_code == 404


def test_ten_members_are_counted(nurse: FlaskClient, ward: Ward) -> None:
    make(nurse, "Đoàn xã", kind="union")
    with ward.engine.connect() as connection:
        made = connection.scalars(select(organisations.c.id)).one()
    for number in range(12):
        ward.add(
            organisation_members, organisation_id=made, person_id=ward.person(f"Người {number}"), joined_at=ward.now
        )
    assert re.search(r">12<", nurse.get(PAGE).text)


def test_only_within_the_unit(nurse: FlaskClient, browser: Browser, ward: Ward) -> None:
    make(nurse, "Trường Bát Xát")
    code = code_of(ward, "Trường Bát Xát")
    neighbour = browser(NEIGHBOUR)
    assert "Trường Bát Xát" not in neighbour.get(PAGE).text
    assert make(neighbour, "Trường giả", HERE) == 404
    for deed in ("close", "rename"):
        assert post(neighbour, f"{PAGE}/{code}/{deed}", name="x").status_code == 404
    assert nurse.post(PAGE, data={"name": "x"}).status_code == 400
    assert make(nurse, "x", kind="army") == 400
    officer = browser(OFFICER)
    assert make(officer, "Trường Cốc San", NEXT) == 303
    assert "Trạm Y tế xã Cốc San" in words(officer.get(PAGE).text)
