"""Our own PostgreSQL: data stay, the last user stops it, and what prevents a start is said."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from app.embedded import EmbeddedError, embedded


@pytest.fixture
def folder() -> Iterator[Path]:
    """Not `tmp_path`: each start of pytest shuts its parent to other users, and as root the server is one."""
    with tempfile.TemporaryDirectory(prefix="khaibao-") as name:
        yield Path(name)


def ask(url: str, statement: str) -> object:
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        cursor = connection.execute(statement.encode())
        row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None


def answers(url: str) -> bool:
    try:
        ask(url, "SELECT 1")
    except psycopg.OperationalError:
        return False
    return True


@pytest.mark.slow
def test_data_stay_from_one_start_to_the_next(folder: Path) -> None:
    with embedded(folder, durable=False) as url:
        ask(url, "CREATE TABLE kept AS SELECT 42 AS value")
    assert not answers(url)

    with embedded(folder, durable=False) as url:
        assert ask(url, "SELECT value FROM kept") == 42


def test_it_speaks_utf_8_and_tells_time_in_utc(folder: Path) -> None:
    with embedded(folder, durable=False) as url:
        assert ask(url, "SELECT datlocale || ' ' || pg_encoding_to_char(encoding) FROM pg_database LIMIT 1") == (
            "C.UTF-8 UTF8"
        )
        assert ask(url, "SELECT upper('đậu')") == "ĐẬU"
        assert ask(url, "SHOW timezone") == "UTC"


def test_it_listens_on_no_port_and_only_its_owner_reaches_it(folder: Path) -> None:
    with embedded(folder, durable=False) as url:
        assert ask(url, "SHOW listen_addresses") == ""
        assert (folder / "postgres").stat().st_mode & 0o777 == 0o700


def test_it_keeps_data_over_a_power_cut_unless_told_otherwise(folder: Path) -> None:
    with embedded(folder) as url:
        assert [ask(url, f"SHOW {name}") for name in ("fsync", "synchronous_commit", "full_page_writes")] == ["on"] * 3


def test_only_the_last_user_stops_it(folder: Path) -> None:
    with embedded(folder, durable=False) as first:
        with embedded(folder, durable=False) as second:
            assert first == second
        assert answers(first)
    assert not answers(first)


def test_a_killed_user_neither_keeps_it_running_nor_takes_it_away(folder: Path) -> None:
    code = (
        f"import sys, time; from pathlib import Path; from app.embedded import embedded\n"
        f"with embedded(Path({str(folder)!r}), durable=False): print('up', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        other.stdout.readline()
        with embedded(folder, durable=False) as url:
            other.send_signal(signal.SIGKILL)
            other.wait()
            assert answers(url)
    assert not answers(url)


@pytest.mark.slow
def test_a_forked_child_that_ends_leaves_it_running(folder: Path) -> None:
    with pytest.MonkeyPatch.context() as patch, embedded(folder, durable=False) as url:
        with embedded(folder, durable=False):
            patch.setattr(os, "getpid", lambda: -1)
        patch.undo()
        assert answers(url)


@pytest.mark.slow
def test_it_comes_back_with_its_data_after_it_was_killed(folder: Path) -> None:
    with embedded(folder) as url:
        ask(url, "CREATE TABLE kept AS SELECT 42 AS value")
        postmaster = int((folder / "postgres" / "postmaster.pid").read_text().splitlines()[0])
        os.kill(postmaster, signal.SIGKILL)
        _until_gone(url)

    with embedded(folder) as url:
        assert ask(url, "SELECT value FROM kept") == 42


def test_an_interrupted_creation_is_begun_anew(folder: Path) -> None:
    half = folder / "postgres.new"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")

    with embedded(folder, durable=False) as url:
        assert answers(url)
    assert not half.exists()


def test_a_path_too_long_for_a_socket_gets_a_short_one_elsewhere(folder: Path) -> None:
    long = folder / ("x" * 100)

    with embedded(long, durable=False) as url:
        assert answers(url)
        assert str(long) not in url


def test_no_room_for_any_socket_is_said(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.embedded._SOCKET_LIMIT", 10)

    with pytest.raises(EmbeddedError, match=r"too long a path.*VAR_DIR"), embedded(folder):
        pass


def test_a_folder_that_cannot_be_written_is_said(folder: Path) -> None:
    (folder / "file").touch()

    told = pytest.raises(EmbeddedError, match=r"cannot write in .*file.*VAR_DIR or DATABASE_URL")
    with told, embedded(folder / "file" / "var"):
        pass


def test_data_of_an_unknown_version_are_left_alone(folder: Path) -> None:
    (folder / "postgres").mkdir()
    (folder / "postgres" / "PG_VERSION").write_text("9\n")

    with pytest.raises(EmbeddedError, match="made by PostgreSQL 9"), embedded(folder):
        pass


@pytest.mark.slow
def test_a_start_that_fails_tells_what_postgresql_said(folder: Path) -> None:
    with embedded(folder, durable=False):
        pass
    with (folder / "postgres" / "postgresql.conf").open("a") as configuration:
        configuration.write("no_such_setting = 1\n")

    with pytest.raises(EmbeddedError, match=r"does not start: .+"), embedded(folder, durable=False):
        pass


def _until_gone(url: str) -> None:
    deadline = time.monotonic() + 10
    while answers(url) and time.monotonic() < deadline:
        time.sleep(0.05)
