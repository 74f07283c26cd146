"""Zalo's tokens: an access token of 25 hours for a refresh token of three months that is good once (OAuth v4).

After an exchange the access token before it is void. No code is documented for a refresh token that was used up, so any
error but "too many requests" counts as that (`core.messaging.tokens`).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from bot.zalo.config import ZaloConfig
from bot.zalo.errors import RATE
from core.messaging.channel import OutcomeUnknown, TryLater
from core.messaging.http import ProviderClient, by_status, json_object
from core.messaging.ports import Tools
from core.messaging.tokens import ExchangeRefused, Pair, Tokens

_PATH: Final = "/v4/oa/access_token"
_TIMEOUT: Final = 30.0  # seconds; half a lease: an answer that is not awaited is a refresh token lost
_SHORTEST: Final = timedelta(hours=1)  # where the answer does not say how long


class ZaloTokens:
    """The account's tokens. Lives on one event loop."""

    def __init__(self, config: ZaloConfig, tools: Tools) -> None:
        self._config = config
        self._http = ProviderClient(config.oauth_url, _TIMEOUT)
        seed = config.refresh_token
        self._tokens = Tokens(config.profile.name, seed, tools.engine, tools.vault, self._exchange)
        self.current = self._tokens.current
        self.renewed = self._tokens.renewed
        self.stored = self._tokens.stored

    async def close(self) -> None:
        """Let an exchange end, then close the connections."""
        await self._tokens.close()
        await self._http.close()

    async def _exchange(self, refresh: str) -> Pair:
        fields = {"refresh_token": refresh, "app_id": self._config.app_id, "grant_type": "refresh_token"}
        headers = {"secret_key": self._config.app_secret}
        response = await self._http.request("POST", _PATH, data=fields, headers=headers)
        body = json_object(response)
        if code := error_code(body):
            raise TryLater(str(code)) if code == RATE else ExchangeRefused(str(code))
        if failure := by_status(response):
            raise failure
        access, new = body.get("access_token"), body.get("refresh_token")
        if not (isinstance(access, str) and access and isinstance(new, str) and new):
            raise OutcomeUnknown("answer")
        return Pair(access, new, _good(body.get("expires_in")))


def error_code(body: dict[str, Any]) -> int:
    """The code of an answer, which some of Zalo's machines write as a text; 0 if there is none, or it is success."""
    try:
        return int(body.get("error", 0))
    except (TypeError, ValueError):
        return 0


def _good(expires_in: object) -> timedelta:
    """Seconds, as a text: "90000"."""
    said = str(expires_in)
    return timedelta(seconds=int(said)) if said.isascii() and said.isdigit() and len(said) < 9 else _SHORTEST
