"""Template messages: what Zalo takes when the window is closed. Their words were approved beforehand.

To somebody's id on Zalo through the open API, to a telephone number (E.164) through the business API.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from bot.render import fitted
from bot.zalo.config import ZaloConfig
from core.conversation.wording import numbered
from core.messaging.channel import MessageKind, OutboundMessage

_PARAMETER: Final = 200
"""Characters that the widest kind of a template's parameters takes."""


@dataclass(frozen=True, slots=True)
class Posting:
    """A request: to which base URL, which path, with which JSON. `template`: not of the window."""

    base_url: str
    path: str
    body: dict[str, Any]
    template: bool = False


def posting(config: ZaloConfig, message: OutboundMessage) -> Posting | None:
    """The template message for that message; None if there is none for its kind. Pure.

    `tracking_id` is ours: it comes back in the report, also when the answer to our request did not come.
    """
    if message.kind is not MessageKind.REMINDER or not config.template_reminder:
        return None
    data = {"template_id": config.template_reminder, "template_data": _data(config, message)}
    if message.address.startswith("+"):
        to = {"phone": message.address.removeprefix("+"), "tracking_id": message.id.hex}
        return Posting(config.business_url, "/message/template", to | data, template=True)
    return Posting(config.api_url, "/v3.0/oa/message/template", {"user_id": message.address} | data, template=True)


def _data(config: ZaloConfig, message: OutboundMessage) -> dict[str, str]:
    """A template has its own buttons; ours become numbers in the text."""
    if not config.template_parameter:
        return {}
    return {config.template_parameter: fitted(message.text + numbered(message.choices), _PARAMETER)}
