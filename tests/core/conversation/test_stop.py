"""STOP ends what we begin, and nothing of what the same text says."""

from __future__ import annotations

import pytest

from core.conversation.effects import SaveRecord, StopReminders
from tests.core.conversation.walk import PHONES, Phone, Turn

FOLLOWED = "under follow-up, just asked"


def records(turn: Turn) -> list[tuple[str, dict[str, object]]]:
    made = (effect for effect in turn.made.effects if isinstance(effect, SaveRecord))
    return [(record.letter, dict(record.answers)) for record in made]


@pytest.mark.parametrize(
    "text",
    [
        "sot 39 dung nhan tin nua",
        "khong nhan tin nua toi sot 39",
        "STOP sot 39",
        "toi bi sot 39 do, xin ngung nhan tin",
    ],
)
def test_a_report_before_or_behind_it_is_written(text: str) -> None:
    turn = Phone(PHONES[FOLLOWED]).says(text)

    assert StopReminders() in turn.made.effects
    assert records(turn) == [("A", {"temperature": 39.0, "signs": ("fever",)})]


def test_both_sides_of_it_are_one_report() -> None:
    turn = Phone(PHONES[FOLLOWED]).says("sot 39, dung nhan tin cho toi nua, ho nua")

    assert records(turn) == [("A", {"temperature": 39.0, "signs": ("fever", "cough")})]


def test_a_household_before_it_is_written() -> None:
    turn = Phone(PHONES["a household"]).says("A OK B SOT 39 dung nhan tin nua")

    assert StopReminders() in turn.made.effects
    assert records(turn) == [("A", {"signs": ()}), ("B", {"temperature": 39.0, "signs": ("fever",)})]


def test_who_is_well_is_written_and_a_bare_no_is_not() -> None:
    assert records(Phone(PHONES[FOLLOWED]).says("toi khoe, dung nhan tin nua")) == [("A", {"signs": ()})]
    assert records(Phone(PHONES[FOLLOWED]).says("khong, dung nhan tin nua")) == []
