"""A message as Twilio's body. Its words, with numbers before choices, are made as for any SMS."""

from __future__ import annotations

from core.messaging.channel import OutboundMessage
from sms.render import render
from sms.text import nfc
from sms.twilio import PROFILE

__all__ = ["body", "render"]


def body(message: OutboundMessage) -> str:
    """The composed text, cut at what Twilio takes: a shortened message beats a refused one. Pure."""
    return nfc(message.text)[: PROFILE.max_text]
