"""Signed form posts over HTTP to gunicorn, as Twilio makes them: keep-alive connections, each one post at a time."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode
from uuid import uuid4

from cryptography.fernet import Fernet
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

from tests.benchmarks import people

_ACCOUNT = "AC" + "0" * 32
_TOKEN = "a made-up token"
_PATH = "/sms/twilio/inbound"


@dataclass(frozen=True, slots=True)
class Measured:
    """Posts a second, and the time one took from its first byte out to its answer, in milliseconds."""

    rate: float
    p50: float
    p99: float


@contextmanager
def server(database_url: str, cell: str, folder: Path, workers: int) -> Iterator[str]:
    """The web process of this program, ready to answer; its address."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    environ = {
        **os.environ,
        "DATABASE_URL": database_url,
        "CELL": cell,
        "PORT": str(port),
        "PUBLIC_URL": address,
        "SECRET_KEY": "made up for a measurement " * 2,
        "DATA_KEY": Fernet.generate_key().decode(),
        "VAR_DIR": str(folder),
        "WEB_WORKERS": str(workers),
        "TWILIO_ACCOUNT_SID": _ACCOUNT,
        "TWILIO_AUTH_TOKEN": _TOKEN,
        "TWILIO_FROM": "+15005550006",
    }
    with (folder / "web.log").open("wb") as log:
        process = subprocess.Popen([sys.executable, "-m", "app.cli", "web"], env=environ, stderr=log, stdout=log)
        try:
            _wait(f"{address}/health/ready", process)
            yield address
        finally:
            process.terminate()
            process.wait(15)


def measure(address: str, text: str, count: int, posts: int, connections: int) -> Measured:
    """Make `posts` posts from `count` contacts. They are signed before the clock starts. Raises if one is refused."""
    requests = [_request(address, n % count + 1, text) for n in range(posts)]
    return asyncio.run(_measure(address, requests, connections))


def _request(address: str, n: int, text: str) -> bytes:
    sid = "SM" + uuid4().hex
    fields = {
        "MessageSid": sid,
        "SmsSid": sid,
        "SmsMessageSid": sid,
        "AccountSid": _ACCOUNT,
        "From": people.number(n),
        "To": "+15005550006",
        "Body": text,
        "NumMedia": "0",
        "NumSegments": "1",
        "SmsStatus": "received",
        "ApiVersion": "2010-04-01",
    }
    body = urlencode(fields).encode()
    signature = RequestValidator(_TOKEN).compute_signature(f"{address}{_PATH}", fields)
    head = (
        f"POST {_PATH} HTTP/1.1\r\nHost: {address.removeprefix('http://')}\r\nX-Twilio-Signature: {signature}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def _measure(address: str, requests: list[bytes], connections: int) -> Measured:
    host, _, port = address.removeprefix("http://").partition(":")
    took: list[float] = []
    left = iter(requests)
    started = time.perf_counter()
    await asyncio.gather(*(_post_all(host, int(port), left, took) for _ in range(connections)))
    rate = len(requests) / (time.perf_counter() - started)
    took.sort()
    return Measured(rate, 1000 * took[len(took) // 2], 1000 * took[len(took) * 99 // 100])


async def _post_all(host: str, port: int, left: Iterator[bytes], took: list[float]) -> None:
    reader, writer = await asyncio.open_connection(host, port)
    for request in left:
        started = time.perf_counter()
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        await reader.readexactly(int(length.split(b":")[1]))
        took.append(time.perf_counter() - started)
        if b" 200 " not in head.split(b"\r\n")[0]:
            raise RuntimeError(f"refused: {head.splitlines()[0].decode()}")
        if b"connection: close" in head.lower():
            writer.close()
            reader, writer = await asyncio.open_connection(host, port)
    writer.close()


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the web process did not become ready: see web.log")
