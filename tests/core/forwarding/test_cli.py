"""The operator's commands: `khaibao forwarding` and `khaibao export`, by their own names."""

from __future__ import annotations

import base64
import csv
import io
from collections.abc import Callable
from typing import Any
from uuid import UUID

import orjson
import pytest
from click.testing import CliRunner, Result
from cryptography.fernet import Fernet
from openpyxl import load_workbook

from app.cli import main
from core.forwarding import destinations
from core.secrets import Vault
from tests.conftest import CELL
from tests.core.forwarding.cast import CENTRE, OTHER_STATION, STATION, Cast
from tests.core.forwarding.receiver import Receiver

Command = Callable[..., Result]


@pytest.fixture
def key() -> str:
    return Fernet.generate_key().decode()


@pytest.fixture
def khaibao(database: str, key: str, cast: Cast) -> Command:
    """Runs a command line in this test's database; it must end with `code`."""
    settings = {"DATABASE_URL": database, "DATA_KEY": key, "SECRET_KEY": "made up " * 5, "CELL": CELL}
    cast.vault = Vault([key])

    def run(*arguments: object, code: int = 0) -> Result:
        result = CliRunner().invoke(main, [str(argument) for argument in arguments], env=settings)
        assert result.exit_code == code, result.output
        return result

    return run


def test_a_destination_is_added_and_its_secret_shown_once(khaibao: Command, cast: Cast, unit: Receiver) -> None:
    made, secret = khaibao("forwarding", "destination", "add", STATION, unit.url).output.split()
    assert len(base64.b64decode(secret.removeprefix("whsec_"))) == 32
    with cast.engine.connect() as connection:
        (held,) = destinations.load(connection)
    assert (str(held.id), held.url, secret.encode() in held.secret) == (made, unit.url, False)
    assert destinations.signing_secrets(held, cast.vault) == (secret,)
    listed = khaibao("forwarding", "destination", "list").output
    assert (unit.url in listed, secret in listed) == (True, False)
    cast.checkins(cast.person(), 1)
    assert (cast.deliver(), len(unit.taken)) == (1, 1)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("add", "NOWHERE", "https://in.example/"), "no unit NOWHERE"),
        (("add", STATION, "ftp://in.example/"), "not an https URL"),
        (("add", STATION, "https://a:b@in.example/"), "holds no password"),
        (("resume", UUID(int=1)), "no such destination"),
        (("rotate", UUID(int=1)), "no such destination"),
    ],
)
def test_a_wrong_command_says_why(khaibao: Command, arguments: tuple[object, ...], said: str) -> None:
    assert said in khaibao("forwarding", "destination", *arguments, code=1).output


def test_the_same_destination_twice_is_refused(khaibao: Command) -> None:
    khaibao("forwarding", "destination", "add", STATION, "https://in.example/")
    again = khaibao("forwarding", "destination", "add", STATION, "https://in.example/", code=1)
    assert "already has this destination" in again.output


def test_a_secret_rotates_in_two_steps(khaibao: Command, cast: Cast) -> None:
    held, old = cast.destination(STATION, "https://in.example/")
    new = khaibao("forwarding", "destination", "rotate", held).output.strip()
    assert _secrets(cast) == (new, old)
    khaibao("forwarding", "destination", "rotate", held, "--end")
    assert _secrets(cast) == (new,)


def test_dead_letters_are_listed_and_sent_again(khaibao: Command, cast: Cast, unit: Receiver) -> None:
    cast.destination(STATION, unit.url)
    unit.says(422)
    cast.checkins(cast.person("Nguyễn Thị Mẫu"), 1)
    cast.deliver()
    header, line = khaibao("forwarding", "list").output.splitlines()
    row = dict(zip(header.split("\t"), line.split("\t"), strict=True))
    assert (row["unit"], row["error"], row["attempts"], row["destination"]) == (STATION, "422", "1", unit.url)
    assert "Nguyễn" not in line
    assert khaibao("forwarding", "retry", row["id"]).output == "1 due now\n"
    assert len(khaibao("forwarding", "list", "--status", "pending").output.splitlines()) == 2


