"""When a provider is left alone, and when it is tried again. Pure; `gate.py` keeps the state for all workers.

Closed: everything is sent. After `FAILURES` failures in a row that speak of the provider as a whole, or one that says
so itself (`TryLater.whole`), it is open: nothing is sent for a while, each time twice as long. Then one message tries.
If it is answered the breaker closes, else it opens anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from core.messaging.channel import Lapsed, NotTried, OutcomeUnknown, SendError, Sent, TooLate, TryLater

FAILURES: Final = 5
"""In a row, of all workers together. One text that a provider stumbles over must not stop the others."""

FIRST, LONGEST = timedelta(seconds=10), timedelta(minutes=5)
"""How long it stays open at first, and at most, where the provider does not say how long."""


_MOST = 1000  # openings that are counted


class Verdict(StrEnum):
    """What the end of one attempt says of the provider."""

    ANSWERED = "answered"  # also a refusal of this message
    AWAY = "away"
    SHUT = "shut"
    NOTHING = "nothing"  # it was not asked


@dataclass(frozen=True, slots=True)
class Heard:
    """The end of one attempt. `after`: how long the provider said to stay away. `probe`: the one that tried."""

    verdict: Verdict
    code: str = ""
    after: timedelta | None = None
    probe: bool = False


@dataclass(frozen=True, slots=True)
class Breaker:
    """`failures` in a row; `openings` in a row, 0: closed; `rest`: how long nothing is sent, zero once one may try."""

    failures: int = 0
    openings: int = 0
    rest: timedelta = timedelta()
    reason: str = ""

    @property
    def closed(self) -> bool:
        """Whether everything is sent."""
        return self.openings == 0

    @property
    def resting(self) -> bool:
        """Whether nothing is sent. Neither closed nor resting: one message may try."""
        return self.openings > 0 and self.rest > timedelta()


def heard(result: Sent | SendError, *, probe: bool = False) -> Heard:
    """What an attempt's end says."""
    if isinstance(result, TryLater) and result.whole:
        return Heard(Verdict.SHUT, result.code, result.after, probe)
    if isinstance(result, NotTried | TooLate | Lapsed):
        return Heard(Verdict.NOTHING, result.code, None, probe)
    if isinstance(result, OutcomeUnknown) or (isinstance(result, TryLater) and result.away):
        after = result.after if isinstance(result, TryLater) else None
        return Heard(Verdict.AWAY, result.code, after, probe)
    return Heard(Verdict.ANSWERED, probe=probe)


def span(openings: int) -> timedelta:
    """How long the breaker stays open when it opens for the n-th time in a row (1 for the first)."""
    return min(FIRST * (1 << min(openings - 1, 10)), LONGEST)


def after(state: Breaker, ends: Sequence[Heard]) -> Breaker:
    """The state once these attempts ended, in their order."""
    for end in ends:
        state = _next(state, end)
    return state


def _next(state: Breaker, end: Heard) -> Breaker:
    if state.closed:
        return _closed(state, end)
    if end.probe:
        return _tried(state, end)
    if end.verdict is Verdict.SHUT and end.after and end.after > state.rest:
        return Breaker(state.failures, state.openings, end.after, end.code)
    return state  # what was under way when it opened says nothing new, not even a success


def _closed(state: Breaker, end: Heard) -> Breaker:
    if end.verdict is Verdict.NOTHING:
        return state
    if end.verdict is Verdict.ANSWERED:
        return Breaker()
    failures = state.failures + 1
    if end.verdict is Verdict.AWAY and failures < FAILURES:
        return Breaker(failures, reason=end.code)
    return Breaker(failures, 1, end.after or span(1), end.code)


def _tried(state: Breaker, end: Heard) -> Breaker:
    if end.verdict is Verdict.ANSWERED:
        return Breaker()
    if end.verdict is Verdict.NOTHING:  # another one may try at once
        return Breaker(state.failures, state.openings, timedelta(), state.reason)
    openings = min(state.openings + 1, _MOST)
    return Breaker(state.failures, openings, end.after or span(openings), end.code)
