"""How much one contact is answered: people enough, machines no more than that."""

from __future__ import annotations

from datetime import timedelta
from itertools import cycle, islice

import pytest

from core.messaging.channel import MessageKind
from core.pipeline.allowance import AHEAD, CHAT_MESSAGE, PAUSE, SMS_PART, allowed
from tests.cast import HOA, MORNING, TYPING, Cast

SMS = frozenset({"phone"})


def row(channel: str = "phone", parts: int = 1, kind: MessageKind = MessageKind.INFO) -> dict[str, object]:
    return {"channel": channel, "parts": parts, "kind": kind}


@pytest.mark.parametrize(
    ("rows", "ahead", "count", "after"),
    [
        ([], None, 0, timedelta()),
        ([row()], None, 1, SMS_PART),
        ([row(parts=3)], timedelta(minutes=-30), 1, 3 * SMS_PART),
        ([row("web"), row("web")], timedelta(hours=1), 2, timedelta(hours=1) + 2 * CHAT_MESSAGE),
        ([row(), row()], AHEAD - SMS_PART, 1, AHEAD),
        ([row(parts=2)], AHEAD - SMS_PART, 0, AHEAD - SMS_PART),
        ([row(kind=MessageKind.DANGER), row()], AHEAD, 1, AHEAD + SMS_PART),
    ],
)
def test_each_part_moves_the_instant_on(
    rows: list[dict[str, object]], ahead: timedelta | None, count: int, after: timedelta
) -> None:
    until = None if ahead is None else MORNING + ahead

    assert allowed(rows, until, MORNING, SMS) == (count, MORNING + after)


def loops(cast: Cast, times: int) -> None:
    """As fast as machines are, with words that lead somewhere: a conversation has its own patience for others."""
    for text in islice(cycle(("KHAI", "dong y", "THOAT")), times):
        cast.writes(text)
        cast.clock.at -= TYPING


def test_a_machine_that_answers_everything_is_not_answered_for_ever(cast: Cast) -> None:
    loops(cast, 160)
    heard = cast.heard()

    assert len(heard) <= AHEAD / SMS_PART + 1
    assert [text for text in heard if "tam ngung tra loi" in text] == heard[-1:]
    assert len(cast.inbox()) == 160
    assert ("misunderstood", "open") in cast.alerts()


def test_nobody_else_is_answered_less(cast: Cast) -> None:
    loops(cast, 130)
    cast.writes("KHAI", who=HOA)

    assert len(cast.heard(HOA)) == 1


def test_in_the_silence_danger_is_heard_and_a_report_is_kept(cast: Cast) -> None:
    cast.declares()
    loops(cast, 130)
    before = len(cast.heard())
    cast.writes("SK 38,2 ho")
    cast.writes("kho tho qua, tim tai")

    assert "115" in cast.heard()[-1]
    assert len(cast.heard()) == before + 1
    assert cast.records()[-1]["signs"]
    assert ("danger", "open") in cast.alerts()


def test_after_the_silence_they_are_answered_again_and_nothing_counts_as_an_answer_to_what_they_did_not_hear(
    cast: Cast,
) -> None:
    loops(cast, 130)
    cast.writes("KHAI", "dong y")
    cast.clock.at += AHEAD + PAUSE
    count = len(cast.heard())
    cast.writes("khong")

    assert "stage" not in cast.session()
    assert cast.records() == []
    assert len(cast.heard()) == count + 1
