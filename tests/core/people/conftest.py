from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import Engine

from app.settings import Settings
from core.people.directory import Directory
from tests.cast import Cast, settle
from tests.core.people.two import OTHER_SMS, ZALO


@pytest.fixture
def cast(engine: Engine, settings: Settings) -> Cast:
    made = settle(engine, settings)
    more = {**made.services.channels, "zalo": ZALO, "esms": OTHER_SMS}
    where = Directory(engine, made.services.cell, ["phone", "esms"])
    made.services = replace(made.services, channels=more, directory=where)
    return made
