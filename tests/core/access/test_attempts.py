"""How often one may try, and that nobody fills the memory."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from core.access.attempts import Attempts, origin

NOW = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def test_so_many_in_any_minute() -> None:
    attempts = Attempts(2, MINUTE)
    seconds = [0, 30, 59, 60, 61, 90]

    assert [attempts.take("a", NOW + timedelta(seconds=n)) for n in seconds] == [True, True, False, True, False, True]
    assert attempts.take("b", NOW)


def test_a_key_can_be_cleared() -> None:
    attempts = Attempts(1, MINUTE)
    attempts.take("a", NOW)
    attempts.clear("a")

    assert attempts.take("a", NOW)


def test_only_so_many_keys_are_remembered() -> None:
    attempts = Attempts(1, MINUTE, room=2)
    for key in ("a", "b", "a", "c"):
        attempts.take(key, NOW)

    assert [attempts.take(key, NOW) for key in ("a", "b")] == [False, True]


@pytest.mark.parametrize(
    ("address", "counted_as"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:bbbb::1", "2001:db8:1:2::/64"),
        ("", ""),
        (None, ""),
        ("unknown", "unknown"),
    ],
)
def test_an_address_is_counted_as_its_customer(address: str | None, counted_as: str) -> None:
    assert origin(address) == counted_as
