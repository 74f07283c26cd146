"""Danger that may be meant is asked about, and eats nothing of what the same text says for certain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest

from core.conversation.context import Check
from core.conversation.effects import (
    AlertKind,
    NameAlerts,
    RaiseAlert,
    SaveRecord,
    SettleWaiting,
    TellSeenIll,
    Visit,
)
from core.conversation.messages import Listed
from core.conversation.session import Stage
from core.messaging.channel import MessageKind
from tests.core.conversation.household_phone import Volunteer, home, made_of
from tests.core.conversation.walk import NOON, PHONES, Phone, Turn

FOLLOWED = "under follow-up, just asked"
FEARED = "khong sot, ho, kho tho"


def family() -> Phone:
    """Three people under follow-up, just reminded."""
    known = PHONES["a household"]
    checks = [Check(UUID(int=90 + place), NOON, NOON - timedelta(minutes=5)) for place in range(3)]
    followed = [
        replace(member, follow_up_until=date(2026, 12, 1), check=check)
        for member, check in zip(known.members, checks, strict=True)
    ]
    return Phone(replace(known, members=tuple(followed)))


def records(*turns: Turn) -> list[tuple[str, dict[str, object]]]:
    """What was written, by letter."""
    made = (effect for turn in turns for effect in turn.made.effects if isinstance(effect, SaveRecord))
    return [(record.letter, dict(record.answers)) for record in made]


def feared(turn: Turn) -> list[tuple[str, tuple[str, ...]]]:
    """Alerts of danger that wait for an answer: about whom, and which signs."""
    raised = (effect for effect in turn.made.effects if isinstance(effect, RaiseAlert) and effect.wait)
    return [(alert.letter, alert.signs) for alert in raised if alert.kind is AlertKind.DANGER]


def last_asked(turn: Turn) -> str:
    reply = turn.made.replies[-1]
    assert reply.kind is MessageKind.QUESTION
    return reply.say.text


def walked(phone: Phone, texts: Sequence[str]) -> list[Turn]:
    return [phone.says(text) for text in texts]


def test_what_is_said_of_the_others_is_written_beside_a_doubt() -> None:
    phone = family()
    told = phone.says("A OK B SOT 39,2 C khong ho, kho tho")

    assert records(told) == [("A", {"signs": ()}), ("B", {"temperature": 39.2, "signs": ("fever",)})]
    assert feared(told) == [("C", ("shortness_of_breath",))]
    assert "{name}" in last_asked(told)
    assert records(phone.says("khong")) == []
    assert (phone.session.letter, phone.session.pending) == ("C", "signs")
    assert records(phone.says("khong ho")) == [("C", {"signs": ()})]


def test_a_yes_is_about_whom_it_was_asked() -> None:
    phone = family()
    told = walked(phone, ["A OK B SOT 39,2 C khong ho, kho tho", "co"])

    assert records(told[1]) == [("C", {"signs": ("shortness_of_breath",)})]


def test_a_temperature_beside_a_doubt_is_written_at_once() -> None:
    phone = Phone(PHONES[FOLLOWED])
    told = phone.says(f"38,9 {FEARED}")

    assert records(told) == [("A", {"temperature": 38.9})]
    assert feared(told) == [("A", ("shortness_of_breath",))]
    assert "{signs}" in last_asked(told)
    assert records(*walked(phone, ["khong", "khong ho"])) == [("A", {"temperature": 38.9, "signs": ()})]


def test_a_yes_joins_the_temperature() -> None:
    phone = Phone(PHONES[FOLLOWED])
    made = walked(phone, [f"38,9 {FEARED}", "co"])

    assert records(made[1]) == [("A", {"temperature": 38.9, "signs": ("shortness_of_breath",)})]
    assert not phone.session.busy


def test_a_sign_that_is_certain_is_written_and_stays() -> None:
    phone = Phone(PHONES[FOLLOWED])
    told, denied, rest = walked(phone, ["met, khong sot, ho, kho tho", "khong", "khong ho"])

    assert records(told) == [("A", {"signs": ("fatigue",)})]
    assert records(denied) == []
    assert records(rest) == [("A", {"signs": ("fatigue",)})]
    versions = [e.version for turn in (told, rest) for e in turn.made.effects if isinstance(e, SaveRecord)]
    assert versions == [1, 2]


def test_a_sign_that_is_certain_stays_beside_a_confirmed_one() -> None:
    told = walked(Phone(PHONES[FOLLOWED]), ["met, khong sot, ho, kho tho", "co"])

    assert records(told[1]) == [("A", {"signs": ("shortness_of_breath", "fatigue")})]


@pytest.mark.parametrize("text", ["ok, khong ho, kho tho", "khoe, khong sot, ho, kho tho", "khong, khong ho, kho tho"])
def test_nobody_is_well_of_whom_danger_is_feared(text: str) -> None:
    assert records(Phone(PHONES[FOLLOWED]).says(text)) == []
    assert records(family().says(f"ca nha {text}")) == []


def test_danger_beside_a_letter_of_nobody_is_nobodys() -> None:
    told = family().says("A OK D 38 khong ho, kho tho")

    assert records(told) == []
    assert feared(told) == [("", ("shortness_of_breath",))]


def test_a_consent_beside_a_doubt_is_given() -> None:
    phone = Phone(PHONES["a stranger"])
    walked(phone, ["KHAI", f"dong y, {FEARED}"])

    assert (phone.session.stage, phone.session.pending) == (Stage.ASKING, "signs")
    assert phone.session.doubt


def test_an_answer_in_a_form_beside_a_doubt_is_kept() -> None:
    phone = Phone(PHONES["a stranger"])
    walked(phone, ["KHAI", "dong y", f"38,9 met {FEARED}"])
    assert phone.session.answers["temperature"] == 38.9
    assert phone.session.pending == "signs"  # what of the cough?

    walked(phone, ["khong", "khong ho"])
    assert phone.session.answers["signs"] == ("fatigue",)


def test_a_report_beside_a_visit_is_kept() -> None:
    told = Phone(PHONES[FOLLOWED]).says(f"VAO 1234566 {FEARED} 38,9")

    assert [effect.code for effect in told.made.effects if isinstance(effect, Visit)] == ["1234566"]
    assert records(told) == [("A", {"temperature": 38.9})]


def test_a_correction_beside_a_doubt_is_written() -> None:
    told = walked(Phone(PHONES[FOLLOWED]), ["37,2 ho", "nham, 38,9 khong ho, kho tho"])

    assert records(told[1]) == [("A", {"temperature": 38.9, "signs": ("cough",)})]


def test_a_stop_beside_a_doubt_stops() -> None:
    told = Phone(PHONES[FOLLOWED]).says(f"STOP {FEARED}")

    assert "BAT DAU" in told.made.replies[0].say.text
    assert feared(told)


@pytest.mark.parametrize("stage", [Stage.WHO, Stage.CANCEL])
def test_what_is_open_is_asked_again_behind_a_doubt(stage: Stage) -> None:
    phone = family()
    walked(phone, {Stage.WHO: ["sot 39"], Stage.CANCEL: ["KHAI HO", "dong y", "HUY"]}[stage])
    asked = phone.session.options
    told = walked(phone, [FEARED, "khong"])

    assert phone.session.stage is stage
    assert told[1].made.replies[-1].choices == asked


def test_a_household_of_a_volunteer() -> None:
    phone = Volunteer.at()
    made = phone.says("A ok B 38,9 khong sot, ho, kho tho")

    saved = [each for each in made_of(made, SaveRecord) if isinstance(each, SaveRecord)]
    assert [(each.letter, dict(each.answers)) for each in saved] == [("A", {"signs": ()}), ("B", {"temperature": 38.9})]


def test_of_whom_nothing_may_be_written_the_unit_is_told() -> None:
    made = Volunteer.at(home(without="B")).says("B 39,2 khong sot, ho, kho tho")

    assert made_of(made, SaveRecord) == []
    assert made_of(made, TellSeenIll) == [TellSeenIll("B", {"temperature": 39.2})]
    assert any("{signs}" in reply.say.text for reply in made.replies)


def settled(turn: Turn) -> list[tuple[bool, tuple[str, ...] | None]]:
    """Which signs were decided, and whether the unit is told now."""
    made = (effect for effect in turn.made.effects if isinstance(effect, SettleWaiting))
    return [(each.raise_now, each.signs) for each in made if each.kind is AlertKind.DANGER]


BREATH, FIT = "shortness_of_breath", "convulsion"


@pytest.mark.parametrize("between", [(), ("GIUP",), ("alo",)])
def test_a_no_withdraws_what_was_asked_about_and_nothing_else(between: tuple[str, ...]) -> None:
    phone = Phone(PHONES[FOLLOWED])
    *_, again, denied = walked(phone, [FEARED, *between, "khong sot, ho, co giat", "khong"])

    assert feared(again) == [("A", (FIT,))]
    asked = again.made.replies[-1].say.params["signs"]
    assert isinstance(asked, Listed)
    assert len(asked.items) == 2
    assert settled(denied) == [(False, (FIT, BREATH))]
    assert records(denied) == []


def test_another_persons_doubt_stays_when_one_is_denied() -> None:
    *_, denied = walked(family(), ["C khong ho, kho tho", "B khong ho, co giat", "khong"])

    effects = [effect for effect in denied.made.effects if isinstance(effect, SettleWaiting)]
    assert effects == [SettleWaiting(AlertKind.DANGER, raise_now=False, letter="B", signs=(FIT,))]


@pytest.mark.parametrize("text", ["co, va sot 39", "co va sot 39", "da co, sot 39"])
def test_a_yes_with_more_is_a_yes(text: str) -> None:
    told = walked(Phone(PHONES[FOLLOWED]), [FEARED, text])[1]

    assert told.made.replies[0].kind is MessageKind.DANGER
    assert settled(told) == [(True, (BREATH,))]
    assert records(told) == [("A", {"temperature": 39.0, "signs": (BREATH, "fever")})]


@pytest.mark.parametrize("text", ["co sot", "co ho nhe", "co, khoe"])
def test_a_yes_to_something_else_is_none(text: str) -> None:
    assert settled(walked(Phone(PHONES[FOLLOWED]), [FEARED, text])[1]) == []


@pytest.mark.parametrize("text", ["khong, chi ho", "khong a, chi ho thoi", "khong kho tho, chi ho"])
def test_a_no_with_more_is_a_no(text: str) -> None:
    told = walked(Phone(PHONES[FOLLOWED]), [FEARED, text])[1]

    assert settled(told) == [(False, (BREATH,))]
    assert records(told) == [("A", {"signs": ("cough",)})]


def test_a_sign_denied_by_its_name_is_denied_also_later() -> None:
    *_, told = walked(Phone(PHONES[FOLLOWED]), [FEARED, "GIUP", "khong kho tho, chi ho"])

    assert settled(told) == [(False, (BREATH,))]


def test_only_the_sign_that_was_denied_by_its_name_is_settled() -> None:
    phone = Phone(PHONES[FOLLOWED])
    told = walked(phone, ["khong sot, kho tho, co giat", "khong kho tho, chi ho"])[1]

    assert settled(told) == [(False, (BREATH,))]
    assert phone.session.doubt == (FIT,)


def test_a_sign_denied_by_its_name_leaves_the_others_to_be_asked() -> None:
    told = walked(Phone(PHONES[FOLLOWED]), [FEARED, "khong kho tho"])[1]

    assert settled(told) == [(False, (BREATH,))]
    assert records(told) == []
    assert told.made.replies[-1].kind is MessageKind.QUESTION


def test_a_confirmed_sign_goes_to_whoever_is_picked() -> None:
    phone = Phone(PHONES["a household"])
    *_, yes, told = walked(phone, [FEARED, "co", "B"])

    assert settled(yes) == [(True, (BREATH,))]
    assert records(told) == [("B", {"signs": (BREATH,)})]
    assert [effect.letter for effect in told.made.effects if isinstance(effect, NameAlerts)] == ["B"]
    assert [effect for effect in told.made.effects if isinstance(effect, RaiseAlert)] == []


def test_a_confirmed_sign_joins_what_waits_for_its_person() -> None:
    phone = Phone(PHONES["a household"])
    *_, told = walked(phone, [f"38,9 {FEARED}", "co", "B"])

    assert records(told) == [("B", {"temperature": 38.9, "signs": (BREATH,)})]


def test_the_same_doubt_is_not_asked_for_ever() -> None:
    phone = Phone(PHONES[FOLLOWED])
    told = walked(phone, [FEARED] * 8)

    raised = [e for turn in told for e in turn.made.effects if e == RaiseAlert(AlertKind.MISUNDERSTOOD)]
    assert len(raised) == 1
    assert [feared(turn) for turn in told] == [[("A", (BREATH,))]] + [[]] * 7
