"""Zalo on loopback, as far as we use it: the open API, the business API and OAuth v4, with faults on demand.

Served with keep-alive. Errors come with HTTP 200. A refresh token is good once, and the access token before it is void
after an exchange.
"""

from __future__ import annotations

import json
import threading
import time
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from itertools import count
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.fakes.server import listening

APP, APP_SECRET, OA, OA_SECRET = (
    "4110000000000000001",
    "a made-up app secret",
    "2220000000000000001",
    "a made-up oa secret",
)
SEED = "a made-up seed"

Fault = Callable[["FakeZalo", "_Handler"], None]
"""What happens to one request instead of an answer. `handler.body` is what it holds."""


@dataclass
class Taken:
    """A message that Zalo took: by which path, to whom, with what."""

    path: str
    to: str
    text: str
    buttons: list[dict[str, str]]
    body: dict[str, Any]
    id: str


@dataclass
class FakeZalo:
    """`taken` holds messages, `requests` what reached it, `exchanged` the refresh tokens that it was given. `faults`
    are what happens to the next messages, `oauth_faults` to the next exchanges."""

    url: str = ""
    access: str = ""
    refresh: str = SEED
    taken: list[Taken] = field(default_factory=list)
    requests: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    exchanged: list[str] = field(default_factory=list)
    connections: set[tuple[str, int]] = field(default_factory=set)
    faults: list[Fault] = field(default_factory=list)
    oauth_faults: list[Fault] = field(default_factory=list)
    template_status: str = "ENABLE"
    numbers: Iterator[int] = field(default_factory=lambda: count(1))
    lock: threading.Lock = field(default_factory=threading.Lock)

    def ends_access(self) -> None:
        """The access token is void, for whatever reason."""
        self.access = "nobody's"

    def exchange(self) -> dict[str, Any]:
        number = next(self.numbers)
        self.access, self.refresh = f"access token {number}", f"refresh token {number}"
        return {"access_token": self.access, "refresh_token": self.refresh, "expires_in": "90000"}

    def take(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        number = next(self.numbers)
        id = f"m{number:016x}"
        said = body.get("message", {})
        to = body.get("recipient", {}).get("user_id") or body.get("user_id") or body.get("phone", "")
        buttons = said.get("attachment", {}).get("payload", {}).get("buttons", [])
        self.taken.append(Taken(path, to, said.get("text", ""), buttons, body, id))
        named = "msg_id" if path == "/message/template" else "message_id"
        return {"error": 0, "message": "Success", "data": {named: id, "user_id": to, "quota": {"quota_type": "reply"}}}


def refuses(code: int, quoting: str = "") -> Fault:
    """An error as Zalo words it."""

    def fault(zalo: FakeZalo, handler: _Handler) -> None:
        handler.answer_json(200, {"error": code, "message": f"refused {handler.body} {quoting}"})

    return fault


def breaks(status: int) -> Fault:
    """A page of some machine in between."""

    def fault(zalo: FakeZalo, handler: _Handler) -> None:
        handler.answer(status, b"<html>Bad gateway</html>", "text/html")

    return fault


def slow(seconds: float) -> Fault:
    """Takes the message, or exchanges the token, and answers late."""

    def fault(zalo: FakeZalo, handler: _Handler) -> None:
        answer = handler.done()
        time.sleep(seconds)
        handler.answer_json(200, answer)

    return fault


def hangs_up(zalo: FakeZalo, handler: _Handler) -> None:
    """Takes it and closes the line without a word."""
    handler.done()
    handler.close_connection = True


def nonsense(zalo: FakeZalo, handler: _Handler) -> None:
    """Takes it and answers something else."""
    handler.done()
    handler.answer(200, b'"yes"', "application/json")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    zalo: FakeZalo
    path_only = ""
    body: dict[str, Any]

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self._note(json.loads(raw) if "json" in self.headers["Content-Type"] else dict(parse_qsl(raw)))
        if self.path_only == "/v4/oa/access_token":
            self._token()
        elif self._admits() and not self._fault(self.zalo.faults):
            self.answer_json(200, self._faulty() or self.done())

    def do_GET(self) -> None:
        self._note(dict(parse_qsl(urlsplit(self.path).query)))
        answers = {
            "/v2.0/oa/getoa": {"oa_id": OA, "name": "Trạm y tế thử", "is_verified": True},
            "/template/info/v2": {"templateId": self.body.get("template_id"), "status": self.zalo.template_status},
            "/message/quota": {"dailyQuota": "500", "remainingQuota": "499"},
        }
        if self._admits():
            data = answers.get(self.path_only)
            self.answer_json(200, {"error": 0, "data": data} if data else {"error": -201, "message": "no such path"})

    def done(self) -> dict[str, Any]:
        """What a request without a fault leads to."""
        with self.zalo.lock:
            if self.path_only == "/v4/oa/access_token":
                return self.zalo.exchange()
            return self.zalo.take(self.path_only, self.body)

    def _note(self, body: dict[str, Any]) -> None:
        self.path_only, self.body = urlsplit(self.path).path, body
        self.zalo.requests.append((self.command, self.path_only, body))
        self.zalo.connections.add(self.client_address)

    def _token(self) -> None:
        given = self.body.get("refresh_token", "")
        self.zalo.exchanged.append(given)
        if self._fault(self.zalo.oauth_faults):
            return
        known = self.headers["secret_key"] == APP_SECRET and self.body.get("app_id") == APP
        if not known or self.body.get("grant_type") != "refresh_token" or given != self.zalo.refresh:
            self.answer_json(200, {"error": -14014, "error_name": "Invalid refresh token.", "message": given})
        else:
            self.answer_json(200, self.done())

    def _admits(self) -> bool:
        if self.headers["access_token"] != self.zalo.access:
            self.answer_json(200, {"error": -216, "message": "Access token is invalid"})
            return False
        return True

    def _fault(self, faults: list[Fault]) -> bool:
        if not faults:
            return False
        faults.pop(0)(self.zalo, self)
        return True

    def _faulty(self) -> dict[str, Any]:
        """What the real one would refuse in the request itself."""
        paths = {"/v3.0/oa/message/cs", "/v3.0/oa/message/template", "/message/template"}
        if self.path_only not in paths:
            return {"error": -240, "message": "this API was shut down"}
        text = self.body.get("message", {}).get("text", "")
        buttons = self.body.get("message", {}).get("attachment", {}).get("payload", {}).get("buttons", [])
        too_long = len(text) > 2000 or any(len(b["title"]) > 100 or len(b["payload"]) > 1000 for b in buttons)
        if too_long or len(buttons) > 5 or not unicodedata.is_normalized("NFC", text):
            return {"error": -201, "message": "invalid parameter"}
        return {}

    def answer_json(self, status: int, body: dict[str, Any]) -> None:
        self.answer(status, json.dumps(body).encode(), "application/json")

    def answer(self, status: int, body: bytes, content_type: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the tests read `requests`."""


@contextmanager
def fake_zalo() -> Iterator[FakeZalo]:
    """A running server, listening on a free port of 127.0.0.1."""
    zalo = FakeZalo()
    with listening(type("Handler", (_Handler,), {"zalo": zalo})) as address:
        zalo.url = address
        yield zalo
