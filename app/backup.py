"""The whole database into one encrypted file, and out of it into an empty database, by pg_dump and pg_restore.

A crash while a backup is written leaves a `.part` file, which nothing takes for a backup. A crash while one is restored
leaves either an empty database, or one that is whole but in which nothing can be written yet: the processes do nothing
with it, `restore` refuses it, and it is dropped and made anew.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, BinaryIO, Final
from urllib.parse import quote, urlencode

import orjson
from sqlalchemy import URL, Connection, Engine, make_url, text
from sqlalchemy.exc import OperationalError, ProgrammingError

from app.embedded import PROGRAMS
from app.errors import BackupError, DatabaseUnreachable
from app.migrate import migrate
from app.restored import Calmed, calm
from app.sealed import PIECE, Sealing, pieces
from app.settings import Settings
from core.database.engine import database_url, make_engine
from core.disk import sync_folder

_FORMAT: Final = 1
_WRITABLE: Final = "-c default_transaction_read_only=off"
_TIMEOUT_KNOWN: Final = 17  # a newer pg_restore names a setting that servers before this version do not know
_EMPTY: Final = text(
    "SELECT NOT EXISTS (SELECT FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace "
    "WHERE n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema')"
)


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself. `made_at` is when it began; `server` the major version of PostgreSQL."""

    made_at: datetime
    server: int
    cell: str
    demo: bool


def backup(engine: Engine, settings: Settings, path: Path) -> int:
    """Write everything as it is now into `path`; its bytes. Work goes on meanwhile. Raises BackupError."""
    with _connected(engine) as connection:
        manifest = Manifest(datetime.now(UTC), _major(connection), settings.cell, settings.demo)
    dump = _program("pg_dump", manifest.server)
    fresh = path.with_name(f"{path.name}.part")
    try:
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            with Sealing(file, settings.data_keys[0]) as sealing:
                sealing.piece(_written(manifest))
                _dump(dump, engine, sealing)
            file.flush()
            os.fsync(file.fileno())
        fresh.rename(path)
    except OSError as error:
        raise BackupError(f"{path} cannot be written ({error.strerror})") from error
    finally:
        with suppress(FileNotFoundError):
            fresh.unlink()
    sync_folder(path.parent)
    return path.stat().st_size


