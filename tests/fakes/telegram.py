"""Telegram's Bot API on loopback, as far as we use it: messages, updates with their offset, the webhook's state.

Served with keep-alive, as the real one is: faults of reused connections stay hidden behind `Connection: close`.
What python-telegram-bot insists on: `is_bot` in getMe, `date` in seconds, `chat` with `id` and `type`.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from itertools import count
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlsplit

from tests.fakes.server import listening

BOT, TOKEN = "700000001", "700000001:a-made-up-token-of-a-bot"
LAN = 900000001


class Fault(Protocol):
    """What happens to one request instead of an answer."""

    def __call__(self, telegram: FakeTelegram, handler: _Handler, fields: dict[str, str]) -> None: ...


@dataclass
class FakeTelegram:
    """`created` holds the messages that it took, `requests` what reached it, `faults` what happens to the next sends.

    `faulty`: by method in small letters, what happens to its next calls. `updates` wait to be asked for. `webhook`:
    what setWebhook was given, `{}` without one.
    """

    url: str = ""
    created: list[dict[str, Any]] = field(default_factory=list)
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    connections: set[tuple[str, int]] = field(default_factory=set)
    faulty: dict[str, list[Fault]] = field(default_factory=dict)
    updates: list[dict[str, Any]] = field(default_factory=list)
    webhook: dict[str, Any] = field(default_factory=dict)
    asking: int = 0
    _new: threading.Condition = field(default_factory=threading.Condition)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))
    _update_ids: Iterator[int] = field(default_factory=lambda: count(5001))

    @property
    def faults(self) -> list[Fault]:
        return self.faulty.setdefault("sendmessage", [])

    def calls(self, method: str) -> list[dict[str, str]]:
        """What that method was called with."""
        return [fields for name, fields in list(self.requests) if name == method.lower()]

    def create(self, fields: dict[str, str]) -> dict[str, Any]:
        made: dict[str, Any] = {
            "message_id": next(self._numbers),
            "date": int(time.time()),
            "chat": private(int(fields["chat_id"])),
            "from": {"id": int(BOT), "is_bot": True, "first_name": "Khai Bao"},
            "text": fields["text"],
        }
        if "reply_markup" in fields:
            made["reply_markup"] = json.loads(fields["reply_markup"])
        self.created.append(made)
        return made

    def brings(self, **what: Any) -> dict[str, Any]:
        """A new update, which waits to be asked for."""
        update = {"update_id": next(self._update_ids), **what}
        with self._new:
            self.updates.append(update)
            self._new.notify_all()
        return update

    def hears(self, text: str, who: int = LAN) -> dict[str, Any]:
        """A person writes."""
        return self.brings(message=message(text, who))

    def taps(self, label: str, who: int = LAN) -> dict[str, Any]:
        """A person taps the newest button with that label, whatever number it has; it must be there."""
        for made in reversed(self.created):
            for shown, payload in buttons(made):
                if shown.lstrip("0123456789 ") == label and made["chat"]["id"] == who:
                    return self.brings(callback_query=tap(payload, who, made))
        raise AssertionError(f"no button {label!r}")

    def next_updates(self, fields: dict[str, str]) -> list[dict[str, Any]]:
        """As getUpdates: what is below `offset` is confirmed and forgotten; waits `timeout` seconds for the first."""
        wanted = json.loads(fields.get("allowed_updates", "[]"))
        deadline = time.monotonic() + float(fields.get("timeout", "0"))
        with self._new:
            self.asking += 1
            self.updates[:] = [u for u in self.updates if u["update_id"] >= int(fields.get("offset", "0"))]
            while not self.updates and (left := deadline - time.monotonic()) > 0:
                self._new.wait(min(left, 0.1))
            self.asking -= 1
            return [u for u in self.updates if not wanted or set(u) & set(wanted)][: int(fields.get("limit", "100"))]

    def webhook_info(self) -> dict[str, Any]:
        shown = {k: v for k, v in self.webhook.items() if k != "secret_token"}
        return {"url": "", "has_custom_certificate": False, "pending_update_count": len(self.updates), **shown}


def private(who: int) -> dict[str, Any]:
    return {"id": who, "type": "private", "first_name": "Lan"}


def message(text: str | None = None, who: int = LAN, **more: Any) -> dict[str, Any]:
    """A person's message, as Telegram brings it."""
    whole = {
        "message_id": 77,
        "date": 1795219200,
        "chat": private(who),
        "from": {"id": who, "is_bot": False, "first_name": "Lan", "language_code": "vi"},
    }
    return whole | ({} if text is None else {"text": text}) | more


