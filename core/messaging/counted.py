"""Counting what becomes of messages, for /metrics. A crash loses a count, never a message."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Final

from core.messaging.channel import (
    OptedOut,
    OutcomeUnknown,
    Refused,
    SendError,
    Sent,
    StatusReport,
    TooLate,
    TryLater,
    Unreachable,
)
from core.metrics import LEASES_LAPSED, MESSAGES, REPORTS

_OUTCOMES: Final[Mapping[type, str]] = {
    Sent: "sent",
    Refused: "refused",
    Unreachable: "unreachable",
    OptedOut: "opted_out",
    TryLater: "try_later",
    OutcomeUnknown: "unknown",
    TooLate: "expired",
}


def attempt(channel: str, result: Sent | SendError) -> None:
    """One attempt to send."""
    outcome = next((_OUTCOMES[kind] for kind in type(result).__mro__ if kind in _OUTCOMES), "unknown")
    MESSAGES.labels(channel, outcome).inc()


def ended(channel: str, statuses: Collection[str]) -> None:
    """Messages that ended without an attempt: expired, withdrawn, unknown."""
    for status in statuses:
        MESSAGES.labels(channel, status).inc()


def lapsed(of: str, count: int) -> None:
    """Leases that ended without a word."""
    if count:
        LEASES_LAPSED.labels(of).inc(count)


def reports(found: Iterable[StatusReport]) -> None:
    """What providers said of messages of ours."""
    for said in found:
        REPORTS.labels(said.channel, said.status.value).inc()
