"""The access log: a real server, and what it writes of requests that hold words, numbers and secrets."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

PERSON, WORD = "84900000001", "callback0token0made0up"
_SECONDS = 30.0


@pytest.mark.slow
def test_no_query_and_no_shared_word_is_logged(tmp_path: Path, environ: dict[str, str]) -> None:
    port, errors = _free_port(), tmp_path / "stderr"
    with errors.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "app.cli", "web"],
            env={**os.environ, **environ, "PORT": str(port), "WEB_WORKERS": "1"},
            stdout=out,
            stderr=out,
        )
        try:
            _wait_for(port)
            _get(port, f"/sms/aggregator/esms/inbound?sender={PERSON}&content=KHAI")
            _get(port, f"/sms/aggregator/esms/status/{WORD}?phonenumber={PERSON}")
            time.sleep(0.3)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=_SECONDS)
    logged = errors.read_text()
    assert "GET /sms/aggregator/esms/inbound 404" in logged
    assert "GET /sms/aggregator/esms/status/... 404" in logged
    assert PERSON not in logged
    assert WORD not in logged


def _get(port: int, path: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_SECONDS)
    connection.request("GET", path, headers={"Referer": f"http://x/{WORD}", "User-Agent": PERSON})
    connection.getresponse().read()
    connection.close()


def _wait_for(port: int) -> None:
    until = time.monotonic() + _SECONDS
    while time.monotonic() < until:
        try:
            return _get(port, "/health/live")
        except OSError:
            time.sleep(0.1)
    raise TimeoutError("the server did not start")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
