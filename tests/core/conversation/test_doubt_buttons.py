"""The buttons of the question about danger answer it as long as it is open, whatever was asked since."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from core.conversation.effects import AlertKind, SaveRecord, SettleWaiting
from core.conversation.engine import Step, step
from core.conversation.messages import Inbound
from core.messaging.channel import MessageKind
from tests.core.conversation.household_phone import Volunteer
from tests.core.conversation.walk import PHONES, Phone, library

FOLLOWED = "under follow-up, just asked"
FEARED = "khong sot, ho, kho tho"
BREATH = ("shortness_of_breath",)


def tapped(phone: Phone | Volunteer, text: str, mark: str, after: timedelta = timedelta(seconds=20)) -> Step:
    inbound = Inbound(UUID(int=1 << 100), text, phone.now + after, mark=mark)
    return step(phone.session, inbound, library(), phone.context, phone.now + after)


def settled(made: Step) -> list[tuple[bool, str, tuple[str, ...] | None]]:
    decided = (e for e in made.effects if isinstance(e, SettleWaiting) and e.kind is AlertKind.DANGER)
    return [(each.raise_now, each.letter, each.signs) for each in decided]


@pytest.mark.parametrize("between", ["GIUP", "37,2", "alo", "KHAI", "con toi sot 39"])
def test_a_yes_is_heard_behind_anything_else(between: str) -> None:
    phone = Phone(PHONES[FOLLOWED])
    phone.says(FEARED)
    mark = phone.session.mark
    phone.says(between)
    made = tapped(phone, "yes", mark)

    assert made.replies[0].kind is MessageKind.DANGER
    assert settled(made) == [(True, "A", BREATH)]


def test_a_yes_joins_what_was_said_meanwhile() -> None:
    phone = Phone(PHONES[FOLLOWED])
    phone.says(FEARED)
    mark = phone.session.mark
    phone.says("37,2")
    saved = [effect for effect in tapped(phone, "yes", mark).effects if isinstance(effect, SaveRecord)]

    assert [(each.version, dict(each.answers)) for each in saved] == [(2, {"temperature": 37.2, "signs": BREATH})]


def test_a_no_is_about_its_own_question() -> None:
    phone = Phone(PHONES[FOLLOWED])
    phone.says(FEARED)
    mark = phone.session.mark
    phone.says("37,2")

    assert settled(tapped(phone, "no", mark)) == [(False, "A", BREATH)]


def test_the_button_of_a_question_that_has_passed_says_nothing() -> None:
    phone = Phone(PHONES[FOLLOWED])
    phone.says(FEARED)
    first = phone.session.mark
    phone.says("khong sot, ho, co giat")  # asked about together from here on
    assert settled(tapped(phone, "no", first)) == []

    second = phone.session.mark
    phone.says("khong")
    assert settled(tapped(phone, "yes", second)) == []


def test_a_question_of_yesterday_has_passed() -> None:
    phone = Phone(PHONES[FOLLOWED])
    phone.says(FEARED)
    mark = phone.session.mark
    phone.says("37,2")
    made = tapped(phone, "yes", mark, timedelta(hours=7))

    assert settled(made) == []
    assert "đã qua" in made.replies[0].say.text


def test_a_volunteers_button_is_heard_at_the_household() -> None:
    phone = Volunteer.at()
    phone.says(f"B {FEARED}")
    mark = phone.session.mark
    phone.says("A 37,2")
    made = tapped(phone, "yes", mark)

    assert made.replies[0].kind is MessageKind.DANGER
    assert settled(made) == [(True, "B", BREATH)]
