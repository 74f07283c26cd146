"""`khaibao` as an operator runs it: a process of its own each time, with its own environment, files and end.

It is forked from one that has imported everything already, for imports take longer than all else that a command does.
`tests/app/test_cli.py` starts some from nothing.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import subprocess
import sys
import tempfile
from functools import cache
from importlib import import_module
from pathlib import Path
from select import select

ROOT = Path(__file__).parents[1]
_LONGEST = 60.0
"""Seconds that one command may take."""


def khaibao(*arguments: str, given: bytes = b"", **environ: str) -> subprocess.CompletedProcess[bytes]:
    """Run `khaibao` with `environ` as its only settings, and `given` as what is typed."""
    with tempfile.TemporaryDirectory(prefix="khaibao-command-") as name:
        folder = Path(name)
        (folder / "0").write_bytes(given)
        code = _ask({"arguments": arguments, "environ": environ, "folder": name})
        return subprocess.CompletedProcess(arguments, code, (folder / "1").read_bytes(), (folder / "2").read_bytes())


@cache
def _server() -> subprocess.Popen[str]:
    """One for this test process, which ends with it."""
    server = subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "tests.command"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env={"PATH": os.environ["PATH"]},
        text=True,
    )
    atexit.register(_end, server)
    return server


def _ask(request: dict[str, object]) -> int:
    """The exit code. A command that takes too long, or a server that is gone, fails the test."""
    server = _server()
    assert server.stdin is not None
    assert server.stdout is not None
    server.stdin.write(f"{json.dumps(request)}\n")
    server.stdin.flush()
    answered, _, _ = select([server.stdout], [], [], _LONGEST)
    if not answered:
        _end(server)
        _server.cache_clear()
        raise TimeoutError(f"{request['arguments']} took more than {_LONGEST:.0f} seconds")
    return int(server.stdout.readline())


def _end(server: subprocess.Popen[str]) -> None:
    server.kill()
    server.communicate()


def _serve() -> None:
    """Run one command after the other, each in a fork of this process."""
    for module, _, _ in (where.partition(":") for where, _ in import_module("app.cli")._ELSEWHERE.values()):
        import_module(module)
    gc.freeze()  # what all share is not walked, and so not copied, by each
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _become(json.loads(line))
            return
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


def _become(request: dict[str, object]) -> None:
    """The command: its files, its environment, and no way back."""
    arguments, environ = request["arguments"], request["environ"]
    assert isinstance(arguments, list)
    assert isinstance(environ, dict)
    for number, flags in enumerate((os.O_RDONLY, os.O_WRONLY | os.O_CREAT, os.O_WRONLY | os.O_CREAT)):
        os.dup2(os.open(Path(str(request["folder"]), str(number)), flags, 0o600), number)
    os.environ.update(environ)
    sys.argv = ["khaibao", *arguments]
    import_module("app.cli").main()


if __name__ == "__main__":
    _serve()
