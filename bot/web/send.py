"""Sending to a page: there is nobody to hand the message to, the page reads the outbox when it is looked at."""

from __future__ import annotations

from bot.web.config import WebConfig
from core.messaging.channel import ChannelProfile, OutboundMessage, Sent
from core.messaging.ports import Tools


class WebSender:
    """Takes every message: it waits on the page. `delivered` is said when the page was shown (`bot.web.receive`)."""

    def __init__(self, config: WebConfig) -> None:
        self.profile: ChannelProfile = config.profile

    async def send(self, message: OutboundMessage) -> Sent:
        """Sent at once, under our own id."""
        return Sent(str(message.id))

    async def close(self) -> None:
        """Nothing is held."""


def sender(config: WebConfig, tools: Tools) -> WebSender:
    """The page's sender."""
    return WebSender(config)
