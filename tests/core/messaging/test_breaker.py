from __future__ import annotations

from datetime import timedelta

import pytest

from core.messaging.breaker import FAILURES, Breaker, Heard, Verdict, after, heard, span
from core.messaging.channel import (
    Lapsed,
    NotTried,
    OptedOut,
    OutcomeUnknown,
    Refused,
    SendError,
    Sent,
    TooLate,
    TryLater,
    Unreachable,
)

SECOND = timedelta(seconds=1)
ANSWERED, NOTHING = Heard(Verdict.ANSWERED), Heard(Verdict.NOTHING)
AWAY, SHUT = Heard(Verdict.AWAY, "503"), Heard(Verdict.SHUT, "429")
RESTING = Breaker(FAILURES, 1, 4 * SECOND, "503")
HALF_OPEN = Breaker(FAILURES, 1, timedelta(), "503")


@pytest.mark.parametrize(
    ("result", "verdict"),
    [
        (Sent("SM1"), Verdict.ANSWERED),
        (Refused("30007"), Verdict.ANSWERED),
        (OptedOut("21610"), Verdict.ANSWERED),
        (Unreachable("21211"), Verdict.ANSWERED),
        (TryLater("-218", timedelta(hours=1)), Verdict.ANSWERED),  # what this person may be sent is used up
        (TryLater("503", away=True), Verdict.AWAY),
        (TryLater("ConnectError", away=True), Verdict.AWAY),
        (OutcomeUnknown("timeout"), Verdict.AWAY),
        (TryLater("429", 7 * SECOND, whole=True), Verdict.SHUT),
        (NotTried("KeyError"), Verdict.NOTHING),
        (TooLate("late"), Verdict.NOTHING),
        (Lapsed("lapsed"), Verdict.NOTHING),
    ],
)
def test_what_each_ending_says_of_the_provider(result: Sent | SendError, verdict: Verdict) -> None:
    assert heard(result).verdict is verdict


def test_it_hears_how_long_to_stay_away() -> None:
    assert heard(TryLater("429", 7 * SECOND, whole=True), probe=True) == Heard(Verdict.SHUT, "429", 7 * SECOND, True)
    assert heard(TryLater("503", 3 * SECOND, away=True)).after == 3 * SECOND


def test_it_opens_for_ten_seconds_and_then_twice_as_long_up_to_five_minutes() -> None:
    assert [span(n).total_seconds() for n in (1, 2, 3, 4, 5, 6, 7, 1000)] == [10, 20, 40, 80, 160, 300, 300, 300]


@pytest.mark.parametrize(
    ("before", "ends", "expected"),
    [
        # closed: only failures in a row open it
        (Breaker(), [ANSWERED], Breaker()),
        (Breaker(), [AWAY] * (FAILURES - 1), Breaker(FAILURES - 1, reason="503")),
        (Breaker(), [AWAY] * FAILURES, Breaker(FAILURES, 1, 10 * SECOND, "503")),
        (Breaker(), [*[AWAY] * (FAILURES - 1), ANSWERED, AWAY], Breaker(1, reason="503")),
        (Breaker(FAILURES - 1), [NOTHING, AWAY], Breaker(FAILURES, 1, 10 * SECOND, "503")),
        (Breaker(FAILURES - 1), [NOTHING], Breaker(FAILURES - 1)),
        # one that says that the whole provider is shut opens it at once, for as long as it says
        (Breaker(), [SHUT], Breaker(1, 1, 10 * SECOND, "429")),
        (Breaker(), [Heard(Verdict.SHUT, "429", 7 * SECOND)], Breaker(1, 1, 7 * SECOND, "429")),
        # open: what was under way says nothing new, but for a longer time to stay away
        (RESTING, [ANSWERED], RESTING),
        (RESTING, [AWAY] * 9, RESTING),
        (RESTING, [SHUT], RESTING),
        (RESTING, [Heard(Verdict.SHUT, "429", 2 * SECOND)], RESTING),
        (RESTING, [Heard(Verdict.SHUT, "429", 60 * SECOND)], Breaker(FAILURES, 1, 60 * SECOND, "429")),
        (HALF_OPEN, [ANSWERED, AWAY], HALF_OPEN),
        # the one that tries decides
        (RESTING, [Heard(Verdict.ANSWERED, probe=True)], Breaker()),
        (RESTING, [Heard(Verdict.AWAY, "502", probe=True)], Breaker(FAILURES, 2, 20 * SECOND, "502")),
        (RESTING, [Heard(Verdict.SHUT, "429", 7 * SECOND, True)], Breaker(FAILURES, 2, 7 * SECOND, "429")),
        (RESTING, [Heard(Verdict.NOTHING, probe=True)], HALF_OPEN),
        (RESTING, [Heard(Verdict.ANSWERED, probe=True), AWAY], Breaker(1, reason="503")),
    ],
)
def test_each_step(before: Breaker, ends: list[Heard], expected: Breaker) -> None:
    assert after(before, ends) == expected


def test_its_three_states() -> None:
    states = (Breaker(), Breaker(FAILURES - 1), RESTING, HALF_OPEN)
    assert [(state.closed, state.resting) for state in states] == [
        (True, False),
        (True, False),
        (False, True),
        (False, False),
    ]
