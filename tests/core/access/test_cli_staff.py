"""`khaibao staff`, as an operator runs it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from subprocess import CompletedProcess

import pytest
from sqlalchemy import Engine, update

from core.access.staff import SignedIn, sign_in
from core.database.shared import staff
from tests.command import khaibao

NOW = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)
RIGHT = "đúng là mật khẩu"
ADD = ("add", "nga", "--unit", "TYT02671", "--name", "Y tá Nga")

Run = Callable[..., "CompletedProcess[bytes]"]


@pytest.fixture
def run(placed: Engine, environ: dict[str, str]) -> Run:
    return lambda *arguments, given=b"": khaibao("staff", *arguments, given=given, **environ)


def test_an_account_is_made_with_a_password_from_stdin(run: Run, placed: Engine) -> None:
    made = run(*ADD, given=f"{RIGHT}\n".encode())

    assert (made.returncode, made.stdout) == (0, b"nga: may sign in\n")
    assert isinstance(sign_in(placed, "nga", RIGHT, NOW), SignedIn)


@pytest.mark.parametrize(
    ("arguments", "given", "why"),
    [
        (ADD, b"short\n", "8 to 200 characters"),
        (ADD, b"", "8 to 200 characters"),
        (("add", "nga", "--unit", "TYT99999", "--name", "Nga"), b"long enough\n", "no unit TYT99999"),
        (("lock", "nobody"), b"", "no login nobody"),
        (("unlock", "nobody"), b"", "no login nobody"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(run: Run, arguments: tuple[str, ...], given: bytes, why: str) -> None:
    result = run(*arguments, given=given)

    assert result.returncode == 1
    (line,) = result.stderr.decode().splitlines()
    assert line.startswith("Error: ")
    assert why in line
    assert "long enough" not in line


def test_accounts_are_locked_listed_and_unlocked(run: Run, placed: Engine) -> None:
    run(*ADD, given=f"{RIGHT}\n".encode())
    assert run("list").stdout.decode() == "nga\tTYT02671\tY tá Nga\topen\n"

    run("lock", "NGA")
    assert run("list").stdout.decode().endswith("\tlocked\n")
    assert not isinstance(sign_in(placed, "nga", RIGHT, NOW), SignedIn)

    run("unlock", "nga")
    assert isinstance(sign_in(placed, "nga", RIGHT, NOW), SignedIn)


def test_the_list_tells_who_is_out_by_wrong_passwords(run: Run, placed: Engine) -> None:
    run(*ADD, given=f"{RIGHT}\n".encode())
    with placed.begin() as connection:
        connection.execute(update(staff).values(locked_until=datetime.now(UTC) + timedelta(hours=1)))

    assert "by wrong passwords" in run("list").stdout.decode()
