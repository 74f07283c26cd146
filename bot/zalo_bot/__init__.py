"""Zalo's bot platform: for the pilot of a unit without a verified Official Account. No registration, a fixed token.

It knows no buttons, tells nothing of what became of a message, and is free for some thousands of messages a month.
"""

from __future__ import annotations

from typing import Final

from core.messaging.channel import ChannelProfile

PROFILE: Final = ChannelProfile(name="zalo_bot", sms=False, max_text=2000, timeout=15.0, in_flight=4)
