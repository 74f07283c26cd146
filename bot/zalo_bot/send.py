"""Sending through the bot platform, with our own client.

There is no idempotency key and no way to ask what became of a message: an answer that does not come leaves it in doubt.
"""

from __future__ import annotations

from bot.zalo_bot.client import ZaloBotClient
from bot.zalo_bot.config import ZaloBotConfig
from bot.zalo_bot.render import body
from core.messaging.channel import ChannelProfile, OutboundMessage, Sent
from core.messaging.ports import Tools


class ZaloBotSender:
    """Sends one message at a call. Its connections belong to the event loop of the first call."""

    profile: ChannelProfile

    def __init__(self, config: ZaloBotConfig) -> None:
        self.profile = config.profile
        self._client = ZaloBotClient(config, config.profile.timeout)

    async def send(self, message: OutboundMessage) -> Sent:
        """Create the message. Raises SendError by `errors.ERRORS`."""
        result = await self._client.call("sendMessage", **body(message))
        id = result.get("message_id")
        return Sent(str(id) if id else None)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()


def sender(config: ZaloBotConfig, tools: Tools) -> ZaloBotSender:
    """The bot's sender."""
    return ZaloBotSender(config)
