"""A province and a unit's own system."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from tests.core.forwarding.cast import Cast
from tests.core.forwarding.receiver import Receiver, running


@pytest.fixture
def cast(engine: Engine) -> Cast:
    return Cast(engine).settle_in()


@pytest.fixture
def unit() -> Iterator[Receiver]:
    with running() as receiver:
        yield receiver


@pytest.fixture
def other_unit() -> Iterator[Receiver]:
    with running() as receiver:
        yield receiver
