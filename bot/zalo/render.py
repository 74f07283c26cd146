"""A message as Zalo's body: text, and up to five buttons whose payload comes back as a message of the person."""

from __future__ import annotations

from typing import Any, Final

from bot.render import fitted, renderer
from bot.zalo import BUTTONS, PROFILE
from core.conversation.understanding import Choice
from core.messaging.channel import OutboundMessage

__all__ = ["body", "render"]

_TITLE: Final = 100
_PAYLOAD: Final = 1000

render = renderer(BUTTONS)


def body(message: OutboundMessage) -> dict[str, Any]:
    """The JSON of a message in the window (`/v3.0/oa/message/cs`). Pure."""
    said: dict[str, Any] = {"text": fitted(message.text, PROFILE.max_text)}
    if message.choices:
        buttons = [_button(choice) for choice in message.choices]
        said["attachment"] = {"type": "template", "payload": {"buttons": buttons}}
    return {"recipient": {"user_id": message.address}, "message": said}


def _button(choice: Choice) -> dict[str, str]:
    """`oa.query.hide`: the payload is sent in the person's name, and not shown to them."""
    return {"title": fitted(choice.label, _TITLE), "type": "oa.query.hide", "payload": choice.value[:_PAYLOAD]}
