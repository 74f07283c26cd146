"""The mark of a question: what a button carries, so that a stale one is known."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from core.clock import VIETNAM
from core.conversation.session import Session, Stage, from_json, to_json
from core.conversation.understanding import Choice
from core.messaging.buttons import LONGEST, loaded, payloads, shown, stored, tapped

NOW = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)
ASKING = Session(stage=Stage.ASKING, form="f", letter="A", pending="contacts", asked_at=NOW)


@pytest.mark.parametrize(
    "change",
    [
        {"pending": "travelled"},
        {"letter": "B"},
        {"form": "g"},
        {"stage": Stage.LEGAL},
        {"options": (Choice("x", "X"),)},
        {"doubt": ("breathless",)},
        {"wrong_at": NOW},
    ],
)
def test_another_question_has_another_mark(change: dict[str, object]) -> None:
    assert replace(ASKING, **change).mark != ASKING.mark  # type: ignore[arg-type]


@pytest.mark.parametrize("change", [{"misses": 2}, {"asked_at": NOW + timedelta(hours=1)}, {"accents": True}])
def test_the_same_question_asked_again_keeps_its_mark(change: dict[str, object]) -> None:
    assert replace(ASKING, **change).mark == ASKING.mark  # type: ignore[arg-type]


@pytest.mark.parametrize("session", [ASKING, Session(asked_at=NOW.astimezone(VIETNAM)), Session(wrong_at=NOW)])
def test_it_survives_the_database(session: Session) -> None:
    assert from_json(to_json(session)).mark == session.mark


def test_a_payload_goes_there_and_back() -> None:
    (choice,) = payloads((Choice("yes", "Có"),), ASKING.mark)
    assert tapped(choice.value) == ("yes", ASKING.mark)
    assert choice.label == "Có"


def test_what_is_too_long_carries_no_mark() -> None:
    (choice,) = payloads((Choice("ờ" * 30, "Có"),), ASKING.mark)
    assert tapped(choice.value) == ("ờ" * 30, "")
    assert len(payloads((Choice("y" * 54, ""),), ASKING.mark)[0].value.encode()) == LONGEST


@pytest.mark.parametrize("typed", ["yes", "kb:zzz:yes", "kb:3f9a1c:", "38,5 ho: hai ngày"])
def test_what_a_person_types_is_what_they_say(typed: str) -> None:
    assert tapped(typed) == (typed, "")


def test_buttons_say_the_numbers_that_can_be_typed() -> None:
    choices = (Choice("a", "Một"), Choice("khong", "Không có gì", tapped=True), Choice("b", "Hai"))
    assert [choice.label for choice in shown(choices)] == ["1 Một", "Không có gì", "2 Hai"]
    assert loaded(stored(choices)) == choices
