"""All places, read once."""

from __future__ import annotations

import pytest

from core.places.admin import Places, load


@pytest.fixture(scope="session")
def places() -> Places:
    return load()
