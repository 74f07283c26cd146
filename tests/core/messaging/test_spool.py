"""The spool: what is kept on disk, in whose order, and what becomes of it when something is broken."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from core.messaging.spool import Spool, SpoolFull
from core.secrets import SealedError, Vault

KEY = Fernet.generate_key().decode()
PLENTY = 100_000_000
PHONE = "+84900000001"


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return opened(tmp_path)


def opened(folder: Path, limit: int = PLENTY, *keys: str) -> Spool:
    return Spool(folder / "spool", Vault(keys or (KEY,)), limit)


def files(folder: Path) -> list[Path]:
    return [path for path in (folder / "spool").rglob("*.*") if path.is_file()]


def test_it_keeps_in_order_and_gives_back(spool: Spool) -> None:
    key = spool.key("kannel", PHONE)
    for n in range(300):
        spool.keep(key, f"lời thứ {n}")

    assert [spool.read(entry) for entry in spool.waiting()] == [f"lời thứ {n}" for n in range(300)]


def test_another_process_sees_the_same(spool: Spool, tmp_path: Path) -> None:
    spool.keep(spool.key("kannel", PHONE), "sot")
    other = opened(tmp_path)

    assert other.holds(other.key("kannel", PHONE))
    assert not other.holds(other.key("twilio", PHONE))
    assert [other.read(entry) for entry in other.waiting()] == ["sot"]


def test_what_is_removed_holds_nobody_back(spool: Spool) -> None:
    key = spool.key("kannel", PHONE)
    entry = spool.keep(key, "sot")
    spool.remove([entry])
    spool.remove([entry])

    assert not spool.holds(key)
    assert spool.waiting() == []
    assert spool.size().entries == 0


def test_neither_a_number_nor_a_word_is_on_the_disk(spool: Spool, tmp_path: Path) -> None:
    spool.keep(spool.key("kannel", PHONE), f"{PHONE} kho tho qua")

    for path in files(tmp_path):
        written = path.read_bytes() + path.name.encode()
        assert b"900000001" not in written
        assert b"kho tho" not in written
        assert path.stat().st_mode & 0o077 == 0


def test_what_is_damaged_is_set_aside_and_the_rest_goes_on(spool: Spool) -> None:
    key = spool.key("kannel", PHONE)
    first, second = spool.keep(key, "sot"), spool.keep(key, "ho")
    path = spool._path(f"{first.key}.{first.id}")
    path.write_bytes(path.read_bytes()[:-7])

    assert spool.read(first) is None
    spool.set_aside(first, "unreadable")
    assert spool.waiting() == [second]
    assert spool.aside() == [(first, "unreadable")]
    assert (spool.size().entries, spool.size().aside) == (1, 1)


def test_what_was_set_aside_can_be_taken_back(spool: Spool) -> None:
    entry = spool.keep(spool.key("kannel", PHONE), "sot")
    spool.set_aside(entry, "refused")
    spool.take_back(entry, "refused")

    assert spool.read(spool.waiting()[0]) == "sot"
    assert spool.aside() == []


def test_a_half_written_file_is_nobodys_and_goes(spool: Spool, tmp_path: Path) -> None:
    half = tmp_path / "spool/new/0123456789abcdef.0123456789abcdef0123456789abcdef"
    half.write_bytes(b"half")
    spool.sweep()
    assert half.exists()  # it may be somebody's who writes just now
    os.utime(half, (0, 0))
    spool.sweep()

    assert not half.exists()
    assert spool.waiting() == []


def test_above_its_limit_it_keeps_nothing_more_and_says_so(tmp_path: Path) -> None:
    spool = opened(tmp_path, limit=3 * 4096)
    key = spool.key("kannel", PHONE)
    kept = [spool.keep(key, "sot") for _ in range(3)]

    assert not spool.accepts()
    with pytest.raises(SpoolFull, match="limit"):
        spool.keep(key, "ho")
    spool.remove(kept[:1])
    assert spool.accepts()
    spool.keep(key, "ho")


def test_a_disk_that_refuses_is_told_and_leaves_nothing_behind(tmp_path: Path) -> None:
    """A process that may write no file above 100 bytes, as on a full disk: the kernel refuses in the middle."""
    opened(tmp_path)
    program = (
        "import resource, signal, sys; from pathlib import Path\n"
        "from core.messaging.spool import Spool, SpoolFull; from core.secrets import Vault\n"
        "spool = Spool(Path(sys.argv[1]), Vault([sys.argv[2]]), 1_000_000)\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))\n"
        "try: spool.keep(spool.key('kannel', '1'), 'sot ' * 100)\n"
        "except SpoolFull as full: print(full)\n"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "spool"), KEY]
    told = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)

    assert told.stdout == "EFBIG\n"
    assert opened(tmp_path).waiting() == []
    assert list((tmp_path / "spool/new").iterdir()) == []


def test_one_process_at_a_time_takes_entries_out(spool: Spool, tmp_path: Path) -> None:
    with spool.alone() as first, opened(tmp_path).alone() as second:
        assert (first, second) == (True, False)
    with opened(tmp_path).alone() as again:
        assert again


def test_with_a_new_key_in_front_it_is_still_the_same_spool(spool: Spool, tmp_path: Path) -> None:
    spool.keep(spool.key("kannel", PHONE), "sot")
    rotated = opened(tmp_path, PLENTY, Fernet.generate_key().decode(), KEY)

    assert rotated.holds(rotated.key("kannel", PHONE))
    assert rotated.read(rotated.waiting()[0]) == "sot"
    with pytest.raises(SealedError):
        opened(tmp_path, PLENTY, Fernet.generate_key().decode())


def test_an_older_key_can_be_given_up_once_a_newer_one_was_in_front(spool: Spool, tmp_path: Path) -> None:
    newer = Fernet.generate_key().decode()
    key = spool.key("kannel", PHONE)
    opened(tmp_path, PLENTY, newer, KEY)

    assert opened(tmp_path, PLENTY, newer).key("kannel", PHONE) == key


def test_a_disk_that_does_not_give_a_file_now_is_not_taken_for_a_damaged_file(
    spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = spool.keep(spool.key("kannel", PHONE), "sot")
    with monkeypatch.context() as disturbed, pytest.raises(OSError, match="Too many"):
        disturbed.setattr(Path, "read_bytes", full)
        spool.read(entry)

    assert spool.read(entry) == "sot"


def full(_: Path) -> bytes:
    raise OSError(24, "Too many open files")


def test_an_entry_tells_its_age(spool: Spool) -> None:
    assert 0 <= spool.keep(spool.key("kannel", PHONE), "sot").age < 60
