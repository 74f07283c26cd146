"""Zalo's bot platform on loopback, as far as we use it, with faults on demand. Served with keep-alive."""

from __future__ import annotations

import json
import time
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from itertools import count
from typing import Any

from tests.fakes.server import listening

TOKEN, SECRET = "1234567890:a-made-up-token", "a-made-up-secret"

Fault = Callable[["FakeZaloBot", "_Handler"], None]
"""What happens to one request instead of an answer."""


@dataclass
class FakeZaloBot:
    """`taken` holds messages, `requests` methods and what they were called with, `faults` what happens to the next."""

    url: str = ""
    taken: list[dict[str, Any]] = field(default_factory=list)
    requests: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    connections: set[tuple[str, int]] = field(default_factory=set)
    faults: list[Fault] = field(default_factory=list)
    hook: str = ""
    secret: str = ""
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def take(self, said: dict[str, Any]) -> dict[str, Any]:
        id = f"{next(self.numbers):020x}"
        self.taken.append({**said, "message_id": id})
        return {"message_id": id, "date": int(time.time() * 1000)}


def refuses(code: int, status: int = 200, after: int | None = None, quoting: str = "") -> Fault:
    """An error as the platform words it."""

    def fault(bot: FakeZaloBot, handler: _Handler) -> None:
        body = {"ok": False, "error_code": code, "description": f"refused {handler.said} {quoting}"}
        handler.answer(status, body, {} if after is None else {"Retry-After": str(after)})

    return fault


def breaks(status: int) -> Fault:
    """Some machine in between answers."""

    def fault(bot: FakeZaloBot, handler: _Handler) -> None:
        handler.answer(status, "bad gateway")

    return fault


def slow(seconds: float) -> Fault:
    """Takes the message and answers late."""

    def fault(bot: FakeZaloBot, handler: _Handler) -> None:
        result = bot.take(handler.said)
        time.sleep(seconds)
        handler.answer(200, {"ok": True, "result": result})

    return fault


def hangs_up(bot: FakeZaloBot, handler: _Handler) -> None:
    """Takes the message and closes the line without a word."""
    bot.take(handler.said)
    handler.close_connection = True


def nonsense(bot: FakeZaloBot, handler: _Handler) -> None:
    """Takes the message and answers something else."""
    bot.take(handler.said)
    handler.answer(200, "yes")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    bot: FakeZaloBot
    said: dict[str, Any]

    def do_POST(self) -> None:
        self.said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        _, token, method = self.path.split("/")
        self.bot.requests.append((method, self.said))
        self.bot.connections.add(self.client_address)
        if token != f"bot{TOKEN}":
            self.answer(200, {"ok": False, "error_code": 401, "description": "Unauthorized"})
        elif self.bot.faults:
            self.bot.faults.pop(0)(self.bot, self)
        else:
            self._called(method)

    def _called(self, method: str) -> None:
        if method == "sendMessage":
            self._send()
        elif method == "getMe":
            self._done({"id": "1", "account_name": "bot.TramYTeThu", "account_type": "BASIC"})
        elif method == "getWebhookInfo":
            self._done({"url": self.bot.hook, "updated_at": 1})
        elif method == "setWebhook":
            self.bot.hook, self.bot.secret = self.said["url"], self.said["secret_token"]
            self._done({"url": self.bot.hook, "updated_at": 1})
        else:
            self.answer(200, {"ok": False, "error_code": 404, "description": "no such method"})

    def _send(self) -> None:
        text = self.said.get("text", "")
        if not 1 <= len(text) <= 2000 or not unicodedata.is_normalized("NFC", text) or "chat_id" not in self.said:
            self.answer(200, {"ok": False, "error_code": 400, "description": "Bad Request"})
        else:
            self._done(self.bot.take(self.said))

    def _done(self, result: dict[str, Any]) -> None:
        self.answer(200, {"ok": True, "result": result})

    def answer(self, status: int, body: object, headers: dict[str, str] | None = None) -> None:
        raw = json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the tests read `requests`."""


@contextmanager
def fake_zalo_bot() -> Iterator[FakeZaloBot]:
    """A running server, listening on a free port of 127.0.0.1."""
    bot = FakeZaloBot()
    with listening(type("Handler", (_Handler,), {"bot": bot})) as address:
        bot.url = address
        yield bot
