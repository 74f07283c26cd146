"""A volunteer's text that came late, or calls people of a household that was left: asked, never guessed, never lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest

from core.conversation.context import AskedConsent, Check
from core.conversation.effects import SOMEBODY, AlertKind, RaiseAlert, SaveRecord, SettleWaiting, TellSeenIll
from core.conversation.engine import Step
from core.conversation.volunteer_effects import AnswerConsent
from core.conversation.volunteer_words import WHICH, WHICH_OF
from tests.core.conversation.household_phone import LATE, MAY, OWN, SAU, Volunteer, home, made_of, sources
from tests.core.conversation.walk import NOON

FOLLOWED = replace(OWN, follow_up_until=date(2026, 12, 1), check=Check(UUID(int=9), NOON, NOON - timedelta(minutes=5)))


def written(step: Step) -> list[tuple[UUID, object]]:
    saved = (each for each in step.effects if isinstance(each, SaveRecord))
    return [(each.person_id, each.answers["signs"]) for each in saved]


@pytest.mark.parametrize(
    ("text", "who", "signs"), [("B HO", SAU, ("cough",)), ("A OK", MAY, ()), ("ba May ok", MAY, ())]
)
@pytest.mark.parametrize("own", [OWN, FOLLOWED])
def test_a_late_report_by_letter_is_asked_about(text: str, who: object, signs: tuple[str, ...], own: object) -> None:
    phone = Volunteer.at(own=own)  # type: ignore[arg-type]
    asked = phone.says(text, LATE)
    assert (sources(asked), written(asked)) == ([WHICH], [])
    assert written(phone.says("1")) == [(who.person_id, signs)]  # type: ignore[attr-defined]


def test_what_was_written_at_a_household_and_comes_after_xong_is_asked_about() -> None:
    phone = Volunteer.at()
    phone.says("XONG", timedelta(minutes=2))
    assert sources(phone.says("A OK", at=NOON + timedelta(minutes=1))) == [WHICH]


@pytest.mark.parametrize("after", [timedelta(seconds=20), timedelta(hours=20)])
@pytest.mark.parametrize("text", ["B sot 38,5", "ong Sau sot 38,5"])
@pytest.mark.parametrize("leave", [True, False])
def test_who_is_called_and_not_of_this_phone_is_asked_about(text: str, after: timedelta, leave: bool) -> None:
    phone = Volunteer.at()
    if leave:
        phone.says("XONG")
    asked = phone.says(text, after if leave else timedelta(hours=20))
    assert (WHICH in sources(asked), written(asked)) == (True, [])
    assert written(phone.says("1")) == [(SAU.person_id, ("fever",))]


def test_their_own_report_stays_their_own() -> None:
    phone = Volunteer.at()
    phone.says("XONG")
    assert written(phone.says("sot 38,5")) == [(OWN.person_id, ("fever",))]


def test_a_letter_of_nobody_is_not_the_only_one_there() -> None:
    assert written(Volunteer.at(home(MAY)).says("B sot 38,5")) == []


def test_each_late_text_is_asked_about_in_its_turn() -> None:
    phone = Volunteer.at()
    phone.says("ba May sot 38,5", LATE)
    again = phone.says("ong Sau ho")
    assert sources(again) == [WHICH_OF]
    assert again.replies[0].say.params["said"] == "ba May sot 38,5"
    first = phone.says("1")
    assert written(first) == [(MAY.person_id, ("fever",))]
    assert first.replies[-1].say.params["said"] == "ong Sau ho"
    second = phone.says("1")
    assert written(second) == [(SAU.person_id, ("cough",))]
    assert phone.session.unsure is None
    assert phone.session.late == ()


def test_the_question_ends_with_the_day() -> None:
    phone = Volunteer.at(home(MAY))
    phone.says("khoe", LATE)
    assert written(phone.says("1", timedelta(days=1))) == []


def test_the_question_ends_when_something_else_is_asked() -> None:
    phone = Volunteer.at(home(MAY))
    phone.says("khoe", LATE)
    phone.context = replace(phone.context, consent=AskedConsent(UUID(int=55), phone.now + timedelta(minutes=1)))
    answered = phone.says("1", timedelta(minutes=2))
    assert written(answered) == []
    assert [type(each) for each in answered.effects] == [AnswerConsent]


def test_an_answer_settles_what_waited_for_it() -> None:
    phone = Volunteer.at()
    held = phone.says("ba May sot 38,5", LATE)
    assert [each.kind for each in held.effects if isinstance(each, RaiseAlert)] == [AlertKind.UNFINISHED]
    settled = [each for each in made_of(phone.says("1"), SettleWaiting) if isinstance(each, SettleWaiting)]
    assert [(each.kind, each.letter, each.signs) for each in settled if each.of_phone] == [
        (AlertKind.UNFINISHED, SOMEBODY, ("fever",))
    ]
    assert phone.session.waiting == ()


def test_danger_is_not_told_a_second_time_as_unfinished() -> None:
    made = Volunteer.at().says("ba May kho tho", LATE)
    assert [each.kind for each in made.effects if isinstance(each, RaiseAlert)] == [AlertKind.DANGER]


def test_doubtful_danger_that_comes_late_is_of_the_household() -> None:
    phone = Volunteer.at()
    made = phone.says("A khong sot, ho, kho tho", LATE)
    (alert,) = made.effects
    assert isinstance(alert, RaiseAlert)
    assert (alert.kind, alert.letter, alert.wait > timedelta(0)) == (AlertKind.DANGER, SOMEBODY, True)
    again = phone.says("1")
    assert SettleWaiting(AlertKind.DANGER, False, SOMEBODY, alert.signs, of_phone=True) in again.effects
    assert [each.kind for each in again.effects if isinstance(each, RaiseAlert)] == [AlertKind.DANGER]
    assert again.home


def test_doubtful_danger_of_a_household_that_was_given_away_is_told() -> None:
    phone = Volunteer.at()
    phone.give_away()
    made = phone.says("A khong sot, ho, kho tho")
    assert made_of(made, TellSeenIll) == [TellSeenIll(SOMEBODY, {"signs": ("shortness_of_breath",)})]


def test_what_somebody_says_of_themself_at_a_household_is_told() -> None:
    made = Volunteer.at().says("toi sot 39,5 dau nguc")
    assert made_of(made, TellSeenIll, RaiseAlert)
    assert written(made) == []


@pytest.mark.parametrize("text", ["sot 38,5 tu toi qua", "ho tu toi hom qua", "tối qua sốt 38,5", "ho buoi toi"])
def test_the_evening_is_not_me(text: str) -> None:
    assert [who for who, _ in written(Volunteer.at(home(MAY)).says(text))] == [MAY.person_id]
