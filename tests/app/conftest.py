"""What the program's commands and processes are tested with."""

from __future__ import annotations

import pytest

from app.settings import Settings


@pytest.fixture
def environment(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """This test's own database, as an operator's command finds it."""
    monkeypatch.setenv("DATABASE_URL", settings.database_url)
    monkeypatch.setenv("CELL", settings.cell)
    monkeypatch.setenv("VAR_DIR", str(settings.var_dir))
    monkeypatch.setenv("DEMO", "1")
