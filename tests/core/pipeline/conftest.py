from __future__ import annotations

import pytest
from sqlalchemy import Engine, update

from app.settings import Settings
from core.care import duty
from core.care.duty import NewDuty
from core.database.tables import persons
from tests.cast import CDC, CENTRE, HOA, NURSE, STATION, Cast, settle
from tests.core.pipeline.gate import Gate, made


@pytest.fixture
def cast(engine: Engine, settings: Settings) -> Cast:
    """A province in which nobody has written yet."""
    return settle(engine, settings)


@pytest.fixture
def gate(cast: Cast, settings: Settings) -> Gate:
    """The same, through an ingress with a spool."""
    return made(cast, settings)


@pytest.fixture
def ill(cast: Cast) -> Cast:
    """Sùng Thị Mẩy of Bản Qua is followed by the station, whose nurse has a duty phone, and cannot breathe."""
    person = cast.enrols(HOA)
    with cast.engine.begin() as connection:
        connection.execute(update(persons).where(persons.c.id == person).values(hamlet="thôn Bản Qua"))
    with cast.engine.begin() as connection:
        for unit, phone, name in ((STATION, NURSE, "Dieu duong"), (CENTRE, CDC, "Truc CDC")):
            duty.add(connection, NewDuty(unit, "phone", phone, name), cast.clock.at)
    cast.writes("kho tho qua", who=HOA)
    return cast
