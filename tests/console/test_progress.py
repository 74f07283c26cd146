"""The page of progress shows totals, and its file no more than the page."""

from __future__ import annotations

from flask.testing import FlaskClient

from tests.console.test_today import words
from tests.console.ward import Ward


def test_totals_and_no_small_number(nurse: FlaskClient, ward: Ward) -> None:
    phone = ward.phone()
    people = [ward.person(f"Lò Thị {n}", phone=phone) for n in range(22)]
    for person in people[:11]:
        ward.record(person, "declaration")

    page = words(nurse.get("/console/progress").text)
    file = nurse.get("/console/progress.csv")

    assert "Trạm Y tế xã Bát Xát 22 11 11" in page
    assert "Lò Thị" not in page
    assert file.text.splitlines() == ["code,people,declared,updated", "TYT02683,22,11,11", "total,22,11,11"]
    for person in people[11:14]:
        ward.record(person, "declaration")
    assert "Trạm Y tế xã Bát Xát 22 ít ít" in words(nurse.get("/console/progress").text)
    assert nurse.get("/console/progress.csv").text.splitlines()[1] == "TYT02683,22,,"
