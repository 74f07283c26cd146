"""Kannel's sendsms on loopback, as far as we use it, with faults on demand. Its words are those of Debian's 1.4.5.

Served with keep-alive, as the real one is: faults of reused connections stay hidden behind `Connection: close`.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler
from typing import Protocol

from tests.fakes.server import listening

USER, PASSWORD = "khaibao", "a-made-up-word"
PATH = "/cgi-bin/sendsms"


@dataclass(frozen=True, slots=True)
class Taken:
    """One message that it took."""

    to: str
    text: str
    coding: str
    dlr_mask: str
    dlr_url: str
    sender: str
    validity: str = ""


class Fault(Protocol):
    """What happens to one send instead of an answer."""

    def __call__(self, kannel: FakeKannel, handler: _Handler, message: Taken) -> None: ...


@dataclass
class FakeKannel:
    """`taken` holds what it took, `paths` what was asked for, `faults` what happens to the next sends."""

    url: str = ""
    taken: list[Taken] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def answers(status: int, words: str) -> Fault:
    """Takes nothing, and says so."""

    def fault(kannel: FakeKannel, handler: _Handler, message: Taken) -> None:
        handler.answer(status, words)

    return fault


def takes(status: int, words: str) -> Fault:
    """Takes the message in other words."""

    def fault(kannel: FakeKannel, handler: _Handler, message: Taken) -> None:
        kannel.taken.append(message)
        handler.answer(status, words)

    return fault


def slow(seconds: float) -> Fault:
    """Takes the message and answers late."""

    def fault(kannel: FakeKannel, handler: _Handler, message: Taken) -> None:
        kannel.taken.append(message)
        time.sleep(seconds)
        handler.answer(202, "0: Accepted for delivery")

    return fault


def hangs_up(kannel: FakeKannel, handler: _Handler, message: Taken) -> None:
    """Takes the message and closes the line without a word."""
    kannel.taken.append(message)
    handler.close_connection = True


def half_a_body(kannel: FakeKannel, handler: _Handler, message: Taken) -> None:
    """Takes the message and breaks off within the answer."""
    kannel.taken.append(message)
    handler.answer(202, "0: Accep", length=24)
    handler.close_connection = True


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    kannel: FakeKannel

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"] or 0))
        self.kannel.paths.append(self.path)
        refusal = _refusal(self.path, self.headers)
        if refusal is not None:
            self.answer(*refusal)
            return
        message = _taken(self.headers, body)
        if self.kannel.faults:
            self.kannel.faults.pop(0)(self.kannel, self, message)
            return
        self.kannel.taken.append(message)
        self.answer(202, "0: Accepted for delivery")

    def answer(self, status: int, words: str, length: int | None = None) -> None:
        body = words.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the tests read `paths`."""


def _refusal(path: str, headers: Message) -> tuple[int, str] | None:
    """In Kannel's order."""
    if path != PATH:
        return 404, "Not found"
    if (headers["X-Kannel-Username"], headers["X-Kannel-Password"]) != (USER, PASSWORD):
        return 403, "Authorization failed for sendsms"
    if headers.get_content_type() != "text/plain":
        return 415, "Unsupported content-type, rejected"
    if not headers["X-Kannel-To"]:
        return 400, "Missing receiver(s) number(s), rejected"
    return None


def _taken(headers: Message, body: bytes) -> Taken:
    """In the alphabet that was named: the other's letters become question marks on the way."""
    text, coding = body.decode(headers.get_content_charset("latin-1")), headers["X-Kannel-Coding"] or "0"
    return Taken(
        to=headers["X-Kannel-To"],
        text=text,
        coding=coding,
        dlr_mask=headers["X-Kannel-DLR-Mask"],
        dlr_url=headers["X-Kannel-DLR-Url"],
        sender=headers["X-Kannel-From"],
        validity=headers["X-Kannel-Validity"] or "",
    )


@contextmanager
def fake_kannel() -> Iterator[FakeKannel]:
    """A running server, listening on a free port of 127.0.0.1."""
    kannel = FakeKannel()
    with listening(type("Handler", (_Handler,), {"kannel": kannel})) as address:
        kannel.url = f"{address}{PATH}"
        yield kannel
