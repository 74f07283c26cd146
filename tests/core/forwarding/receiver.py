"""A unit's own system for tests: a real HTTP/1.1 server on loopback that answers as it is told."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import UUID

import orjson


@dataclass(frozen=True, slots=True)
class Received:
    """One request, as it came."""

    webhook_id: UUID
    headers: Mapping[str, str]
    body: bytes

    @property
    def data(self) -> dict[str, Any]:
        return dict(orjson.loads(self.body)["data"])


@dataclass(frozen=True, slots=True)
class Reply:
    """How to answer one request: after `wait` seconds; `drop` closes the connection without a word."""

    status: int = 204
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    wait: float = 0.0
    drop: bool = False


@dataclass
class Receiver:
    """`answer` decides on each request; `taken` are those answered with 2xx, `asked` all of them.

    `cut`: answers that were not read to their end.
    """

    url: str = ""
    answer: Callable[[Received], Reply] = field(default=lambda _received: Reply())
    asked: list[Received] = field(default_factory=list)
    taken: list[Received] = field(default_factory=list)
    most_at_once: int = 0
    cut: int = 0
    _now: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def says(self, status: int, **headers: str) -> None:
        """Answer everything from now on with `status`."""
        self.answer = lambda _received: Reply(status, {k.replace("_", "-"): v for k, v in headers.items()})

    def distinct(self) -> set[UUID]:
        return {received.webhook_id for received in self.taken}

    def sequences(self, person: UUID) -> list[int]:
        """What was taken of a person, in order of arrival."""
        return [r.data["sequence"] for r in self.taken if r.data["person"]["id"] == str(person)]

    def handle(self, received: Received) -> Reply:
        with self._lock:
            self.asked.append(received)
            self._now += 1
            self.most_at_once = max(self.most_at_once, self._now)
        reply = self.answer(received)
        time.sleep(reply.wait)
        with self._lock:
            self._now -= 1
            if 200 <= reply.status < 300 and not reply.drop:
                self.taken.append(received)
        return reply


@contextmanager
def running() -> Iterator[Receiver]:
    """A receiver that takes everything, until told otherwise."""
    receiver = Receiver()
    server = _Server(("127.0.0.1", 0), _handler(receiver))
    receiver.url = f"http://127.0.0.1:{server.server_address[1]}/in"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield receiver
    server.shutdown()
    server.server_close()
    thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Callers that hang up are part of the tests."""


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            length = int(self.headers["content-length"])
            body = self.rfile.read(length)
            if len(body) < length:  # whoever sent it was killed in the middle: nothing was taken
                self.close_connection = True
                return
            headers = {key.lower(): value for key, value in self.headers.items()}
            reply = receiver.handle(Received(UUID(headers["webhook-id"]), headers, body))
            if reply.drop:
                self.close_connection = True
                return
            self.send_response(reply.status)
            for key, value in reply.headers.items():
                self.send_header(key, value)
            self.send_header("content-length", str(len(reply.body)))
            self.end_headers()
            try:
                self.wfile.write(reply.body)
            except ConnectionError:
                receiver.cut += 1
                self.close_connection = True

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet."""

    return Handler
