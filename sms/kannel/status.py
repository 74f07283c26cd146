"""Kannel's delivery reports as our statuses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from core.messaging.channel import Status

STATUSES: Final[Mapping[str, Status]] = {
    "1": Status.DELIVERED,
    "2": Status.FAILED,
    "4": Status.SENT,  # waits at the operator
    "8": Status.SENT,  # the operator took it
    "16": Status.FAILED,  # the operator refused it
    "32": Status.SENT,  # on its way
}
"""By `%d` of a report, one bit of `MASK` each (Kannel User Guide, "Delivery Reports")."""

MASK: Final = 31
"""What we ask to be told: all but 32, which changes nothing."""
