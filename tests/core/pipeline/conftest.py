from __future__ import annotations

import pytest
from sqlalchemy import Engine

from app.settings import Settings
from tests.cast import Cast, settle
from tests.core.pipeline.gate import Gate, made


@pytest.fixture
def cast(engine: Engine, settings: Settings) -> Cast:
    """A province in which nobody has written yet."""
    return settle(engine, settings)


@pytest.fixture
def gate(cast: Cast, settings: Settings) -> Gate:
    """The same, through an ingress with a spool."""
    return made(cast, settings)
