"""SMS through a commune's own phone and SIM, with the application "SMS Gateway for Android"."""

from __future__ import annotations

from typing import Final

from core.messaging.channel import ChannelProfile, Rate

PROFILE: Final = ChannelProfile(
    name="android",
    sms=True,
    max_text=918,
    timeout=15.0,
    in_flight=2,
    rate=Rate.a_minute(6),
    spacing=1.0,
    price=600,
    once=True,
)
"""Six parts a minute: operators suspect a SIM that sends like a machine, and Android itself asks its owner beyond
thirty in thirty minutes. 918 characters are six parts without accents; phones refuse nine. The gateway takes our id
once. Of prices only the order counts: a slow phone goes behind providers."""
