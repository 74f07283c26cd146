"""A message as Twilio's body. The words, with numbers before choices, were made by `sms.render`."""

from __future__ import annotations

from core.messaging.channel import OutboundMessage
from sms.text import nfc
from sms.twilio import PROFILE


def body(message: OutboundMessage) -> str:
    """The composed text, cut at what Twilio takes: a shortened message beats a refused one. Pure."""
    return nfc(message.text)[: PROFILE.max_text]
