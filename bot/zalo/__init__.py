"""A Zalo Official Account: beside SMS what carries the service in Vietnam.

A person opens the window by writing, following or tapping a button. What we write within 48 hours of that is free, from
then to the seventh day it costs about 55 đồng, and later it is refused (-230): only a template message, approved
beforehand, is taken at any time, for about the price of an SMS. Messages of the window are taken at every hour.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from core.messaging.channel import ChannelProfile, Rate

BUTTONS: Final = 5

PROFILE: Final = ChannelProfile(
    name="zalo",
    sms=False,
    max_text=2000,
    buttons=BUTTONS,
    timeout=15.0,
    in_flight=8,
    rate=Rate(60, 60),
    window=timedelta(days=7),
    price=0,
)
"""`rate`: 4,000 requests a minute are allowed to all of our workers together (-32). `price`: an answer, and every
message to somebody who wrote within 48 hours, is free."""
