"""A button of a question that has passed is no yes to another one: no consent, no joining, nobody's household."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from uuid import UUID

import pytest

from core.conversation.context import AskedConsent
from core.conversation.engine import Step, step
from core.conversation.messages import Inbound
from core.conversation.session import Joining, Session
from core.conversation.volunteer_effects import AnswerConsent, JoinOrganisation
from tests.core.conversation.household_phone import LATE, Volunteer, sources
from tests.core.conversation.walk import NOON, PHONES, Phone, library

_PASSED = "Câu hỏi của nút đó đã qua nên chưa ghi gì."
_IDS = count(0x0193 << 112)
ASKED = replace(PHONES["known"], consent=AskedConsent(UUID(int=5), NOON))
JOINS = Joining("123", "A", NOON)
OLD = "abcdef"


def tap(phone: Phone | Volunteer, text: str, mark: str) -> Step:
    """A tap on a button with that answer, of the question of that mark; the phone is where it was behind it."""
    inbound = Inbound(UUID(int=next(_IDS)), text, phone.now, mark=mark)
    return step(phone.session, inbound, library(), phone.context, phone.now)


@pytest.mark.parametrize("text", ["yes", "no", "1"])
def test_consent_is_not_given_by_it(text: str) -> None:
    made = tap(Phone(ASKED), text, OLD)
    assert not made.effects
    assert sources(made)[0].startswith(_PASSED)


def test_consent_is_given_by_its_own_button_and_by_words() -> None:
    for text in ("yes", "dong y"):
        assert [type(each) for each in tap(Phone(ASKED), text, "").effects] == [AnswerConsent]


def test_the_button_of_the_question_that_is_open_is_no_consent() -> None:
    phone = Phone(PHONES["a stranger"])
    phone.says("KHAI")
    phone.context = replace(phone.context, consent=AskedConsent(UUID(int=5), phone.now))
    made = tap(phone, "yes", phone.session.mark)
    assert not [each for each in made.effects if isinstance(each, AnswerConsent)]
    assert made.session.pending == "signs"


@pytest.mark.parametrize("mark", [OLD, Session().mark])
def test_nobody_joins_by_it(mark: str) -> None:
    phone = Phone(PHONES["known"])
    phone.session = replace(phone.session, joining=JOINS)
    made = tap(phone, "yes", mark)
    assert not made.effects
    assert made.session.joining


def test_they_join_by_its_own_button() -> None:
    phone = Phone(PHONES["known"])
    phone.session = replace(phone.session, joining=JOINS)
    assert [type(each) for each in tap(phone, "yes", phone.session.mark).effects] == [JoinOrganisation]


def test_the_button_of_one_organisation_joins_no_other() -> None:
    first, second = (Session(joining=Joining(code, "A", NOON)) for code in ("123", "456"))
    assert first.mark != second.mark


def test_whose_a_late_text_is_stays_asked() -> None:
    volunteer = Volunteer.at()
    volunteer.says("B HO", LATE)
    made = tap(volunteer, "1", OLD)
    assert not made.effects
    assert made.session.unsure == volunteer.session.unsure
    assert tap(volunteer, "1", volunteer.session.mark).effects
