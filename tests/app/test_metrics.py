"""/metrics: what waits and what was done, in numbers, for who may read it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from prometheus_client.mmap_dict import MmapedDict
from sqlalchemy import Connection, Engine, func, insert, text

from app.clock_lock import take
from app.metrics import process
from app.metrics.database import READINGS, Database, Look
from app.settings import Settings
from app.web import create_app
from core.clock import VIETNAM, Clock
from core.database.engine import make_engine
from core.database.shared import channel_states, channel_tokens
from core.database.tables import contacts, inbox, outbox, spending
from tests.app.test_worker import put as put_due
from tests.app.test_worker import wait_for
from tests.conftest import CELL
from tests.core.database.test_plans import plans
from tests.core.forwarding.cast import STATION
from tests.core.forwarding.cast import Cast as Units
from tests.core.messaging.line import Line

NOW = datetime.now(UTC)
HEARING = ("outbox_asked_idx", "inbox_heard_idx")
ADDRESS = {"channel": "phone", "address": "+84900000001"}


def put(connection: Connection, *statuses: str, **values: object) -> None:
    """Messages to somebody, one a status, each a minute older than the one before."""
    contact = uuid4()
    connection.execute(insert(contacts).values(id=contact, seen_at=NOW, **ADDRESS))
    for seq, status in enumerate(statuses, start=1):
        row = {"id": uuid4(), "contact_id": contact, "seq": seq, "kind": "info", "priority": 1, "text": "?"}
        times = {"created_at": NOW - timedelta(minutes=seq), "due_at": NOW, "expires_at": NOW}
        connection.execute(insert(outbox).values(**row, **times, **ADDRESS, parts=1, status=status, **values))


def look(settings: Settings, engine: Engine, **asked: object) -> str:
    return create_app(settings, engine).test_client().get("/metrics", **asked).get_data(as_text=True)


@pytest.fixture
def line(engine: Engine) -> Line:
    return Line(engine)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def values(said: str) -> Mapping[str, float]:
    lines = (line.rsplit(" ", 1) for line in said.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, value in lines}


def test_what_waits_is_counted_and_aged_by_channel(engine: Engine, settings: Settings) -> None:
    begun = datetime.now(UTC)
    with engine.begin() as connection:
        put(connection, "queued", "queued", "sent")
    said = look(settings, engine)
    found = values(said)
    assert found['khaibao_outbox_waiting{of="phone"}'] == 2
    oldest = begun - (NOW - timedelta(minutes=2))
    assert oldest.total_seconds() <= found['khaibao_outbox_oldest_seconds{of="phone"}']
    assert found["khaibao_database_up"] == 1
    assert 0 < found["khaibao_disk_free_bytes"] < found["khaibao_disk_size_bytes"]
    assert "0900000" not in said
    assert "+84" not in said


def test_what_could_not_be_read_is_counted(engine: Engine, settings: Settings) -> None:
    contact = uuid4()
    row = {"id": uuid4(), "external_id": "SM1", "text": "?", "received_at": NOW - timedelta(minutes=2)}
    with engine.begin() as connection:
        connection.execute(insert(contacts).values(id=contact, seen_at=NOW, **ADDRESS))
        connection.execute(insert(inbox).values(**row, contact_id=contact, state="failed", **ADDRESS))
    assert values(look(settings, engine))['khaibao_inbox_failed_waiting{of="phone"}'] == 1


def test_leases_that_nobody_took_up_again_are_stuck(engine: Engine, settings: Settings) -> None:
    units = Units(engine).settle_in()
    units.destination(STATION, "https://unit.example/")
    units.queue([units.record(units.person())])
    with engine.begin() as connection:
        put(connection, "sending", lease=uuid4(), lease_until=func.clock_timestamp() - timedelta(seconds=1))
    found = values(look(settings, engine))
    assert (found['khaibao_stuck{of="outbox"}'], found['khaibao_stuck{of="forwards"}']) == (1, 0)
    assert found['khaibao_forwards_waiting{of="webhook"}'] == 1

    units.change_forwards(lease=uuid4(), lease_until=func.clock_timestamp() - timedelta(seconds=1))
    assert values(look(settings, engine))['khaibao_stuck{of="forwards"}'] == 1
    units.change_forwards(status="dead")
    assert values(look(settings, engine))[f'khaibao_forwards_dead{{unit="{STATION}"}}'] == 1


def test_a_closed_channel_and_a_broken_token_are_told(engine: Engine, settings: Settings) -> None:
    with engine.begin() as connection:
        tried = {"openings": 2, "open_until": NOW - timedelta(seconds=5)}  # now one message may try: still not closed
        connection.execute(insert(channel_states).values(channel="kannel", **tried))
        connection.execute(insert(channel_states).values(channel="twilio"))
        token = {"channel": "zalo", "access": b"", "refresh": b"", "expires_at": NOW, "broken_at": NOW}
        connection.execute(insert(channel_tokens).values(token))
    found = values(look(settings, engine))
    assert (found['khaibao_channel_open{channel="kannel"}'], found['khaibao_channel_open{channel="twilio"}']) == (1, 0)
    assert found['khaibao_channel_token_broken{channel="zalo"}'] == 1


def test_what_a_unit_spent_today_is_told(engine: Engine, settings: Settings) -> None:
    today = datetime.now(VIETNAM).date()
    with engine.begin() as connection:
        for day, amount, warned in ((today, 4500, NOW), (today - timedelta(days=1), 9000, None)):
            row = {"unit_code": STATION, "day": day, "parts": 10, "amount": amount, "warned_at": warned}
            connection.execute(insert(spending).values(row))
    found = values(look(settings, engine))
    assert found[f'khaibao_spending_dong{{unit="{STATION}"}}'] == 4500
    assert found[f'khaibao_budget_warned{{unit="{STATION}"}}'] == 1


def test_whether_a_clock_serves_this_cell_is_told(engine: Engine, settings: Settings) -> None:
    assert values(look(settings, engine))["khaibao_clock_held"] == 0
    with engine.connect() as other:
        take(other, "cell_of_somebody_else")
        assert values(look(settings, engine))["khaibao_clock_held"] == 0
        take(other, settings.cell)
        assert values(look(settings, engine))["khaibao_clock_held"] == 1
        other.invalidate()


def test_without_a_database_the_rest_is_still_told(settings: Settings) -> None:
    away = replace(settings, database_url="postgresql://nobody@127.0.0.1:9/nothing", demo=False)
    engine = make_engine(away.database_url, CELL)
    found = values(look(away, engine))
    engine.dispose()
    assert found["khaibao_database_up"] == 0
    assert found["khaibao_disk_free_bytes"] > 0


def test_what_waits_on_the_disk_is_told(engine: Engine, settings: Settings) -> None:
    app = create_app(settings, engine)
    kept = app.extensions["khaibao"].ingress.spool
    entry = kept.keep(kept.key("phone", "+84900000001"), "{}")
    kept.keep(kept.key("phone", "+84900000001"), "{}")
    kept.set_aside(entry, "damaged")
    kept.size()
    found = values(app.test_client().get("/metrics").text)
    assert (found["khaibao_spool_entries"], found["khaibao_spool_aside"]) == (1, 1)
    assert 0 < found["khaibao_spool_bytes"] < found["khaibao_spool_limit_bytes"]


def test_a_database_that_hangs_holds_up_no_look(
    engine: Engine, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.metrics.database._PATIENCE", 0.2)
    collector = Database(engine, Clock(engine, demo=False), CELL)
    with engine.begin() as connection:
        connection.execute(text(f"LOCK TABLE {CELL}.outbox"))
        begun = time.monotonic()
        for _ in range(2):
            list(collector.collect())
        assert time.monotonic() - begun < 1
    wait_for(lambda: len(list(collector.collect())) > 5)
    assert collector._asking is not None
    collector._asking.join()  # it holds a connection


def test_the_larger_tables_are_read_by_partial_indexes(untouched: Engine) -> None:
    def everything(connection: Connection) -> None:
        for reading in READINGS:
            list(reading(Look(connection, NOW, CELL)))

    found = plans(untouched, everything)
    for table in ("outbox", "inbox", "alerts", "forwards"):
        assert f"Seq Scan on {table}" not in found
    for index in ("outbox_open_idx", "inbox_failed_idx", "forwards_dead_idx", "spending_pkey", *HEARING):
        assert index in found


@pytest.mark.parametrize(
    ("token", "given", "address", "status"),
    [
        ("", "", "127.0.0.1", 200),
        ("", "", "10.1.2.3", 200),
        ("", "", "8.8.8.8", 403),
        ("a word of ours for them", "Bearer a word of ours for them", "8.8.8.8", 200),
        ("a word of ours for them", "Bearer another word", "127.0.0.1", 403),
        ("a word of ours for them", "", "127.0.0.1", 403),
    ],
)
def test_who_may_read(engine: Engine, settings: Settings, token: str, given: str, address: str, status: int) -> None:
    client = create_app(replace(settings, metrics_token=token), engine).test_client()
    headers = {"Authorization": given} if given else {}
    asked = client.get("/metrics", headers=headers, environ_base={"REMOTE_ADDR": address})
    assert asked.status_code == status


def test_a_request_is_timed_by_its_route(engine: Engine, settings: Settings) -> None:
    name = 'khaibao_http_request_duration_seconds_count{route="/health/live",status="2xx"}'
    client = create_app(settings, engine).test_client()
    before = values(client.get("/metrics").text).get(name, 0)
    client.get("/health/live")
    client.get("/no/+84900000001")
    said = client.get("/metrics").text
    assert values(said)[name] == before + 1
    assert 'route="none",status="4xx"' in said
    assert "84900000001" not in said


COUNT = """
import sys
from pathlib import Path
from app.metrics.process import begin
begin(Path(sys.argv[1]))
from core.metrics import CLOCK, MESSAGES, REQUESTS
MESSAGES.labels("phone", "sent").inc(3)
CLOCK.labels("plan check-ins").set(float(sys.argv[2]))
REQUESTS.labels("/health/live", "2xx").observe(0.03)
print("counted", flush=True)
sys.stdin.read()
"""


def counting(folder: Path, at: float) -> subprocess.Popen[bytes]:
    """A process that counted three messages, and lives until it is told."""
    made = subprocess.Popen(
        [sys.executable, "-c", COUNT, str(folder), str(at)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert made.stdout is not None
    assert made.stdout.readline() == b"counted\n"
    return made


@pytest.mark.slow
def test_processes_of_a_machine_add_up_also_after_they_died(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def told() -> Mapping[str, float]:
        return {f"{s.name}{s.labels.get('le', '')}": s.value for m in process.Counted().collect() for s in m.samples}

    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path / "metrics"))
    with counting(tmp_path, 20) as first, counting(tmp_path, 10) as second:
        assert told()["khaibao_messages_total"] == 6
        first.kill()
        first.wait()
        assert told()["khaibao_messages_total"] == 6
        with counting(tmp_path, 15) as third:
            third.communicate()
        second.communicate()
    found = told()
    assert found["khaibao_messages_total"] == 9
    assert found["khaibao_clock_last_success_timestamp_seconds"] == 15, "of each place the newest, of all the latest"
    assert found["khaibao_http_request_duration_seconds_bucket0.05"] == 3
    assert len(list((tmp_path / "metrics").glob("counter_*.db"))) == 2


@pytest.mark.parametrize("broken", [b"", b"\xff" * 4096, b"\x09" + bytes(4095), b"\x00\x01" + bytes(4094)])
def test_a_file_that_a_power_cut_broke_is_made_anew(tmp_path: Path, broken: bytes) -> None:
    path = tmp_path / "counter_0.db"
    path.write_bytes(broken)
    process._prepare(path, 4096)
    assert path.read_bytes() == bytes(4096)


def test_a_place_is_taken_up_where_it_was_left(tmp_path: Path) -> None:
    path = tmp_path / "counter_0.db"
    process._prepare(path, 4096)
    kept = MmapedDict(str(path))  # type: ignore[no-untyped-call]
    kept.write_value('["key"]', 3.0, 0.0)  # type: ignore[no-untyped-call]
    kept.close()  # type: ignore[no-untyped-call]
    process._prepare(path, 4096)
    assert next(MmapedDict.read_all_values_from_file(str(path)))[:2] == ('["key"]', 3.0)  # type: ignore[no-untyped-call]


def test_without_a_place_to_write_it_counts_in_memory(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "metrics").write_text("a file where the folder should be")
    process.begin(tmp_path)
    assert "metrics are kept in memory only" in caplog.text
    assert "PROMETHEUS_MULTIPROC_DIR" not in os.environ


@pytest.mark.slow
def test_a_worker_tells_where_no_web_process_runs(environ: dict[str, str], line: Line) -> None:
    port, word = free_port(), "a word of ours for them"
    given = {**os.environ, **environ, "METRICS_TOKEN": word, "METRICS_PORT": str(port)}
    put_due(line)
    address, headers = f"http://127.0.0.1:{port}/metrics", {"Authorization": f"Bearer {word}"}

    def told() -> bool:
        try:
            return (
                'khaibao_messages_total{channel="phone",outcome="sent"} 1.0' in httpx.get(address, headers=headers).text
            )
        except httpx.TransportError:
            return False

    with subprocess.Popen([sys.executable, "-m", "app.cli", "worker"], env=given, stderr=subprocess.PIPE) as worker:
        wait_for(told, 30)
        assert httpx.get(address).status_code == 403
        worker.terminate()
        worker.communicate(timeout=20)