def test_a_unit_is_retried_with_all_below(khaibao: Command, cast: Cast, unit: Receiver) -> None:
    cast.destination(STATION, unit.url)
    unit.says(422)
    cast.checkins(cast.person(), 1)
    cast.deliver()
    assert khaibao("forwarding", "retry", "--unit", OTHER_STATION).output == "0 due now\n"
    assert khaibao("forwarding", "retry", "--unit", CENTRE, "--since", "2026-11-22").output == "0 due now\n"
    assert khaibao("forwarding", "retry", "--unit", CENTRE, "--since", "2026-11-21").output == "1 due now\n"
    assert khaibao("forwarding", "retry", "--unit", CENTRE).output == "0 due now\n"


@pytest.mark.parametrize("arguments", [(), (UUID(int=1), "--unit", STATION), (UUID(int=1), "--since", "2026-11-21")])
def test_a_retry_needs_ids_or_a_unit(khaibao: Command, arguments: tuple[object, ...]) -> None:
    assert "give ids, or --unit" in khaibao("forwarding", "retry", *arguments, code=2).output


def test_the_preview_is_what_is_sent(khaibao: Command, cast: Cast, unit: Receiver) -> None:
    cast.destination(STATION, unit.url)
    (record,) = cast.checkins(cast.person("Nguyễn Thị Mẫu"), 1)
    shown = khaibao("forwarding", "preview", record["id"]).output
    cast.deliver()
    assert shown.encode() == unit.taken[0].body + b"\n"
    indented = khaibao("forwarding", "preview", "a7k2", "--as", "json").output
    assert orjson.loads(indented) == orjson.loads(shown)
    assert len(indented.splitlines()) > 20


def test_no_such_record_has_no_preview(khaibao: Command) -> None:
    assert "no such record" in khaibao("forwarding", "preview", "ZZZZ", code=1).output


def test_a_units_export_holds_its_whole_subtree(khaibao: Command, cast: Cast) -> None:
    person = cast.person()
    cast.record(person, code="HERE")
    cast.record(person, code="THERE", unit_code=OTHER_STATION)
    assert _codes(khaibao("export", "checkins", "--unit", CENTRE)) == ["HERE", "THERE"]
    assert _codes(khaibao("export", "checkins", "--unit", STATION)) == ["HERE"]
    assert _codes(khaibao("export", "checkins")) == ["HERE", "THERE"]
    assert _codes(khaibao("export", "declarations")) == []


def test_since_is_vietnam_time(khaibao: Command, cast: Cast) -> None:
    cast.record(cast.person(), code="NOON")
    assert _codes(khaibao("export", "checkins", "--since", "2026-11-21T12:00")) == ["NOON"]
    assert _codes(khaibao("export", "checkins", "--since", "2026-11-21T12:01")) == []
    assert _codes(khaibao("export", "checkins", "--since", "2026-11-21T05:00Z")) == ["NOON"]


def test_every_format_is_written(khaibao: Command, cast: Cast) -> None:
    cast.record(cast.person(), code="HERE")
    written = {form: khaibao("export", "checkins", "--format", form).stdout_bytes for form in ("csv", "xlsx")}
    (row,) = csv.DictReader(io.StringIO(written["csv"].decode("utf-8-sig"), newline=""))
    (sheet,) = load_workbook(io.BytesIO(written["xlsx"])).worksheets
    assert (row["code"], sheet.max_row) == ("HERE", 2)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("visits",), "Invalid value"),
        (("checkins", "--unit", "NOWHERE"), "no unit NOWHERE"),
        (("checkins", "--since", "yesterday"), "give a date"),
    ],
)
def test_a_wrong_export_says_why(khaibao: Command, arguments: tuple[str, ...], said: str) -> None:
    assert said in khaibao("export", *arguments, code=2).output


def test_the_help_names_the_columns(khaibao: Command) -> None:
    said = khaibao("export", "--help").output
    assert "temperature: degrees Celsius" in said
    assert "delivered_at: when the unit's system took it" in said


def _secrets(cast: Cast) -> tuple[str, ...]:
    with cast.engine.connect() as connection:
        (held,) = destinations.load(connection)
    return destinations.signing_secrets(held, cast.vault)


def _codes(result: Result) -> list[Any]:
    return [orjson.loads(line)["code"] for line in result.stdout_bytes.splitlines()]
