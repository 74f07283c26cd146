"""The page keeps itself up to date: sent again when it changed, and only then; nothing in it runs on its own."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from core.database.due import alerts, due_checks
from core.database.tables import records
from tests.console.test_today import FRAGMENT, HOME
from tests.console.ward import NEXT, Ward, clock


@dataclass(frozen=True)
class Change:
    """Something that must show on the page."""

    name: str
    make: Callable[[Ward, UUID, UUID, UUID], object]


CHANGES = (
    Change("a record", lambda ward, person, check, alert: ward.record(ward.person())),
    Change("an alert", lambda ward, person, check, alert: ward.alert(None)),
    Change("taken", lambda ward, person, check, alert: ward.change(alerts, alert, status="taken")),
    Change("closed", lambda ward, person, check, alert: ward.change(alerts, alert, status="closed")),
    Change("answered", lambda ward, person, check, alert: ward.change(due_checks, check, status="seen_ok")),
    Change("followed", lambda ward, person, check, alert: ward.follow(ward.person())),
    Change("due now", lambda ward, person, check, alert: setattr(ward, "now", clock("16:00"))),
    Change("midnight", lambda ward, person, check, alert: setattr(ward, "now", clock("00:00", 22))),
)


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.name)
def test_the_page_is_sent_again_when_it_changed_and_only_then(nurse: FlaskClient, ward: Ward, change: Change) -> None:
    person = ward.person()
    check = ward.due(person, ward.follow(person), "16:00")
    alert = ward.alert(None)
    first = nurse.get(FRAGMENT)
    asked = {"If-None-Match": first.headers["ETag"]}
    assert first.status_code == 200
    same = nurse.get(FRAGMENT, headers=asked)
    assert (same.status_code, same.data) == (304, b"")

    change.make(ward, person, check, alert)

    fresh = nurse.get(FRAGMENT, headers=asked)
    assert fresh.status_code == 200
    assert fresh.headers["ETag"] != first.headers["ETag"]


def test_a_confirmation_and_a_version_that_replaces_another_are_changes(nurse: FlaskClient, ward: Ward) -> None:
    person = ward.person()
    first = ward.record(person, "declaration", confirmed_at=None)
    seen = [nurse.get(FRAGMENT).headers["ETag"]]
    ward.change(records, first, confirmed_at=ward.now)
    seen.append(nurse.get(FRAGMENT).headers["ETag"])
    ward.change(records, first, superseded_at=ward.now)
    ward.record(person, "declaration", root=first, version=2)
    seen.append(nurse.get(FRAGMENT).headers["ETag"])

    assert len(set(seen)) == 3


def test_what_happens_elsewhere_changes_nothing_here(nurse: FlaskClient, ward: Ward) -> None:
    before = nurse.get(FRAGMENT).headers["ETag"]
    ward.record(ward.person(unit=NEXT), "declaration", unit_code=NEXT)
    ward.alert(None, unit_code=NEXT)
    ward.now += timedelta(minutes=1)

    assert nurse.get(FRAGMENT, headers={"If-None-Match": before}).status_code == 304


def test_the_page_knows_its_own_version(nurse: FlaskClient) -> None:
    tag = re.search(r'data-tag="([^"]+)"', nurse.get(HOME).text)

    assert tag is not None
    assert nurse.get(FRAGMENT, headers={"If-None-Match": f'"{tag[1]}"'}).status_code == 304


def test_another_language_is_another_page(nurse: FlaskClient) -> None:
    before = nurse.get(FRAGMENT).headers["ETag"]
    nurse.get(HOME + "?lang=en")

    assert nurse.get(FRAGMENT, headers={"If-None-Match": before}).status_code == 200


def test_nothing_on_the_page_runs_or_is_styled_from_within(nurse: FlaskClient, ward: Ward) -> None:
    ward.alert(ward.person())
    page = nurse.get(HOME).text

    assert re.findall(r"<script(?![^>]* src=)", page) == []
    assert " style=" not in page
    assert "<style" not in page
    assert re.findall(r'\son\w+="', page) == []
