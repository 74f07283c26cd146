"""A message as the bot's text: there are no buttons, so choices are numbered."""

from __future__ import annotations

from typing import Any

from bot.render import fitted, renderer
from bot.zalo_bot import PROFILE
from core.messaging.channel import OutboundMessage

__all__ = ["body", "render"]

render = renderer(PROFILE.buttons)


def body(message: OutboundMessage) -> dict[str, Any]:
    """The JSON of `sendMessage`. Plain text: what people said, read back to them, may look like markup. Pure."""
    return {"chat_id": message.address, "text": fitted(message.text, PROFILE.max_text)}
