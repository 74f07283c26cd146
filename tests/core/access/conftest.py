"""A small tree of units, and cheap hashes: sixty guesses take a second, not a minute."""

from __future__ import annotations

from datetime import date

import pytest
from argon2 import PasswordHasher
from sqlalchemy import Engine, insert

from core.access import passwords
from core.database.shared import units

TREE = {"BYT": None, "CDC15": "BYT", "TYT02671": "CDC15", "TYT02680": "CDC15", "CDC01": "BYT"}


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
def placed(engine: Engine) -> Engine:
    """The database with its units."""
    with engine.begin() as connection:
        for code, parent in TREE.items():
            connection.execute(insert(units).values(_unit(code, parent)))
    return engine


def _unit(code: str, parent: str | None) -> dict[str, object]:
    named = dict.fromkeys(("name", "short_name", "sort_key"), f"Đơn vị {code}")
    made = {"code": code, "parent": parent, "data_version": "test", "type": "made_up", "level": 1}
    return named | made | {"valid_from": date(2025, 7, 1)}
