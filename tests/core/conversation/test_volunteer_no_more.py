"""A household that was taken from a volunteer, or a volunteer who was stopped, before they knew: nobody's record."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from core.conversation.effects import SOMEBODY, RaiseAlert, SaveRecord, StopReminders, TellSeenIll
from core.conversation.engine import Step
from core.conversation.volunteer_effects import Enrol
from core.conversation.volunteer_words import NO_VOLUNTEER, NOT_YOURS, WHERE_FIRST
from tests.core.conversation.household_phone import OWN, Volunteer, made_of, sources
from tests.core.conversation.walk import NOON


def lost(phone: Volunteer, *, stopped: bool) -> Volunteer:
    if stopped:
        phone.stop()
    else:
        phone.give_away()
    return phone


def told(step: Step) -> list[str]:
    """About whom the unit is told, now or after a while."""
    return [each.letter for each in made_of(step, TellSeenIll, RaiseAlert)]  # type: ignore[attr-defined]


@pytest.mark.parametrize("stopped", [True, False])
@pytest.mark.parametrize(
    ("minutes", "text"), [(0, "A SOT 39"), (0, "SK sot 39"), (45, "A SOT 39"), (45, "THAM ba Sau sot 39")]
)
def test_what_is_said_there_is_nobodys(minutes: int, text: str, *, stopped: bool) -> None:
    made = lost(Volunteer.at(), stopped=stopped).says(text, timedelta(minutes=minutes))
    assert made_of(made, SaveRecord) == []
    assert sources(made)[0] in (NO_VOLUNTEER if stopped else NOT_YOURS, WHERE_FIRST)
    assert told(made) == [SOMEBODY]


@pytest.mark.parametrize("text", ["khong", "36,8", "1", "XONG", "DANH SACH", "DONG Y MIENG A"])
def test_an_answer_there_is_no_answer_here(text: str) -> None:
    made = lost(Volunteer.at(), stopped=True).says(text)
    assert (sources(made), made.effects) == ([NO_VOLUNTEER], ())


@pytest.mark.parametrize("stopped", [True, False])
def test_what_was_written_there_and_comes_late_is_nobodys(*, stopped: bool) -> None:
    phone = Volunteer.at()
    phone.says("XONG", timedelta(minutes=2))
    made = lost(phone, stopped=stopped).says("A SOT 39", at=NOON + timedelta(minutes=1))
    assert (made_of(made, SaveRecord), told(made)) == ([], [SOMEBODY])


def test_who_was_asked_whose_a_text_is_answers_for_nobody() -> None:
    phone = Volunteer.at()
    phone.says("sot 38,5", timedelta(minutes=40))
    phone.stop()
    made = phone.says("1")
    assert (sources(made), made.effects) == ([NO_VOLUNTEER], ())


def test_a_letter_of_nobody_here_is_not_theirs_the_day_after() -> None:
    phone = lost(Volunteer.at(), stopped=True)
    phone.says("A SOT 39")
    assert made_of(phone.says("B SOT 39", timedelta(hours=20)), SaveRecord) == []


@pytest.mark.parametrize("after", [timedelta(seconds=20), timedelta(hours=20)])
def test_once_they_know_it_what_they_write_is_their_own(after: timedelta) -> None:
    phone = lost(Volunteer.at(), stopped=True)
    phone.says("A SOT 39")
    (record,) = made_of(phone.says("SK SOT 39", after), SaveRecord)
    assert isinstance(record, SaveRecord)
    assert record.person_id == OWN.person_id


def test_what_they_ask_for_is_done() -> None:
    assert made_of(lost(Volunteer.at(), stopped=True).says("STOP"), StopReminders)
    again = lost(Volunteer.at(), stopped=True).says("TINH NGUYEN Ly Van Tu, xa Bat Xat, Lao Cai")
    assert made_of(again, Enrol)
    assert NO_VOLUNTEER not in sources(again)


def test_whoever_has_the_number_now_hears_nothing_of_a_volunteer() -> None:
    phone = Volunteer.at()
    late = phone.now
    phone.says("NHAM SO")
    phone.says("1")
    phone.stop()
    phone.context = replace(phone.context, members=())
    made = phone.says("sot 39", at=late)
    assert NO_VOLUNTEER not in sources(made)
    assert phone.session.served == ()
