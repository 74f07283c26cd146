"""A commune or a hamlet under follow-up by one decision: counted first, then decided, then stopped."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

from flask.testing import FlaskClient
from sqlalchemy import select, update

from core.care import area
from core.database.following import area_decisions, follow_ups
from core.database.tables import persons
from tests.console.conftest import Browser, post
from tests.console.test_today import words
from tests.console.ward import HERE, NEIGHBOUR, Ward


def asked(ward: Ward, **changes: str) -> dict[str, str]:
    today = ward.day().today
    given = {"unit": HERE, "document": "QĐ 9", "from_on": f"{today}", "until_on": f"{today + timedelta(days=7)}"}
    return {**given, "hours": "8 16", "hamlet": "", **changes}


def decisions(ward: Ward) -> list[Any]:
    with ward.engine.connect() as connection:
        return list(connection.execute(select(area_decisions)))


def test_it_is_counted_then_decided_then_stopped(nurse: FlaskClient, browser: Browser, ward: Ward) -> None:
    ward.person("Người Một")
    ward.follow(ward.person("Người Hai"))
    with ward.engine.begin() as connection:
        connection.execute(update(persons).values(hamlet="thôn Na Áng"))

    counted = words(post(nurse, "/console/areas", **asked(ward, hamlet="Na Ang")).text)
    assert "2 người được biết ở đó, 1 người đang được theo dõi rồi" in counted
    assert decisions(ward) == []
    assert post(nurse, "/console/areas", **asked(ward, hamlet="Na Ang"), sure="1").status_code == 303
    (made,) = decisions(ward)
    with ward.engine.begin() as connection:
        area.open_page(connection, ward.now)
    page = words(nurse.get("/console/areas").text)
    assert "Na Ang QĐ 9" in page
    assert "1/1" in page

    assert post(browser(NEIGHBOUR), f"/console/areas/{made.id}/stop").status_code == 404
    assert post(nurse, f"/console/areas/{made.id}/stop").status_code == 303
    assert "đã dừng" in words(nurse.get("/console/areas").text)
    with ward.engine.begin() as connection:
        assert area.release_page(connection, ward.now) == 1
        assert sorted(connection.scalars(select(follow_ups.c.status))) == ["completed", "under_follow_up"]


def test_what_cannot_be_decided_is_said_and_nothing_is_written(nurse: FlaskClient, ward: Ward) -> None:
    for wrong in ({"document": " "}, {"until_on": "no day"}, {"hours": "23"}, {"until_on": "2020-01-01"}):
        assert post(nurse, "/console/areas", **asked(ward, **wrong), sure="1").status_code == 422
    assert post(nurse, "/console/areas", **asked(ward, unit="nowhere"), sure="1").status_code == 404
    assert post(nurse, f"/console/areas/{uuid4()}/stop").status_code == 404
    assert decisions(ward) == []
