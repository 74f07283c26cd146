"""The morning's peak: everybody under follow-up is due at the same minute, each on a phone of their own.

The rows are made by the database itself. What is measured is what the clock does: read who is due, decide, word and put
in line, in pages, with every commit flushed to disk. Most of it is the database's own work (two thirds: the indexes of
what is put in line and marked), so it takes as long as two cores do. Alone, and with fewer rows:
`python -m tests.benchmarks.reminders 100000`.
"""

from __future__ import annotations

import os
import resource
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine, func, select, text

from app import wiring
from app.clock import remind
from app.embedded import embedded
from app.migrate import migrate
from app.settings import Settings
from core.clock import Clock
from core.database.engine import make_engine
from core.database.tables import outbox

CELL = "cell_bench"
COUNT = 1_000_000
_EIGHT = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)  # in Vietnam

_PEOPLE = (
    """INSERT INTO {0}.contacts (id, channel, address, seen_at, unit_code)
       SELECT lpad(to_hex(n), 32, '0')::uuid, 'twilio', '+8499' || lpad(n::text, 8, '0'), :at, 'TYT02683'
       FROM generate_series(1, :count) n""",
    """INSERT INTO {0}.addresses (channel, address, contact_id, heard_at)
       SELECT channel, address, id, seen_at FROM {0}.contacts""",
    """INSERT INTO {0}.persons (id, full_name, year_of_birth, gender, unit_code, created_at)
       SELECT id, 'Người Thử', 1940 + abs(hashtext(id::text)) % 60, 'female', 'TYT02683', :at FROM {0}.contacts""",
    "INSERT INTO {0}.members (contact_id, letter, person_id) SELECT id, 'A', id FROM {0}.contacts",
    """INSERT INTO {0}.follow_ups (id, person_id, contact_id, unit_code, "group", place, start_on, end_on, hours,
                                   status, planned_until, opened_at, welcomed_at)
       SELECT id, id, id, 'TYT02683', 'F1', 'home', '2026-11-01', '2026-11-14', '{{8}}', 'under_follow_up',
              '2026-11-03', :at, :at FROM {0}.contacts""",
    """INSERT INTO {0}.due_checks (id, follow_up_id, person_id, contact_id, unit_code, opens_at, due_at, remind_at,
                                   closes_at, status, climb_at)
       SELECT id, id, id, id, 'TYT02683', :at - interval '8 hours', :at, :at, :at + interval '16 hours',
              'not_performed', :at + interval '2 hours' FROM {0}.contacts""",
    "SET lock_timeout = 0",  # autovacuum may be at work on what was just written: wait for it
    "VACUUM ANALYZE",
)


@dataclass(frozen=True, slots=True)
class Seen:
    """`memory`: MB that the program's peak grew by, from the first tenth to the end."""

    seconds: float
    queued: int
    memory: float


class _Eight(Clock):
    """It is eight in the morning."""

    def now(self) -> datetime:
        return _EIGHT


def measure(count: int = COUNT) -> None:
    """Measure, and print."""
    with tempfile.TemporaryDirectory(prefix="khaibao-bench-") as name, embedded(Path(name)) as url:
        settings = Settings(secret_key="-", data_keys=(), database_url=url, cell=CELL)
        engine = make_engine(url, CELL)
        migrate(engine, settings)
        _fill(engine, count)
        seen = _run(settings, engine)
        engine.dispose()
    print(
        f"(r) reminders  {seen.queued:9,d} due rows queued in {seen.seconds:5.1f} s   {seen.queued / seen.seconds:7.0f}"
        f" rows/s   peak memory {_peak():.0f} MB, {seen.memory:.0f} MB of it after the first page   a million:"
        f" {COUNT * seen.seconds / max(seen.queued, 1):.0f} s   load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    )


def _fill(engine: Engine, count: int) -> None:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for statement in _PEOPLE:
            connection.execute(text(statement.format(CELL)), {"at": _EIGHT, "count": count})


def _run(settings: Settings, engine: Engine) -> Seen:
    services = wiring.services(settings, engine, _Eight(engine, demo=False))
    services = replace(services, on={"twilio": services.channels["twilio"].profile})
    before = _peak()
    started = time.perf_counter()
    remind(services)
    seconds = time.perf_counter() - started
    with engine.connect() as connection:
        queued = connection.scalar(select(func.count()).select_from(outbox)) or 0
    return Seen(seconds, queued, _peak() - before)


def _peak() -> float:
    """This program's most memory so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    measure(int(sys.argv[1]) if len(sys.argv) > 1 else COUNT)
