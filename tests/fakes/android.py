"""The API of "SMS Gateway for Android" on loopback, as far as we use it, with faults on demand.

At the maker's, or on a server of one's own, an id is taken once and the second time is a 409; a phone in its own
network (`beside`) says 202 again and sends nothing more.
"""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any, Final

from tests.fakes.server import listening

USER, PASSWORD, KEY = "ABCDEF", "a made-up password", "a made-up signing key"
_BASE: Final = "/3rdparty/v1"
_BASIC: Final = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()


@dataclass(frozen=True, slots=True)
class Reply:
    """What the gateway answers. `after` seconds, and then the message was taken."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    after: float = 0.0


@dataclass
class FakeAndroid:
    """`taken` holds messages as they came, `hooks` registrations by their ids, `faults` what the next messages get."""

    url: str = ""
    beside: bool = False
    taken: list[dict[str, Any]] = field(default_factory=list)
    hooks: dict[str, dict[str, Any]] = field(default_factory=dict)
    posted: list[dict[str, Any]] = field(default_factory=list)
    faults: list[Reply] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def send(self, message: dict[str, Any]) -> Reply:
        with self._lock:
            fault = self.faults.pop(0) if self.faults else None
            if fault is not None and not fault.after:
                return fault
            known = any(each["id"] == message["id"] for each in self.taken)
            if known and not self.beside:
                return Reply(409, {"message": "duplicate id"})
            if not known:
                self.taken.append(message)
            recipients = [{"phoneNumber": number, "state": "Pending"} for number in message["phoneNumbers"]]
            answer = Reply(202, {"id": message["id"], "state": "Pending", "recipients": recipients})
            return Reply(answer.status, answer.body, after=fault.after) if fault else answer

    def listen(self, asked: dict[str, Any]) -> Reply:
        self.posted.append(asked)
        self.hooks[asked["id"]] = asked
        return Reply(201, asked)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    gateway: FakeAndroid

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self._admits():
            act = {f"{_BASE}/messages": self.gateway.send, f"{_BASE}/webhooks": self.gateway.listen}.get(self.path)
            self._answer(act(body) if act else Reply(404, {"message": "not found"}))

    def do_GET(self) -> None:
        if self._admits():
            found = self.path == f"{_BASE}/webhooks"
            self._answer(Reply(200, list(self.gateway.hooks.values())) if found else Reply(404, {}))

    def _admits(self) -> bool:
        if self.headers["Authorization"] == _BASIC:
            return True
        self._answer(Reply(401, {"message": "Unauthorized"}))
        return False

    def _answer(self, reply: Reply) -> None:
        time.sleep(reply.after)
        body = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the tests read `taken`."""


@contextmanager
def fake_android() -> Iterator[FakeAndroid]:
    """A running server, listening on a free port of 127.0.0.1."""
    gateway = FakeAndroid()
    with listening(type("Handler", (_Handler,), {"gateway": gateway})) as address:
        gateway.url = f"{address}{_BASE}"
        yield gateway
