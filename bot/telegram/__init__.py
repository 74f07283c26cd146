"""Telegram, through its Bot API. A crash loses nothing: Telegram keeps an update until it is acknowledged."""

from __future__ import annotations

from typing import Final

from core.messaging.channel import ChannelProfile

PROFILE: Final = ChannelProfile(
    name="telegram", sms=False, max_text=4096, buttons=13, timeout=15.0, in_flight=8, per_minute=1500
)
"""Telegram takes 100 buttons and about 30 messages a second (core.telegram.org/bots/faq); 13 is our longest list of
choices."""
