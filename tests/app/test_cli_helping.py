"""Organisations, targets and volunteers from the command line."""

from __future__ import annotations

from uuid import uuid4

import click
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, insert

from app.cli_lists import lists
from app.cli_organisations import organisations
from app.cli_progress import progress
from app.cli_targets import targets
from app.cli_volunteers import volunteers
from app.settings import Settings
from core.database.households import volunteers as rows
from core.database.tables import contacts
from core.people import households
from core.people.households import NewHome
from core.people.volunteers import Wanted, enrol
from tests.cast import HOA, NEXT_STATION, STATION, TU, Cast, settle

pytestmark = pytest.mark.usefixtures("environment")


@pytest.fixture(autouse=True)
def cast(engine: Engine, settings: Settings) -> Cast:
    return settle(engine, settings)


def khaibao(command: click.Command, *arguments: str) -> Result:
    return CliRunner().invoke(command, arguments)


def test_an_organisation_and_its_target() -> None:
    made = khaibao(
        organisations, "add", "--unit", STATION, "--name", "Đoàn xã (bịa)", "--kind", "union", "--code", "1234"
    )
    assert made.output == "1234: members join by THAM GIA 1234\n"
    assert khaibao(organisations, "list", "--unit", STATION).output == f"1234\t{STATION}\tunion\t-\tĐoàn xã (bịa)\n"
    of_all = ("add", "--unit", STATION, "--share", "100", "--until", "2026-11-30")
    assert "binds the members" in khaibao(targets, *of_all).output
    assert khaibao(targets, *of_all, "--organisation", "1234").exit_code == 0
    listed = khaibao(targets, "list", "--unit", STATION).output.strip().split("\t")
    assert listed[1:] == [STATION, "1234", "declared", "100", "-", "2026-11-30"]
    assert "Đoàn xã (bịa): đã khai -/- (- %), mục tiêu 100 % đến 30/11." in khaibao(progress, STATION, "--text").output
    assert khaibao(targets, "remove", listed[0], "--unit", NEXT_STATION).exit_code == 1
    assert khaibao(targets, "remove", listed[0], "--unit", STATION).exit_code == 0
    assert khaibao(organisations, "rename", "1234", "--unit", STATION, "--name", "Đoàn").output == "1234: Đoàn\n"
    assert khaibao(organisations, "list", "--unit", STATION).output.endswith("\tĐoàn\n")
    assert khaibao(organisations, "close", "1234", "--unit", STATION).exit_code == 0
    assert khaibao(organisations, "rename", "1234", "--unit", STATION, "--name", "x").exit_code == 1
    assert khaibao(organisations, "list", "--unit", STATION).output == ""


def test_every_volunteer_is_listed_however_many_there_are(cast: Cast) -> None:
    many = [(uuid4(), uuid4()) for _ in range(201)]
    with cast.engine.begin() as connection:
        phones = [{"id": contact, "address": str(contact)} for contact, _ in many]
        connection.execute(insert(contacts).values(channel="phone", seen_at=cast.clock.at), phones)
        people = [{"id": id_, "contact_id": contact} for contact, id_ in many]
        known = {"name": "Lý Văn Tú", "unit_code": STATION, "status": "active", "asked_at": cast.clock.at}
        connection.execute(insert(rows).values(known), people)
    assert len(khaibao(volunteers, "list", "--unit", STATION).output.splitlines()) == 201


def test_a_volunteer_from_first_to_last(cast: Cast) -> None:
    cast.writes("xin chao", who=TU)
    with cast.engine.begin() as connection:
        home = households.make(connection, NewHome(STATION, "nhà bà Mẩy"), None, cast.clock.at)
        whose = home  # any id
        enrol(connection, Wanted(whose, cast.contact(TU), "Lý Văn Tú", STATION), cast.clock.at)
    who, here = str(whose), ("--unit", STATION)
    assert khaibao(volunteers, "list", *here).output == f"{who}\t{STATION}\twaiting\t0\tLý Văn Tú\n"
    assert khaibao(volunteers, "approve", who, "--unit", NEXT_STATION).exit_code == 1
    assert khaibao(volunteers, "assign", who, str(home), *here).exit_code == 1, "they wait"
    assert khaibao(volunteers, "approve", who, *here).output == "approved\n"
    assert khaibao(volunteers, "assign", who, str(home), *here).output == "assigned\n"
    assert "already" in khaibao(volunteers, "assign", who, str(home), *here).output
    assert "nhà bà Mẩy" in khaibao(volunteers, "homes", *here).output
    assert khaibao(volunteers, "assign", who, str(home), "--end", *here).output == "ended\n"
    assert khaibao(volunteers, "stop", who, *here).output == "stopped\n"
    assert [row["status"] for row in cast.rows(rows)] == ["stopped"]
    assert "+84" not in khaibao(volunteers, "list", *here).output


def test_the_line_lists_of_a_unit(cast: Cast) -> None:
    cast.enrols(HOA, name="=SUM(1)")
    cast.writes("kho tho qua", who=HOA)
    counted = khaibao(lists, STATION).output.splitlines()
    assert (counted[0], counted[-1]) == ("urgent\t1", "total\t1")
    header, row = khaibao(lists, STATION, "urgent").output.splitlines()
    assert header.startswith("\ufeffname,year_of_birth")
    assert row.startswith(f"'=SUM(1),1953,female,'{HOA}")
    assert khaibao(lists, NEXT_STATION).output.endswith("total\t0\n")
    assert khaibao(lists, "NOWHERE").exit_code == 1
    assert khaibao(lists, STATION, "made_up").exit_code == 2
