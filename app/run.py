"""`khaibao run`: everything on one machine. Database, migrations, then web, worker and clock as children."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from importlib import import_module
from types import FrameType

import click

from app.channels import off
from app.database import provided
from app.errors import PortTaken
from app.migrate import migrate
from app.settings import Settings
from core.database.engine import make_engine

PROCESSES = ("web", "worker", "clock")
_PATIENCE = 8.0  # seconds that children have to finish what they hold
_PR_SET_PDEATHSIG = 1


def run(settings: Settings) -> int:
    """Serve until SIGINT or SIGTERM (0), or until a child ends (its exit code). Raises StartError."""
    _check_port(settings.port)
    with _stoppable(), provided(settings) as url:
        ready = replace(settings, database_url=url)
        _prepare(ready)
        children = {name: _start(name, ready) for name in PROCESSES}
        try:
            return _watch(children, ready)
        finally:
            _stop(children)


def _prepare(settings: Settings) -> None:
    engine = make_engine(settings.database_url, settings.cell, pool_size=1, name="khaibao run", patience=None)
    try:
        migrate(engine, settings)
        if settings.demo:
            import_module("app.demo").fill(engine, settings)
    finally:
        engine.dispose()


def _watch(children: dict[str, subprocess.Popen[bytes]], settings: Settings) -> int:
    """The first child that ends ends us: one that is silently restarted hides what ended it."""
    announced = False
    try:
        while True:
            for name, child in children.items():
                if (code := child.poll()) is not None:
                    click.echo(f"khaibao: {name} ended with code {code}; stopping the others", err=True)
                    return code if code > 0 else 1
            if not announced and _listens(settings.port):
                announced = True
                _announce(settings)
            time.sleep(0.1)
    except _Stopped:
        return 0


def _announce(settings: Settings) -> None:
    click.echo(f"KhaiBao: {settings.public_url or f'http://localhost:{settings.port}'}/")
    for channel, variable in off(settings.channels).items():
        click.echo(f"{channel}: off, since {variable} is not set")


def _start(name: str, settings: Settings) -> subprocess.Popen[bytes]:
    """Away from the terminal's signals: we alone decide the order in which everything stops."""
    return subprocess.Popen(  # noqa: S603 - ourselves
        [sys.executable, "-m", "app.cli", name],
        env={**os.environ, "DATABASE_URL": settings.database_url},
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=_end_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509 - no threads here
    )


def _end_with_parent() -> None:
    """Should we be killed outright, the kernel stops the children, so that the port is free again."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _stop(children: dict[str, subprocess.Popen[bytes]]) -> None:
    for child in children.values():
        child.terminate()
    deadline = time.monotonic() + _PATIENCE
    for name, child in children.items():
        try:
            child.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            click.echo(f"khaibao: {name} did not stop in {_PATIENCE:.0f} s and was killed", err=True)
            child.kill()
            child.wait()


class _Stopped(BaseException):
    """A signal asked us to stop. Not an Exception: nothing on the way may take it for a failure."""


@contextmanager
def _stoppable() -> Iterator[None]:
    """SIGINT and SIGTERM end the block once; while it is ending, further ones change nothing."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, signal.SIG_IGN)
        raise _Stopped

    before = [(name, signal.signal(name, stop)) for name in (signal.SIGINT, signal.SIGTERM)]
    try:
        with suppress(_Stopped):
            yield
    finally:
        for name, handler in before:
            signal.signal(name, handler)


def _check_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("0.0.0.0", port))  # noqa: S104 - where gunicorn will listen
        except OSError as error:
            raise PortTaken(f"PORT: {port} cannot be used ({error.strerror}): set another one") from error


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.2)
        return probe.connect_ex(("127.0.0.1", port)) == 0
