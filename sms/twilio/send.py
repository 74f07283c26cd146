"""Sending through Twilio's REST API, with Twilio's own client."""

from __future__ import annotations

import base64
import logging
from collections.abc import Awaitable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

import aiohttp
from twilio.base.exceptions import (  # type: ignore[import-untyped]
    TwilioException,
    TwilioRestException,
    TwilioServiceException,
)
from twilio.http import AsyncHttpClient  # type: ignore[import-untyped]
from twilio.http.response import Response  # type: ignore[import-untyped]
from twilio.rest import Client  # type: ignore[import-untyped]

from core.messaging.channel import ChannelProfile, OutboundMessage, OutcomeUnknown, Sent, Status, TryLater
from core.messaging.ports import Tools
from sms.text import nfc
from sms.twilio.config import STATUS, TwilioConfig
from sms.twilio.errors import error
from sms.twilio.render import body
from sms.twilio.status import STATUSES

T = TypeVar("T")

_CONNECT: Final = 5.0  # seconds
_IDLE: Final = 5.0  # seconds; a connection that Twilio closes just as we use it leaves a send in doubt
_SKEW: Final = timedelta(minutes=2)
_LOOKED_AT: Final = 50

_NEVER_LEFT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL)
_UNREADABLE = (ValueError, KeyError, TypeError, AttributeError)  # what Twilio's client raises over a strange answer
_IN_DOUBT = (aiohttp.ClientError, TimeoutError, OSError, *_UNREADABLE)


class TwilioSender:
    """Sends one message at a call. Its connections belong to the event loop of the first call."""

    profile: ChannelProfile

    def __init__(self, config: TwilioConfig) -> None:
        self.profile = config.profile
        self._config = config
        self._http: _Http | None = None

    async def send(self, message: OutboundMessage) -> Sent:
        """Create the message. There is no idempotency key: an answer that does not come leaves it in doubt.

        Raises SendError by `errors.ERRORS`.
        """
        created = await _judged(
            self._client().messages.create_async(
                to=message.address, body=body(message), **self._sender(), **self._callback(message.id)
            )
        )
        if not created.sid:
            raise OutcomeUnknown("answer")
        sent = _sent(created)
        if sent.status is Status.FAILED:
            raise error(created.error_code or 30008, 400)
        return sent

    async def find(self, message: OutboundMessage, since: datetime) -> Sequence[Sent]:
        """Messages to this number with these words that Twilio made since then, oldest first.

        By the time of making: DateSent, which Twilio can filter by, is empty until a message leaves. `since`
        is our database's time, so two minutes of difference are allowed for.
        """
        recent = await _judged(self._client().messages.list_async(to=message.address, limit=_LOOKED_AT))
        wanted = body(message).strip()
        same = [m for m in reversed(recent) if m.direction != "inbound" and nfc(m.body or "").strip() == wanted]
        return [_sent(m) for m in sorted(same, key=_made_at) if _made_at(m) >= since - _SKEW]

    async def close(self) -> None:
        """Close the connections."""
        if self._http is not None:
            await self._http.close()

    def _client(self) -> Any:
        if self._http is None:
            self._http = _Http(self._config.api_url, self.profile.timeout)
        return Client(self._config.account_sid, self._config.auth_token, http_client=self._http)

    def _sender(self) -> dict[str, str]:
        if self._config.messaging_service_sid:
            return {"messaging_service_sid": self._config.messaging_service_sid}
        return {"from_": self._config.sender}

    def _callback(self, message_id: UUID) -> dict[str, str]:
        """Our id travels with the message, so that a report finds it even if Twilio's answer never came."""
        if not self._config.public_url:
            return {}
        return {"status_callback": f"{self._config.public_url}{STATUS}?id={message_id}"}


def sender(config: TwilioConfig, tools: Tools) -> TwilioSender:
    """The account's sender."""
    return TwilioSender(config)


class _Http(AsyncHttpClient):  # type: ignore[misc]
    """Twilio's requests over one aiohttp session, to `base_url` whatever host they are for.

    Twilio's own asynchronous client knows no time-out and logs numbers.
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
            self._redirected(uri),
            params=params,
            data=data,
            headers={**(headers or {}), **_authorization(auth)},
            allow_redirects=allow_redirects,
        ) as response:
            return Response(response.status, await response.text(), response.headers)

    async def close(self) -> None:
        await self._session.close()

    def _redirected(self, uri: str) -> str:
        parts = urlsplit(uri)
        return urlunsplit((self._base.scheme, self._base.netloc, parts.path, parts.query, ""))


def _authorization(auth: tuple[str, str] | None) -> dict[str, str]:
    if auth is None:
        return {}
    return {"Authorization": "Basic " + base64.b64encode(":".join(auth).encode()).decode()}


async def _judged(call: Awaitable[T]) -> T:
    """The answer, or its error as one of ours, without what it quotes."""
    try:
        return await call
    except (TwilioRestException, TwilioServiceException) as refusal:
        raise error(refusal.code or refusal.status, refusal.status) from None
    except TwilioException:  # of a list, with the answer quoted in it
        raise TryLater("list") from None
    except _NEVER_LEFT:
        raise TryLater("connect") from None
    except _IN_DOUBT as doubt:
        raise OutcomeUnknown("timeout" if isinstance(doubt, TimeoutError) else "answer") from None


def _made_at(message: Any) -> datetime:
    made_at = message.date_created
    return made_at if isinstance(made_at, datetime) else datetime.min.replace(tzinfo=UTC)


def _sent(made: Any) -> Sent:
    return Sent(made.sid, STATUSES.get(made.status, Status.SENT))
