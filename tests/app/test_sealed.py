"""The sealed file: it opens whole, under its key, or not at all."""

from __future__ import annotations

import io
import struct

import pytest
from cryptography.fernet import Fernet

from app.errors import BackupError
from app.sealed import PIECE, Sealing, pieces

KEY, OTHER = Fernet.generate_key().decode(), Fernet.generate_key().decode()
HEAD = 17 + 16
WORDS = b"Nguyen Thi Lan +84900000001 "


def sealed(data: bytes, key: str = KEY) -> bytes:
    file = io.BytesIO()
    with Sealing(file, key) as sealing:
        sealing.piece(b"manifest")
        for start in range(0, len(data), 100_000):
            sealing.write(data[start : start + 100_000])
    return file.getvalue()


def opened(file: bytes, *keys: str) -> bytes:
    return b"".join(pieces(io.BytesIO(file), keys or (KEY,)))


def parts(file: bytes) -> list[bytes]:
    """Its pieces, as they lie in the file."""
    found, at = [], HEAD
    while at < len(file):
        _, length = struct.unpack_from(">BI", file, at)
        found.append(file[at : at + 5 + length])
        at += 5 + length
    return found


@pytest.mark.parametrize("length", [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE])
def test_what_was_sealed_comes_out(length: int) -> None:
    data = (WORDS * (length // len(WORDS) + 1))[:length]
    assert opened(sealed(data)) == b"manifest" + data


def test_nothing_of_it_can_be_read() -> None:
    assert b"Nguyen" not in sealed(WORDS * 1000)
    assert sealed(WORDS) != sealed(WORDS), "two backups of the same say nothing about each other"


def test_an_older_key_opens_what_it_sealed() -> None:
    assert opened(sealed(b"x", OTHER), KEY, OTHER) == b"manifestx"


def test_another_key_does_not() -> None:
    with pytest.raises(BackupError, match="DATA_KEY"):
        opened(sealed(b"x"), OTHER)


@pytest.mark.parametrize("file", [b"", b"PGDMP" + bytes(100)])
def test_another_file_is_not_ours(file: bytes) -> None:
    with pytest.raises(BackupError):
        opened(file)


def test_cut_short_anywhere_it_does_not_open() -> None:
    whole = sealed(WORDS * 20)
    for end in range(len(whole)):
        with pytest.raises(BackupError):
            opened(whole[:end])


def test_a_single_changed_bit_is_noticed() -> None:
    whole = sealed(WORDS)
    for at in range(len(whole)):
        with pytest.raises(BackupError):
            opened(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])


def test_pieces_in_another_order_left_out_or_added_are_noticed() -> None:
    whole = sealed(bytes(3 * PIECE))
    head, (first, a, b, c, last) = whole[:HEAD], parts(whole)
    assert opened(b"".join([head, first, a, b, c, last]))
    for wrong in ([first, b, a, c, last], [first, a, c, last], [first, a, b, c], [first, a, b, c, last, last]):
        with pytest.raises(BackupError):
            opened(head + b"".join(wrong))


def test_a_piece_of_another_backup_does_not_fit() -> None:
    one, two = sealed(b"x"), sealed(b"y")
    with pytest.raises(BackupError):
        opened(one[:HEAD] + parts(one)[0] + parts(two)[1])
