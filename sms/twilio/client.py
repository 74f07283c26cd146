"""Twilio's own client over one aiohttp session, and its errors as ours."""

from __future__ import annotations

import base64
import logging
from collections.abc import Awaitable, Mapping
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit, urlunsplit

import aiohttp
from twilio.base.exceptions import (  # type: ignore[import-untyped]
    TwilioException,
    TwilioRestException,
    TwilioServiceException,
)
from twilio.http import AsyncHttpClient  # type: ignore[import-untyped]
from twilio.http.response import Response  # type: ignore[import-untyped]

from core.messaging.channel import OutcomeUnknown, TryLater
from sms.twilio.errors import error

T = TypeVar("T")

_REAL: Final = "api.twilio.com"
_CONNECT: Final = 5.0  # seconds
_IDLE: Final = 5.0  # seconds; a connection that Twilio closes just as we use it leaves a send in doubt

_NEVER_LEFT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL)
_UNREADABLE = (ValueError, KeyError, TypeError, AttributeError)  # what Twilio's client raises over a strange answer
_IN_DOUBT = (aiohttp.ClientError, TimeoutError, OSError, *_UNREADABLE)


class TwilioHttp(AsyncHttpClient):  # type: ignore[misc]
    """Twilio's requests over one aiohttp session. Its connections belong to the event loop it is made on.

    A `base_url` other than Twilio's own stands for all of Twilio's hosts. Twilio's asynchronous client knows no
    time-out and logs numbers.
    """

    def __init__(self, base_url: str, timeout: float) -> None:
        super().__init__(logging.getLogger(__name__), True, timeout)
        self._base = urlsplit(base_url)
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=timeout, connect=min(_CONNECT, timeout)),
            connector=aiohttp.TCPConnector(keepalive_timeout=_IDLE),
            cookie_jar=aiohttp.DummyCookieJar(),
        )

    async def request(  # noqa: PLR0913, PLR0917 - Twilio's interface
        self,
        method: str,
        uri: str,
        params: Mapping[str, str] | None = None,
        data: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,  # noqa: ASYNC109
        allow_redirects: bool = False,
    ) -> Any:
        async with self._session.request(
            method,
            self.directed(uri),
            params=params,
            data=data,
            headers={**(headers or {}), **_authorization(auth)},
            allow_redirects=allow_redirects,
        ) as response:
            return Response(response.status, await response.text(), response.headers)

    async def close(self) -> None:
        await self._session.close()

    def directed(self, uri: str) -> str:
        """Where a request goes instead."""
        parts = urlsplit(uri)
        if self._base.hostname == _REAL:
            return uri
        return urlunsplit((self._base.scheme, self._base.netloc, parts.path, parts.query, ""))


def _authorization(auth: tuple[str, str] | None) -> dict[str, str]:
    if auth is None:
        return {}
    return {"Authorization": "Basic " + base64.b64encode(":".join(auth).encode()).decode()}


async def judged(call: Awaitable[T]) -> T:
    """What a call of the client answers; raises its error as a SendError, without what it quotes."""
    try:
        return await call
    except (TwilioRestException, TwilioServiceException) as refusal:
        raise error(refusal.code or refusal.status, refusal.status) from None
    except TwilioException:  # of a list, with the answer quoted in it
        raise TryLater("list", away=True) from None
    except _NEVER_LEFT:
        raise TryLater("connect", away=True) from None
    except _IN_DOUBT as doubt:
        raise OutcomeUnknown("timeout" if isinstance(doubt, TimeoutError) else "answer") from None
