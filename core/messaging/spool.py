"""The spool: what arrived while the database was away, kept on this host's disk until it is back.

An entry is a file, encrypted, written as a mailbox in Maildir is: whole in `new/`, fsynced, renamed into one of 256
folders, and that folder fsynced. When `keep` returns, a power cut loses nothing. Several processes of one host share a
spool without asking each other; only who takes entries out holds a lock.

A crash at the worst moment: before the rename there is half a file in `new/`, which nobody reads and `sweep` takes
away, and nothing was acknowledged; after it the entry is there. Whoever takes entries out commits them first and
removes them then, so a crash in between hands them in twice: whatever is kept here has to be safe to hand in twice.

The name of a file holds a time-ordered id and a keyed hash of whose it is: no number, and entries of one address are
found without opening any. A file that cannot be opened or read is put into `aside/`, where it blocks nobody.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import re
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final
from uuid import uuid4

from uuid_utils import uuid7

from core.disk import sync_folder
from core.secrets import SealedError, Vault

_BUCKETS: Final = tuple(f"{n:02x}" for n in range(256))
_NAME = re.compile(r"[0-9a-f]{16}\.[0-9a-f]{32}")
_BLOCK: Final = 4096  # bytes that the smallest file takes
_ROOM: Final = 1_000_000  # bytes that have to be free on the disk
_LOOK: Final = 1.0  # seconds for which a measured size is believed
_HALF: Final = 3600.0  # seconds after which a half-written file is nobody's


class SpoolFull(Exception):
    """Nothing more can be kept here: the limit is reached, or the disk refuses. The message names which."""


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """One file of the spool. `id` orders entries by when they were kept; `key` says whose they are."""

    id: str
    key: str

    @property
    def age(self) -> float:
        """Seconds since it was kept, by this host's clock: the id begins with the time in milliseconds (RFC 9562)."""
        return time.time() - int(self.id[:12], 16) / 1000


@dataclass(frozen=True, slots=True)
class Size:
    """What is kept. `oldest` is its age in seconds, 0 without any; `aside` counts what could not be handed in."""

    entries: int = 0
    bytes: int = 0
    oldest: float = 0.0
    aside: int = 0


