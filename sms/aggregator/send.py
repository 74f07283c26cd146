"""Sending through a provider as its file says.

Where the provider knows our id (`once`), a message that got no answer is sent again under it and refused as a double,
which counts as sent. Elsewhere a repeat may arrive twice.
"""

from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import Mapping
from typing import Any

import httpx
from sqlalchemy import select

from core.database.tables import addresses, inbox
from core.messaging.channel import ChannelProfile, OutboundMessage, Refused, Sent, WindowClosed
from core.messaging.http import ProviderClient
from core.messaging.ports import Tools
from sms.aggregator.access import Access
from sms.aggregator.config import AggregatorConfig
from sms.aggregator.judge import MENDING, TokenExpired, judged
from sms.aggregator.render import body
from sms.aggregator.request import address, authorised, prepared
from sms.aggregator.schema_requests import asks
from sms.aggregator.template import Values
from sms.numbers import written
from sms.text import encoding_of


class AggregatorSender:
    """Sends one message at a call. Its connections belong to the event loop of the first call."""

    profile: ChannelProfile

    def __init__(self, config: AggregatorConfig, tools: Tools) -> None:
        self.profile = config.profile
        self._config = config
        self._send = config.provider.send
        self._tools = tools
        self._asks = asks(self._send.request) | (self._send.signature.over.names if self._send.signature else set())
        self._client = ProviderClient("", config.profile.timeout)
        self._access = Access(self._send.auth, self._client, config.provider.secrets)

    async def send(self, message: OutboundMessage) -> Sent:
        """One request, and a second one with a fresh token if the provider says that the first one's was too old.

        Raises SendError by the file's table.
        """
        values = await self._values(message)
        token = await self._access.token()
        try:
            return await self._attempt({**values, "token": token})
        except TokenExpired:
            self._access.drop(token)
        return await self._attempt({**values, "token": await self._access.token()})

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    async def _attempt(self, values: Values) -> Sent:
        response = await self._request(values)
        if response.status_code == httpx.codes.UNAUTHORIZED and values["token"]:
            raise TokenExpired("401", MENDING, whole=True)
        return judged(self._send.answer, response, time.time())

    async def _request(self, values: Values) -> httpx.Response:
        request = self._send.request
        what = prepared(request, values)
        who = authorised(self._send.auth, values, "token" in self._asks)
        return await self._client.request(request.method, address(request, values), **_joined(what, who))

    async def _values(self, message: OutboundMessage) -> Mapping[str, str]:
        """What templates may ask for. Raises Refused for a number that cannot be written as the provider wants it."""
        to = written(message.address, self._send.phone)
        if to is None:
            raise Refused("foreign number")
        text = body(message.text, self.profile.max_text)
        values = {
            **self._config.provider.secrets,
            "to": to,
            "text": text,
            "text_b64": base64.b64encode(text.encode()).decode(),
            "from": self._config.provider.sender,
            "id": str(message.id),
            "id_hex": message.id.hex,
            "unicode": self._send.unicode[encoding_of(text) == "UCS-2"],
            "time": str(int(time.time())),
            "status_url": self._status_url(),
            "reply_to": await self._reply_to(message),
        }
        signature = self._send.signature
        return {**values, "signature": signature.of(values)} if signature else values

    def _status_url(self) -> str:
        """Where reports of this message go; "" if nobody outside reaches us, or if we would not read them."""
        reports = self._config.provider.reports
        if not self._config.public_url or reports is None:
            return ""
        url, token = f"{self._config.public_url}{self._config.status}", reports.hook.guard.token
        return f"{url}/{token.secret}" if token and token.place == "path" else url

    async def _reply_to(self, message: OutboundMessage) -> str:
        """The provider's id of what this person wrote last. Raises WindowClosed if they have written nothing."""
        if "reply_to" not in self._asks:
            return ""
        found = await asyncio.to_thread(self._last_id, message.address)
        if not found:
            raise WindowClosed("nothing to reply to")
        return found

    def _last_id(self, address: str) -> str | None:
        here = (addresses.c.channel == self.profile.name, addresses.c.address == address)
        last = (
            select(inbox.c.external_id)
            .join(addresses, addresses.c.contact_id == inbox.c.contact_id)
            .where(*here, inbox.c.channel == self.profile.name, inbox.c.address == address)
            .order_by(inbox.c.received_at.desc())
            .limit(1)
        )
        with self._tools.engine.connect() as connection:
            found: str | None = connection.scalar(last)
        return found


def sender(config: AggregatorConfig, tools: Tools) -> AggregatorSender:
    """The provider's sender."""
    return AggregatorSender(config, tools)


def _joined(what: Mapping[str, Any], who: Mapping[str, Any]) -> dict[str, Any]:
    return {**what, **who, "headers": {**what.get("headers", {}), **who.get("headers", {})}}
