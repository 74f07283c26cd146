""" "Whose is it?" is answered by whom a text picks, and by nothing else that it may say."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.conversation.effects import AlertKind, RaiseAlert, SaveRecord, TellSeenIll
from core.conversation.engine import Step
from core.conversation.session import Stage
from tests.core.conversation.household_phone import Volunteer, home, made_of, sources
from tests.core.conversation.walk import PHONES, Phone

_HOUSEHOLD = PHONES["a household"]
_LAN, _HUNG, _HO = (
    replace(member, name=name)
    for member, name in zip(_HOUSEHOLD.members, ("Nguyễn Thị Lan", "Hùng", "Hồ Văn Ổn"), strict=True)
)
FAMILY = replace(_HOUSEHOLD, members=(_LAN, _HUNG, _HO))
_EACH = "Xin trả lời từng người, ví dụ: {first} OK {second} 37,8 HO."


def asked() -> Phone:
    """A family's phone, from which a fever was told."""
    phone = Phone(FAMILY)
    phone.says("sot 39")
    return phone


def written(step: Step) -> list[tuple[str, object, object]]:
    saved = (each for each in step.effects if isinstance(each, SaveRecord))
    return [(each.letter, each.answers["signs"], each.answers.get("temperature")) for each in saved]


@pytest.mark.parametrize(
    "text", ["A va B", "a va b", "A, B", "A voi B", "Lan va Hung", "ba Lan ho, ong Hung khoe", "A+B", "ca A va B"]
)
def test_two_who_are_named_are_asked_for_one_by_one(text: str) -> None:
    phone = asked()
    made = phone.says(text).made
    assert (sources(made), written(made)) == ([_EACH], [])
    assert phone.session.stage is Stage.WHO
    assert written(phone.says("B").made) == [("B", ("fever",), 39.0)]


@pytest.mark.parametrize("text", ["ong Hung khoe", "Hung khong sao"])
def test_who_is_well_is_not_who_has_a_fever(text: str) -> None:
    made = asked().says(text).made
    assert ("B", ("fever",), 39.0) not in written(made)


@pytest.mark.parametrize(
    ("text", "letter"),
    [
        *(("2", "B"), ("B", "B"), ("b", "B"), ("B a", "B"), ("cua ong Hung", "B"), ("Hung nha", "B"), ("so 2", "B")),
        *(("Ho Van On", "C"), ("cua On", "C"), ("Nguyen Thi Lan", "A"), ("A", "A"), ("a", "A"), ("chi Lan a", "A")),
    ],
)
def test_one_who_is_picked_has_it(text: str, letter: str) -> None:
    assert written(asked().says(text).made) == [(letter, ("fever",), 39.0)]


def test_three_times_unclear_brings_a_human() -> None:
    phone = asked()
    kinds = [[e.kind for e in phone.says("A va B").made.effects if isinstance(e, RaiseAlert)] for _ in range(3)]
    assert AlertKind.MISUNDERSTOOD in kinds[2]
    assert phone.session.stage is Stage.WHO


def test_the_number_of_a_choice_is_no_degrees() -> None:
    volunteer = Volunteer.at(home(without="B"))
    volunteer.says("sot 39")
    assert [each.answers for each in made_of(volunteer.says("2"), TellSeenIll)] == [  # type: ignore[attr-defined]
        {"signs": ("fever",), "temperature": 39.0}
    ]
