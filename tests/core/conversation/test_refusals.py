"""Who refuses to declare is written down nowhere, and helped all the same."""

from __future__ import annotations

from core.conversation.effects import AlertKind, SaveRecord, SettleWaiting, TellSeenIll
from tests.core.conversation.walk import PHONES, Phone, Turn


def refused(*said: str) -> Turn:
    phone = Phone(PHONES["a stranger"])
    for text in ("KHAI", *said):
        phone.says(text)
    return phone.says("khong")


def told(turn: Turn) -> list[TellSeenIll]:
    return [effect for effect in turn.made.effects if isinstance(effect, TellSeenIll)]


def test_what_was_said_before_is_triaged() -> None:
    turn = refused("sot 39,5")

    assert told(turn) == [TellSeenIll("A", {"temperature": 39.5, "signs": ("fever",)}, only_urgent=True)]
    assert not [effect for effect in turn.made.effects if isinstance(effect, SaveRecord)]
    withdrawn = SettleWaiting(AlertKind.UNFINISHED, raise_now=False, letter="A", signs=("fever",))
    assert withdrawn in turn.made.effects


def test_several_texts_are_triaged_together() -> None:
    (seen,) = told(refused("ho nhieu", "39,5"))

    assert seen.answers == {"temperature": 39.5, "signs": ("cough",)}


def test_who_said_nothing_is_nobodys_concern() -> None:
    assert told(refused()) == []
    assert told(refused("khoe")) == []
