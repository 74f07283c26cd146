"""Sending through the phone. Our id goes with the message, so that what is sent again after a silence arrives once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from core.messaging.channel import ChannelProfile, MessageKind, OutboundMessage, OutcomeUnknown, Sent
from core.messaging.http import json_object
from core.messaging.ports import Tools
from sms.android.client import opened
from sms.android.config import AndroidConfig
from sms.android.errors import DOUBLE, error
from sms.android.render import body

_AT_ONCE: Final = 100  # from this on the application's own limits do not hold a message back


class AndroidSender:
    """Sends one message at a call. Its connections belong to the event loop of the first call."""

    profile: ChannelProfile

    def __init__(self, config: AndroidConfig, clock: Callable[[], datetime]) -> None:
        self.profile = config.profile
        self._sim = config.sim
        self._clock = clock
        self._client = opened(config, config.profile.timeout)

    async def send(self, message: OutboundMessage) -> Sent:
        """Hand the message to the gateway. An id that it has already counts as sent.

        Raises SendError by `errors.error`.
        """
        response = await self._client.request("POST", "/messages", json=self._request(message))
        if response.status_code == DOUBLE:
            return Sent(str(message.id))
        if not response.is_success:
            raise error(response)
        if not json_object(response).get("id"):  # some machine in between
            raise OutcomeUnknown("answer")
        return Sent(str(message.id))

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    def _request(self, message: OutboundMessage) -> dict[str, Any]:
        asked: dict[str, Any] = {
            "id": str(message.id),
            "textMessage": {"text": body(message.text)},
            "phoneNumbers": [message.address],
            "withDeliveryReport": True,
            "priority": _AT_ONCE if message.kind is MessageKind.DANGER else 0,
        }
        if self._sim is not None:
            asked["simNumber"] = self._sim
        if message.expires_at is not None:  # the phone may be off: yesterday's reminder is not sent today
            asked["ttl"] = max(1, int((message.expires_at - self._clock()).total_seconds()))
        return asked


def sender(config: AndroidConfig, tools: Tools) -> AndroidSender:
    """The phone's sender."""
    return AndroidSender(config, tools.clock)
