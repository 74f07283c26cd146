"""An HTTP provider on loopback, in whatever manner a test gives it, with faults on demand.

Served with keep-alive, as real ones are: faults of reused connections stay hidden behind `Connection: close`.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.fakes.server import listening


@dataclass(frozen=True, slots=True)
class Request:
    """One request that reached the provider. `fields` from its query, form or JSON."""

    method: str
    path: str
    headers: Mapping[str, str]
    fields: Mapping[str, Any]
    raw: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """What the provider answers."""

    body: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    after: float = 0.0  # seconds


@dataclass(frozen=True, slots=True)
class Taken:
    """A message that the provider took, under its number `n`."""

    n: int
    to: str
    text: str
    id: str = ""


@dataclass(frozen=True, slots=True)
class Manner:
    """How a provider speaks. `told` finds (to, text, our id) in a request for a message, None for another request."""

    told: Callable[[Request], tuple[str, str, str] | None]
    knows: Callable[[Request], bool]
    yes: Callable[[int], Any]
    stranger: Reply
    double: Reply | None = None
    other: Callable[[Request], Reply] = lambda request: Reply({}, 404)


@dataclass
class FakeAggregator:
    """`taken` holds what it took, `requests` what reached it, `faults` what the next messages get as an answer.

    A fault with `after` takes the message first.
    """

    manner: Manner
    url: str = ""
    taken: list[Taken] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    faults: list[Reply] = field(default_factory=list)
    connections: set[tuple[str, int]] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, request: Request) -> Reply:
        with self._lock:
            self.requests.append(request)
            return self._answer(request)

    def _answer(self, request: Request) -> Reply:
        told = self.manner.told(request)
        if not self.manner.knows(request):
            return self.manner.stranger
        if told is None:
            return self.manner.other(request)
        fault = self.faults.pop(0) if self.faults else None
        if fault is not None and not fault.after:
            return fault
        if self.manner.double and told[2] in {taken.id for taken in self.taken}:
            return self.manner.double
        self.taken.append(Taken(len(self.taken) + 1, *told))
        return fault or Reply(self.manner.yes(len(self.taken)))


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    provider: FakeAggregator

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = urlsplit(self.path)
        self.provider.connections.add(self.client_address)
        request = Request(self.command, parts.path, dict(self.headers), self._fields(parts.query, raw), raw)
        reply = self.provider.answer(request)
        time.sleep(reply.after)
        body = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_PUT = do_HEAD = do_POST  # noqa: N815 - http.server's names

    def _fields(self, query: str, raw: bytes) -> dict[str, Any]:
        kind = self.headers.get("Content-Type", "")
        if kind.startswith("application/json"):
            return dict(json.loads(raw))
        form = raw.decode() if kind.startswith("application/x-www-form-urlencoded") else ""
        return dict(parse_qsl(query, keep_blank_values=True)) | dict(parse_qsl(form, keep_blank_values=True))

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the tests read `requests`."""


@contextmanager
def fake_aggregator(manner: Manner) -> Iterator[FakeAggregator]:
    """A running server, listening on a free port of 127.0.0.1."""
    provider = FakeAggregator(manner)
    with listening(type("Handler", (_Handler,), {"provider": provider})) as address:
        provider.url = address
        yield provider
