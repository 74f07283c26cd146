"""The board of progress over a whole province: 100 communes of 3,000 people, who declared within the last two months.

The rows are made by the database itself; what is measured is a look at the page, of one commune and of the province.
Alone, and with fewer people: `python -m tests.benchmarks.progress 30000`.
"""

from __future__ import annotations

import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine, text

from app.embedded import embedded
from app.migrate import migrate
from app.settings import Settings
from core.access.scope import Scope
from core.care import progress
from core.care.standing import day_of
from core.database.engine import make_engine

CELL = "cell_bench"
COUNT = 300_000
_UNITS = tuple(f"U{number}" for number in range(100))
_NOON = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)

_PEOPLE = """
       INSERT INTO {0}.persons (id, full_name, year_of_birth, gender, unit_code, created_at)
       SELECT lpad(to_hex(n), 32, '0')::uuid, 'Người Thử', 1980, 'female', 'U' || n % 100, :at
       FROM generate_series(1, :count) n"""
_SAID = """
       INSERT INTO {0}.records (id, root, version, code, form, form_hash, person_id, inbound_id, channel, unit_code,
                                answers, signs, level, legal_basis, on_behalf, declared_at, forwarded_at)
       SELECT made.id, made.id, 1, '1', CASE k WHEN 0 THEN 'declaration' ELSE 'checkin' END, 'h', p.id, made.id, 'x',
              p.unit_code, '{{}}', '{{}}', 'none', 'consent', false,
              :at - (abs(hashtext(p.id::text || k)) % 60) * interval '1 day', :at
       FROM {0}.persons p, generate_series(0, 3) k, LATERAL (SELECT md5(p.id::text || k)::uuid AS id) made
       WHERE p.unit_code = :unit"""


def measure(count: int = COUNT) -> None:
    """Measure, and print."""
    with tempfile.TemporaryDirectory(prefix="khaibao-bench-") as name, embedded(Path(name)) as url:
        engine = make_engine(url, CELL)
        migrate(engine, Settings(secret_key="-", data_keys=(), database_url=url, cell=CELL))
        _fill(engine, count)
        one, all_ = (_look(engine, units) for units in (_UNITS[:1], _UNITS))
        engine.dispose()
    print(
        f"(p) progress   {count:9,d} people, {4 * count:,d} records   a commune {one * 1000:6.0f} ms"
        f"   a province {all_ * 1000:6.0f} ms"
    )


def _fill(engine: Engine, count: int) -> None:
    """A commune at a time: no statement may take long."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(_PEOPLE.format(CELL)), {"at": _NOON, "count": count})
        for unit in _UNITS:
            connection.execute(text(_SAID.format(CELL)), {"at": _NOON, "unit": unit})
        connection.execute(text("SET lock_timeout = 0"))  # autovacuum may be at work on what was just written
        for table in ("persons", "records"):
            connection.execute(text(f"VACUUM ANALYZE {CELL}.{table}"))


def _look(engine: Engine, units: tuple[str, ...]) -> float:
    """Seconds of the best of three."""
    took = []
    for _ in range(3):
        with engine.connect() as connection:
            started = time.perf_counter()
            progress.by_unit(connection, Scope(units[0], units), day_of(_NOON), {})
            took.append(time.perf_counter() - started)
    return min(took)


if __name__ == "__main__":
    measure(int(sys.argv[1]) if len(sys.argv) > 1 else COUNT)
