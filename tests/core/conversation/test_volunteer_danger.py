"""Danger and signs in a volunteer's text reach the unit, whatever else the text was read as."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.conversation.effects import SOMEBODY, AlertKind, RaiseAlert, SaveRecord, SettleWaiting
from core.conversation.engine import Step
from core.conversation.volunteer_effects import NoteVisit, PassNeed
from tests.core.conversation.household_phone import LATE, MAY, Volunteer, home, made_of, says_115


def alarmed(step: Step) -> list[AlertKind]:
    return [each.kind for each in made_of(step, RaiseAlert) if isinstance(each, RaiseAlert) and not each.wait]


@pytest.mark.parametrize("text", ["cap cuu", "goi cap cuu gap", "kho tho qua"])
@pytest.mark.parametrize("after", [timedelta(seconds=20), LATE, timedelta(hours=20)])
@pytest.mark.parametrize("given_away", [False, True])
def test_danger_is_heard_wherever_a_volunteer_is(text: str, after: timedelta, given_away: bool) -> None:
    phone = Volunteer.at()
    if given_away:
        phone.give_away()
    made = phone.says(text, after)
    assert says_115(made)
    assert alarmed(made) == [AlertKind.DANGER]


@pytest.mark.parametrize(
    "text",
    ["tham ba May cap cuu", "tham nha goi cap cuu gap", "tham ba May, nga bat tinh", "can gao, ong Sau cap cuu"],
)
def test_danger_in_a_note_is_danger(text: str) -> None:
    made = Volunteer.at().says(text)
    assert says_115(made)
    assert AlertKind.DANGER in alarmed(made)


def test_a_call_for_a_doctor_in_a_note_is_heard() -> None:
    made = Volunteer.at().says("tham nha, ba May goi bac si")
    assert alarmed(made) == [AlertKind.CALL_BACK]
    assert len(made_of(made, NoteVisit)) == 1


def test_a_note_keeps_its_no() -> None:
    phone = Volunteer.at(home(MAY))
    made = phone.says("tham ba May khong sot, ho, kho tho")
    assert not says_115(made)
    assert made_of(made, SaveRecord) == []
    assert len(made_of(made, NoteVisit)) == 1
    assert [each.wait > timedelta(0) for each in made_of(made, RaiseAlert) if isinstance(each, RaiseAlert)] == [True]


def test_a_need_told_in_one_sentence_with_the_danger_is_passed_on() -> None:
    made = Volunteer.at().says("can thuoc cho ba May kho tho")
    (need,) = made_of(made, PassNeed)
    assert isinstance(need, PassNeed)
    assert need.kind == "medicine"
    assert need.note
    assert says_115(made)


def without_consent(*texts: str) -> list[object]:
    phone = Volunteer.at(home(MAY, without="A"))
    made = [phone.says(text) for text in texts]
    return [effect for step in made for effect in made_of(step, SettleWaiting)]


def test_a_yes_to_a_doubt_counts_without_consent() -> None:
    settled = without_consent("A khong sot, ho, kho tho", "co", "khong")
    assert settled == [SettleWaiting(AlertKind.DANGER, raise_now=True, letter="A", signs=("shortness_of_breath",))]


def test_a_no_to_a_doubt_counts_without_consent() -> None:
    settled = without_consent("A khong sot, ho, kho tho", "khong")
    assert settled == [SettleWaiting(AlertKind.DANGER, raise_now=False, letter="A", signs=("shortness_of_breath",))]


def told_of(step: Step) -> list[str]:
    return [each.letter for each in made_of(step, RaiseAlert) if isinstance(each, RaiseAlert)]


def test_their_own_check_in_settles_nothing_of_somebody_else() -> None:
    """What waits is told to the unit, whatever the volunteer says of themselves meanwhile."""
    phone = Volunteer.at()
    phone.says("XONG")
    assert told_of(phone.says("THAM ba Lu sot 39", timedelta(minutes=2))) == [SOMEBODY]
    own = phone.says("SK 36,5 OK", timedelta(minutes=5))
    assert len(made_of(own, SaveRecord)) == 1
    assert SOMEBODY not in {each.letter for each in made_of(own, SettleWaiting) if isinstance(each, SettleWaiting)}
    assert SOMEBODY in phone.session.waiting


def test_their_own_danger_is_told_though_somebody_else_had_it_before() -> None:
    phone = Volunteer.at()
    phone.says("XONG")
    assert told_of(phone.says("ba May kho tho")) == [SOMEBODY]
    phone.says("1", timedelta(hours=1))
    phone.says("XONG")
    for text in ("SK", "2", "1"):  # two misses, then the numbered list
        phone.says(text, timedelta(minutes=1))
    made = phone.says("3")
    assert told_of(made) == ["A"]
    assert says_115(made)
