from __future__ import annotations

from datetime import datetime

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, insert

from app.cli_budget import budget
from core.clock import VIETNAM
from core.database.tables import spending
from tests.cast import STATION, found

pytestmark = pytest.mark.usefixtures("environment")


@pytest.fixture(autouse=True)
def place(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    found(engine)
    monkeypatch.setenv("UNIT_BUDGET", "1000")
    rows = [{"unit_code": unit, "parts": 2, "amount": 700} for unit in (STATION, "")]
    with engine.begin() as connection:
        connection.execute(insert(spending).values([{**row, "day": datetime.now(VIETNAM).date()} for row in rows]))


def khaibao(*arguments: str) -> Result:
    return CliRunner().invoke(budget, arguments)


def listed() -> list[list[str]]:
    header, *rows = (line.split("\t") for line in khaibao("list").output.splitlines())
    assert header == ["unit", "budget", "parts", "dong", "share"]
    return rows


def test_what_was_spent_of_what() -> None:
    assert listed() == [["CDC15", "1000", "2", "700", "70%"], [STATION, "1000", "2", "700", "70%"]]


def test_a_unit_may_have_its_own() -> None:
    assert khaibao("set", STATION, "1400").output == f"{STATION}: 1400\n"
    assert [STATION, "1400", "2", "700", "50%"] in listed()
    khaibao("set", STATION, "0")
    assert [STATION, "none", "2", "700", "-"] in listed()
    khaibao("set", STATION, "default")
    assert [STATION, "1000", "2", "700", "70%"] in listed()


@pytest.mark.parametrize(
    ("arguments", "code"), [((STATION, "much"), 2), ((STATION, "-1"), 2), (("nowhere", "1"), 1), ((STATION,), 2)]
)
def test_what_is_wrong_is_said(arguments: tuple[str, ...], code: int) -> None:
    assert khaibao("set", *arguments).exit_code == code
