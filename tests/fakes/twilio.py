"""Twilio's REST API on loopback, as far as we use it: making messages and listing them, with faults on demand; the
account, its numbers and its messaging services.

Served with keep-alive, as the real one is: faults of reused connections stay hidden behind `Connection: close`.
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler
from itertools import count
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlsplit

from tests.fakes.server import listening

ACCOUNT, TOKEN = "AC" + "0" * 32, "a made-up token"
BASE = f"/2010-04-01/Accounts/{ACCOUNT}"
MESSAGES, NUMBERS, SERVICES = f"{BASE}/Messages.json", f"{BASE}/IncomingPhoneNumbers.json", "/v1/Services/"


class Fault(Protocol):
    """What happens to one request instead of an answer."""

    def __call__(self, twilio: FakeTwilio, handler: _Handler, fields: dict[str, str]) -> None: ...


@dataclass
class FakeTwilio:
    """`created` holds what it took, `requests` what reached it, `faults` what happens to the next requests.

    `account`, `numbers` and `services` (by sid) are what an operator set up in Twilio's console.
    """

    url: str = ""
    created: list[dict[str, Any]] = field(default_factory=list)
    requests: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    connections: set[tuple[str, int]] = field(default_factory=set)
    faults: list[Fault] = field(default_factory=list)
    account: dict[str, Any] = field(default_factory=lambda: {"sid": ACCOUNT, "status": "active", "type": "Full"})
    numbers: list[dict[str, Any]] = field(default_factory=list)
    services: dict[str, dict[str, Any]] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def create(self, fields: dict[str, str], status: str = "queued") -> dict[str, Any]:
        message = {
            "sid": f"SM{next(self._numbers):032x}",
            "account_sid": ACCOUNT,
            "to": fields["To"],
            "from": fields.get("From"),
            "body": fields["Body"],
            "direction": "outbound-api",
            "status": status,
            "error_code": None,
            "date_created": format_datetime(datetime.now(UTC)),
            "date_sent": None,
            "num_segments": "1",
        }
        self.created.append(message)
        return message


def refuses(status: int, code: int | None = None, quoting: str = "") -> Fault:
    """An error as Twilio words it; with no code, a page of some machine in between."""

    def fault(twilio: FakeTwilio, handler: _Handler, fields: dict[str, str]) -> None:
        if code is None:
            handler.answer(status, b"<html>Bad gateway</html>", "text/html")
            return
        words = f"The 'To' number {fields.get('To')} {quoting}"
        body = {"code": code, "message": words, "more_info": "https://www.twilio.com", "status": status}
        handler.answer_json(status, body)

    return fault


def slow(seconds: float) -> Fault:
    """Takes the message and answers late."""

    def fault(twilio: FakeTwilio, handler: _Handler, fields: dict[str, str]) -> None:
        made = twilio.create(fields)
        time.sleep(seconds)
        handler.answer_json(201, made)

    return fault


def hangs_up(twilio: FakeTwilio, handler: _Handler, fields: dict[str, str]) -> None:
    """Takes the message and closes the line without a word."""
    twilio.create(fields)
    handler.close_connection = True


def half_a_body(twilio: FakeTwilio, handler: _Handler, fields: dict[str, str]) -> None:
    """Takes the message and breaks off within the answer."""
    body = json.dumps(twilio.create(fields)).encode()
    handler.answer(201, body[: len(body) // 2], "application/json", length=len(body))
    handler.close_connection = True


def nonsense(twilio: FakeTwilio, handler: _Handler, fields: dict[str, str]) -> None:
    """Takes the message and answers something else."""
    twilio.create(fields)
    handler.answer(201, b'"yes"', "application/json")


def fails_at_once(code: int) -> Fault:
    """Makes the message, and it failed in the same moment."""

    def fault(twilio: FakeTwilio, handler: _Handler, fields: dict[str, str]) -> None:
        handler.answer_json(201, twilio.create(fields, "failed") | {"error_code": code})

    return fault


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    twilio: FakeTwilio

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        fields = dict(parse_qsl(body.decode(), keep_blank_values=True))
        if self._admits(fields):
            self.answer_json(201, self.twilio.create(fields))

    def do_GET(self) -> None:
        fields = dict(parse_qsl(urlsplit(self.path).query))
        if self._admits(fields):
            self.answer_json(200, self._found(urlsplit(self.path).path, fields))

    def _found(self, path: str, fields: dict[str, str]) -> dict[str, Any]:
        page: dict[str, Any] = {"next_page_uri": None, "page": 0, "page_size": 50}
        if path == MESSAGES:
            found = [m for m in reversed(self.twilio.created) if m["to"] == fields.get("To", m["to"])]
            return page | {"messages": found[: int(fields.get("PageSize", "50"))]}
        if path == NUMBERS:
            return page | {
                "incoming_phone_numbers": [n for n in self.twilio.numbers if n["phone_number"] == fields["PhoneNumber"]]
            }
        return self.twilio.services.get(path.removeprefix(SERVICES)) or self.twilio.account

    def _admits(self, fields: dict[str, str]) -> bool:
        path = urlsplit(self.path).path
        self.twilio.requests.append((self.command, path, fields))
        self.twilio.connections.add(self.client_address)
        expected = base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
        if not self._knows(path):
            refuses(404, 20404)(self.twilio, self, fields)
        elif self.headers["Authorization"] != f"Basic {expected}":
            refuses(401, 20003)(self.twilio, self, fields)
        elif self.twilio.faults:
            self.twilio.faults.pop(0)(self.twilio, self, fields)
        else:
            return True
        return False

    def _knows(self, path: str) -> bool:
        if self.command == "POST":
            return path == MESSAGES
        return path in {MESSAGES, NUMBERS, f"{BASE}.json"} or path.removeprefix(SERVICES) in self.twilio.services

    def answer_json(self, status: int, body: dict[str, Any]) -> None:
        self.answer(status, json.dumps(body).encode(), "application/json")

    def answer(self, status: int, body: bytes, content_type: str, length: int | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the tests read `requests`."""


@contextmanager
def fake_twilio() -> Iterator[FakeTwilio]:
    """A running server, listening on a free port of 127.0.0.1."""
    twilio = FakeTwilio()
    with listening(type("Handler", (_Handler,), {"twilio": twilio})) as address:
        twilio.url = address
        yield twilio
