"""SMS through an operator's SMPP line, by way of Kannel (Debian's package `kannel`)."""

from __future__ import annotations

from typing import Final

from core.messaging.channel import ChannelProfile

MAX_PARTS: Final = 10
"""SMS parts of one message; what Kannel's `max-messages` is set to. It cuts what is longer without a word."""

PROFILE: Final = ChannelProfile(
    name="kannel", sms=True, max_text=153 * MAX_PARTS, timeout=15.0, in_flight=8, spacing=1.0, price=350, reports=True
)
"""With accents a text of as many parts holds 670 characters: `render.body` counts parts. Kannel itself keeps to the
operator's rate (`throughput`). Its reports are asked for under our own id."""
