"""A form that was left for days: what comes then may answer a reminder, which is newer, and stays an answer to it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest

from core.conversation.context import Check
from core.conversation.effects import SaveRecord
from core.conversation.engine import Step
from core.conversation.session import Stage
from tests.core.conversation.walk import NOON, PHONES, Phone

_DAYS = timedelta(days=4)
_CHECK = Check(UUID(int=9), NOON + _DAYS, NOON + _DAYS - timedelta(minutes=5))


def left(on: str, *texts: str) -> Phone:
    """A phone whose form was left after these texts; four days later everybody of the phone has just been asked."""
    phone = Phone(PHONES[on])
    for text in texts:
        phone.says(text)
    known = len(PHONES[on].members)
    asked = (replace(m, follow_up_until=date(2026, 12, 1), check=_CHECK) for m in phone.context.members[:known])
    phone.context = replace(phone.context, members=(*asked, *phone.context.members[known:]))
    return phone


def written(step: Step) -> list[tuple[str, object, bool]]:
    saved = (each for each in step.effects if isinstance(each, SaveRecord))
    return [(each.letter, each.answers["signs"], each.check_id is not None) for each in saved]


@pytest.mark.parametrize("text", ["khoe", "ok", "khong co gi", "binh thuong"])
@pytest.mark.parametrize("begun", [("KHAI HO", "dong y"), ("KHAI", "1"), ("KHAI HO",)])
def test_the_reminder_is_answered_and_the_form_goes_on(text: str, begun: tuple[str, ...]) -> None:
    phone = left("known", *begun)
    letter = phone.session.letter
    made = phone.says(text, _DAYS).made
    assert written(made) == [("A", (), True)]
    assert (phone.session.letter, "signs" in phone.session.answers) == (letter, False)
    assert phone.session.stage in (Stage.ASKING, Stage.LEGAL)


def test_the_letters_of_a_family_are_heard() -> None:
    phone = left("a household", "KHAI HO", "dong y")
    assert written(phone.says("A OK B SOT 39 C OK", _DAYS).made) == [
        ("A", (), True),
        ("B", ("fever",), True),
        ("C", (), True),
    ]
    assert phone.session.letter == "D"


def test_who_was_not_asked_begins_anew() -> None:
    phone = Phone(PHONES["known"])
    for text in ("KHAI HO", "dong y"):
        phone.says(text)
    made = phone.says("khoe", _DAYS).made
    assert written(made) == []
    assert made.replies[0].say.text.startswith("Tờ khai bỏ dở từ {day}")
