"""Numbers to which no signs were said yet are written down when they are said, and again when they are corrected."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.conversation.effects import SaveRecord
from core.conversation.engine import Step
from core.conversation.form import Value
from tests.core.conversation.walk import PHONES, Phone

FOLLOWED = PHONES["under follow-up, just asked"]
ILL = replace(FOLLOWED, members=(replace(FOLLOWED.members[0], group="F0"),))


def written(step: Step) -> list[tuple[int, dict[str, Value]]]:
    saved = (each for each in step.effects if isinstance(each, SaveRecord))
    return [(each.version, {k: v for k, v in each.answers.items() if v != ()}) for each in saved]


@pytest.mark.parametrize("text", ["khong, 38,6 moi dung", "SUA 38,6", "nham, 38,6"])
def test_a_corrected_temperature_is_written_again(text: str) -> None:
    phone = Phone(FOLLOWED)
    assert written(phone.says("37,5").made) == [(1, {"temperature": 37.5})]
    assert written(phone.says(text).made) == [(2, {"temperature": 38.6})]
    assert written(phone.says("ho").made) == [(3, {"temperature": 38.6, "signs": ("cough",)})]


def test_a_high_one_said_by_mistake_is_taken_back() -> None:
    phone = Phone(FOLLOWED)
    phone.says("39")
    assert written(phone.says("nham 37").made) == [(2, {"temperature": 37.0})]


def test_oxygen_too() -> None:
    phone = Phone(ILL)
    phone.says("spo2 97 mach 80")
    assert written(phone.says("SUA spo2 95 mach 80").made) == [
        (2, {"spo2": 95, "pulse": 80, "vitals": ("spo2", "pulse")})
    ]


def test_the_same_number_is_no_new_version() -> None:
    phone = Phone(FOLLOWED)
    phone.says("37,5")
    assert written(phone.says("SUA 37,5").made) == []
    assert written(phone.says("alo").made) == []


def test_signs_stand_while_they_are_asked_anew() -> None:
    phone = Phone(FOLLOWED)
    for text in ("37,5 ho", "SUA"):
        phone.says(text)
    assert written(phone.says("38,6").made) == [(2, {"temperature": 38.6, "signs": ("cough",)})]
    assert written(phone.says("khong ho").made) == [(3, {"temperature": 38.6})]
