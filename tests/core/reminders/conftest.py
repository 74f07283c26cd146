from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import Engine

from app.settings import Settings
from core.places import venues
from core.places.venues import NewVenue, VenueKind
from tests.cast import HOA, STATION, Cast, settle
from tests.core.reminders.school import GUARD, SCHOOL


@pytest.fixture
def cast(engine: Engine, settings: Settings) -> Cast:
    """A province in which nobody has written yet."""
    return settle(engine, settings)


@pytest.fixture
def school(cast: Cast) -> Cast:
    """A school with a guard."""
    with cast.engine.begin() as connection:
        venues.add(connection, NewVenue("Trường Bản Qua", VenueKind.SCHOOL, STATION), cast.clock.at, SCHOOL)
        venues.add_guard(connection, SCHOOL, GUARD)
    return cast


@pytest.fixture
def person(cast: Cast) -> UUID:
    cast.clock.at = cast.local(7)
    return cast.enrols(HOA, 8, name="Tran Thi Hoa")
