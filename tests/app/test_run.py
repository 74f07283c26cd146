"""`khaibao run`: everything up, one page, everything down."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
import pytest

ROOT = Path(__file__).parents[2]

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="khaibao-") as name:
        yield Path(name)


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@contextmanager
def running(folder: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """`khaibao run` in a demo, ready to be asked."""
    environ = {"PATH": os.environ["PATH"], "DEMO": "1", "VAR_DIR": str(folder), "PORT": str(port)}
    with (folder / "out").open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "app.cli", "run"], cwd=ROOT, env=environ, stdout=out, stderr=out
        )
        try:
            _until_ready(process, port, folder / "out")
            yield process
        finally:
            process.terminate()
            process.wait(30)


def _until_ready(process: subprocess.Popen[bytes], port: int, out: Path) -> None:
    deadline = time.monotonic() + 90
    while b"KhaiBao: http" not in out.read_bytes() or _status(port) != 200:
        assert process.poll() is None, out.read_text()
        assert time.monotonic() < deadline, out.read_text()
        time.sleep(0.2)


def _status(port: int) -> int:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/health/ready", timeout=5).status_code
    except httpx.TransportError:
        return 0


def _gone(processes: list[psutil.Process]) -> bool:
    _, alive = psutil.wait_procs(processes, timeout=10)
    return all(process.status() == psutil.STATUS_ZOMBIE for process in alive)


def _child(process: subprocess.Popen[bytes], name: str) -> psutil.Process:
    return next(child for child in psutil.Process(process.pid).children() if child.cmdline()[-1] == name)


def _postmaster(folder: Path) -> psutil.Process:
    return psutil.Process(int((folder / "postgres" / "postmaster.pid").read_text().splitlines()[0]))


@pytest.mark.parametrize("name", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_everything_within_ten_seconds(folder: Path, port: int, name: signal.Signals) -> None:
    with running(folder, port) as process:
        everything = [*psutil.Process(process.pid).children(recursive=True), _postmaster(folder)]
        assert len(everything) >= 4

        process.send_signal(name)

        assert process.wait(10) == 0
        assert _gone(everything)
    assert "SMS through Twilio: off, since TWILIO_ACCOUNT_SID is not set" in (folder / "out").read_text()


def test_it_starts_again_over_what_it_left(folder: Path, port: int) -> None:
    for _ in range(2):
        with running(folder, port):
            assert _status(port) == 200


@pytest.mark.parametrize("name", ["web", "worker", "clock"])
def test_a_child_that_dies_ends_the_whole_loudly(folder: Path, port: int, name: str) -> None:
    with running(folder, port) as process:
        everything = [*psutil.Process(process.pid).children(recursive=True), _postmaster(folder)]

        _child(process, name).kill()

        assert process.wait(15) == 1
        assert _gone(everything)
    assert f"{name} ended with code -9; stopping the others" in (folder / "out").read_text()


def test_killed_outright_it_frees_its_port_and_can_start_again(folder: Path, port: int) -> None:
    with running(folder, port) as process:
        children = psutil.Process(process.pid).children(recursive=True)
        process.kill()
        process.wait(10)
        assert _gone(children)

    with running(folder, port):
        assert _status(port) == 200
