"""A provider's server on loopback: HTTP/1.1 with keep-alive, as the real ones are.

Faults of reused connections stay hidden behind `Connection: close`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    """One request: `command`, `path`, `headers` and `body` are there when `take` is called."""

    protocol_version = "HTTP/1.1"
    body = b""
    take: Callable[[Handler], None]

    def do_GET(self) -> None:
        type(self).take(self)

    def do_POST(self) -> None:
        self.body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        type(self).take(self)

    def answer(
        self, status: int, body: bytes = b"", content_type: str = "text/plain", headers: Mapping[str, str] | None = None
    ) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": content_type, "Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the tests read what the fake took."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64  # a burst of connections is no fault of whoever tests

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is part of the tests."""


@contextmanager
def serving(take: Callable[[Handler], None]) -> Iterator[str]:
    """The address of a server that gives each request to `take`."""
    with listening(type("Handler", (Handler,), {"take": staticmethod(take)})) as address:
        yield address


@contextmanager
def listening(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """The address of a server on a free port of 127.0.0.1."""
    with _Server(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()
