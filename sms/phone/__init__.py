"""The SMS simulator: phones with buttons on a page, for trying everything without an account."""

from __future__ import annotations

from typing import Final

from core.messaging.channel import ChannelProfile

PROFILE: Final = ChannelProfile(name="phone", sms=True, max_text=1600, timeout=1.0)
