"""How replies and what we start share a channel's places and its rate. Pure.

A reply or a warning is what somebody waits for; what we start (reminders, news) harms nobody by leaving later.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from core.messaging.statements import STARTED

BEHIND: Final = timedelta(seconds=10)
"""While replies are so late, nothing that we start leaves."""

_EXACT: Final = 1e-6  # of a token: what an interval of whole microseconds cannot say


@dataclass(frozen=True, slots=True)
class Due:
    """A message that may leave. `parts`: what it costs of its channel's rate."""

    id: UUID
    priority: int
    parts: int

    @property
    def started(self) -> bool:
        """Whether nobody waits for it."""
        return self.priority >= STARTED


@dataclass(frozen=True, slots=True)
class Grant:
    """How many messages may leave now, how many of them may be what we start, and what they cost together."""

    messages: int = 0
    bulk: int = 0
    cost: int = 0


def spared(most: int) -> int:
    """How many of `most` are kept for replies: a quarter, one at least; none where there is only one."""
    return max(most // 4, 1) if most > 1 else 0


def places(in_flight: int, taken: int) -> Grant:
    """How many sends may begin while `taken` are under way."""
    free = max(in_flight - taken, 0)
    return Grant(free, max(free - spared(in_flight), 0))


def wanted(due: Sequence[Due], room: Grant) -> list[Due]:
    """What of `due`, in its order, there are places for."""
    found: list[Due] = []
    bulk = 0
    for each in due[: room.messages]:
        bulk += each.started
        if bulk > room.bulk:
            break
        found.append(each)
    return found


def granted(due: Sequence[Due], tokens: float, burst: int) -> Grant:
    """As many of `due`, in its order, as a rate's `tokens` are enough for.

    What costs more than there can ever be leaves once there are as many as can be, and the rest is owed.
    """
    messages = bulk = cost = 0
    for each in due:
        most = burst - spared(burst) if each.started else burst
        free = tokens - cost - (burst - most)
        if free + _EXACT < min(each.parts, most):
            break
        messages, bulk, cost = messages + 1, bulk + each.started, cost + each.parts
    return Grant(messages, bulk, cost)
