"""Gates at which people who enter the country declare: closed unless somebody opens one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from subprocess import CompletedProcess

import pytest
from sqlalchemy import Engine, insert

from app import wiring
from app.settings import Settings
from core.conversation.form import Gate
from core.database.shared import installation
from core.places import gates
from core.places.gates import GateError
from tests.cast import Cast, settle
from tests.command import khaibao

Run = Callable[..., "CompletedProcess[bytes]"]

NOV, DEC = date(2026, 11, 1), date(2026, 12, 1)
HA_KHAU = Gate("HAKHAU", "Cửa khẩu Hà Khẩu (bịa)", NOV)
NOI_BAI = Gate("NOIBAI", "Cảng Nội Bài (bịa)", NOV, DEC)


def opened(engine: Engine, gate: Gate, province: str = "15") -> None:
    with engine.begin() as connection:
        gates.open_gate(connection, gate, province)


def load(engine: Engine, province: str = "15") -> tuple[Gate, ...]:
    with engine.connect() as connection:
        return gates.load(connection, province)


def test_there_is_none_until_one_is_opened(engine: Engine) -> None:
    assert load(engine) == ()


def test_the_provinces_own_come_first(engine: Engine) -> None:
    opened(engine, NOI_BAI, "01")
    opened(engine, HA_KHAU, "15")

    assert load(engine, "15") == (HA_KHAU, NOI_BAI)
    assert load(engine, "01") == (NOI_BAI, HA_KHAU)


@pytest.mark.parametrize(
    ("day", "is_open"),
    [(date(2026, 10, 31), False), (NOV, True), (DEC, True), (date(2026, 12, 2), False)],
)
def test_it_is_open_from_its_first_day_to_its_last(engine: Engine, day: date, is_open: bool) -> None:
    opened(engine, NOI_BAI)

    (gate,) = load(engine)
    assert gate.open(day) is is_open


def test_opening_it_again_changes_it(engine: Engine) -> None:
    opened(engine, NOI_BAI)
    opened(engine, replace(NOI_BAI, name="Cảng hàng không Nội Bài", closes_on=None))

    assert load(engine) == (Gate("NOIBAI", "Cảng hàng không Nội Bài", NOV),)


@pytest.mark.parametrize("last", [date(2026, 11, 9), date(2026, 10, 31)])
def test_a_closed_one_is_not_open_any_more(engine: Engine, last: date) -> None:
    opened(engine, HA_KHAU)
    with engine.begin() as connection:
        gates.close_gate(connection, "HAKHAU", last)

    (gate,) = load(engine)
    assert not gate.open(date(2026, 11, 10))


@pytest.mark.parametrize(
    ("gate", "province", "why"),
    [
        (replace(HA_KHAU, code="hà khẩu"), "15", "capitals"),
        (replace(HA_KHAU, name=""), "15", "name"),
        (replace(HA_KHAU, name="x" * 41), "15", "name"),
        (replace(HA_KHAU, closes_on=date(2026, 10, 31)), "15", "before it opens"),
        (HA_KHAU, "99", "no province 99"),
    ],
)
def test_what_cannot_be_opened_is_refused(engine: Engine, gate: Gate, province: str, why: str) -> None:
    with pytest.raises(GateError, match=why):
        opened(engine, gate, province)


def test_a_gate_nobody_opened_cannot_be_closed(engine: Engine) -> None:
    with engine.begin() as connection, pytest.raises(GateError, match="no gate HAKHAU"):
        gates.close_gate(connection, "HAKHAU", NOV)


def test_a_running_process_sees_it_when_it_reads_again(
    engine: Engine, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert wiring._GATES_KEPT <= 60, "within a minute"
    monkeypatch.setattr(wiring, "_GATES_KEPT", 0)
    cast: Cast = settle(engine, settings)
    assert cast.services.library.open_gates(NOV) == ()
    opened(engine, HA_KHAU)

    assert [choice.value for choice in cast.services.library.open_gates(NOV)] == ["HAKHAU"]


@pytest.fixture
def run(engine: Engine, environ: dict[str, str]) -> Run:
    with engine.begin() as connection:
        connection.execute(insert(installation).values(id=1, demo=True))
    return lambda *arguments: khaibao("gates", *arguments, given=b"", **environ)


def test_an_operator_opens_lists_and_closes_one(run: Run) -> None:
    made = run("open", "hakhau", "Cửa khẩu Hà Khẩu", "--from", "2020-01-01", "--until", "2099-12-31")
    assert made.stdout.decode() == "HAKHAU: from 2020-01-01 until 2099-12-31\n"
    run("open", "NOIBAI", "Cảng Nội Bài", "--from", "2099-01-01", "--province", "01")

    assert run("list").stdout.decode().splitlines() == [
        "HAKHAU\t15\tCửa khẩu Hà Khẩu\tfrom 2020-01-01 until 2099-12-31\topen",
        "NOIBAI\t01\tCảng Nội Bài\tfrom 2099-01-01 until further notice\tclosed",
    ]
    assert run("close", "HAKHAU").stdout == b"HAKHAU: closed\n"
    assert run("list").stdout.decode().splitlines()[0].endswith("\tclosed")


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("close", "HAKHAU"), "no gate HAKHAU"),
        (("open", "HAKHAU", "Hà Khẩu", "--from", "2026-11-01", "--until", "2026-10-01"), "before it opens"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(run: Run, arguments: tuple[str, ...], why: str) -> None:
    result = run(*arguments)

    assert result.returncode == 1
    (line,) = result.stderr.decode().splitlines()
    assert line.startswith("Error: ")
    assert why in line
