"""The bot platform's HTTP interface. The token is in the path: an address is never logged and in no error."""

from __future__ import annotations

from typing import Any

import httpx

from bot.zalo_bot.config import ZaloBotConfig
from bot.zalo_bot.errors import error
from core.messaging.channel import OutcomeUnknown
from core.messaging.http import ProviderClient, by_status, json_object, retry_after


class ZaloBotClient:
    """Calls methods. Its connections belong to the event loop of the first call. `timeout` in seconds."""

    def __init__(self, config: ZaloBotConfig, timeout: float) -> None:
        self._http = ProviderClient(config.api_url, timeout)
        self._token = config.token

    async def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """What the method's `result` holds; empty if that is no object. Raises SendError by `errors.ERRORS`."""
        response = await self._http.request("POST", f"/bot{self._token}/{method}", json=parameters)
        return _result(response)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()


def _result(response: httpx.Response) -> dict[str, Any]:
    answer = json_object(response)
    if answer.get("ok") is True and response.is_success:
        result = answer.get("result")
        return result if isinstance(result, dict) else {}
    if answer.get("ok") is False:
        raise error(_code(answer, response.status_code), retry_after(response))
    raise by_status(response) or OutcomeUnknown("answer")


def _code(answer: dict[str, Any], status: int) -> int:
    """Its own code, else the HTTP status; 400 where neither says that something is wrong."""
    code = answer.get("error_code")
    if isinstance(code, int) and not isinstance(code, bool):
        return code
    return status if status >= 400 else 400
