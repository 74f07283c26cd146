"""A question is added with a few lines of TOML and a conversation, as CONTRIBUTING.md shows: no more is touched."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest

from app.play import Player
from app.play_world import World, temporary_world
from app.scenario import parse
from core.conversation.form import Form
from core.forms.budget import Parts
from core.forms.check import check
from core.forms.examples import Reader
from core.forms.load import load, load_all
from core.words import load_words
from tests.cast import DECLARED

GUIDE = (Path(__file__).parents[3] / "CONTRIBUTING.md").read_text(encoding="utf-8")


def shown() -> tuple[str, str]:
    """The question that CONTRIBUTING adds, and what is said when it is asked."""
    chapter = GUIDE[GUIDE.index("**A question**") : GUIDE.index("**A form**")]
    question, said = re.findall(r"```\w*\n(.*?)```", chapter, re.DOTALL)
    return question, said


QUESTION, SAID = shown()


def with_it() -> Form:
    """Our declaration, and that question at its end."""
    toml = files("core.forms").joinpath("declaration.toml").read_text(encoding="utf-8")
    return load(f"{toml}\n{QUESTION}", "declaration.toml", load_all())


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """A pipeline whose declaration is that one."""
    with temporary_world("phone", [*load_all().values(), with_it()]) as world:
        yield world


def test_there_is_nothing_wrong_with_it(parts: Parts, reader: Reader) -> None:
    assert check(with_it(), parts, [load_words("vi")], reader) == []


def test_what_is_left_is_its_english(parts: Parts, reader: Reader) -> None:
    found = [str(fault) for fault in check(with_it(), parts, [load_words("vi"), load_words("en")], reader)]
    assert [fault.split(": ")[1] for fault in found] == ["not translated to 'en'"] * 4
    assert all(fault.startswith("declaration.household_size.") for fault in found)


def test_it_is_another_version() -> None:
    assert with_it().hash != load_all()["declaration"].hash


def test_it_is_asked_understood_shown_and_kept(world: World) -> None:
    before = [line for said in DECLARED[:-1] for line in (f"> {said}", "< …")]
    story = [
        "phone 0900000001",
        *before,
        f"> {DECLARED[-1]}",
        *SAID.strip().splitlines(),
        "< …So nguoi o nha: 5. Dung thi nhan OK…",
        "= declaration household_size=5 confirmed=no",
        "> ok",
        "< Da nhan…",
        "= declaration household_size=5 confirmed=yes",
    ]
    Player(world, parse(Path("added.chat"), "\n".join(story))).play()


def test_it_is_corrected_by_its_number_or_its_name(world: World) -> None:
    before = [line for said in DECLARED for line in (f"> {said}", "< …")]
    story = [
        "phone 0900000002",
        *before,
        "> 5",
        "< …",
        "> SUA so nguoi o nha 6",
        "< …So nguoi o nha: 6. Dung thi nhan OK…",
        "= declaration household_size=6 version=2",
    ]
    Player(world, parse(Path("corrected.chat"), "\n".join(story))).play()
