"""A destination never leads to our own machines."""

from __future__ import annotations

import asyncio
import socket
from ipaddress import ip_address, ip_network

import httpx
import pytest

from core.forwarding.guard import NotAllowedError, UnitClient, allowed

LAN = (ip_network("10.20.0.0/16"), ip_network("fd12::/16"))


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.8.8",
        "0.0.0.0",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "100.100.100.200",  # Alibaba's metadata
        "169.254.169.254",  # everybody's metadata
        "168.63.129.16",  # Azure's
        "192.0.0.192",  # Oracle's
        "192.0.2.1",
        "198.18.0.1",
        "224.0.0.1",
        "239.255.255.250",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::7f00:1",  # NAT64 of 127.0.0.1
        "2002:7f00:1::",  # 6to4 of 127.0.0.1
        "2001:0:7f00:1::",  # Teredo
        "2001:db8::1",
        "fc00::1",
        "fd00:ec2::254",  # Amazon's metadata
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
    ],
)
def test_our_own_and_special_addresses_are_refused(address: str) -> None:
    assert not allowed(ip_address(address), ())
    assert not allowed(ip_address(address), LAN)


@pytest.mark.parametrize("address", ["8.8.8.8", "103.1.200.1", "::ffff:8.8.8.8", "2400:cb00::1"])
def test_public_addresses_are_taken(address: str) -> None:
    assert allowed(ip_address(address), ())


@pytest.mark.parametrize("address", ["10.20.3.4", "::ffff:10.20.3.4", "fd12::5"])
def test_a_private_network_can_be_opened(address: str) -> None:
    assert not allowed(ip_address(address), ())
    assert allowed(ip_address(address), LAN)


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/",
        "https://localhost/",
        "https://[::1]/",
        "https://[::ffff:7f00:1]/",
        "https://2130706433/",  # 127.0.0.1 as one number
        "https://0x7f.1/",
        "https://169.254.169.254/latest/meta-data/",
        "http://8.8.8.8/",  # plain text over the public network
        "ftp://8.8.8.8/",
    ],
)
def test_the_client_refuses_before_it_connects(url: str) -> None:
    with pytest.raises(NotAllowedError):
        asyncio.run(_get(url, UnitClient()))


def test_a_name_with_one_forbidden_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", _answers("8.8.8.8", "10.0.0.1"))
    with pytest.raises(NotAllowedError):
        asyncio.run(_get("https://clinic.example/", UnitClient()))


def test_a_proxy_of_the_environment_is_no_way_around(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    with pytest.raises(NotAllowedError):
        asyncio.run(_get("https://169.254.169.254/", UnitClient()))


async def _get(url: str, client: UnitClient) -> httpx.Response:
    async with client:
        return await client.get(url)


def _answers(*addresses: str) -> object:
    entries = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (a, 443)) for a in addresses]
    return lambda *_args, **_kwargs: entries
