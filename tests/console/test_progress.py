"""The page of progress shows totals, and its file no more than the page."""

from __future__ import annotations

import re

from flask.testing import FlaskClient

from tests.console.conftest import Browser, post
from tests.console.test_today import words
from tests.console.ward import HERE, NEIGHBOUR, Ward


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


def test_a_target_is_set_compared_and_dropped(nurse: FlaskClient, browser: Browser, ward: Ward) -> None:
    phone = ward.phone()
    for n in range(40):
        ward.record(ward.person(f"Lò Thị {n}", phone=phone), "declaration")
    target = {"kind": "declared", "due_on": "2026-11-30", "population": "50"}
    refused = post(nurse, "/console/progress/targets", whose=HERE, share="100", **target)
    assert "chỉ đặt cho thành viên" in nurse.get(refused.location).text
    assert post(browser(NEIGHBOUR), "/console/progress/targets", whose=HERE, share="95", **target).status_code == 303
    assert "mục tiêu 95" not in nurse.get("/console/progress").text

    assert post(nurse, "/console/progress/targets", whose=HERE, share="95", **target).status_code == 303
    page = nurse.get("/console/progress").text
    assert "Trạm Y tế xã Bát Xát: đã khai 40/50 (80 %), mục tiêu 95 % đến 30/11." in page
    (remove,) = re.findall(r"/console/progress/targets/[0-9a-f-]+/remove", page)
    assert post(browser(NEIGHBOUR), remove).status_code == 404
    assert post(nurse, remove).status_code == 303
    assert "mục tiêu 95" not in nurse.get("/console/progress").text
