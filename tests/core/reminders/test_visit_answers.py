"""A yes or a no says whether a guard was right, only where that was the last thing asked; all else goes first."""

from __future__ import annotations

import pytest

from core.pipeline.receive import receive
from core.reminders.enqueue import enqueue
from core.reminders.visit_questions import ask_visitors
from tests.cast import HOA, Cast
from tests.core.reminders.school import ask, fate, says, send


@pytest.mark.parametrize(
    ("text", "expected"),
    [("1", "confirmed"), ("có", "confirmed"), ("dung roi a", "confirmed"), ("2", "denied"), ("khong", "denied")],
)
def test_a_bare_yes_or_no_says_whether_it_is_so(school: Cast, text: str, expected: str) -> None:
    says(school)
    ask(school)
    school.writes(text)

    assert fate(school) == expected
    assert list(school.records()) == [], "it is no report of health"


@pytest.mark.parametrize("text", ["khong sot", "co, 38 do", "GOI", "alo", "hinh nhu co", "SK OK", "STOP", "NHAM SO"])
def test_nothing_else_does(school: Cast, text: str) -> None:
    says(school)
    ask(school)
    school.writes(text)

    assert fate(school) == "open"
    assert len(school.heard()) >= 2, "it is answered all the same"


def test_what_is_unclear_is_asked_by_number(school: Cast) -> None:
    says(school)
    ask(school)
    school.writes("chieu nay toi o nha ma")

    assert school.heard()[-1] == (
        "Xin tra loi bang so: luc 08:00 21/11 bac co vao noi ma nguoi truc da bao khong? 1 Co 2 Khong"
    )
    school.writes("2")
    assert fate(school) == "denied"


def test_danger_is_heard_first(school: Cast) -> None:
    says(school)
    ask(school)
    school.writes("kho tho qua")

    assert school.outbox()[1]["kind"] == "danger"
    assert school.alerts() == [("danger", "open")]
    assert fate(school) == "open"


def test_the_first_word_counts_and_a_second_is_about_nothing(school: Cast) -> None:
    says(school)
    ask(school)
    receive(school.services, [school.message("co"), school.message("khong")])
    school.writes("khong")

    assert fate(school) == "confirmed"


def test_an_answer_comes_too_late_after_a_day(school: Cast) -> None:
    says(school)
    ask(school)
    school.later(hours=24, minutes=1)
    school.writes("co")

    assert fate(school) == "open"


@pytest.mark.parametrize("status", ["queued", "failed", "expired", "withdrawn"])
def test_a_question_that_never_left_is_answered_by_nothing(school: Cast, status: str) -> None:
    says(school)
    ask_visitors(school.services)
    send(school, status)
    school.writes("co")

    assert fate(school) == "open"


def test_a_form_left_for_an_hour_does_not_hold_it_back_and_goes_on_after(school: Cast) -> None:
    school.writes("KHAI", "dong y")
    school.later(hours=1)
    says(school)
    ask(school)
    school.writes("khong")

    assert fate(school) == "denied"
    assert school.session()["answers"].get("signs") is None
    assert school.outbox()[-1]["kind"] == "question", "the form's question comes again"


def test_a_doubt_about_danger_is_not_mixed_with_it(school: Cast) -> None:
    school.writes("khong sot, ho, kho tho")
    says(school)
    ask(school)
    school.writes("co")

    assert school.alerts() == [("danger", "open")]
    assert fate(school) == "open"


def test_a_reminder_is_answered_first(school: Cast) -> None:
    school.enrols(HOA, 9)
    school.clock.at = school.local(9)
    enqueue(school.services)
    says(school, HOA)
    ask(school)
    assert len(school.heard(HOA)) == 1
    school.writes("OK", who=HOA)
    assert [row["answers"]["signs"] for row in school.records(HOA)] == [[]]
    assert fate(school) == "open"

    school.later(minutes=2)
    ask(school)
    school.writes("khong", who=HOA)
    assert fate(school) == "denied"
    assert len(school.records(HOA)) == 1


def test_a_reminder_that_comes_after_it_is_what_a_bare_answer_is_about(school: Cast) -> None:
    school.enrols(HOA, 9)
    says(school, HOA)
    ask(school)
    school.clock.at = school.local(9)
    enqueue(school.services)
    send(school)
    school.writes("OK", who=HOA)

    assert fate(school) == "open"
    assert len(school.records(HOA)) == 1
