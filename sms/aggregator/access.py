"""Access tokens of providers that want one first (OAuth2, client credentials).

Kept in this process alone: a crash or a second worker asks for another one, which providers allow. One coroutine asks
at a time; the others wait for its answer.
"""

from __future__ import annotations

import asyncio
import time
from uuid import uuid4

import httpx

from core.messaging.channel import OutcomeUnknown, TryLater
from core.messaging.http import ProviderClient, json_object
from sms.aggregator.judge import MENDING
from sms.aggregator.pick import first
from sms.aggregator.request import address, prepared
from sms.aggregator.settings import Auth
from sms.aggregator.template import Values

_EARLY = 30.0  # seconds before its end that a token is given up
_LONGEST = 86_400.0 * 30


class Access:
    """The token of one provider. Lives on one event loop."""

    def __init__(self, auth: Auth, client: ProviderClient, secrets: Values) -> None:
        self._auth = auth
        self._client = client
        self._secrets = secrets
        self._lock = asyncio.Lock()
        self._token = ""
        self._until = 0.0  # the monotonic clock's

    async def token(self) -> str:
        """A token that is good; "" where the provider wants none. Raises TryLater: without one nothing is sent."""
        if self._auth.request is None:
            return ""
        async with self._lock:
            if not self._token or time.monotonic() >= self._until:
                await self._renew()
            return self._token

    def drop(self, token: str) -> None:
        """The provider no longer takes it. A newer one stays."""
        if token == self._token:
            self._token = ""

    async def _renew(self) -> None:
        assert self._auth.request is not None  # noqa: S101 - `token` looked
        id = uuid4()
        values = {**self._secrets, "id": str(id), "id_hex": id.hex, "time": str(int(time.time()))}
        what = prepared(self._auth.request, values)
        try:
            response = await self._client.request(
                self._auth.request.method, address(self._auth.request, values), **what
            )
        except OutcomeUnknown as doubt:  # of the token, not of the message
            raise TryLater(f"token {doubt.code}", away=True) from None
        self._keep(response)

    def _keep(self, response: httpx.Response) -> None:
        tree = json_object(response)
        token = first(self._auth.pick, tree, response.text)
        if not response.is_success or not token:
            raise TryLater(f"token {response.status_code}", MENDING, whole=True)
        lifetime = _number(first(self._auth.seconds, tree, response.text)) or float(self._auth.lifetime)
        self._token = token
        self._until = time.monotonic() + max(min(lifetime, _LONGEST) - _EARLY, lifetime / 2)


def _number(text: str | None) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None
