"""Progress is told in totals: no number under ten, and none that gives one away."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, insert

from core.care import progress
from core.care.progress import shown
from core.database.households import organisation_members, organisations
from tests.console.ward import CENTRE, HERE, NEXT, Ward


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([11, 40, 60], ([11, 40, 60], 111)),
        ([9, 11, 40], ([None, None, 40], 60)),
        ([9, 3, 40], ([None, None, 40], 52)),
        ([2, 3, 40], ([None, None, None], 45)),
        ([9], ([None], None)),
        ([11], ([11], 11)),
        ([0, 50, 60], ([None, None, 60], 110)),
        ([9, 11], ([None, None], 20)),
        ([], ([], None)),
    ],
)
def test_nothing_under_ten_is_shown_or_follows(parts: list[int], expected: object) -> None:
    assert shown(parts) == expected


def test_those_who_have_not_are_no_fewer_than_ten_either() -> None:
    assert shown([95, 50, 60], [100, 100, 100]) == ([None, None, 60], 205)
    assert shown([100, 50], [100, 100]) == ([100, 50], 150)
    assert shown([95, 97, 50, 60], [100, 100, 100, 100]) == ([None, None, None, 60], 302)
    assert shown([95], [100]) == ([None], None)


@pytest.fixture
def ward(engine: Engine) -> Ward:
    return Ward(engine).settle_in()


def test_units_and_organisations_are_counted_by_who_belongs_to_them(ward: Ward) -> None:
    phone = ward.phone()
    here = [ward.person(f"Người {n}", phone=phone) for n in range(24)]
    for _ in range(12):
        ward.person(unit=NEXT, phone=phone)
    for person in here[:12]:
        ward.record(person, "declaration")
    ward.record(here[0])
    ward.record(here[0], "declaration", superseded_at=ward.now)
    union = ward.add(organisations, code="1234", name="Đoàn xã", kind="union", unit_code=HERE, created_at=ward.now)
    with ward.engine.begin() as connection:
        members = [{"organisation_id": union, "person_id": each, "joined_at": ward.now} for each in here[:10]]
        connection.execute(insert(organisation_members), members)
        there = progress.by_unit(connection, ward.scope(HERE), ward.day())
        above = progress.by_unit(connection, ward.scope(CENTRE), ward.day())
        joined = progress.by_organisation(connection, ward.scope(HERE), ward.day())

    assert [(line.code, line.people, line.declared, line.updated) for line in there.lines] == [(HERE, 24, 12, 12)]
    assert [(line.code, line.declared) for line in above.lines] == [(HERE, None), (NEXT, None)]
    assert (above.total.people, above.total.declared) == (36, 12)
    assert [(line.code, line.people, line.declared) for line in joined.lines] == [("1234", 10, 10)]
