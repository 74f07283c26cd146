"""Whole conversations, as people type them, through the whole pipeline; and the player that plays them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.cli_play import play as cli
from app.play import Difference, Player, captured, fits
from app.play import said as said_as
from app.play_tally import Tally
from app.play_world import World, temporary_world
from app.play_write import Writer
from app.scenario import BadScenario, load, parse

FILES = sorted((Path(__file__).parent / "scenarios").glob("*.chat"))

SMALL = """\
# Somebody wants to leave where nothing was begun.
phone 0900000001
> thoat
< Khong co to khai nao dang lam. Muon khai, nhan KHAI. Muon ngung nhac tin, nhan STOP.
= nothing
! none
"""


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """One database for all scenarios; each finds it empty."""
    with temporary_world("phone") as world:
        yield world


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_it_goes_as_written(world: World, path: Path) -> None:
    Player(world, load(path)).play()


def test_there_are_enough_of_them() -> None:
    assert len(FILES) >= 36


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_first_line_says_who_writes(path: Path) -> None:
    assert path.read_text(encoding="utf-8").startswith("# ")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_only_made_up_phones_write(path: Path) -> None:
    phones = [line for line in load(path).lines if line.startswith("phone ")]
    assert phones
    assert all(phone.startswith("phone 0900000") for phone in phones)


def play(world: World, text: str) -> Tally:
    return Player(world, parse(Path("small.chat"), text)).play()


def test_it_counts_what_it_played(world: World) -> None:
    tally = play(world, SMALL)
    assert tally.lines() == ["1 files, 1 texts in, 1 out in 1 SMS parts"]


def test_it_counts_the_parts_of_a_check_in(world: World) -> None:
    tally = play(world, "phone 0900000001\n> SK 37,5 ho\n< Da nhan: 37,5 do, ho. Ma: ….…\n")
    assert tally.records == {"checkin": [1]}


DIFFERENT = [
    pytest.param("> giup\n< Xin chao.\n", 3, "something else was said", id="another text"),
    pytest.param("> giup\n", 2, "the scenario ends", id="a text that is not listed"),
    pytest.param("> giup\n> giup\n", 3, "the person writes again", id="a text not listed before the next"),
    pytest.param("< Xin chao.\n", 2, "nothing was said", id="a text that never came"),
    pytest.param("= checkin\n", 2, "the newest record", id="a record that is not there"),
    pytest.param("> sk ok\n< …\n= nothing\n", 4, "the newest record", id="a record too many"),
    pytest.param("> sk ho\n< …\n= checkin signs=fever\n", 4, "signs of the newest record", id="another sign"),
    pytest.param("! danger\n", 2, "open alerts", id="an alert that is not there"),
    pytest.param("> kho tho\n< …\n< …\n! none\n", 5, "open alerts", id="an alert too many"),
    pytest.param("~ due 08:00 seen_ok\n", 2, "the check-in due 02/11 08:00", id="nothing due"),
    pytest.param("at 2026-11-01 08:00\n", 2, "time never goes back", id="time going back"),
    pytest.param("= visit direction=in\n", 2, "direction of the newest visit", id="a visit that is not there"),
]


@pytest.mark.parametrize(("lines", "line", "problem"), DIFFERENT)
def test_it_finds_what_is_different(world: World, lines: str, line: int, problem: str) -> None:
    with pytest.raises(Difference) as found:
        play(world, f"phone 0900000001\n{lines}")
    first = str(found.value).splitlines()[0]
    assert first.startswith(f"small.chat:{line}: ")
    assert problem in first


def test_a_text_to_another_phone_is_found(world: World) -> None:
    lines = [
        "phone 0900000002",
        '- enrol "Sùng A Chù" 1957 male TYT02683 F1 until 2026-11-15 hours 8',
        "phone 0900000001",
        "at 08:00",
    ]
    with pytest.raises(Difference, match="another phone"):
        play(world, "\n".join(lines))


def test_the_difference_is_marked(world: World) -> None:
    with pytest.raises(Difference) as found:
        play(world, SMALL.replace("nhan KHAI", "nhan SK"))
    expected, got, mark = str(found.value).splitlines()[1:]
    column = mark.index("^")
    assert expected[:column].replace("expected:", "") == got[:column].replace("got:     ", "")
    assert (expected[column], got[column]) == ("S", "K")


BAD = [
    pytest.param("hello", "no line begins with 'hello'", id="no sign at all"),
    pytest.param("phone", "phone 0900000011", id="no number"),
    pytest.param("at tomorrow", "at 2026-11-02 07:30", id="no time"),
    pytest.param("wait long", "'long' is no span of time", id="no span"),
    pytest.param("wait", "how long?", id="no span at all"),
    pytest.param("= checkin ho", "facts are name=value", id="no fact"),
    pytest.param('= checkin name="A', "No closing quotation", id="no end of a name"),
    pytest.param("!", "which alerts?", id="no alert"),
    pytest.param("~ 08:00 seen_ok", "~ due 08:00 seen_ok", id="no due"),
    pytest.param('- enrol "Sùng A Chù" 1957', "- enrol", id="half an enrolment"),
    pytest.param("- dance", "staff do one of enrol venue guard gate", id="no deed of staff"),
    pytest.param('- venue 1234566 "Chợ" shop TYT02683', "'shop' is not a valid VenueKind", id="no kind of venue"),
    pytest.param("- guard", "not enough values", id="no venue to guard"),
    pytest.param('- gate HAKHAU "Hà Khẩu" 2026-11-01', "not enough values", id="half a gate"),
]


@pytest.mark.parametrize(("line", "said"), BAD)
def test_a_line_that_cannot_be_read_is_named(line: str, said: str) -> None:
    with pytest.raises(BadScenario) as found:
        parse(Path("bad.chat"), f"# somebody\n\n{line}\n")
    assert str(found.value).startswith("bad.chat:3: ")
    assert said in str(found.value)


FITS = [
    ("Ma: 412 738 605.", "Ma: 412 738 605.", True),
    ("Ma: ….", "Ma: 412 738 605.", True),
    ("…", "", True),
    ("Ma: …", "Da nhan. Ma: 412", False),
    ("Ma: .", "Ma: 412.", False),
    ("a.c", "abc", False),
    ("Ma {code}: NHAN {code}.", "Ma 4127: NHAN 4127.", True),
    ("Ma {code}: NHAN {code}.", "Ma 4127: NHAN 4128.", False),
]


@pytest.mark.parametrize(("expected", "got", "same"), FITS)
def test_dots_stand_for_any_words(expected: str, got: str, same: bool) -> None:
    assert fits(expected, got) is same


def test_a_name_stands_for_the_same_word_from_there_on() -> None:
    assert captured("Ma {code}, {who}.", "Ma 4127, Lan.", {"who": "Lan"}) == {"code": "4127"}
    assert captured("Ma {code}.", "Ma 4128.", {"code": "4127"}) is None
    assert said_as("NHAN {code} {gi}", {"code": "4127"}) == "NHAN 4127 {gi}"


def test_it_writes_what_was_said(world: World, tmp_path: Path) -> None:
    path = tmp_path / "words.chat"
    path.write_text("# A stranger.\nphone 0900000001\n> sk 37,5 ho\n< Old words.\n\n! none\n", encoding="utf-8")
    writer = Writer(world, load(path))
    lines = writer.write().splitlines()
    assert lines[:3] == ["# A stranger.", "phone 0900000001", "> sk 37,5 ho"]
    assert lines[3].startswith("< Da nhan: 37,5 do, ho. Ma: …. ")
    assert lines[4:] == ["", "! none"]
    assert writer.differences == []


def test_the_command_says_where_it_differs(tmp_path: Path) -> None:
    path = tmp_path / "small.chat"
    path.write_text(SMALL.replace("! none", "! danger"), encoding="utf-8")
    result = CliRunner().invoke(cli, [str(path)])
    assert result.exit_code == 1
    assert f"{path}:6: open alerts" in result.output
    assert "1 of 1 files differ" in result.output


def test_the_command_names_a_line_that_cannot_be_read(tmp_path: Path) -> None:
    path = tmp_path / "bad.chat"
    path.write_text("# somebody\nhello\n", encoding="utf-8")
    result = CliRunner().invoke(cli, [str(path)])
    assert result.exit_code == 1
    assert f"{path}:2: no line begins with 'hello'" in result.output


def test_what_it_does_not_write_it_tells(world: World) -> None:
    writer = Writer(world, parse(Path("small.chat"), SMALL.replace("= nothing", "= checkin")))
    assert writer.write() == SMALL.replace("= nothing", "= checkin")
    assert "small.chat:5: the newest record" in str(writer.differences[0])
