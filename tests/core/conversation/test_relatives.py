"""What somebody tells of their family, asked how they are themselves: it is no answer, and reaches the unit."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from core.conversation.effects import SOMEBODY, AlertKind, RaiseAlert, SaveRecord
from core.messaging.channel import MessageKind
from tests.core.conversation.walk import PHONES, Phone, Turn

FOLLOWED = "under follow-up, just asked"


def walked(phone: str, texts: Sequence[str]) -> tuple[Phone, list[Turn]]:
    made = Phone(PHONES[phone])
    return made, [made.says(text) for text in texts]


def told(turn: Turn) -> list[tuple[AlertKind, str]]:
    return [(effect.kind, effect.letter) for effect in turn.made.effects if isinstance(effect, RaiseAlert)]


@pytest.mark.parametrize(
    ("phone", "before"),
    [
        (FOLLOWED, ["SK"]),
        (FOLLOWED, ["37,2"]),
        ("known", ["KHAI", "1"]),
        ("a stranger", ["KHAI", "dong y"]),
        ("a household", ["SK", "1"]),
    ],
)
@pytest.mark.parametrize("text", ["me toi sot 39", "con toi ho"])
def test_a_relatives_signs_are_no_answer(phone: str, before: list[str], text: str) -> None:
    made, turns = walked(phone, before)
    answers = dict(made.session.answers)
    turn = made.says(text)

    assert not [effect for effect in turn.made.effects if isinstance(effect, SaveRecord)]
    assert (made.session.pending, dict(made.session.answers)) == ("signs", answers)
    assert told(turn) == [(AlertKind.UNFINISHED, "")]
    assert turn.made.replies[-1] == turns[-1].made.replies[-1]


def test_a_relatives_danger_is_not_ones_own() -> None:
    made, _ = walked("known", ["KHAI", "1"])
    turn = made.says("con toi kho tho")

    assert [letter for kind, letter in told(turn) if kind is AlertKind.DANGER] == [SOMEBODY]
    assert turn.made.replies[0].kind is MessageKind.DANGER
    assert not {"signs", "signs_said"} & made.session.answers.keys()


@pytest.mark.parametrize("text", ["con toi khoe", "con toi asdf qwer"])
def test_what_is_no_report_of_illness_is_a_miss(text: str) -> None:
    made, _ = walked(FOLLOWED, ["SK", text])

    assert (made.session.pending, made.session.misses) == ("signs", 1)


def test_who_declares_for_a_relative_answers_so() -> None:
    made, _ = walked("known", ["KHAI HO", "dong y", "con toi sot 39"])

    assert made.session.answers["temperature"] == 39.0


def test_ones_own_follow_up_goes_on_behind_it() -> None:
    _, turns = walked(FOLLOWED, ["37,2", "con toi sot 39", "khong ho"])

    saved = [effect for effect in turns[-1].made.effects if isinstance(effect, SaveRecord)]
    assert [(each.letter, dict(each.answers)) for each in saved] == [("A", {"temperature": 37.2, "signs": ()})]
