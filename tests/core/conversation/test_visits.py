"""VAO and RA at any moment of any conversation, and the answer to what a guard said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given

from core.conversation.context import AskedVisit
from core.conversation.effects import AnswerVisit, RaiseAlert, SaveRecord, StopReminders, Visit
from core.conversation.parsers.visit import Direction
from core.conversation.session import Stage
from core.messaging.channel import MessageKind
from tests.core.conversation.test_engine import REALISTIC, STOP, TYPED, many, phones, walk, walks
from tests.core.conversation.walk import NOON, PHONES, Phone, Turn

CODE = "1234566"


def told(turn: Turn) -> list[Visit]:
    return [effect for effect in turn.made.effects if isinstance(effect, Visit)]


def answers(turn: Turn) -> list[bool]:
    return [effect.yes for effect in turn.made.effects if isinstance(effect, AnswerVisit)]


def asked(phone: str = "known") -> Phone:
    """A phone whose owner was asked about a visit just now."""
    visit = AskedVisit(UUID(int=5), CODE, Direction.IN, NOON - timedelta(minutes=2), NOON - timedelta(minutes=1))
    return Phone(replace(PHONES[phone], visit=visit))


@pytest.mark.parametrize("phone", sorted(PHONES))
@pytest.mark.parametrize(("text", "way"), [(f"VAO {CODE}", Direction.IN), (f"ra {CODE}", Direction.OUT)])
def test_it_is_handed_on_to_be_looked_up(phone: str, text: str, way: Direction) -> None:
    turn = Phone(PHONES[phone]).says(text)

    (visit,) = told(turn)
    assert (visit.direction, visit.code, visit.phone) == (way, CODE, "")
    assert turn.made.replies == (), "the pipeline says it, for it knows the venue's name"


@pytest.mark.parametrize(
    ("phone", "text", "letter"),
    [
        ("known", f"VAO {CODE}", "A"),
        ("known", f"VAO {CODE} cho me toi", ""),
        ("known", f"me vao {CODE}", ""),
        ("known", f"VAO {CODE} 0900000013", ""),
        ("a household", f"VAO {CODE}", ""),
        ("nameless", f"VAO {CODE}", ""),
        ("a stranger", f"VAO {CODE}", ""),
    ],
)
def test_whose_it_is_is_never_guessed(phone: str, text: str, letter: str) -> None:
    (visit,) = told(Phone(PHONES[phone]).says(text))

    assert visit.letter == letter


@many
@given(phones, walks(TYPED))
def test_it_changes_nothing_in_a_conversation(phone: str, said: Sequence[tuple[str, timedelta]]) -> None:
    made, _ = walk(phone, said)
    before = made.session
    turn = made.says(f"VAO {CODE}")
    after = turn.made.session

    assert len(told(turn)) == 1
    assert not [effect for effect in turn.made.effects if isinstance(effect, SaveRecord)]
    assert (after.stage, after.form, after.pending) == (before.stage, before.form, before.pending)
    assert (after.answers, after.trail, after.misses) == (before.answers, before.trail, before.misses)


@many
@given(phones, walks(REALISTIC))
def test_danger_beside_it_is_heard_first_at_any_moment(phone: str, said: Sequence[tuple[str, timedelta]]) -> None:
    made, _ = walk(phone, said)
    turn = made.says(f"VAO {CODE} kho tho")

    assert turn.made.replies[0].kind is MessageKind.DANGER
    assert len(told(turn)) == 1


def test_danger_that_may_be_meant_is_asked_about_and_the_visit_counts() -> None:
    turn = Phone(PHONES["known"]).says(f"VAO {CODE} khong sot, ho, kho tho")

    assert len(told(turn)) == 1
    assert [type(effect) for effect in turn.made.effects] == [RaiseAlert, Visit]
    assert turn.made.session.doubt == ("shortness_of_breath",)


def test_a_call_for_help_beside_it_is_heard() -> None:
    turn = Phone(PHONES["known"]).says(f"VAO {CODE} cap cuu")

    assert (len(told(turn)), turn.made.replies[0].kind) == (1, MessageKind.DANGER)


@pytest.mark.parametrize("word", [f"VAO {CODE}", "VAO 1234567"])
def test_a_report_beside_it_counts_also_if_the_code_is_wrong(word: str) -> None:
    turn = Phone(PHONES["known"]).says(f"{word} 38,2 ho")

    (record,) = (effect for effect in turn.made.effects if isinstance(effect, SaveRecord))
    assert (record.answers["signs"], record.answers["temperature"]) == (("cough",), 38.2)


@pytest.mark.parametrize(("text", "yes"), [("co", True), ("1", True), ("khong", False), ("2", False)])
@pytest.mark.parametrize("phone", ["known", "a stranger", "a household", "nameless"])
def test_a_bare_yes_or_no_answers_what_was_asked_last(phone: str, text: str, yes: bool) -> None:
    turn = asked(phone).says(text)

    assert answers(turn) == [yes]
    assert len(turn.made.effects) == 1
    assert len(turn.made.replies) == 1


@pytest.mark.parametrize("text", ["khong sot", "co, 38 do", "kho tho", "STOP", "KHAI", "chac la co", "co khong?", "3"])
def test_nothing_else_answers_it(text: str) -> None:
    assert answers(asked().says(text)) == []


def test_it_is_answered_once() -> None:
    phone = asked()

    assert answers(phone.says("co")) == [True]
    assert answers(phone.says("khong")) == []


def test_a_form_that_goes_on_takes_the_answer() -> None:
    phone = asked("a stranger")
    phone.says("KHAI")
    turn = phone.says("co")

    assert answers(turn) == []
    assert turn.made.session.stage is Stage.ASKING


def test_a_reminder_that_came_later_takes_the_answer() -> None:
    phone = asked("under follow-up, just asked")
    (member,) = phone.context.members
    assert member.check
    later = replace(member, check=replace(member.check, reminded_at=NOON))
    phone.context = replace(phone.context, members=(later,))

    assert answers(phone.says("ok")) == []


def test_it_takes_no_answer_to_a_question_about_danger() -> None:
    """The alert that waits behind the doubt is raised by silence: a "no" to the guard's word never withdraws it."""
    phone = Phone(PHONES["known"])
    phone.says("khong sot, ho, kho tho")
    phone.context = replace(phone.context, visit=replace(_visit(), asked_at=phone.now + timedelta(seconds=1)))
    turn = phone.says("khong")

    assert answers(turn) == [False]
    assert turn.made.session.doubt == ("shortness_of_breath",)
    assert [type(effect) for effect in turn.made.effects] == [AnswerVisit]


def _visit() -> AskedVisit:
    visit = asked().context.visit
    assert visit
    return visit


@pytest.mark.parametrize("text", STOP)
def test_stop_is_stop(text: str) -> None:
    turn = asked().says(text)

    assert StopReminders() in turn.made.effects
    assert answers(turn) == []
