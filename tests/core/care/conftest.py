from __future__ import annotations

import pytest
from sqlalchemy import Engine

from app.settings import Settings
from tests.cast import Cast, settle


@pytest.fixture
def cast(engine: Engine, settings: Settings) -> Cast:
    """A province in which nobody has written yet."""
    return settle(engine, settings)
