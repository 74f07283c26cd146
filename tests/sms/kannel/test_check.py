"""What the check reads from a status page. Against the real one: test_real_kannel.py."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import create_engine

from core.messaging.ports import Finding, Level, Tools
from core.secrets import Vault
from sms.kannel.check import check
from sms.kannel.config import KannelConfig
from tests.fakes.kannel import PASSWORD, USER, answers, fake_kannel

NOBODY = "http://127.0.0.1:1"
SECRET = "a-made-up-secret"
PAGE = """Kannel bearerbox version `1.4.5'.

Status: {status}, uptime 0d 0h 0m 3s

Box connections:
    {box}

SMSC connections:
    VIETTEL[VIETTEL]    SMPP:10.0.0.1:2775/2775:cdclc:VMA ({line}, rcvd: sms 0 (0.00,0.00,0.00) / dlr 0, failed 0)
"""
SMSBOX = "smsbox:(none), IP 127.0.0.1 (0 queued), (on-line 0d 0h 0m 2s)"


def found(url: str, status_url: str = "", password: str = PASSWORD) -> list[Finding]:
    config = KannelConfig(url, USER, password, SECRET, "8000", NOBODY, status_url)
    tools = Tools(
        create_engine("postgresql+psycopg://"), Vault((Fernet.generate_key().decode(),)), partial(datetime.now, UTC)
    )
    return list(asyncio.run(check(config, tools)))


@contextmanager
def page(body: str, status: int = 200) -> Iterator[str]:
    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, format: str, *args: object) -> None:
            """Nothing."""

    with HTTPServer(("127.0.0.1", 0), Page) as server:
        thread = threading.Thread(target=partial(server.serve_forever, 0.02), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/status.txt?password=hidden-page"
        finally:
            server.shutdown()
            thread.join()


def test_a_kannel_that_takes_our_messages_was_sent_none() -> None:
    with fake_kannel() as kannel:
        sending, status, callback = found(kannel.url)
        assert kannel.taken == []
    assert (sending.level, status.level, callback.level) == (Level.GOOD, Level.WARNING, Level.WARNING)
    assert "KANNEL_STATUS_URL" in status.text
    assert "KANNEL_CALLBACK_URL" in callback.text


@pytest.mark.parametrize(
    ("status", "box", "line", "bad"),
    [
        ("running", SMSBOX, "online 46s", []),
        ("isolated", SMSBOX, "online 46s", ["not running"]),
        (
            "running",
            "smsbox:(none), IP 127.0.0.1 (0 queued), (on-line 0d 0h 0m 2s)",
            "re-connecting",
            ["re-connecting"],
        ),
        ("running", "none", "online 1s", ["No smsbox"]),
        ("running", SMSBOX, "dead", ["VIETTEL is dead"]),
    ],
)
def test_each_state_of_the_page(status: str, box: str, line: str, bad: list[str]) -> None:
    with fake_kannel() as kannel, page(PAGE.format(status=status, box=box, line=line)) as url:
        told = found(kannel.url, url)[1:-1]
    wrong = [each.text for each in told if each.level is Level.BAD]
    assert len(wrong) == len(bad)
    assert all(expected in text for expected, text in zip(bad, wrong, strict=True))
    assert (Level.GOOD in [each.level for each in told]) == line.startswith("online")


def test_a_page_without_a_line_to_an_operator() -> None:
    with fake_kannel() as kannel, page(f"Status: running\n{SMSBOX}\n") as url:
        assert "no line to an operator" in found(kannel.url, url)[1].text


@pytest.mark.parametrize(("body", "status"), [("Denied", 403), ("Status: none", 404), ("<html>", 200)])
def test_no_status_page(body: str, status: int) -> None:
    with fake_kannel() as kannel, page(body, status) as url:
        finding = found(kannel.url, url)[1]
    assert (finding.level, finding.text.partition(":")[0]) == (Level.BAD, "KANNEL_STATUS_URL")


def test_nobody_there_a_wrong_password_and_a_wrong_address() -> None:
    sending, status, _ = found(NOBODY, f"{NOBODY}/status.txt?password=hidden-page")
    assert (sending.level, status.level) == (Level.BAD, Level.BAD)
    with fake_kannel() as kannel:
        assert "KANNEL_PASSWORD" in found(kannel.url, password="another")[0].text
        assert "404" in found(f"{kannel.url}x")[0].text


def test_no_secret_is_told() -> None:
    with fake_kannel() as kannel, page(PAGE.format(status="running", box=SMSBOX, line="online 1s")) as url:
        kannel.faults = [answers(500, PASSWORD)]
        told = " ".join(each.text for each in (*found(kannel.url, url), *found(kannel.url, password="hidden-too")))
    for secret in (PASSWORD, SECRET, "hidden", "10.0.0.1", "cdclc"):
        assert secret not in told
