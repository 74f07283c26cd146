"""Danger of somebody of the family is theirs: it is told at once, and silences nobody else's."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from core.conversation.effects import SOMEBODY, AlertKind, NameAlerts, RaiseAlert, SaveRecord, SettleWaiting
from core.messaging.channel import MessageKind
from tests.core.conversation.walk import PHONES, Phone, Turn

FOLLOWED = "under follow-up, just asked"
BREATH = "shortness_of_breath"


def walked(phone: str, texts: Sequence[str]) -> list[Turn]:
    made = Phone(PHONES[phone])
    return [made.says(text) for text in texts]


def told(turn: Turn) -> list[str]:
    """About whom the unit is told of danger at once."""
    raised = (effect for effect in turn.made.effects if isinstance(effect, RaiseAlert) and not effect.wait)
    return [alert.letter for alert in raised if alert.kind is AlertKind.DANGER]


def says_115(turn: Turn) -> bool:
    return turn.made.replies[0].kind is MessageKind.DANGER


@pytest.mark.parametrize("phone", ["known", FOLLOWED, "a household"])
@pytest.mark.parametrize("text", ["con toi kho tho", "vo toi bat tinh roi", "nguoi nha kho tho qua"])
def test_danger_of_a_relative_is_told_at_once_and_of_nobody_here(phone: str, text: str) -> None:
    (turn,) = walked(phone, [text])

    assert says_115(turn)
    assert told(turn) == [SOMEBODY]
    assert not [effect for effect in turn.made.effects if isinstance(effect, SaveRecord)]


def test_ones_own_danger_is_told_behind_a_relatives() -> None:
    *_, own = walked(FOLLOWED, ["con toi kho tho", "THOAT", "toi kho tho qua"])

    assert says_115(own)
    assert told(own) == ["A"]


@pytest.mark.parametrize(("phone", "picked", "letter"), [("known", ["2", "dong y"], "B"), ("a household", ["C"], "C")])
def test_who_is_picked_gets_the_alert(phone: str, picked: list[str], letter: str) -> None:
    *_, last = walked(phone, ["me toi kho tho", *picked])

    named = [effect for effect in last.made.effects if isinstance(effect, NameAlerts)]
    assert [(each.letter, each.signs, each.told_of) for each in named] == [(letter, (BREATH,), SOMEBODY)]
    assert told(last) == []


def test_who_declares_for_somebody_speaks_of_them() -> None:
    assert told(walked("known", ["KHAI HO", "dong y", "con toi kho tho"])[-1]) == ["B"]


def test_a_doubt_about_a_relative_is_asked_of_them() -> None:
    doubted, yes, *_, last = walked(FOLLOWED, ["con toi khong sot, ho, kho tho", "co", "2", "dong y"])

    assert doubted.made.replies[-1].say.text.startswith("Xin hỏi lại cho chắc: bây giờ {name}")
    assert [e.letter for e in doubted.made.effects if isinstance(e, RaiseAlert)] == [SOMEBODY]
    assert not [effect for effect in yes.made.effects if isinstance(effect, SaveRecord)]
    assert SettleWaiting(AlertKind.DANGER, raise_now=True, letter=SOMEBODY, signs=(BREATH,)) in yes.made.effects
    assert [effect.letter for effect in last.made.effects if isinstance(effect, NameAlerts)] == ["B"]


@pytest.mark.parametrize("text", ["con toi kho tho", "B kho tho"])
def test_a_doubt_about_one_is_not_settled_by_danger_of_another(text: str) -> None:
    *_, plain = walked("a household", ["C khong ho, kho tho", text])

    settled = SettleWaiting(AlertKind.DANGER, raise_now=True, letter="C", signs=(BREATH,))
    assert settled in plain.made.effects
