"""Passwords: argon2id with the library's parameters (RFC 9106, low memory: 64 MiB, 3 passes, 4 lanes)."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

LEAST, MOST = 8, 200
"""Characters of a password (NIST SP 800-63B: at least 8, no rules of composition)."""

_HASHER = PasswordHasher()
_ROOM = BoundedSemaphore(2)  # hashes at a time: a flood of guesses takes 128 MiB, not 64 MiB a thread
_PATIENCE = 0.5  # seconds to wait for room: threads that stand in line answer no webhook


class Busy(Exception):
    """Too many passwords are looked at just now."""


@contextmanager
def room() -> Iterator[None]:
    """Around whatever hashes. Raises Busy."""
    if not _ROOM.acquire(timeout=_PATIENCE):
        raise Busy
    try:
        yield
    finally:
        _ROOM.release()


def hashed(password: str) -> str:
    """What to store: the hash with its salt and parameters. In `room`."""
    return _HASHER.hash(password)


def matches(stored: str | None, password: str) -> bool:
    """Whether it is the password. Without a stored hash it takes the same time and says no. In `room`."""
    try:
        right = _HASHER.verify(stored or _nobodys(), password[: MOST + 1])
    except (VerificationError, InvalidHashError):
        return False
    return right and stored is not None


def outdated(stored: str) -> bool:
    """Whether the parameters changed since this hash was made."""
    return _HASHER.check_needs_rehash(stored)


@cache
def _nobodys() -> str:
    return _HASHER.hash(secrets.token_urlsafe())
