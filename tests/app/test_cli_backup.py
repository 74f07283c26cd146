"""Backup and restore: everything in one file, and what is sent again afterwards, counted at a sink."""

from __future__ import annotations

import stat
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest
from click.testing import CliRunner, Result
from cryptography.fernet import Fernet
from psycopg import sql
from sqlalchemy import Engine, func, make_url, select, text

from app import backup as files
from app.cli import main
from app.errors import BackupError, DatabaseUnreachable
from app.restored import calm
from app.sealed import Sealing
from app.settings import Settings
from core.care.receipt_code import ReceiptCodes
from core.database.engine import make_engine
from core.database.shared import units as units_table
from core.database.tables import outbox, persons
from core.messaging.channel import MessageKind
from core.metrics import BACKUP
from core.secrets import Vault
from sms.kannel.config import KannelConfig
from tests.app.test_worker import wait_for, work
from tests.conftest import CELL
from tests.core.forwarding.cast import LOOPBACK, STATION
from tests.core.forwarding.cast import Cast as Units
from tests.core.forwarding.receiver import Receiver, running
from tests.core.messaging.line import Line
from tests.fakes.kannel import PASSWORD, USER, FakeKannel, fake_kannel

KINDS = (MessageKind.DANGER, MessageKind.QUESTION, MessageKind.RECEIPT, MessageKind.INFO, MessageKind.REMINDER)

pytestmark = pytest.mark.usefixtures("no_quiet_hours")


@pytest.fixture
def kannel() -> Iterator[FakeKannel]:
    with fake_kannel() as running_:
        yield running_


@pytest.fixture
def unit() -> Iterator[Receiver]:
    with running() as receiver:
        yield receiver


@pytest.fixture
def busy(settings: Settings, kannel: FakeKannel) -> Settings:
    """An installation with a channel and a unit's system on this machine."""
    channel = KannelConfig(kannel.url, USER, PASSWORD, "a-made-up-secret-of-kannel", "8000", "http://127.0.0.1:8000")
    return replace(settings, channels=(channel,), forward_networks=LOOPBACK)


@pytest.fixture
def elsewhere(busy: Settings, empty_database: str) -> Iterator[tuple[Settings, Engine]]:
    """An empty database to restore into."""
    engine = make_engine(empty_database, CELL)
    yield replace(busy, database_url=empty_database), engine
    engine.dispose()


def put(line: Line, kind: MessageKind, number: int, words: str = "") -> UUID:
    now = datetime.now(UTC) - timedelta(minutes=1)
    times = {"created_at": now, "due_at": now, "expires_at": now + timedelta(hours=1)}
    return line.put(kind, f"+8490000{number:04d}", channel="kannel", text=words or kind.value, **times)


def put_all(line: Line) -> None:
    """One of every kind, one under way, one too late."""
    for n, kind in enumerate(KINDS):
        put(line, kind, n)
    sending = put(line, MessageKind.QUESTION, 50, "under way")
    line.put(MessageKind.QUESTION, "+84900000099", channel="kannel", text="too late")
    with line.engine.begin() as connection:
        held = {"held": uuid4(), "id": sending}
        connection.execute(
            text(f"UPDATE {CELL}.outbox SET status = 'sending', lease = :held, lease_until = now() WHERE id = :id"),
            held,
        )


def drained(engine: Engine) -> bool:
    """Nothing waits; nobody waits for reports, which this Kannel does not bring."""
    with engine.begin() as connection:
        now = text(f"UPDATE {CELL}.outbox SET due_at = now() WHERE status = 'queued' AND error = 'lapsed'")
        connection.execute(now)
    open_ = outbox.c.status.in_(["queued", "sending"])
    with engine.connect() as connection:
        waiting = connection.scalar(select(func.count()).select_from(outbox).where(open_))
        pending = connection.scalar(text(f"SELECT count(*) FROM {CELL}.forwards WHERE status = 'pending'"))
    return waiting == 0 and pending == 0


def run_dry(settings: Settings, engine: Engine) -> None:
    """A worker, until nothing waits."""
    work(settings, engine, lambda: wait_for(lambda: drained(engine), 30), patience=40)


