"""What an answer of a unit's endpoint means: done, again later, given up, or endpoint paused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum

SECONDS, MINUTES, HOURS = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)

TIMEOUT = 15.0
"""Seconds for one delivery, from the look-up of the name to the answer's status."""

DELAYS = (5 * SECONDS, 5 * MINUTES, 30 * MINUTES, 2 * HOURS, *[6 * HOURS] * (14 * 4))
"""Before the second attempt, the third, ...; the first is at once. After 14 days it is a dead letter."""

JITTER = 0.2
"""Up to a fifth is added, so that what failed together does not come back together."""

LONGEST_WAIT = 24 * HOURS
"""The longest Retry-After that is obeyed: who wishes longer is asked once a day."""


class Fault(StrEnum):
    """There was no answer. The value is what staff read in the list."""

    TIMEOUT = "no answer in 15 s"
    CONNECTION = "no connection"
    NOT_ALLOWED = "address not allowed"
    UNBUILDABLE = "body cannot be built"


class Fate(StrEnum):
    """What becomes of a delivery."""

    DELIVERED = "delivered"
    RETRY = "retry"
    PAUSE = "pause"  # the row keeps waiting, its destination stops until somebody resumes it
    DEAD = "dead"


FATES: dict[int | Fault, Fate] = {
    408: Fate.RETRY,  # the receiver's own time-out
    409: Fate.RETRY,
    410: Fate.PAUSE,  # Standard Webhooks: "gone" asks us to stop
    423: Fate.RETRY,
    425: Fate.RETRY,
    429: Fate.RETRY,
    Fault.TIMEOUT: Fate.RETRY,
    Fault.CONNECTION: Fate.RETRY,
    Fault.NOT_ALLOWED: Fate.DEAD,
    Fault.UNBUILDABLE: Fate.DEAD,
}
"""By exact answer, then by its hundred in `FATES_BY_CLASS`."""

FATES_BY_CLASS = {2: Fate.DELIVERED, 3: Fate.DEAD, 4: Fate.DEAD, 5: Fate.RETRY}
"""A redirect is never followed: it would carry health data where nobody registered it."""

DOWN = frozenset({"429", "502", "503", "504", Fault.TIMEOUT.value, Fault.CONNECTION.value})
"""Errors that speak of the endpoint, not of the record: these rows become due when the endpoint is back."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """`delay` (of domain time, from now) only with RETRY; `error` is empty when delivered."""

    fate: Fate
    error: str = ""
    delay: timedelta = timedelta()


def verdict(answer: int | Fault, attempts: int, retry_after: timedelta | None, chance: float) -> Verdict:
    """Judge one attempt. `attempts` counts this one; `chance` is in [0, 1)."""
    fate = _fate(answer)
    if fate is Fate.DELIVERED:
        return Verdict(fate)
    error = answer.value if isinstance(answer, Fault) else str(answer)
    if fate is not Fate.RETRY:
        return Verdict(fate, error)
    if attempts > len(DELAYS):
        return Verdict(Fate.DEAD, f"{error}, given up after {attempts} attempts")
    delay = DELAYS[attempts - 1] if retry_after is None else min(retry_after, LONGEST_WAIT)
    return Verdict(fate, error, delay * (1 + JITTER * chance))


def _fate(answer: int | Fault) -> Fate:
    if answer in FATES:
        return FATES[answer]
    return FATES_BY_CLASS.get(int(answer) // 100, Fate.DEAD)


def parse_retry_after(header: str | None, wall: datetime) -> timedelta | None:
    """Seconds or an HTTP date (RFC 9110, 10.2.3). None when absent, unreadable or past."""
    text = (header or "").strip()
    if text.isascii() and text.isdigit():
        return min(timedelta(seconds=int(text[:9])), LONGEST_WAIT)
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return None
    wait = (until if until.tzinfo else until.replace(tzinfo=UTC)) - wall
    return min(wait, LONGEST_WAIT) if wait > timedelta() else None
