"""HTTP to a provider, with every failure as what it means for a message.

Before the request left, nothing was sent: TryLater. Once it left, an answer that does not come leaves the message in
doubt: OutcomeUnknown. What an answer says is the channel's own to judge; `by_status` is for those that say no more.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Any, Final

import httpx

from core.messaging.channel import OutcomeUnknown, Refused, SendError, TryLater

_CONNECT: Final = 5.0  # seconds
_IDLE: Final = 4.0  # seconds; a connection that the provider closes just as we use it leaves a send in doubt
_LONGEST_WAIT: Final = timedelta(hours=6)
_NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol, httpx.InvalidURL)
_PASSING = frozenset({401, 403, 404, 408, 425, 429})
"""An operator's fault that ends when it is mended, or too early: the message is kept."""

logging.getLogger("httpx").setLevel(logging.WARNING)  # it logs whole addresses, and some hold a token or a number


class ProviderClient:
    """Requests to one provider. Its connections belong to the event loop of the first call.

    Follows no redirect, reads no proxy from the environment, keeps no cookie. `timeout` in seconds is for the whole
    request; `base_url` may have a path.
    """

    def __init__(self, base_url: str, timeout: float, **options: Any) -> None:
        self._base = base_url.rstrip("/")
        self._timeout = timeout
        self._options = options
        self._client: httpx.AsyncClient | None = None

    async def request(self, method: str, path: str = "", **what: Any) -> httpx.Response:
        """The provider's answer, whatever its status. `what` is httpx's: params, data, json, content, headers, auth.

        Raises TryLater if the request never left, OutcomeUnknown if it did and no answer came.
        """
        try:
            return await self._opened().request(method, self._base + path, **what)
        except _NEVER_LEFT as error:
            raise TryLater(type(error).__name__, away=True) from None
        except (httpx.HTTPError, httpx.StreamError, OSError, ValueError) as error:
            raise OutcomeUnknown(type(error).__name__) from None

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.aclose()

    async def __aenter__(self) -> ProviderClient:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def _opened(self) -> httpx.AsyncClient:
        if self._client is None:
            self._client = httpx.AsyncClient(
                timeout=httpx.Timeout(self._timeout, connect=min(_CONNECT, self._timeout)),
                limits=httpx.Limits(keepalive_expiry=_IDLE),
                follow_redirects=False,
                trust_env=False,
                **self._options,
            )
        return self._client


def by_status(response: httpx.Response) -> SendError | None:
    """What an HTTP status alone says; None if it is a success (2xx).

    Behind a 504 the message may have been taken. A redirect is a wrong address in our settings.
    """
    status = response.status_code
    if response.is_success:
        return None
    if status == 504:
        return OutcomeUnknown(str(status))
    if status in _PASSING or status >= 500 or response.is_redirect:
        whole = status in {401, 403, 429}
        return TryLater(str(status), retry_after(response), whole=whole, away=not whole)
    return Refused(str(status))


def retry_after(response: httpx.Response) -> timedelta | None:
    """The header Retry-After, in seconds or as a date; None if there is none that can be read. Six hours at most."""
    given = response.headers.get("Retry-After", "").strip()
    if given.isascii() and given.isdigit():
        return min(timedelta(seconds=int(given[:9])), _LONGEST_WAIT)
    try:
        until = parsedate_to_datetime(given)
    except ValueError:
        return None
    aware = until if until.tzinfo else until.replace(tzinfo=UTC)
    return min(max(aware - datetime.now(UTC), timedelta()), _LONGEST_WAIT)


def json_object(response: httpx.Response) -> dict[str, Any]:
    """The answer's JSON object; empty if it is something else, which a provider's front machine may send."""
    try:
        body = response.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
