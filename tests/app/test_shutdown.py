"""SIGTERM under load: everything ends within ten seconds, what is under way is finished, and nothing is lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Engine, text

from tests.app.test_worker import wait_for
from tests.chaos.processes import SECRET, Cluster, Process, System, cluster, system
from tests.chaos.sink import sink
from tests.chaos.weather import scene

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

OURS = ("web", "worker", "clock")
SECONDS = 10.0


@pytest.fixture(scope="module")
def copies() -> Iterator[Cluster]:
    with cluster() as made:
        yield made


def told_to_stop(*processes: Process) -> list[int]:
    """Told at the same time, and told again; their exit codes. Starts none of them again."""
    begun = time.monotonic()
    for process in processes:
        process.wanted = False
        process.signal(signal.SIGTERM)
    time.sleep(0.3)
    for process in processes:
        process.signal(signal.SIGTERM)
    codes = [process.running.wait(SECONDS) for process in processes if process.running]
    assert time.monotonic() - begun < SECONDS
    return codes


def at_work(running: System) -> bool:
    """Whether all of them are past their start: web answers, the worker has looked at its leases, a clock has its lock.

    Who is told before is ended by the system, with nothing in hand.
    """
    locks = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = 0x636c6f63 AND granted"
    worker = running.processes["worker"]
    begun = worker.log.read_text(encoding="utf-8").count("worker: starts")
    return running.status() == 200 and begun == worker.starts and running.values(locks) == ["1"]


def test_told_to_stop_again_and_again_nothing_is_lost(copies: Cluster) -> None:
    with scene(copies, 7, people=8) as made:
        processes = [made.running.processes[name] for name in OURS]
        with made.load.blowing():
            for _ in range(3):
                made.running.until(lambda: at_work(made.running), 60, "work")
                made.running.live_for(1)
                assert told_to_stop(*processes) == [0, 0, 0], made.running.logs()
                for process in processes:
                    process.wanted = True
            made.load.finish()
            made.running.until(made.load.done, 120, "an acknowledgement of everything")
        made.settle(hurry=False)
        report = made.judged()
    assert report.passed, f"\n{report}"
    assert [line.count for line in report.lines if line.rule.startswith("messages of unknown outcome")] == [0]
    assert 0 < len(made.sink.sends) == len({send.id for send in made.sink.sends}), "nothing had to be sent twice"


def test_a_request_under_way_is_answered(copies: Cluster, tmp_path: Path) -> None:
    with sink(tmp_path) as given, system(copies, given.provider) as running:
        web = running.add("web", "web")
        running.ready()
        answers: list[int] = []

        def write() -> None:
            query = {"secret": SECRET, "from": "+84900000001", "to": "8000", "text": "GIUP", "id": "1", "coding": "0"}
            found = httpx.get(f"{running.address}/sms/kannel/inbound", params=query, trust_env=False, timeout=20)
            answers.append(found.status_code)

        waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        thread = threading.Thread(target=write)
        with running.database() as connection, connection.transaction():
            connection.execute("LOCK TABLE inbox")
            thread.start()
            wait_for(lambda: running.values(waits) == ["1"])
            web.wanted = False
            for _ in range(2):
                web.signal(signal.SIGTERM)
                time.sleep(0.2)
            assert answers == []
        thread.join(20)
        assert answers == [200]
        assert web.running is not None
        assert web.running.wait(SECONDS) == 0
        assert running.values("SELECT external_id FROM inbox") == ["1"]


STUCK = """
import os
from sqlalchemy import text
from app import clock
from app.settings import load

def sleep(services):
    with services.engine.begin() as connection:
        connection.execute(text("SELECT pg_sleep(50)"))
    return 0

clock.DUE = (clock.Due("sleep", 1, sleep),)
clock.main(load(os.environ))
"""


def test_a_long_statement_does_not_hold_the_clock_up(environ: dict[str, str], engine: Engine) -> None:
    asleep = text("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%' AND state = 'active'")

    def sleeping() -> bool:
        with engine.connect() as connection:
            return bool(connection.scalar(asleep))

    with subprocess.Popen([sys.executable, "-c", STUCK], env={**os.environ, **environ}) as process:
        wait_for(sleeping, 30)
        begun = time.monotonic()
        process.terminate()
        time.sleep(1)
        process.terminate()
        assert process.wait(SECONDS) == -signal.SIGALRM
        assert time.monotonic() - begun < SECONDS