class Spool:
    """The spool in `folder`, of at most `limit` bytes.

    Raises SealedError if it was written under a DATA_KEY that is not among the vault's, OSError if the folder cannot
    be made.
    """

    def __init__(self, folder: Path, vault: Vault, limit: int) -> None:
        self._folder = folder
        self._vault = vault
        self._limit = limit
        self._measured = Size()
        self._measured_at = float("-inf")
        self._look = _LOOK
        self._measuring = threading.Lock()
        for name in ("new", "aside", *_BUCKETS):
            (folder / name).mkdir(mode=0o700, parents=True, exist_ok=True)
        self._salt = self._read_salt()
        sync_folder(folder)

    def key(self, channel: str, address: str) -> str:
        """Whose an entry is, as 16 hex digits from which nobody finds the address."""
        return hashlib.blake2b(f"{channel} {address}".encode(), key=self._salt, digest_size=8).hexdigest()

    def keep(self, key: str, content: str) -> Entry:
        """Keep one entry. When it returns, the entry survives a power cut; SpoolFull: it is not kept."""
        sealed = self._vault.encrypt(content)
        made = Entry(uuid7().hex, key)
        name = _named(made)
        half, whole = self._folder / "new" / name, self._path(name)
        try:
            if self.size(fresh=False).bytes + len(sealed) > self._limit:
                raise SpoolFull("the limit is reached")
            _write(half, sealed)
            half.rename(whole)
            sync_folder(whole.parent)
        except OSError as error:
            with suppress(OSError):
                half.unlink(missing_ok=True)
            raise SpoolFull(errno.errorcode.get(error.errno or 0, "OSError")) from error
        known = self._measured
        self._measured = replace(known, entries=known.entries + 1, bytes=known.bytes + _taken(len(sealed)))
        return made

    def holds(self, key: str) -> bool:
        """Whether something of theirs waits here: what comes now belongs behind it."""
        with os.scandir(self._folder / key[:2]) as found:
            return any(entry.name.startswith(key) for entry in found)

    def waiting(self) -> list[Entry]:
        """All entries, oldest first."""
        return sorted(Entry(*reversed(entry.name.split("."))) for entry in self._files())

    def read(self, entry: Entry) -> str | None:
        """What was kept; None if the file is damaged or gone. Raises OSError if the disk does not give it now."""
        try:
            return self._vault.decrypt(self._path(_named(entry)).read_bytes())
        except (FileNotFoundError, SealedError, UnicodeError):
            return None

    def remove(self, entries: Iterable[Entry]) -> None:
        """They are committed elsewhere. Not fsynced: after a power cut some may come once more."""
        for entry in entries:
            self._path(_named(entry)).unlink(missing_ok=True)
        self._measured_at = float("-inf")

    def set_aside(self, entry: Entry, why: str) -> None:
        """It cannot be handed in: an operator looks at it. `why` is a word, which becomes part of the name."""
        target = self._folder / "aside" / f"{_named(entry)}.{why}"
        with suppress(FileNotFoundError):
            self._path(_named(entry)).rename(target)
            sync_folder(target.parent)

    def aside(self) -> list[tuple[Entry, str]]:
        """What was set aside, oldest first, and why."""
        names = [path.name.split(".") for path in (self._folder / "aside").iterdir()]
        return sorted((Entry(id, key), why) for key, id, why in (name for name in names if len(name) == 3))

    def take_back(self, entry: Entry, why: str) -> None:
        """Have an entry that was set aside handed in again."""
        (self._folder / "aside" / f"{_named(entry)}.{why}").rename(self._path(_named(entry)))
        sync_folder(self._folder / entry.key[:2])

    def size(self, *, fresh: bool = True) -> Size:
        """How much is kept; if it need not be fresh, as it was a moment ago and with our own entries
        since."""
        started = time.monotonic()
        if (fresh or started - self._measured_at >= self._look) and self._measuring.acquire(blocking=fresh):
            try:
                self._measured, self._measured_at = self._measure(), time.monotonic()
                self._look = max(_LOOK, 20 * (self._measured_at - started))  # of a long spool, a twentieth of the time
            finally:
                self._measuring.release()
        return self._measured

    def accepts(self) -> bool:
        """Whether something could be kept now."""
        try:
            disk = os.statvfs(self._folder)
        except OSError:
            return False
        free = disk.f_bavail * disk.f_frsize
        writable = os.access(self._folder / "new", os.W_OK)
        return writable and free > _ROOM and self.size(fresh=False).bytes + _BLOCK <= self._limit

    def sweep(self) -> None:
        """Take away what a crash left half-written. Only for who is alone."""
        for path in (self._folder / "new").iterdir():
            with suppress(OSError):
                if time.time() - path.stat().st_mtime > _HALF:
                    path.unlink()

    @contextmanager
    def alone(self) -> Iterator[bool]:
        """Whether we may take entries out: one process of this host at a time. A process that ends lets go."""
        with (self._folder / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True

    def _measure(self) -> Size:
        count, taken, oldest = 0, 0, time.time()
        for entry in self._files():
            with suppress(FileNotFoundError):  # handed in meanwhile
                stat = entry.stat()
                count, taken, oldest = count + 1, taken + _taken(stat.st_size), min(oldest, stat.st_mtime)
        aside = sum(1 for _ in (self._folder / "aside").iterdir())
        return Size(count, taken, max(0.0, time.time() - oldest) if count else 0.0, aside)

    def _files(self) -> Iterator[os.DirEntry[str]]:
        for bucket in _BUCKETS:
            with os.scandir(self._folder / bucket) as found:
                yield from (entry for entry in found if _NAME.fullmatch(entry.name))

    def _path(self, name: str) -> Path:
        return self._folder / name[:2] / name

    def _read_salt(self) -> bytes:
        """Of the keyed hash: made once, the same for all processes, encrypted like everything here; at each start under
        the newest key, so that older ones can be given up."""
        path, fresh = self._folder / "salt", self._folder / "new" / f"salt.{os.getpid()}.{uuid4().hex}"
        if not path.exists():
            _write(fresh, self._vault.encrypt(uuid4().hex))
            with suppress(FileExistsError):
                path.hardlink_to(fresh)
            fresh.unlink()
        salt = self._vault.decrypt(path.read_bytes())
        _write(fresh, self._vault.encrypt(salt))
        fresh.rename(path)
        return salt.encode()


def _named(entry: Entry) -> str:
    return f"{entry.key}.{entry.id}"


def _taken(length: int) -> int:
    return -(-length // _BLOCK) * _BLOCK


def _write(path: Path, content: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
