"""SUA in the midst of a form: it corrects what it names, and the form goes on."""

from __future__ import annotations

import pytest

from core.conversation.effects import SaveRecord
from core.conversation.engine import Step
from core.conversation.form import Value
from core.conversation.session import Stage
from tests.core.conversation.household_phone import sources
from tests.core.conversation.test_corrects_several import FOLLOWED
from tests.core.conversation.walk import PHONES, Phone

_NOT_YET = "Chưa sửa được vì {you} đang khai dở. Xin trả lời tiếp, hoặc nhắn THOAT rồi SUA."


def phone(on: str, *texts: str) -> Phone:
    made = Phone(FOLLOWED if on == "followed" else PHONES[on])
    for text in texts:
        made.says(text)
    return made


def written(step: Step) -> list[tuple[str, str, int, dict[str, Value]]]:
    saved = (each for each in step.effects if isinstance(each, SaveRecord))
    return [(each.form, each.letter, each.version, dict(each.answers)) for each in saved]


def test_the_record_of_today_is_corrected_and_the_form_goes_on() -> None:
    known = phone("known", "SK 37,2 ho", "KHAI HO", "dong y")
    before = known.session
    assert written(known.says("SUA 38").made) == [("checkin", "A", 2, {"temperature": 38.0, "signs": ("cough",)})]
    after = known.session
    assert (after.stage, after.letter, after.pending, after.on_behalf) == (
        Stage.ASKING,
        before.letter,
        "signs",
        True,
    )


def test_before_consent_too() -> None:
    known = phone("known", "SK 37,2 ho", "KHAI HO")
    assert [letter for _, letter, _, _ in written(known.says("SUA 38").made)] == ["A"]
    assert (known.session.stage, known.session.letter) == (Stage.LEGAL, "B")


@pytest.mark.parametrize("text", ["SUA", "SUA zxcv qwer"])
def test_what_would_have_to_be_asked_waits(text: str) -> None:
    known = phone("known", "SK ok", "KHAI HO", "dong y")
    made = known.says(text).made
    assert (sources(made)[0], written(made)) == (_NOT_YET, [])
    assert (known.session.stage, known.session.letter, known.session.pending) == (Stage.ASKING, "B", "signs")


@pytest.mark.parametrize("text", ["SUA B 37", "SUA cua B: 37", "nham, B 37"])
@pytest.mark.parametrize("asked", [(), ("khong",), ("khong", "khong")])
def test_another_is_corrected_by_their_letter(text: str, asked: tuple[str, ...]) -> None:
    family = phone("followed", "A OK B SOT 38 C OK", "KHAI", "1", *asked)
    before = family.session
    made = family.says(text).made
    assert written(made) == [("checkin", "B", 2, {"temperature": 37.0, "signs": ("fever",)})]
    after = family.session
    assert (after.letter, after.pending, after.answers) == ("A", before.pending, before.answers)


def test_several_are_corrected_in_a_form() -> None:
    family = phone("followed", "A OK B SOT 38 C OK", "KHAI", "1", "khong")
    made = family.says("SUA B OK C 39").made
    assert [(letter, version) for _, letter, version, _ in written(made)] == [("B", 2), ("C", 2)]
    assert (family.session.letter, family.session.pending) == ("A", "contacts")


def test_who_has_no_record_gets_one() -> None:
    family = phone("followed", "KHAI", "1", "khong")
    assert [each[:3] for each in written(family.says("SUA B sot 38").made)] == [("checkin", "B", 1)]
    assert (family.session.letter, family.session.pending) == ("A", "contacts")


@pytest.mark.parametrize("text", ["SUA dau hieu khong ho", "SUA dau hieu: khong co gi", "SUA khong ho"])
def test_the_answer_that_is_named_is_corrected(text: str) -> None:
    stranger = phone("a stranger", "KHAI", "dong y", "ho", "khong", "khong", "Tran Van Nam 1984 nam")
    stranger.says(text)
    answers = stranger.session.answers
    assert (answers["signs"], answers["full_name"]) == ((), "Tran Van Nam")
    assert stranger.session.pending == "unit"


def test_the_last_answer_is_corrected_else() -> None:
    stranger = phone("a stranger", "KHAI", "dong y", "ho", "khong", "khong", "Tran Van Nam 1984 nam")
    stranger.says("SUA Tran Van Tam 1984 nam")
    assert stranger.session.answers["full_name"] == "Tran Van Tam"
    assert stranger.session.pending == "unit"


@pytest.mark.parametrize(("before", "stage"), [(("khong",), Stage.ASKING), ((), Stage.ASKING)])
def test_a_form_that_huy_asked_about_goes_on(before: tuple[str, ...], stage: Stage) -> None:
    family = phone("followed", "KHAI", "1", *before, "HUY")
    assert family.session.stage is Stage.CANCEL
    made = family.says("A OK B SOT 38 C OK").made
    assert [letter for _, letter, _, _ in written(made)] == ["A", "B", "C"]
    assert (family.session.stage, family.session.letter) == (stage, "A")
