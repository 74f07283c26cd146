"""A message as Kannel's body. Its words, with numbers before choices, are made as for any SMS."""

from __future__ import annotations

from core.messaging.channel import OutboundMessage
from sms.kannel import MAX_PARTS
from sms.render import render
from sms.text import encoding_of, split

__all__ = ["body", "coding", "render"]


def body(message: OutboundMessage) -> str:
    """The composed text, cut after the parts that Kannel sends: it would cut within a letter. Pure."""
    return "".join(split(message.text)[:MAX_PARTS])


def coding(text: str) -> str:
    """Kannel's name for the alphabet of a composed text: 0 GSM-7, 2 UCS-2. Untold, it sends "?" for Vietnamese."""
    return "0" if encoding_of(text) == "GSM-7" else "2"
