"""Who is let in, who is not, and for how long nobody is asked again."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Literal
from uuid import UUID

import pytest
from argon2 import PasswordHasher
from sqlalchemy import Engine, select

from core.access import passwords
from core.access.staff import (
    Reason,
    Refused,
    SignedIn,
    StaffError,
    accounts,
    by_token,
    create,
    find,
    lock,
    sign_in,
    sign_out_everywhere,
    unlock,
)
from core.database.shared import staff

NOW = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)
RIGHT, WRONG = "đúng là mật khẩu", "sai"


@pytest.fixture
def nurse(placed: Engine) -> UUID:
    with placed.begin() as connection:
        return create(connection, "Nga.BatXat", "Y tá Nga", "TYT02671", RIGHT)


def failures(engine: Engine) -> int:
    with engine.connect() as connection:
        count: int = connection.execute(select(staff.c.failures)).scalar_one()
    return count


def guess(engine: Engine, times: int, at: datetime = NOW) -> Refused | SignedIn:
    return [sign_in(engine, "nga.batxat", WRONG, at) for _ in range(times)][-1]


@pytest.mark.parametrize("login", ["nga.batxat", " NGA.BatXat "])
def test_the_right_password_lets_in(placed: Engine, nurse: UUID, login: str) -> None:
    answer = sign_in(placed, login, RIGHT, NOW)

    assert isinstance(answer, SignedIn)
    assert (answer.staff.id, answer.staff.unit_code) == (nurse, "TYT02671")


@pytest.mark.parametrize(
    ("login", "password"),
    [
        ("nga.batxat", WRONG),
        ("nga.batxat", ""),
        ("nga.batxat", RIGHT + "x" * 1_000_000),
        ("nobody", RIGHT),
        ("", ""),
        ("nga.batxat' --", RIGHT),
    ],
)
def test_anything_else_does_not(placed: Engine, nurse: UUID, login: str, password: str) -> None:
    assert sign_in(placed, login, password, NOW) == Refused(Reason.WRONG)


def test_an_unknown_login_costs_a_hash_too(placed: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    class Watched(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:
            asked.append(str(password))
            return super().verify(hash, password)

    monkeypatch.setattr(passwords, "_HASHER", Watched(time_cost=1, memory_cost=8, parallelism=1))
    sign_in(placed, "nobody", "guess", NOW)

    assert asked == ["guess"]


def test_the_fifth_failure_locks_and_the_right_password_does_not_open(placed: Engine, nurse: UUID) -> None:
    guess(placed, 5)

    assert sign_in(placed, "nga.batxat", RIGHT, NOW) == Refused(Reason.LOCKED)
    assert sign_in(placed, "nga.batxat", RIGHT, NOW + timedelta(minutes=14, seconds=59)) == Refused(Reason.LOCKED)
    assert isinstance(sign_in(placed, "nga.batxat", RIGHT, NOW + timedelta(minutes=15)), SignedIn)


def test_four_failures_lock_nothing_and_are_forgotten_on_success(placed: Engine, nurse: UUID) -> None:
    for _ in range(3):
        guess(placed, 4)
        assert isinstance(sign_in(placed, "nga.batxat", RIGHT, NOW), SignedIn)

    assert failures(placed) == 0


def test_each_further_failure_locks_as_long_again_and_no_longer(placed: Engine, nurse: UUID) -> None:
    guess(placed, 4)
    at, waits = NOW, []
    for _ in range(4):
        guess(placed, 1, at)
        with placed.connect() as connection:
            until: datetime = connection.execute(select(staff.c.locked_until)).scalar_one()
        waits.append((until - at) / timedelta(minutes=1))
        at = until

    assert waits == [15, 15, 15, 15]


def test_a_browser_that_was_let_in_before_may_try_though_strangers_locked_the_account(
    placed: Engine, nurse: UUID
) -> None:
    guess(placed, 30)

    assert sign_in(placed, "nga.batxat", WRONG, NOW, [nurse]) == Refused(Reason.LOCKED)
    assert sign_in(placed, "nga.batxat", RIGHT, NOW, [UUID(int=7)]) == Refused(Reason.LOCKED)
    assert failures(placed) == 5
    assert isinstance(sign_in(placed, "nga.batxat", RIGHT, NOW, [nurse]), SignedIn)


def test_a_closed_account_stays_out_from_a_known_browser_too(placed: Engine, nurse: UUID) -> None:
    with placed.begin() as connection:
        lock(connection, "nga.batxat")

    assert sign_in(placed, "nga.batxat", RIGHT, NOW, [nurse]) == Refused(Reason.WRONG)


def test_a_flood_is_put_off_and_counts_nothing(placed: Engine, nurse: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_PATIENCE", 0.05)
    with passwords.room(), passwords.room(), pytest.raises(passwords.Busy):
        sign_in(placed, "nga.batxat", WRONG, NOW)

    assert failures(placed) == 0
    assert isinstance(sign_in(placed, "nga.batxat", RIGHT, NOW), SignedIn)


def test_a_locked_account_counts_no_further_failures(placed: Engine, nurse: UUID) -> None:
    guess(placed, 30)

    assert failures(placed) == 5


def test_of_sixty_guesses_at_once_five_are_looked_at(
    placed: Engine, nurse: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at: list[str] = []
    matches = passwords.matches

    def watched(stored: str | None, password: str) -> bool:
        if stored is not None:
            looked_at.append(password)
        return matches(stored, password)

    monkeypatch.setattr(passwords, "matches", watched)
    monkeypatch.setattr(passwords, "_PATIENCE", 60)
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda n: sign_in(placed, "nga.batxat", f"{WRONG} {n}", NOW), range(60)))

    assert len(looked_at) == 5
    assert sign_in(placed, "nga.batxat", RIGHT, NOW) == Refused(Reason.LOCKED)


def test_a_hash_with_older_parameters_is_made_anew(
    placed: Engine, nurse: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=2, memory_cost=16, parallelism=1))
    sign_in(placed, "nga.batxat", RIGHT, NOW)

    with placed.connect() as connection:
        assert "$m=16,t=2,p=1$" in connection.execute(select(staff.c.password_hash)).scalar_one()
    assert isinstance(sign_in(placed, "nga.batxat", RIGHT, NOW), SignedIn)


def test_no_password_is_stored_as_typed(placed: Engine, nurse: UUID) -> None:
    with placed.connect() as connection:
        (row,) = connection.execute(select(staff)).mappings()

    assert row["password_hash"].startswith("$argon2id$")
    assert RIGHT not in str(dict(row))


def test_a_closed_account_stays_out_and_its_sessions_end(placed: Engine, nurse: UUID) -> None:
    answer = sign_in(placed, "nga.batxat", RIGHT, NOW)
    assert isinstance(answer, SignedIn)
    with placed.begin() as connection:
        lock(connection, "nga.batxat")

    assert sign_in(placed, "nga.batxat", RIGHT, NOW) == Refused(Reason.WRONG)
    with placed.begin() as connection:
        assert by_token(connection, answer.staff.session_token) is None
        assert find(connection, "nga.batxat") is None
        unlock(connection, "nga.batxat")
        assert by_token(connection, answer.staff.session_token) is None
    assert isinstance(sign_in(placed, "nga.batxat", RIGHT, NOW), SignedIn)


def test_unlocking_opens_what_wrong_passwords_locked(placed: Engine, nurse: UUID) -> None:
    guess(placed, 5)
    with placed.begin() as connection:
        unlock(connection, "nga.batxat")

    assert isinstance(sign_in(placed, "nga.batxat", RIGHT, NOW), SignedIn)


def test_signing_out_everywhere_ends_the_sessions_of_one_account(placed: Engine, nurse: UUID) -> None:
    with placed.begin() as connection:
        create(connection, "other", "Y tá Khác", "TYT02680", RIGHT)
        mine, other = find(connection, "nga.batxat"), find(connection, "other")
        assert mine and other
        sign_out_everywhere(connection, mine.id)

        assert by_token(connection, mine.session_token) is None
        assert by_token(connection, other.session_token) == other


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (("Nga.Batxat", "Tên", "TYT02671", RIGHT), "already"),
        (("ngà", "Tên", "TYT02671", RIGHT), "letters"),
        (("n", "Tên", "TYT02671", RIGHT), "letters"),
        (("nga 2", "Tên", "TYT02671", RIGHT), "letters"),
        (("nga2", "Tên", "TYT99999", RIGHT), "no unit"),
        (("nga2", "Tên", "TYT02671", "1234567"), "8 to 200"),
        (("nga2", "Tên", "TYT02671", "x" * 201), "8 to 200"),
    ],
)
def test_what_makes_no_account(placed: Engine, nurse: UUID, given: tuple[str, str, str, str], why: str) -> None:
    with placed.begin() as connection, pytest.raises(StaffError, match=why):
        create(connection, *given)

    with placed.connect() as connection:
        assert [account.login for account in accounts(connection)] == ["nga.batxat"]
