"""When a message that could not be sent is tried again."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

SECONDS, MINUTES, HOURS = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)

DELAYS: Final = (5 * SECONDS, 30 * SECONDS, 2 * MINUTES, 10 * MINUTES, 30 * MINUTES)
"""Before the second attempt, the third, ...; the first is at once."""

LAST_DELAY: Final = 1 * HOURS
"""Before every attempt after those. There is no last attempt: a message ends by its own expiry."""

JITTER: Final = 0.2
"""Up to a fifth is added, so that what failed together does not come back together."""


def delay(attempts: int, chance: float, after: timedelta | None = None) -> timedelta:
    """The wait after failed attempt number `attempts` (1 for the first). `chance` is in [0, 1).

    `after`, if the provider named a time, counts instead of the table: never sooner, at most a fifth later.
    """
    wait = after
    if wait is None:
        wait = DELAYS[attempts - 1] if attempts <= len(DELAYS) else LAST_DELAY
    return wait * (1 + JITTER * chance)
