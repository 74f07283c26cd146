from __future__ import annotations

import pytest
from sqlalchemy import Engine

from tests.core.messaging.line import Line


@pytest.fixture
def line(engine: Engine) -> Line:
    """An empty outbox."""
    return Line(engine)
