"""A real web process that starts while the database is away: it takes what comes, and reads it once the database is
back."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Engine, select

from core.database.tables import inbox
from tests.cast import found
from tests.outage import away

pytestmark = pytest.mark.slow

_SECONDS = 40.0
KANNEL = {
    "KANNEL_SEND_URL": "http://127.0.0.1:1/cgi-bin/sendsms",
    "KANNEL_USER": "made",
    "KANNEL_PASSWORD": "up",
    "KANNEL_SECRET": "a-made-up-secret-of-kannel",
    "KANNEL_FROM": "8077",
}


@pytest.fixture
def web(environ: dict[str, str], tmp_path: Path, engine: Engine) -> Iterator[Callable[[], str]]:
    """Starts it; its address."""
    found(engine)
    started: list[subprocess.Popen[bytes]] = []

    def start() -> str:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        address = f"http://127.0.0.1:{port}"
        given = {**os.environ, **environ, **KANNEL, "PORT": str(port), "PUBLIC_URL": address, "WEB_WORKERS": "2"}
        with (tmp_path / "web.log").open("wb") as log:
            started.append(
                subprocess.Popen([sys.executable, "-m", "app.cli", "web"], env=given, stderr=log, stdout=log)
            )
        wait(lambda: status(f"{address}/health/live") == 200)
        return address

    yield start
    for process in started:
        process.terminate()
        process.wait(_SECONDS)


def status(url: str, **query: str) -> int:
    try:
        return httpx.get(url, params=query, timeout=15, trust_env=False).status_code
    except httpx.HTTPError:
        return 0


def wait(for_what: Callable[[], bool]) -> None:
    until = time.monotonic() + _SECONDS
    while not for_what():
        assert time.monotonic() < until
        time.sleep(0.1)


def test_a_web_that_starts_without_its_database_takes_what_comes(
    web: Callable[[], str], environ: dict[str, str], engine: Engine
) -> None:
    with away(environ["DATABASE_URL"]):
        address = web()
        said = {"secret": KANNEL["KANNEL_SECRET"], "from": "+84900000001", "charset": "UTF-8"}
        answers = [
            status(f"{address}/sms/kannel/inbound", **said, id=str(n), text=text)
            for n, text in enumerate(["KHAI", "dong y", "khong"])
        ]
        forged = status(f"{address}/sms/kannel/inbound", **{**said, "secret": "x"}, id="9", text="KHAI")
        ready = status(f"{address}/health/ready")

    engine.dispose()  # its connections ended with the others

    def texts() -> list[str]:
        with engine.connect() as connection:
            return list(connection.scalars(select(inbox.c.text).order_by(inbox.c.id)))

    wait(lambda: len(texts()) == 3)
    assert (answers, forged, ready) == ([200, 200, 200], 403, 200)
    assert texts() == ["KHAI", "dong y", "khong"]
    assert list((Path(environ["VAR_DIR"]) / "spool").glob("*/[0-9a-f][0-9a-f]/*")) == []
