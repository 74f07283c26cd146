"""Debian's Kannel as child processes, with `fakesmsc` as the operator and its phones."""

from __future__ import annotations

import os
import random
import re
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import IO
from urllib.parse import unquote_to_bytes

import httpx

BEARERBOX, SMSBOX = Path("/usr/sbin/bearerbox"), Path("/usr/sbin/smsbox")
FAKESMSC = Path("/usr/lib/kannel/test/fakesmsc")
STATUS_PASSWORD = "made-up-status"

_GOT = re.compile(r"Got message \d+: <(\S+) (\S+) (?:udh (\S+) )?(\S+) (.*)>$", re.MULTILINE)


def installed() -> None:
    """Fails, rather than skips, where Kannel is missing."""
    missing = [str(path) for path in (BEARERBOX, SMSBOX, FAKESMSC) if not path.exists()]
    assert not missing, f"{missing}: apt-get install -y --no-install-recommends kannel kannel-extras"


def wait_for(condition: Callable[[], bool], what: str, patience: float = 15.0) -> None:
    deadline = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


@dataclass(frozen=True, slots=True)
class Ports:
    """Free ones, below those that the system gives to outgoing connections: Kannel takes them again after a restart."""

    web: int
    admin: int
    box: int
    sendsms: int
    smsc: int

    @classmethod
    def free(cls) -> Ports:
        tried = iter(random.sample(range(15_000, 30_000), 200))
        return cls(*islice(filter(_is_free, tried), 5))

    def environ(self) -> Mapping[str, str]:
        """The channel's settings, with signs in the password that a conf file must quote."""
        return {
            "PORT": str(self.web),
            "KANNEL_SEND_URL": f"http://127.0.0.1:{self.sendsms}/cgi-bin/sendsms",
            "KANNEL_USER": "khaibao",
            "KANNEL_PASSWORD": 'made-up "word" \\%d'.replace(" ", "_"),
            "KANNEL_SECRET": "made-up_secret-for-tests",
            "KANNEL_FROM": "8000",
            "KANNEL_CALLBACK_URL": f"http://127.0.0.1:{self.web}",
            "KANNEL_STATUS_URL": f"http://127.0.0.1:{self.admin}/status.txt?password={STATUS_PASSWORD}",
        }


@dataclass
class Kannel:
    """Its two processes over `folder`/kannel.conf. A box that restarts itself stays in its group, by which it ends."""

    folder: Path
    ports: Ports
    running: dict[Path, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self) -> None:
        self._begin(BEARERBOX)
        wait_for(lambda: "Status: running" in self.status(), "bearerbox does not start")
        self._begin(SMSBOX)
        wait_for(lambda: "on-line" in self.status(), "smsbox does not join")
        wait_for(lambda: _listens(self.ports.sendsms), "smsbox does not listen")

    def kill(self, *boxes: Path) -> None:
        """At once, without a word: nothing can be tidied up."""
        for box in boxes or (SMSBOX, BEARERBOX):
            if (process := self.running.pop(box, None)) is not None:
                _end(process)

    def status(self) -> str:
        try:
            url = f"http://127.0.0.1:{self.ports.admin}/status.txt?password={STATUS_PASSWORD}"
            return httpx.get(url, timeout=2).text
        except httpx.HTTPError:
            return ""

    def heard(self, count: int) -> bool:
        """Whether so many messages came from phones since bearerbox started, each part counted."""
        return f"SMS: received {count} " in self.status()

    def logs(self) -> str:
        return "\n".join(path.read_text(errors="replace") for path in sorted(self.folder.glob("*.log")))

    def _begin(self, box: Path) -> None:
        assert box not in self.running
        with (self.folder / f"{box.name}.out").open("ab") as out:
            self.running[box] = _child([str(box), "-v", "4", str(self.folder / "kannel.conf")], out)


@dataclass(frozen=True, slots=True)
class Got:
    """One SMS as it arrived at the operator. `part` is "2/3", or "" for a whole one; `data` as it went over the air."""

    sender: str
    to: str
    part: str
    ucs2: bool
    data: bytes


@dataclass
class Operator:
    """What the operator took from Kannel so far."""

    out: Path

    def got(self) -> list[Got]:
        return [_got(*match) for match in _GOT.findall(self.out.read_text(errors="replace"))]

    def waits_for(self, count: int) -> list[Got]:
        wait_for(lambda: len(self.got()) >= count, f"{count} SMS do not arrive: {self.out.read_text(errors='replace')}")
        return self.got()


@contextmanager
def operator(kannel: Kannel, name: str, *says: str) -> Iterator[Operator]:
    """Connected to Kannel until the end. `says`: one message of a phone, as fakesmsc words it."""
    out = kannel.folder / f"{name}.smsc"
    arguments = ["-H", "127.0.0.1", "-r", str(kannel.ports.smsc), "-i", "0.05"]
    count, words = (str(len(says)), says) if says else ("0", ("1 2 text nothing",))
    with out.open("wb") as file:
        process = _child([str(FAKESMSC), *arguments, "-m", count, *words], file)
    try:
        wait_for(lambda: "(online" in kannel.status(), "the operator does not connect")
        yield Operator(out)
    finally:
        _end(process)


@contextmanager
def kannel(folder: Path, ports: Ports, conf: str) -> Iterator[Kannel]:
    """A running Kannel; its processes end with the block."""
    installed()
    (folder / "kannel.conf").write_text(conf)
    boxes = Kannel(folder, ports)
    try:
        boxes.start()
        yield boxes
    finally:
        boxes.kill()


def text_of(parts: Sequence[Got]) -> str:
    """The parts of one message, joined in their order, as a phone shows them."""
    whole = b"".join(part.data for part in sorted(parts, key=lambda part: int(part.part.partition("/")[0] or 1)))
    return whole.decode("utf-16-be") if parts[0].ucs2 else whole.decode("ascii")


def _got(sender: str, to: str, udh: str, kind: str, words: str) -> Got:
    header = unquote_to_bytes(udh)  # 05 00 03, reference, parts, part
    data = words.encode() if kind == "text" else unquote_to_bytes(words.replace("+", " "))
    return Got(sender, to, f"{header[5]}/{header[4]}" if header else "", kind == "ucs-2" or b"\x00" in data, data)


def _child(command: Sequence[str], out: IO[bytes]) -> subprocess.Popen[bytes]:
    """In a group of its own. fakesmsc ends when its stdin does, so that it gets one that stays."""
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=out, stderr=subprocess.STDOUT, start_new_session=True
    )


def _end(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(timeout=10)
    if process.stdin is not None:
        process.stdin.close()


def _is_free(port: int) -> bool:
    with socket.socket() as probe, suppress(OSError):
        probe.bind(("127.0.0.1", port))
        return True
    return False


def _listens(port: int) -> bool:
    with socket.socket() as line:
        return line.connect_ex(("127.0.0.1", port)) == 0
