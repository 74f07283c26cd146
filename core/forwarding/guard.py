"""The HTTP client for units' endpoints: connects to public addresses alone, and to the one that was checked.

Whoever may register a destination must not reach our own machines with it. The check is made on the numbers
that the name resolves to, at the moment of connecting: a name that changes between check and use (DNS
rebinding) changes nothing.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import AsyncIterator, Iterable

import httpcore
import httpx

from core.forwarding.retry import TIMEOUT

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_UNICAST = ipaddress.IPv6Network("2000::/3")  # the only part of IPv6 in public use
_SPECIAL: tuple[Network, ...] = (
    ipaddress.IPv6Network("2002::/16"),  # carries any IPv4 address inside
    ipaddress.IPv4Network("192.0.0.0/24"),  # Oracle's metadata among others
    ipaddress.IPv4Network("168.63.129.16/32"),  # Azure's metadata; the other clouds' are not global
)
_SOCKETS = 500
_KEPT = 100


class NotAllowedError(Exception):
    """The destination's address is not one that we may talk to."""


def allowed(address: Address, networks: Iterable[Network]) -> bool:
    """Whether we may connect: a public unicast address, or one within `networks`."""
    real = getattr(address, "ipv4_mapped", None) or address
    if any(real in network for network in networks):
        return True
    if isinstance(real, ipaddress.IPv6Address) and real not in _UNICAST:
        return False
    if any(real in network for network in _SPECIAL):
        return False
    return real.is_global and not real.is_multicast and not real.is_reserved


class _Backend(httpcore.AsyncNetworkBackend):
    """Resolves, checks all answers, and connects to the first that takes us.

    One forbidden answer forbids the name: a public name has no business with private numbers. `public`
    False is for plain http, which stays inside `networks`.
    """

    def __init__(self, networks: tuple[Network, ...], *, public: bool) -> None:
        self._networks = networks
        self._public = public
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's interface
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        addresses = await _resolve(host, port)
        if not all(self._may(address) for address in addresses):
            raise NotAllowedError
        failure: Exception = httpcore.ConnectError("no address")
        for address in addresses:
            try:
                return await self._inner.connect_tcp(str(address), port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    def _may(self, address: Address) -> bool:
        if self._public:
            return allowed(address, self._networks)
        return any(address in network for network in self._networks)


async def _resolve(host: str, port: int) -> list[Address]:
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise httpcore.ConnectError("name not found") from error
    return [ipaddress.ip_address(entry[4][0]) for entry in found]


class _Stream(httpx.AsyncByteStream):
    def __init__(self, response: httpcore.Response) -> None:
        self._response = response

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for part in self._response.aiter_stream():
            yield part

    async def aclose(self) -> None:
        await self._response.aclose()


class _Transport(httpx.AsyncBaseTransport):
    """httpx's own transport with our backend, which it does not let one choose."""

    def __init__(self, networks: tuple[Network, ...], context: ssl.SSLContext) -> None:
        self._pools = {scheme: _pool(context, networks, scheme == "https") for scheme in ("https", "http")}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        pool = self._pools.get(request.url.scheme)
        if pool is None:
            raise NotAllowedError
        url = request.url
        asked = httpcore.Request(
            method=request.method,
            url=httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        response = await pool.handle_async_request(asked)
        return httpx.Response(response.status, headers=response.headers, stream=_Stream(response))

    async def aclose(self) -> None:
        for pool in self._pools.values():
            await pool.aclose()


def _pool(context: ssl.SSLContext, networks: tuple[Network, ...], public: bool) -> httpcore.AsyncConnectionPool:
    return httpcore.AsyncConnectionPool(
        ssl_context=context,
        max_connections=_SOCKETS,
        max_keepalive_connections=_KEPT,
        keepalive_expiry=30.0,
        network_backend=_Backend(networks, public=public),
    )


class UnitClient(httpx.AsyncClient):
    """A client that cannot be led to our own machines. Belongs to the event loop it is first used on.

    `networks`: private networks that units' endpoints may live in; plain http is taken there alone. No
    redirect is followed, no proxy of the environment is used. `context`: for a private certificate authority.
    """

    def __init__(self, networks: tuple[Network, ...] = (), context: ssl.SSLContext | None = None) -> None:
        super().__init__(
            transport=_Transport(networks, context or httpx.create_ssl_context()),
            timeout=TIMEOUT,
            follow_redirects=False,
            trust_env=False,
            headers={"user-agent": "KhaiBao", "accept-encoding": "identity"},
        )
