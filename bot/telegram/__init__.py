"""Telegram, through its Bot API. A crash loses nothing: Telegram keeps an update until it is acknowledged."""

from __future__ import annotations

from typing import Final

from core.messaging.channel import ChannelProfile, Rate

PROFILE: Final = ChannelProfile(
    name="telegram",
    sms=False,
    max_text=4096,
    buttons=13,
    timeout=15.0,
    in_flight=8,
    rate=Rate(25, 25),
    spacing=1.0,
)
"""Telegram takes 100 buttons; 13 is our longest list of choices. It takes about 30 messages a second, of which one a
second to a chat (core.telegram.org/bots/faq)."""
