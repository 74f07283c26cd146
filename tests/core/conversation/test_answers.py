"""One reply to one question: what may stand beside the answer, and what is none."""

from __future__ import annotations

from datetime import date

import pytest

from core.conversation.answers import Asked, Read, read, volunteered
from core.conversation.understanding import Choice, Unclear
from tests.core.conversation.walk import library

TODAY = date(2026, 11, 2)


def answered(key: str, text: str, options: tuple[Choice, ...] = ()) -> Read | Unclear:
    form = library().form("declaration")
    return read(text, Asked(form.question(key), options, library(), TODAY, form))


@pytest.mark.parametrize(
    "text",
    ["khong", "khong, toi khoe", "khong co benh gi", "ko co benh nen", "khong, binh thuong", "khong biet", "khong ro"],
)
def test_no_illness_is_none(text: str) -> None:
    assert answered("conditions", text) == {"conditions": None}


@pytest.mark.parametrize(
    "text", ["huyet ap cao", "khong, huyet ap cao", "khong, chi dau lung", "khong co benh, tim yeu"]
)
def test_an_illness_behind_a_no_is_kept(text: str) -> None:
    assert answered("conditions", text) == {"conditions": text}


@pytest.mark.parametrize("text", ["khong biet", "khong", "co", "o nha", "toi o nha", "khong nho"])
@pytest.mark.parametrize("key", ["address", "travel_places"])
def test_what_names_no_place_is_asked_again(key: str, text: str) -> None:
    assert isinstance(answered(key, text), Unclear)


@pytest.mark.parametrize("text", ["thon Na Ang", "so 5", "o nha ong Chu", "thon Dung"])
def test_a_place_is_kept_as_written(text: str) -> None:
    assert answered("address", text) == {"address": text}


@pytest.mark.parametrize("text", ["1980 male", "1980 nam", "nam, 46 tuoi nam"])
def test_a_gender_said_with_the_year_is_not_asked_for_again(text: str) -> None:
    values = answered("year_of_birth", text)
    assert values == {"year_of_birth": 1980, "gender": "male"}


def test_two_bare_digits_are_offered_as_the_years_that_they_may_mean() -> None:
    said = answered("year_of_birth", "70")
    assert isinstance(said, Unclear)
    assert [each.label for each in said.options] == ["1956", "1970"]
    assert answered("year_of_birth", "2", said.options) == {"year_of_birth": 1970}
    assert answered("year_of_birth", "1956", said.options) == {"year_of_birth": 1956}
    assert answered("year_of_birth", "1980", said.options) == {"year_of_birth": 1980}


def test_no_years_are_offered_for_a_name() -> None:
    said = answered("full_name", "Nguyen Van Ba 70 khong ro")
    assert isinstance(said, Unclear) and not said.options


BEFORE = ("Tran Van Nam 1984 nam, ", "Tran Van Nam,1984,", "xa Bat Xat, Lao Cai, ", "nham, ", "thon 3; ", "1984,")


@pytest.mark.parametrize("before", BEFORE)
@pytest.mark.parametrize("mark", [",", "."])
def test_what_stands_before_a_temperature_does_not_change_it(before: str, mark: str) -> None:
    form = library().form("declaration")
    for tenths in range(340, 431):
        said = f"{before}{tenths // 10}{mark}{tenths % 10} ho"
        found = dict(volunteered(said, form, library(), TODAY))
        assert (found["signs"]["temperature"], found["signs"]["signs"]) == (tenths / 10, ("cough",))


@pytest.mark.parametrize("text", ["Tran Van Nam 1984 nam,ho", "Tran Van Nam 1984,ho", "Tran Van Nam 1984, ho, sot"])
def test_a_comma_behind_the_year_ends_it(text: str) -> None:
    found = dict(volunteered(text, library().form("declaration"), library(), TODAY))
    assert found["full_name"]["year_of_birth"] == 1984
    assert "cough" in (found["signs"]["signs"] or ())  # type: ignore[operator]


@pytest.mark.parametrize(
    ("said", "signs"), [("ho, sot, 38,9", ("fever", "cough")), ("khong sot, khong ho", ()), ("khong sot, ho", None)]
)
def test_signs_behind_a_name_are_read_together(said: str, signs: tuple[str, ...] | None) -> None:
    found = volunteered(f"Tran Van Nam 1984 nam, {said}", library().form("declaration"), library(), TODAY)
    assert [key for key, _ in found].count("signs") == (signs is not None)
    assert dict(found).get("signs", {}).get("signs") == signs


@pytest.mark.parametrize(
    ("said", "signs"),
    [
        ("co sot, khong sot nua, con ho", ("fever", "cough")),
        ("sot 39, sot 38, ho", ("fever", "cough")),
        ("co sot, khong ho, met", ("fever", "fatigue")),
    ],
)
def test_what_contradicts_itself_is_not_lost(said: str, signs: tuple[str, ...]) -> None:
    found = volunteered(f"Tran Van Nam 1984 nam, {said}", library().form("declaration"), library(), TODAY)
    assert dict(found)["signs"]["signs"] == signs