@pytest.mark.slow
def test_what_is_sent_again_and_what_is_lost(
    busy: Settings,
    engine: Engine,
    elsewhere: tuple[Settings, Engine],
    kannel: FakeKannel,
    unit: Receiver,
    tmp_path: Path,
) -> None:
    line, file = Line(engine), tmp_path / "backup"
    province = Units(engine, Vault(busy.data_keys), now=datetime.now(UTC)).settle_in()
    province.destination(STATION, unit.url)
    someone = province.person()
    province.checkins(someone, 2)
    for n, kind in enumerate(KINDS):
        put(line, kind, n)
    sending = put(line, MessageKind.QUESTION, 50, "under way")
    line.put(MessageKind.QUESTION, "+84900000099", channel="kannel", text="too late")
    with engine.begin() as connection:
        held = {"held": uuid4(), "id": sending}
        connection.execute(
            text(f"UPDATE {CELL}.outbox SET status = 'sending', lease = :held, lease_until = now() WHERE id = :id"),
            held,
        )
    told = ReceiptCodes(engine).next()

    files.backup(engine, busy, file)
    run_dry(busy, engine)
    put(line, MessageKind.RECEIPT, 60, "after the backup")
    province.checkins(someone, 1)
    lost = {ReceiptCodes(engine).next() for _ in range(3)}
    run_dry(busy, engine)
    before = Counter(each.text for each in kannel.taken)
    assert before == Counter([*(kind.value for kind in KINDS), "under way", "after the backup"])
    assert unit.sequences(someone) == [1, 2, 3]

    other, restored = elsewhere
    found = files.restore(restored, other, file, stood_still=False)
    assert (found.again, found.unknown, found.forwards) == (3, 4, 2)
    run_dry(other, restored)
    again = Counter(each.text for each in kannel.taken) - before
    assert again == Counter(["danger", "question", "under way"]), "no receipt, no news, no reminder, nothing too late"
    assert unit.sequences(someone) == [1, 2, 3, 1, 2]
    assert len(unit.distinct()) == 3, "what units get again comes under its old id"

    look_at_the_restored(restored)
    assert ReceiptCodes(restored).next() not in {told, *lost}


def look_at_the_restored(restored: Engine) -> None:
    with restored.connect() as connection:
        states = connection.execute(select(outbox.c.kind, outbox.c.status).where(outbox.c.error == "restored")).all()
        (sequence,) = connection.scalars(select(persons.c.forward_seq))
    assert {kind for kind, _ in states} == {"receipt", "info", "reminder", "question"}
    assert {status for _, status in states} == {"unknown"}
    assert sequence > 3, "a unit's system does not take the next record for one that it has seen"


@pytest.mark.slow
def test_after_a_move_everything_that_waited_is_sent(
    busy: Settings, engine: Engine, elsewhere: tuple[Settings, Engine], kannel: FakeKannel, tmp_path: Path
) -> None:
    line, file = Line(engine), tmp_path / "backup"
    for n, kind in enumerate(KINDS):
        put(line, kind, n)
    files.backup(engine, busy, file)
    other, restored = elsewhere
    found = files.restore(restored, other, file, stood_still=True)
    assert (found.again, found.unknown) == (len(KINDS), 0)
    run_dry(other, restored)
    assert Counter(each.text for each in kannel.taken) == Counter(kind.value for kind in KINDS)


@pytest.mark.slow
def test_by_the_commands(
    environ: dict[str, str],
    settings: Settings,
    empty_database: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("app.cli_backup.begin", lambda _var_dir: None)  # this process goes on with other tests
    file, key = tmp_path / "backup", {"DATA_KEY": settings.data_keys[0]}
    made = khaibao(["backup", str(file)], environ | key)
    assert made.exit_code == 0, made.output
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.glob("backup*")] == ["backup"]

    assert time.time() - BACKUP.labels("database")._value.get() < 30

    checked = khaibao(["restore", "--check", str(file)], environ | key)
    assert "whole; made" in checked.output
    full = khaibao(["restore", str(file)], environ | key)
    assert (full.exit_code, "the database holds something" in full.stderr) == (2, True)
    there = environ | key | {"DATABASE_URL": empty_database}
    stranger = khaibao(["restore", str(file)], there | {"DATA_KEY": Fernet.generate_key().decode()})
    assert (stranger.exit_code, "DATA_KEY" in stranger.stderr) == (2, True)
    other_cell = khaibao(["restore", str(file)], there | {"CELL": "cell_other"})
    assert "CELL: the backup is of cell_test" in other_cell.stderr

    restored = khaibao(["restore", str(file)], there)
    assert restored.exit_code == 0, restored.output
    assert "restored as of" in restored.output
    engine = make_engine(empty_database, CELL)
    with engine.begin() as connection:
        assert (connection.scalar(select(func.count()).select_from(units_table)) or 0) > 3000
        connection.execute(text(f"DELETE FROM {CELL}.outbox"))
    engine.dispose()


