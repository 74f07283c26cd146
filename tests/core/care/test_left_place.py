"""Whoever was looked for and not found stays on the list of those whom a human sees to."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from core.care.standing import ListName, standing
from tests.console.ward import HERE, Ward


@pytest.fixture
def ward(engine: Engine) -> Ward:
    return Ward(engine).settle_in()


def test_an_answer_from_elsewhere_hides_nobody_who_was_not_found(ward: Ward) -> None:
    person = ward.person()
    ward.record(person)
    ward.alert(person, "left_place")
    with ward.engine.connect() as connection:
        found = standing(connection, ward.scope(HERE), ward.day(), person)
    assert found is not None
    assert found.on is ListName.ALERT
