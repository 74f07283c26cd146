"""STOP ends what we begin, and nothing of what the same text says."""

from __future__ import annotations

import pytest

from core.conversation.effects import AlertKind, SaveRecord, SettleWaiting, StopReminders
from core.conversation.session import Stage
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


def stops(turn: Turn) -> bool:
    return StopReminders() in turn.made.effects


@pytest.mark.parametrize("text", ["tu choi", "Từ chối", "toi tu choi", "tu choi a"])
def test_to_decline_consent_is_no_stop(text: str) -> None:
    phone = Phone(PHONES["a stranger"])
    phone.says("KHAI")
    turn = phone.says(text)

    assert not stops(turn)
    assert "không lưu gì cả" in turn.made.replies[0].say.text
    assert not phone.session.busy


@pytest.mark.parametrize("before", [["KHAI", "1"], ["SK"], ["KHAI"]])
@pytest.mark.parametrize("text", ["tu choi", "ngung", "end"])
def test_to_decline_a_question_may_mean_either(before: list[str], text: str) -> None:
    phone = Phone(PHONES[FOLLOWED])
    for said in before:
        phone.says(said)
    asked = phone.says(text)

    assert not stops(asked)
    assert phone.session.stage is Stage.CANCEL
    assert stops(phone.says("2"))


def test_to_go_on_is_offered() -> None:
    phone = Phone(PHONES[FOLLOWED])
    for said in ("KHAI", "1", "tu choi"):
        phone.says(said)
    turn = phone.says("3")

    assert (phone.session.stage, phone.session.pending) == (Stage.ASKING, "signs")
    assert not stops(turn)


def test_to_decline_to_say_denies_no_danger() -> None:
    phone = Phone(PHONES[FOLLOWED])
    asked = phone.says("khong sot, ho, kho tho")
    turn = phone.says("tu choi")

    assert not stops(turn)
    assert [e for e in turn.made.effects if isinstance(e, SettleWaiting) and e.kind is AlertKind.DANGER] == []
    assert turn.made.replies == asked.made.replies


@pytest.mark.parametrize("text", ["STOP", "HUY NHAN", "dung nhan tin nua", "tu choi nhan tin"])
def test_what_can_mean_nothing_else_stops_in_a_form_too(text: str) -> None:
    phone = Phone(PHONES[FOLLOWED])
    phone.says("SK")

    assert stops(phone.says(text))


@pytest.mark.parametrize("text", ["tu choi", "ngung", "end"])
def test_with_nothing_open_it_stops(text: str) -> None:
    assert stops(Phone(PHONES[FOLLOWED]).says(text))
