"""The shape of the code: who may import whom, what is pure, how long things may get."""

from __future__ import annotations

import ast
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

ROOT = Path(__file__).parents[1]
ROOMS = ("app", "bot", "console", "core", "sms", "tests")
PURE = ("core/conversation", "core/forms")

MAX_FILE = 350
MAX_FUNCTION = 50

IMPURE_MODULES = frozenset({"os", "random", "secrets", "subprocess", "threading", "time", "uuid_utils"})
IMPURE_CALLS = frozenset(
    {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "uuid.uuid1", "uuid.uuid4", "uuid1", "uuid4"}
)
"""Time, chance and settings are arguments."""


def sources(*rooms: str) -> list[Path]:
    return [path for room in rooms for path in sorted((ROOT / room).rglob("*.py"))]


def long_functions(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > MAX_FUNCTION:
                yield f"{node.name}: {length} lines"


def impurities(tree: ast.Module) -> Iterator[str]:
    """What in a module asks the world something."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names if name.name.split(".")[0] in IMPURE_MODULES)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in IMPURE_MODULES:
            yield str(node.module)
        elif isinstance(node, ast.Call) and _called(node.func) in IMPURE_CALLS:
            yield f"{_called(node.func)}()"


def _called(node: ast.expr) -> str:
    """`datetime.now` also for `datetime.datetime.now`: the last two names."""
    return ".".join(ast.unparse(node).split(".")[-2:])


def test_rooms_import_only_what_they_may(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)

    try:
        assert lint_imports(config_filename="pyproject.toml", no_cache=True) == EXIT_STATUS_SUCCESS
    finally:  # it silences every logger that there is, also for the tests that come after
        for logger in logging.root.manager.loggerDict.values():
            if isinstance(logger, logging.Logger):
                logger.disabled = False


@pytest.mark.parametrize("path", sources(*PURE), ids=lambda path: str(path.relative_to(ROOT)))
def test_conversation_and_forms_ask_the_world_nothing(path: Path) -> None:
    assert list(impurities(ast.parse(path.read_text(encoding="utf-8")))) == []


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("import os\nos.environ['PORT']", ["os"]),
        ("from os import environ", ["os"]),
        ("import time", ["time"]),
        ("from random import choice", ["random"]),
        ("from datetime import datetime\ndatetime.now()", ["datetime.now()"]),
        ("import datetime\ndatetime.datetime.now()", ["datetime.now()"]),
        ("from datetime import date\ndate.today()", ["date.today()"]),
        ("from uuid import uuid4\nuuid4()", ["uuid4()"]),
        ("from datetime import time\ntime(7, 0)", []),
        ("turn.now", []),
    ],
)
def test_asking_the_world_is_noticed(code: str, found: list[str]) -> None:
    assert list(impurities(ast.parse(code))) == found


def test_no_file_is_too_long_to_read_in_one_sitting() -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in sources(*ROOMS)}

    assert {str(path.relative_to(ROOT)): count for path, count in lengths.items() if count > MAX_FILE} == {}


def test_no_function_is_too_long_to_see_at_once() -> None:
    found = {
        str(path.relative_to(ROOT)): list(long_functions(ast.parse(path.read_text(encoding="utf-8"))))
        for path in sources(*ROOMS)
    }

    assert {path: functions for path, functions in found.items() if functions} == {}
