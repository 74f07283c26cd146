from __future__ import annotations

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine

from app.cli_duty import duty
from tests.cast import STATION, found

pytestmark = pytest.mark.usefixtures("environment")


@pytest.fixture(autouse=True)
def place(engine: Engine) -> None:
    found(engine)


def khaibao(*arguments: str) -> Result:
    return CliRunner().invoke(duty, arguments)


def added(*more: str) -> Result:
    return khaibao("add", "--unit", STATION, "--phone", "0900 000 041", "--name", "Truc dem", *more)


def test_a_phone_is_added_changed_and_removed() -> None:
    assert added("--hours", "18-6").output == f"{STATION}: +84900000041 by phone, 18-6\n"
    added("--hours", "0-24")
    assert khaibao("list").output == f"{STATION}\tphone\t+84900000041\t0-24\tTruc dem\n"
    assert khaibao("remove", "--unit", STATION, "--phone", "0900000041").exit_code == 0
    assert khaibao("list", "--unit", STATION).output == ""


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(("--hours", "18"), 2), (("--hours", "6-6"), 2), (("--hours", "0-25"), 2), (("--channel", "zalo"), 1)],
)
def test_what_is_wrong_is_said(arguments: tuple[str, ...], code: int) -> None:
    assert added(*arguments).exit_code == code


def test_a_unit_a_number_and_a_phone_have_to_be_there() -> None:
    assert khaibao("add", "--unit", "nowhere", "--phone", "0900000041", "--name", "x").exit_code == 1
    assert khaibao("add", "--unit", STATION, "--phone", "02143800115", "--name", "x").exit_code == 2
    assert khaibao("remove", "--unit", STATION, "--phone", "0900000041").exit_code == 1
