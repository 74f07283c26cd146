"""The public portal: a conversation in any browser, also without JavaScript."""

from __future__ import annotations

from typing import Final

from core.messaging.channel import ChannelProfile

PROFILE: Final = ChannelProfile(
    name="web", sms=False, max_text=4000, buttons=40, timeout=1.0, rings=False, price=0, once=True
)
"""A page has room for every choice, also 34 provinces. Nobody is told of what is on a page that is closed."""
