from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, insert, select

from app.cli_areas import areas
from core.clock import Clock
from core.database.following import area_decisions
from core.database.tables import persons
from tests.cast import STATION, found

pytestmark = pytest.mark.usefixtures("environment")


@pytest.fixture(autouse=True)
def place(engine: Engine) -> None:
    found(engine)
    now = Clock(engine, demo=True).now()
    with engine.begin() as connection:
        for hamlet in ("thôn Na Áng", "thôn Na Áng", "thôn Bản Qua"):
            row = {"id": uuid4(), "full_name": "Người", "unit_code": STATION, "hamlet": hamlet, "created_at": now}
            connection.execute(insert(persons).values(row))


def khaibao(*arguments: str) -> Result:
    return CliRunner().invoke(areas, arguments)


def decide(*more: str, unit: str = STATION, until: str = "2030-01-01") -> Result:
    return khaibao("decide", unit, "--document", "QĐ 9", "--until", until, "--from", "2029-12-01", *more)


def test_a_hamlet_is_counted_decided_listed_and_stopped(engine: Engine) -> None:
    tried = decide("--hamlet", "na ang", "--dry-run")
    assert (tried.stderr, tried.stdout) == ("2 people are known there, 0 are followed already\n", "")
    made = decide("--hamlet", "thôn Na Áng", "--hours", "7, 17")
    assert made.exit_code == 0
    with engine.connect() as connection:
        row = connection.execute(select(area_decisions)).one()
    assert made.stdout == f"{row.id}: decided\n"
    assert (row.hamlet, row.hours, row.from_on.isoformat()) == ("thôn Na Áng", [7, 17], "2029-12-01")

    assert khaibao("list").output.splitlines()[1].split("\t")[1:] == [
        STATION,
        "thôn Na Áng",
        "QĐ 9",
        "2029-12-01",
        "2030-01-01",
        "0",
        "0",
        "opening",
    ]
    assert khaibao("stop", str(row.id)).output == f"{row.id}: stopped\n"
    assert khaibao("list").output.splitlines()[1].endswith("stopped")
    assert khaibao("stop", str(UUID(int=7))).exit_code == 1


def test_what_cannot_be_is_said() -> None:
    assert "no unit nowhere" in decide(unit="nowhere").stderr
    assert "180 days" in decide(until="2031-12-01").stderr
    assert "nobody is asked" in decide("--hours", "23").stderr