def _dump(program: Path, engine: Engine, sealing: Sealing) -> None:
    options = ["--format=custom", "--no-owner", "--no-privileges"]
    with _running([str(program), *options], engine, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None  # noqa: S101 - a pipe was asked for
        while data := process.stdout.read(PIECE):
            sealing.write(data)


def verify(path: Path, settings: Settings) -> Manifest:
    """Read the whole file: it is ours, whole and unchanged. Raises BackupError."""
    with _opened(path) as file:
        found = pieces(file, settings.data_keys)
        manifest = _read(next(found))
        for _ in found:
            pass
    return manifest


def restore(engine: Engine, settings: Settings, path: Path, *, stood_still: bool) -> Calmed:
    """Into an empty database, brought up to date, with what was under way made safe. Raises BackupError.

    `stood_still`: nothing was sent between the backup and now, so all that waited goes out as if nothing had happened.
    """
    manifest = verify(path, settings)
    _refuse_other(manifest, settings)
    with _connected(engine) as connection:
        if not connection.scalar(_EMPTY):
            raise BackupError("the database holds something: restore into an empty one")
        program = _program("pg_restore", _major(connection))
    _read_only(engine, "SET default_transaction_read_only = on")
    _load(program, engine, path, settings)
    writable = _writable(engine, settings)
    try:
        migrate(writable, settings)
        with writable.begin() as connection:
            calmed = calm(connection, settings.cell, manifest.made_at, stood_still=stood_still)
    finally:
        writable.dispose()
    _read_only(engine, "RESET default_transaction_read_only")
    engine.dispose()  # its connections still hold the old word
    return calmed


def _load(program: Path, engine: Engine, path: Path, settings: Settings) -> None:
    """In one transaction: all of it or nothing."""
    options = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges"]
    with (
        _opened(path) as file,
        _running([str(program), *options], engine, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as process,
    ):
        assert process.stdin is not None  # noqa: S101 - a pipe was asked for
        found = pieces(file, settings.data_keys)
        next(found)
        with suppress(BrokenPipeError):
            for data in found:
                process.stdin.write(data)
            process.stdin.close()


def _refuse_other(manifest: Manifest, settings: Settings) -> None:
    if manifest.cell != settings.cell:
        raise BackupError(f"CELL: the backup is of {manifest.cell}: set that")
    if manifest.demo != settings.demo:
        raise BackupError(f"DEMO: the backup is of a {'demo: set it' if manifest.demo else 'real one: unset it'}")


@contextmanager
def _running(
    command: Sequence[str], engine: Engine, *, stdout: int, stdin: int = subprocess.DEVNULL
) -> Iterator[subprocess.Popen[bytes]]:
    """A program of PostgreSQL's on the engine's database. The password is not among its arguments, which all can see.

    Raises BackupError with the first line of what it complained: further ones may quote rows.
    """
    url = _with_writing(make_url(engine.url).set(drivername="postgresql"))
    plain = url.set(password=None, query={}).render_as_string(hide_password=False)
    where = f"{plain}?{urlencode(url.query, doseq=True, quote_via=quote)}"  # libpq takes a + for a +, not for a space
    environ = {**os.environ, "LC_ALL": "C.UTF-8"}
    if url.password:
        environ["PGPASSWORD"] = str(url.password)
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(  # noqa: S603 - PostgreSQL's own programs, no shell
            [*command, f"--dbname={where}"], env=environ, cwd="/", stdin=stdin, stdout=stdout, stderr=said
        )
        try:
            yield process
        except BaseException:
            process.kill()
            raise
        finally:
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    with suppress(BrokenPipeError):
                        pipe.close()
            process.wait()
        if process.returncode:
            said.seek(0)
            raise BackupError(f"{Path(command[0]).name} failed: {_first(said)}")


def _first(said: IO[bytes]) -> str:
    lines = said.read(4096).decode(errors="replace").splitlines()
    return lines[0] if lines else "it said nothing"


def _program(name: str, server: int) -> Path:
    """The program of the server's own version; of a newer one, where that does no harm. Raises BackupError."""
    found = {version: path for path in _candidates(name, server) if (version := _version(path))}
    newer = min((version for version in found if version > server), default=0)
    if server in found:
        return found[server]
    if newer and (name == "pg_dump" or server >= _TIMEOUT_KNOWN):
        return found[newer]
    have = ", ".join(str(version) for version in sorted(found)) or "none"
    raise BackupError(f"{name} of PostgreSQL {server} is needed in PATH (found: {have}): install its client programs")


def _candidates(name: str, server: int) -> Iterator[Path]:
    """Ours last, so that one in PATH of the same version counts less: it fits our own server to the letter."""
    if in_path := shutil.which(name):
        yield Path(in_path)
    for folder in (Path(f"/usr/lib/postgresql/{server}/bin"), *PROGRAMS.values()):
        if (folder / name).exists():
            yield folder / name


def _version(program: Path) -> int:
    said = subprocess.run([str(program), "--version"], capture_output=True, text=True, check=False)  # noqa: S603
    number = re.search(r"\(PostgreSQL\) (\d+)", said.stdout)
    return int(number[1]) if number else 0


def _major(connection: Connection) -> int:
    return int(connection.scalar(text("SHOW server_version_num")) or 0) // 10000


@contextmanager
def _connected(engine: Engine) -> Iterator[Connection]:
    try:
        with engine.connect() as connection:
            yield connection
    except OperationalError as error:
        reason = str(error.orig).splitlines()[0]
        raise DatabaseUnreachable(f"DATABASE_URL: the database does not answer: {reason}") from error


def _read_only(engine: Engine, change: str) -> None:
    """Nobody but us writes in this database until it is reset: what is half restored sends nothing."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        name = connection.dialect.identifier_preparer.quote(engine.url.database or "")
        connection.execute(text("SET default_transaction_read_only = off"))
        try:
            connection.execute(text(f"ALTER DATABASE {name} {change}"))
        except ProgrammingError as error:
            raise BackupError(f"DATABASE_URL: its user must own the database {name}") from error


def _writable(engine: Engine, settings: Settings) -> Engine:
    url = database_url(engine.url.render_as_string(hide_password=False))
    whole = _with_writing(url).render_as_string(hide_password=False)
    return make_engine(whole, settings.cell, pool_size=1, name="khaibao restore", patience=None)


def _with_writing(url: URL) -> URL:
    """`url` for us, who write while nobody else may. Not by PGOPTIONS: a URL with options of its own hides them."""
    given = url.query.get("options", "")
    options = f"{given if isinstance(given, str) else ' '.join(given)} {_WRITABLE}".strip()
    return url.update_query_dict({"options": options})


def _written(manifest: Manifest) -> bytes:
    return orjson.dumps({"format": _FORMAT, **{name: getattr(manifest, name) for name in Manifest.__slots__}})


def _read(data: bytes) -> Manifest:
    said = orjson.loads(data)
    if said["format"] != _FORMAT:
        raise BackupError("the backup was made by a newer KhaiBao: restore it with that")
    return Manifest(datetime.fromisoformat(said["made_at"]), said["server"], said["cell"], said["demo"])


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    try:
        with path.open("rb") as file:
            yield file
    except OSError as error:
        raise BackupError(f"{path} cannot be read ({error.strerror})") from error
