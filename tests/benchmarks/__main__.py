"""`make bench`: how many turns a second, over HTTP and in batches, against the same statements run by pgbench; how fast
a morning's reminders are put in line; how long a look at a province's progress takes; how fast and how
well replies and places are read; and how many SMS parts conversations take.

All in one run on one machine, so the ratios mean something where the numbers do not. The database is our own, with
every commit flushed to disk.
"""

from __future__ import annotations

import os
import platform
import tempfile
from pathlib import Path

from sqlalchemy import Engine, text

from app import wiring
from app.embedded import embedded
from app.migrate import migrate
from app.settings import Settings
from core.database.engine import make_engine
from core.pipeline.receive import receive
from core.pipeline.services import Services
from tests.benchmarks import batch, people, pgbench, places, progress, reminders, sms_parts, spool, understanding, web

CELL = "cell_bench"
CHANNEL = "twilio"
COUNT = 2000
SAID = "SK 37,2 ho"
"""A whole check-in in one text: the commonest message of a day, and the one that writes most."""


def main() -> None:
    """Measure, and print."""
    with tempfile.TemporaryDirectory(prefix="khaibao-bench-") as name, embedded(Path(name)) as url:
        settings = Settings(secret_key="-", data_keys=(), database_url=url, cell=CELL)
        engine = make_engine(url, CELL)
        migrate(engine, settings)
        people.make(engine, CHANNEL, CELL, COUNT)
        services = wiring.services(settings, engine)
        _machine(engine)
        best = _pgbench(engine, services, url, Path(name))
        _batches(services, best)
        _spool(services, best, Path(name))
        _web(url, Path(name), best)
        engine.dispose()
    reminders.measure()
    progress.measure()
    understanding.measure()
    places.measure()
    sms_parts.measure()


def _machine(engine: Engine) -> None:
    with engine.connect() as connection:
        version = connection.scalar(text("SHOW server_version"))
    model = next((line.split(":")[1].strip() for line in _cpu() if line.startswith("model name")), platform.machine())
    print(f"machine        {model}, {os.cpu_count()} cores; Python {platform.python_version()}; PostgreSQL {version}")
    print(f"one turn       {SAID!r}, by one of {COUNT} known contacts")


def _cpu() -> list[str]:
    file = Path("/proc/cpuinfo")
    return file.read_text().splitlines() if file.exists() else []


def _pgbench(engine: Engine, services: Services, url: str, folder: Path) -> float:
    """The best of several numbers of clients."""
    for _ in range(2):  # the first time, memory is filled from the database
        with pgbench.heard(engine) as statements:
            receive(services, [batch.message(services, CHANNEL, 1, SAID)])
    script = pgbench.script(statements, url, 1, COUNT)
    best = 0.0
    for clients in (1, 4, 8, 16):
        rate, latency = pgbench.run(url, script, folder, clients=clients, seconds=6)
        print(f"(c) pgbench    {clients:3d} clients      {rate:7.0f} turns/s   mean {latency:6.1f} ms")
        best = max(best, rate)
    return best


def _batches(services: Services, best: float) -> None:
    for size, rounds in ((1, 1), (20, 2), (200, 4)):
        rate = batch.run(services, CHANNEL, SAID, COUNT, size, rounds)
        print(f"(b) batches    of {size:3d}           {rate:7.0f} turns/s   b/c {rate / best:5.2f}")


def _spool(services: Services, best: float, folder: Path) -> None:
    kept, emptied = spool.run(services, CHANNEL, SAID, COUNT, folder)
    print(f"(d) spool      kept by 8 threads {kept:7.0f} entries/s d/c {kept / best:5.2f}")
    print(f"               emptied           {emptied:7.0f} turns/s   d/c {emptied / best:5.2f}")


def _web(url: str, folder: Path, best: float) -> None:
    with web.server(url, CELL, folder, workers=2) as address:
        web.measure(address, SAID, COUNT, 500, 8)
        for connections in (1, 8, 16):
            seen = web.measure(address, SAID, COUNT, 3000 if connections > 1 else 600, connections)
            print(
                f"(a) signed HTTP {connections:2d} connections  {seen.rate:7.0f} turns/s   a/c {seen.rate / best:5.2f}"
                f"   p50 {seen.p50:.1f} ms, p99 {seen.p99:.1f} ms"
            )


if __name__ == "__main__":
    main()
