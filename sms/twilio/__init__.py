"""SMS through Twilio's Programmable Messaging."""

from __future__ import annotations

from typing import Final

from core.messaging.channel import ChannelProfile

PROFILE: Final = ChannelProfile(
    name="twilio", sms=True, max_text=1600, timeout=15.0, in_flight=8, spacing=1.0, price=2000
)
"""Twilio refuses more than 1600 characters (error 21617). Its price differs by country; here it stands for dearer than
any Vietnamese operator, since only the order of prices counts. It keeps a queue for each sender, at that sender's own
rate."""
