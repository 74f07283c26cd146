"""Twilio's message statuses as ours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from core.messaging.channel import Status

STATUSES: Final[Mapping[str, Status]] = {
    "accepted": Status.SENT,
    "scheduled": Status.SENT,
    "queued": Status.SENT,
    "sending": Status.SENT,
    "sent": Status.SENT,
    "partially_delivered": Status.SENT,
    "delivered": Status.DELIVERED,  # in Vietnam only the operator's word, not the handset's
    "read": Status.DELIVERED,
    "undelivered": Status.FAILED,
    "failed": Status.FAILED,
    "canceled": Status.FAILED,
}
"""For us "sent" means that Twilio took it. `receiving` and `received` are of inbound messages."""
