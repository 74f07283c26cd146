"""SUA with the letters of several people: each is corrected by their own letter, nobody by another's."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest

from core.conversation.context import Check
from core.conversation.effects import AlertKind, RaiseAlert, SaveRecord
from core.conversation.engine import Step
from core.conversation.form import Value
from tests.core.conversation.walk import NOON, PHONES, Phone

_FAMILY = PHONES["a household"]
FOLLOWED = replace(
    _FAMILY,
    members=tuple(
        replace(
            member,
            follow_up_until=date(2026, 12, 1),
            group="F1",
            check=Check(UUID(int=90 + place), NOON, NOON - timedelta(minutes=5)),
        )
        for place, member in enumerate(_FAMILY.members)
    ),
)


def phone() -> Phone:
    """Of a family of three, who told all of them in one text."""
    family = Phone(FOLLOWED)
    family.says("A OK B SOT 38 C OK")
    return family


def written(step: Step) -> list[tuple[str, int, dict[str, Value]]]:
    saved = (each for each in step.effects if isinstance(each, SaveRecord))
    return [(each.letter, each.version, dict(each.answers)) for each in saved]


def dangers(step: Step) -> list[tuple[str, tuple[str, ...]]]:
    raised = (each for each in step.effects if isinstance(each, RaiseAlert))
    return [(each.letter, each.signs) for each in raised if each.kind is AlertKind.DANGER]


@pytest.mark.parametrize("before", ["SUA", "SUA cua", "nham,"])
def test_each_is_corrected_by_their_letter(before: str) -> None:
    made = phone().says(f"{before} A OK B SOT 39 C OK").made
    assert written(made) == [("B", 2, {"temperature": 39.0, "signs": ("fever",)})]
    assert len(made.replies) == 1


def test_the_temperature_alone_leaves_the_signs() -> None:
    made = phone().says("SUA A ho B 37,2").made
    assert written(made) == [
        ("A", 2, {"signs": ("cough",)}),
        ("B", 2, {"temperature": 37.2, "signs": ("fever",)}),
    ]


def test_the_letter_that_stands_second_is_corrected_too() -> None:
    assert written(phone().says("SUA B OK C sot 39").made) == [
        ("B", 2, {"temperature": 38.0, "signs": ()}),
        ("C", 2, {"temperature": 39.0, "signs": ("fever",)}),
    ]


def test_danger_behind_the_word_is_of_whom_it_names() -> None:
    made = phone().says("SUA A OK B kho tho").made
    assert dangers(made) == [("B", ("shortness_of_breath",))]
    assert written(made) == [("B", 2, {"temperature": 38.0, "signs": ("shortness_of_breath",)})]


def test_danger_of_one_behind_the_word_is_theirs() -> None:
    made = phone().says("SUA B kho tho").made
    assert dangers(made) == [("B", ("shortness_of_breath",))]


def test_each_is_corrected_in_place_of_an_answer_whose_it_is() -> None:
    family = phone()
    family.says("SUA ho")
    assert written(family.says("A OK B SOT 39 C OK").made) == [("B", 2, {"temperature": 39.0, "signs": ("fever",)})]


def test_nothing_new_is_no_new_version() -> None:
    made = phone().says("SUA A OK B SOT 38 C OK").made
    assert written(made) == []
    assert made.replies


@pytest.mark.parametrize("text", ["SUA A OK B qwer", "SUA A OK B SOT 39 C qwer asdf", "nham, A OK B qwer zxcv"])
def test_what_is_unclear_of_one_is_asked_of_each(text: str) -> None:
    family = phone()
    made = family.says(text).made
    assert written(made) == []
    assert made.replies[-1].say.text == "Xin trả lời từng người, ví dụ: {first} OK {second} 37,8 HO."
    assert not family.session.busy


def test_who_has_no_record_today_gets_one() -> None:
    family = Phone(FOLLOWED)
    family.says("A OK B SOT 38")
    assert written(family.says("SUA B 37,2 C ho").made) == [
        ("B", 2, {"temperature": 37.2, "signs": ("fever",)}),
        ("C", 1, {"signs": ("cough",)}),
    ]