@pytest.mark.slow
def test_it_is_restored_by_a_url_with_options_of_its_own(
    settings: Settings, engine: Engine, empty_database: str, tmp_path: Path
) -> None:
    put(Line(engine), MessageKind.DANGER, 1)
    file = tmp_path / "backup"
    files.backup(engine, settings, file)
    url = make_url(empty_database).update_query_dict({"options": "-c work_mem=8MB"})
    there = make_engine(url.render_as_string(hide_password=False), CELL)
    found = files.restore(there, settings, file, stood_still=False)
    there.dispose()
    assert found.again == 1


@pytest.mark.slow
def test_what_is_half_restored_lets_nobody_write(
    busy: Settings,
    engine: Engine,
    elsewhere: tuple[Settings, Engine],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    put(Line(engine), MessageKind.DANGER, 1)
    file = tmp_path / "backup"
    files.backup(engine, busy, file)
    other, restored = elsewhere

    def dies(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken, pytest.raises(KeyboardInterrupt):
        broken.setattr(files, "calm", dies)
        files.restore(restored, other, file, stood_still=False)
    restored.dispose()
    with restored.begin() as connection, pytest.raises(Exception, match="read-only"):
        connection.execute(text(f"UPDATE {CELL}.outbox SET status = 'sending'"))
    with pytest.raises(BackupError, match="holds something"):
        files.restore(restored, other, file, stood_still=False)


def test_to_calm_a_large_database_may_take_long(engine: Engine) -> None:
    with engine.begin() as connection:
        calm(connection, CELL, datetime.now(UTC), stood_still=False)
        assert connection.scalar(text("SHOW statement_timeout")) == "0"


def test_a_damaged_file_leaves_the_database_alone(settings: Settings, empty_database: str, tmp_path: Path) -> None:
    file = tmp_path / "backup"
    file.write_bytes(b"KHAIBAO BACKUP 1\n" + bytes(100))
    engine = make_engine(empty_database, CELL)
    with pytest.raises(BackupError):
        files.restore(engine, settings, file, stood_still=False)
    with engine.connect() as connection:
        assert connection.scalar(text("SHOW default_transaction_read_only")) == "off"
        assert connection.scalar(text("SELECT count(*) FROM pg_tables WHERE schemaname = 'shared'")) == 0
    engine.dispose()


def test_a_user_who_does_not_own_the_database_is_told_before_anything_happens(
    settings: Settings, engine: Engine, empty_database: str, admin: psycopg.Connection, tmp_path: Path
) -> None:
    file, name = tmp_path / "backup", f"guest_{uuid4().hex[:8]}"
    with Sealing(file.open("wb"), settings.data_keys[0]) as sealing:
        sealing.piece(files._written(files.Manifest(datetime.now(UTC), 18, CELL, demo=True)))
    sealing._file.close()
    admin.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD 'a word'").format(sql.Identifier(name)))
    guest = make_engine(
        make_url(empty_database).set(username=name, password="a word").render_as_string(hide_password=False), CELL
    )
    try:
        with pytest.raises(BackupError, match="must own the database"):
            files.restore(guest, settings, file, stood_still=False)
    finally:
        guest.dispose()
        admin.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(name)))


def test_a_database_that_is_away_is_told(settings: Settings, tmp_path: Path) -> None:
    away = make_engine("postgresql://nobody@127.0.0.1:9/nothing", CELL)
    with pytest.raises(DatabaseUnreachable, match="does not answer"):
        files.backup(away, settings, tmp_path / "backup")
    away.dispose()
    assert list(tmp_path.glob("backup*")) == []


def test_a_folder_that_cannot_be_written_is_told(settings: Settings, engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="cannot be written"):
        files.backup(engine, settings, tmp_path / "no" / "such" / "folder")


def test_programs_of_the_servers_version_are_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "PROGRAMS", {})
    for version in (9, 99):
        program = tmp_path / str(version) / "pg_dump"
        program.parent.mkdir()
        program.write_text(f"#!/bin/sh\necho 'pg_dump (PostgreSQL) {version}.1'\n")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "99"))
    assert files._program("pg_dump", 98) == tmp_path / "99" / "pg_dump"
    monkeypatch.setenv("PATH", str(tmp_path / "9"))
    with pytest.raises(BackupError, match=r"pg_dump of PostgreSQL 98 is needed in PATH \(found: 9\)"):
        files._program("pg_dump", 98)


def khaibao(arguments: list[str], environ: dict[str, str]) -> Result:
    return CliRunner(env=environ).invoke(main, arguments)
