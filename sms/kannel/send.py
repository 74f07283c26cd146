"""Sending through Kannel's sendsms. Everything goes in headers and the body, so that no access log holds it.

Kannel gives no id and knows no repeats. Our own id is in the URL of its reports, so that a report also settles a
message whose answer never came. After a crash between Kannel's yes and our commit a message leaves twice.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from math import ceil
from typing import Final

import httpx

from core.messaging.channel import ChannelProfile, OutboundMessage, Refused, Sent, TryLater
from core.messaging.http import ProviderClient
from core.messaging.ports import Tools
from sms.kannel.config import STATUS, KannelConfig
from sms.kannel.errors import AWAY, error
from sms.kannel.render import body, coding
from sms.kannel.status import MASK

_MINUTE: Final = timedelta(minutes=1)


class KannelSender:
    """Sends one message at a call. Its connections belong to the event loop of the first call."""

    profile: ChannelProfile

    def __init__(self, config: KannelConfig, clock: Callable[[], datetime]) -> None:
        self.profile = config.profile
        self._config = config
        self._clock = clock
        self._client = ProviderClient(config.send_url, config.profile.timeout)

    async def send(self, message: OutboundMessage) -> Sent:
        """Hand the message to Kannel. Raises SendError by `errors.ANSWERS`; an empty text is never sent."""
        text = body(message)
        if not text.strip():
            raise Refused("empty")
        answer = await self._ask(text, self._headers(message, text))
        refusal = error(answer.status_code, answer.text)
        if refusal is not None:
            raise refusal
        return Sent(str(message.id))

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    async def _ask(self, text: str, headers: dict[str, str]) -> httpx.Response:
        try:
            return await self._client.request("POST", content=text.encode(), headers=headers)
        except TryLater as away:  # nobody listens: the next message would find nobody either
            raise TryLater(away.code, AWAY, whole=True) from None

    def _headers(self, message: OutboundMessage, text: str) -> dict[str, str]:
        """Kannel fills in `%d` and `%A` when it reports. What waits for an operator until it is too late, it drops."""
        ours = self._config.callback(STATUS, id=message.id)
        late = {"X-Kannel-Validity": self._minutes(message.expires_at)} if message.expires_at else {}
        return late | {
            "Content-Type": "text/plain; charset=UTF-8",
            "Connection": "close",  # a restarted Kannel cuts kept ones, which would leave sends in doubt
            "X-Kannel-Username": self._config.user,
            "X-Kannel-Password": self._config.password,
            "X-Kannel-From": self._config.sender,
            "X-Kannel-To": message.address.removeprefix("+"),
            "X-Kannel-Coding": coding(text),
            "X-Kannel-DLR-Mask": str(MASK),
            "X-Kannel-DLR-Url": f"{ours}&status=%d&answer=%A",
        }

    def _minutes(self, until: datetime) -> str:
        return str(max(1, ceil((until - self._clock()) / _MINUTE)))


def sender(config: KannelConfig, tools: Tools) -> KannelSender:
    """The installation's Kannel."""
    return KannelSender(config, tools.clock)
