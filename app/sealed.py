"""A file that only DATA_KEY opens, and that is whole or nothing: sealed piece by piece while it is written.

    KHAIBAO BACKUP 1\\n, 16 bytes of salt, then pieces: 1 byte (1 for the last), 4 bytes length, AES-256-GCM

The key is HKDF-SHA256 of a DATA_KEY and the salt. A piece's number is its nonce, and is signed with the mark of the
last one: pieces that are missing, changed, swapped or added at the end are noticed. Memory: a few megabytes.
"""

from __future__ import annotations

import os
import struct
from base64 import urlsafe_b64decode
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import BinaryIO, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.errors import BackupError

PIECE: Final = 1 << 20
"""Bytes of what is sealed in each piece but the last."""

_MAGIC: Final = b"KHAIBAO BACKUP 1\n"
_SALT: Final = 16
_HEAD: Final = struct.Struct(">BI")
_TAG: Final = 16


class Sealing:
    """Writes into `file`. Leaving the block without a fault writes the last piece; a file without it does not open."""

    def __init__(self, file: BinaryIO, key: str) -> None:
        salt = os.urandom(_SALT)
        file.write(_MAGIC + salt)
        self._file = file
        self._cipher = _cipher(key, salt)
        self._number = 0
        self._rest = b""

    def __enter__(self) -> Sealing:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if kind is None:
            self._put(self._rest, last=True)

    def piece(self, data: bytes) -> None:
        """A piece of its own, however short; at most `PIECE` bytes."""
        self._put(data, last=False)

    def write(self, data: bytes) -> None:
        """More of a stream, cut into pieces."""
        self._rest += data
        while len(self._rest) >= PIECE:
            head, self._rest = self._rest[:PIECE], self._rest[PIECE:]
            self._put(head, last=False)

    def _put(self, data: bytes, *, last: bool) -> None:
        sealed = self._cipher.encrypt(_nonce(self._number), data, _signed(self._number, last))
        self._file.write(_HEAD.pack(last, len(sealed)) + sealed)
        self._number += 1


def pieces(file: BinaryIO, keys: Sequence[str]) -> Iterator[bytes]:
    """What was sealed, piece by piece, from the file's beginning. Raises BackupError when it is not ours or not whole:
    what came before that is not to be used.
    """
    if _exactly(file, len(_MAGIC)) != _MAGIC:
        raise BackupError("this is no backup of ours")
    salt = _exactly(file, _SALT)
    ciphers = [_cipher(key, salt) for key in keys]
    number, last = 0, False
    while not last:
        mark, length = _HEAD.unpack(_exactly(file, _HEAD.size))
        last = bool(mark)
        if length > PIECE + _TAG:
            raise BackupError("the backup is damaged: it cannot be used")
        data, cipher = _open(ciphers, number, last, _exactly(file, length))
        ciphers = [cipher]
        number += 1
        yield data
    if file.read(1):
        raise BackupError("the backup is damaged: something follows its end")


def _open(ciphers: Sequence[AESGCM], number: int, last: bool, sealed: bytes) -> tuple[bytes, AESGCM]:
    for cipher in ciphers:
        try:
            return cipher.decrypt(_nonce(number), sealed, _signed(number, last)), cipher
        except InvalidTag:
            continue
    if number == 0:
        raise BackupError("DATA_KEY: the backup was made under another one, or is damaged")
    raise BackupError("the backup is damaged: it cannot be used")


def _exactly(file: BinaryIO, length: int) -> bytes:
    data = file.read(length)
    if len(data) != length:
        raise BackupError("the backup is cut short: it cannot be used")
    return data


def _cipher(key: str, salt: bytes) -> AESGCM:
    return AESGCM(HKDF(SHA256(), 32, salt, _MAGIC).derive(urlsafe_b64decode(key)))


def _nonce(number: int) -> bytes:
    return struct.pack(">IQ", 0, number)


def _signed(number: int, last: bool) -> bytes:
    return struct.pack(">BQ", last, number)
