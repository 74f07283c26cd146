"""Venues: their codes, their guards, and what an operator does with them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from subprocess import CompletedProcess

import pytest
from sqlalchemy import Engine

from app.settings import Settings
from core.check_digit import is_checked
from core.places import venues
from core.places.venues import NewVenue, VenueError, VenueKind
from tests.cast import NEXT_STATION, STATION, settle
from tests.command import khaibao

Run = Callable[..., "CompletedProcess[bytes]"]

NOW = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)
MARKET = NewVenue("Chợ Bát Xát (bịa)", VenueKind.MARKET, STATION, "phố chợ")
CODE, OTHER = "1234566", "7654325"


@pytest.fixture
def placed(engine: Engine, settings: Settings) -> Engine:
    """The units are there."""
    settle(engine, settings)
    return engine


def add(engine: Engine, new: NewVenue = MARKET, code: str = "") -> str:
    with engine.begin() as connection:
        return venues.add(connection, new, NOW, code)


def test_a_code_has_seven_digits_that_check_themselves_and_no_zero_in_front() -> None:
    for number in (0, 1, 449_999, 899_999):
        code = venues.new_code(lambda span, n=number: n)  # type: ignore[misc]
        assert (len(code), code[0] != "0", is_checked(code)) == (7, True, True)


def test_a_venue_is_found_by_its_code(placed: Engine) -> None:
    code = add(placed)

    with placed.connect() as connection:
        found = venues.find(connection, {code, OTHER})
    assert set(found) == {code}
    venue = found[code]
    assert (venue.name, venue.kind, venue.unit_code, venue.address) == (MARKET.name, "market", STATION, "phố chợ")
    assert (venue.active, venue.created_at, venue.guards) == (True, NOW, frozenset())


def test_a_code_that_is_taken_is_drawn_again(placed: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = (code for code in (CODE, CODE, OTHER))
    monkeypatch.setattr(venues, "new_code", lambda: next(drawn))

    assert [add(placed), add(placed)] == [CODE, OTHER]


def test_it_ends_when_no_code_is_left(placed: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    tries = count()
    monkeypatch.setattr(venues, "new_code", lambda: (next(tries), CODE)[1])
    add(placed)

    with pytest.raises(VenueError, match="nearly all codes are taken"):
        add(placed)
    assert next(tries) < 100


@pytest.mark.parametrize(
    ("new", "code", "why"),
    [
        (replace(MARKET, name="x"), "", "2 to 40 letters"),
        (replace(MARKET, name="x" * 41), "", "2 to 40 letters"),
        (replace(MARKET, unit_code="TYT99999"), "", "no unit TYT99999"),
        (MARKET, "1234567", "no code"),
        (MARKET, "123456", "no code"),
        (MARKET, "0123459", "no code"),
    ],
)
def test_what_cannot_be_a_venue_is_refused(placed: Engine, new: NewVenue, code: str, why: str) -> None:
    with pytest.raises(VenueError, match=why):
        add(placed, new, code)


def test_a_closed_one_keeps_its_code(placed: Engine) -> None:
    add(placed, MARKET, CODE)
    with placed.begin() as connection:
        venues.close(connection, CODE)

    with placed.connect() as connection:
        assert not venues.find(connection, {CODE})[CODE].active
    with pytest.raises(VenueError, match="taken"):
        add(placed, MARKET, CODE)


def test_guards_come_and_go(placed: Engine) -> None:
    add(placed, MARKET, CODE)
    with placed.begin() as connection:
        for number in ("0900000001", "+84 900 000 001", "0900.000.002"):
            venues.add_guard(connection, CODE, number)
        assert venues.find(connection, {CODE})[CODE].guards == {"+84900000001", "+84900000002"}
        venues.remove_guard(connection, CODE, "0900000001")
        assert venues.find(connection, {CODE})[CODE].guards == {"+84900000002"}


@pytest.mark.parametrize(
    ("number", "why"),
    [("02143800115", "mobile"), ("12345", "mobile"), ("+8613800138000", "mobile"), ("0900000001", "no venue")],
)
def test_who_cannot_be_a_guard_is_refused(placed: Engine, number: str, why: str) -> None:
    with placed.begin() as connection, pytest.raises(VenueError, match=why):
        venues.add_guard(connection, CODE, number)


def test_they_are_listed_by_name_and_unit(placed: Engine) -> None:
    add(placed, MARKET, CODE)
    add(placed, NewVenue("Bến xe Cốc San (bịa)", VenueKind.TRANSPORT, NEXT_STATION), OTHER)

    with placed.connect() as connection:
        assert [venue.code for venue in venues.listed(connection)] == [OTHER, CODE]
        assert [venue.code for venue in venues.listed(connection, STATION)] == [CODE]


@pytest.fixture
def run(placed: Engine, environ: dict[str, str]) -> Run:
    return lambda *arguments: khaibao("venues", *arguments, given=b"", **environ)


def test_an_operator_adds_lists_and_closes_one(run: Run) -> None:
    said = run("add", "Chợ Bát Xát", "--kind", "market", "--unit", STATION).stdout.decode()
    code = said[:7]
    assert said.startswith(f"{code}: open\n\nChợ Bát Xát\nĐến: nhắn tin VAO {code}\nVề: nhắn tin RA {code}\n")
    assert "đồng ý" in said
    assert "30 ngày" in said
    assert f"VAO {code}" in said.partition("DU LIEU.")[2], "also in English"

    assert run("guard", code, "0900000001").stdout.decode() == f"{code}: may check others in\n"
    assert run("list").stdout.decode() == f"{code}\tmarket\t{STATION}\tChợ Bát Xát\topen\t1\n"
    assert run("list", "--unit", NEXT_STATION).stdout == b""
    assert run("guard", code, "0900000001", "--remove").stdout.decode() == f"{code}: no guard any more\n"
    assert run("close", code).stdout.decode() == f"{code}: closed\n"
    assert run("list").stdout.decode().endswith("\tclosed\t0\n")


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("add", "市場", "--kind", "market", "--unit", STATION), "letters, digits and plain marks"),
        (("add", "Chợ", "--kind", "market", "--unit", "TYT99999"), "no unit TYT99999"),
        (("close", CODE), f"no venue {CODE}"),
        (("guard", CODE, "0900000001"), f"no venue {CODE}"),
        (("guard", CODE, "02143800115"), "not a Vietnamese mobile number"),
        (("guard", CODE, "0900000001", "--remove"), "no guard"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(run: Run, arguments: tuple[str, ...], why: str) -> None:
    result = run(*arguments)

    assert result.returncode == 1
    (line,) = result.stderr.decode().splitlines()
    assert line.startswith("Error: ")
    assert why in line
    assert "900000001" not in line
