"""Letters that are nobody's here: what is said by them is put down for nobody, and asked about."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.conversation.effects import SOMEBODY, AlertKind, RaiseAlert, SaveRecord
from core.conversation.engine import Step
from core.conversation.session import Stage
from tests.core.conversation.household_phone import Volunteer, sources
from tests.core.conversation.walk import PHONES, Phone

_NOBODY = (
    "Ở đây chưa có ai là {letter}. Xin nhắn từng người, ví dụ: {first} OK {second} 37,8 HO. "
    "Khai cho người khác: KHAI HO."
)
_WHO_IS_IT = "Ai có dấu hiệu đó? Của {you} xin nhắn riêng, ví dụ 37,8 HO. Của người khác xin nhắn KHAI HO."
_TWO = replace(PHONES["a household"], members=PHONES["a household"].members[:2])
ALONE = ["known", "under follow-up, just asked"]


def written(step: Step) -> list[str]:
    return [each.letter for each in step.effects if isinstance(each, SaveRecord)]


def alerts(step: Step) -> list[tuple[AlertKind, str]]:
    return [(each.kind, each.letter) for each in step.effects if isinstance(each, RaiseAlert)]


@pytest.mark.parametrize(
    "text", ["A ok B sot 38 C ho", "A ok B ok C sot 39", "B sot 39 C ok", "C sot 39", "A sot 38 C ho", "SK C sot 39"]
)
def test_one_who_is_not_here_is_asked_about(text: str) -> None:
    made = Phone(_TWO).says(text).made
    assert (sources(made), written(made)) == ([_NOBODY], [])
    assert alerts(made) == [(AlertKind.UNFINISHED, "")]


@pytest.mark.parametrize("text", ["A ok, B ok, C kho tho", "C kho tho", "B kho tho C ok", "SUA A ok C kho tho"])
def test_danger_of_one_who_is_not_here_is_nobody_elses(text: str) -> None:
    family = Phone(_TWO)
    family.says("A ok B ok")
    made = family.says(text).made
    assert alerts(made) == [(AlertKind.DANGER, "")]
    assert written(made) == []


@pytest.mark.parametrize("text", ["A ok B sot 38 C, ho", "A ok, B sot 38 do C. ho", "A ok B sot 38 C"])
def test_degrees_are_nobody(text: str) -> None:
    assert written(Phone(_TWO).says(text).made) == ["A", "B"]


@pytest.mark.parametrize("on", ALONE)
@pytest.mark.parametrize("text", ["A OK B SOT 38,5", "A OK B SOT 38,5 C OK", "SK A OK B 38,5"])
def test_several_on_the_phone_of_one_are_asked_about(on: str, text: str) -> None:
    made = Phone(PHONES[on]).says(text).made
    assert (sources(made), written(made)) == ([_WHO_IS_IT], [])
    assert alerts(made) == [(AlertKind.UNFINISHED, "")]


@pytest.mark.parametrize("on", ALONE)
@pytest.mark.parametrize("text", ["B sot 39", "B: 39", "C ho", "B khoe"])
def test_a_letter_on_the_phone_of_one_is_asked_about(on: str, text: str) -> None:
    phone = Phone(PHONES[on])
    made = phone.says(text).made
    assert written(made) == []
    assert phone.session.stage is Stage.WHO
    assert [choice.value for choice in made.replies[-1].choices] == ["A", "new"]
    assert written(phone.says("1").made) == ["A"]


def test_danger_by_a_letter_on_the_phone_of_one_is_nobodys_yet() -> None:
    assert alerts(Phone(PHONES["known"]).says("B kho tho").made) == [(AlertKind.DANGER, "")]


def test_em_is_who_writes() -> None:
    assert written(Phone(PHONES["known"]).says("E sot 39").made) == ["A"]


@pytest.mark.parametrize("text", ["B sot 39", "A OK B SOT 38,5"])
def test_in_a_form_it_is_no_answer(text: str) -> None:
    phone = Phone(PHONES["known"])
    for said in ("KHAI", "1", text):
        made = phone.says(said).made
    assert sources(made)[0] == _WHO_IS_IT
    assert (phone.session.stage, phone.session.pending) == (Stage.ASKING, "signs")
    assert "temperature" not in phone.session.answers


@pytest.mark.parametrize("text", ["SUA B 39", "SUA A OK B 39"])
def test_a_correction_by_a_letter_of_nobody_corrects_nobody(text: str) -> None:
    phone = Phone(PHONES["known"])
    phone.says("SK ok")
    assert written(phone.says(text).made) == []


def test_a_volunteer_is_asked_too() -> None:
    volunteer = Volunteer.at()
    made = volunteer.says("A ok B ok C sot 39")
    assert (sources(made), written(made)) == ([_NOBODY], [])
    assert [letter for _, letter in alerts(made)] in ([""], [SOMEBODY])
    assert written(Volunteer.at().says("A ok C kho tho")) == []
