from __future__ import annotations

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine

from app.cli_presence import presence
from tests.cast import STATION, found

pytestmark = pytest.mark.usefixtures("environment")


@pytest.fixture(autouse=True)
def place(engine: Engine) -> None:
    found(engine)


def khaibao(*arguments: str) -> Result:
    return CliRunner().invoke(presence, arguments)


def test_it_is_off_until_it_is_switched_on_and_off_again() -> None:
    why = ("--document", "12/KH", "--approved-by", "BCD")
    assert khaibao("list").output == ""
    assert khaibao("on", STATION, *why, "--times-a-week", "3").exit_code == 0
    assert khaibao("on", STATION, *why, "--minutes", "45").exit_code == 0
    (row,) = khaibao("list").output.splitlines()
    assert row.split("\t")[2:] == ["0", "45", "12/KH", "BCD"]
    assert khaibao("off", STATION).exit_code == 0
    assert khaibao("list").output == ""
    assert khaibao("off", STATION).exit_code == 1
    assert khaibao("on", "NOWHERE", *why).exit_code == 1
    assert khaibao("on", STATION, "--document", "12/KH").exit_code == 2