def tap(payload: str, who: int = LAN, on: dict[str, Any] | None = None) -> dict[str, Any]:
    """A tap on a button of the message `on`."""
    sender = {"id": who, "is_bot": False, "first_name": "Lan"}
    return {"id": f"tap-{payload}", "from": sender, "message": on or message(), "chat_instance": "1", "data": payload}


def buttons(made: dict[str, Any]) -> list[tuple[str, str]]:
    """Labels and payloads of a message that was taken."""
    rows = made.get("reply_markup", {}).get("inline_keyboard", [])
    return [(each["text"], each["callback_data"]) for row in rows for each in row]


def refuses(code: int, description: str = "", **parameters: Any) -> Fault:
    """An error as Telegram words it; without a description, a page of some machine in between."""

    def fault(telegram: FakeTelegram, handler: _Handler, fields: dict[str, str]) -> None:
        if not description:
            handler.answer(code, b"<html>No</html>", "text/html")
            return
        body = {"ok": False, "error_code": code, "description": description}
        handler.answer_json(code, body | ({"parameters": parameters} if parameters else {}))

    return fault


def slow(seconds: float) -> Fault:
    """Takes the message and answers late."""

    def fault(telegram: FakeTelegram, handler: _Handler, fields: dict[str, str]) -> None:
        made = telegram.create(fields)
        time.sleep(seconds)
        handler.answer_json(200, {"ok": True, "result": made})

    return fault


def hangs_up(telegram: FakeTelegram, handler: _Handler, fields: dict[str, str]) -> None:
    """Takes the message and closes the line without a word."""
    telegram.create(fields)
    handler.close_connection = True


def nonsense(body: bytes) -> Fault:
    """Takes the message and answers something else."""

    def fault(telegram: FakeTelegram, handler: _Handler, fields: dict[str, str]) -> None:
        if "text" in fields:
            telegram.create(fields)
        handler.answer(200, body, "application/json")

    return fault


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    telegram: FakeTelegram

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        fields = dict(parse_qsl(body.decode(), keep_blank_values=True))
        _, token, method = urlsplit(self.path).path.split("/")
        method = method.lower()  # Telegram's are case-insensitive
        self.telegram.requests.append((method, fields))
        self.telegram.connections.add(self.client_address)
        waiting = self.telegram.faulty.get(method, [])
        if token != f"bot{TOKEN}":
            refuses(401, "Unauthorized")(self.telegram, self, fields)
        elif waiting:
            waiting.pop(0)(self.telegram, self, fields)
        else:
            self._answer_to(method, fields)

    def _answer_to(self, method: str, fields: dict[str, str]) -> None:
        telegram = self.telegram
        if method == "getupdates" and telegram.webhook:
            words = "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete it"
            refuses(409, words)(telegram, self, fields)
            return
        if method == "setwebhook":
            telegram.webhook = {k: json.loads(v) if k in _WHOLE else v for k, v in fields.items()}
        elif method == "deletewebhook":
            telegram.webhook = {}
        results = {
            "getme": lambda: {"id": int(BOT), "is_bot": True, "first_name": "Khai Bao", "username": "khaibao_bot"},
            "sendmessage": lambda: telegram.create(fields),
            "getupdates": lambda: telegram.next_updates(fields),
            "getwebhookinfo": telegram.webhook_info,
        }
        if method not in results and method not in _TRUE:
            refuses(404, "Not Found: method not found")(telegram, self, fields)
            return
        self.answer_json(200, {"ok": True, "result": results[method]() if method in results else True})

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


_TRUE = frozenset({"setwebhook", "deletewebhook", "answercallbackquery"})
_WHOLE = frozenset({"allowed_updates", "max_connections"})


@contextmanager
def fake_telegram() -> Iterator[FakeTelegram]:
    """A running server, listening on a free port of 127.0.0.1."""
    telegram = FakeTelegram()
    with listening(type("Handler", (_Handler,), {"telegram": telegram})) as address:
        telegram.url = address
        yield telegram
