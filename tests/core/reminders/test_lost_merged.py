"""Whoever staff merged is one person: what is heard of either half is heard of the one who is followed."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert, update

from core.access.scope import Scope
from core.conversation.effects import AlertKind
from core.database.due import contact_attempts
from core.database.following import follow_ups
from core.people import merging
from tests.cast import HOA, LAN, STATION, Cast
from tests.core.reminders.test_lost import passes, raises


@pytest.fixture
def kept(cast: Cast) -> UUID:
    """May, whom Mai was merged into; Mai's follow-up, the graver one, goes on, and asks on Lan's phone."""
    cast.clock.at = cast.local(7)
    kept, gone = cast.enrols(HOA, 8), cast.enrols(LAN, 8, name="Sung Thi Mai")
    with cast.engine.begin() as connection:
        connection.execute(update(follow_ups).where(follow_ups.c.person_id == gone).values(group="F0"))
        assert merging.merge(connection, Scope(STATION, (STATION,)), (kept, gone), uuid4(), cast.clock.at)
    return kept


def reached(cast: Cast, person: UUID) -> None:
    tried = {"id": uuid4(), "person_id": person, "unit_code": STATION, "by_kind": "staff", "by": uuid4()}
    with cast.engine.begin() as connection:
        connection.execute(
            insert(contact_attempts).values(tried | {"at": cast.clock.at, "via": "phone", "outcome": "reached"})
        )


HEARD: dict[str, Callable[[Cast, UUID], object]] = {
    "staff reached them": reached,
    "a text from their other phone": lambda cast, _: cast.writes("hom qua troi mua qua", who=HOA),
    "danger that nobody has closed": lambda cast, person: raises(cast, person, AlertKind.DANGER),
}


@pytest.mark.parametrize("sign", [*HEARD, ""])
def test_what_is_heard_of_the_kept_one_keeps_the_other_from_being_lost(cast: Cast, kept: UUID, sign: str) -> None:
    for day in range(4):
        passes(cast, day, 8, 20)
        if day == 1 and sign:
            HEARD[sign](cast, kept)

    on = cast.rows(follow_ups, status="under_follow_up")
    assert bool(on) is bool(sign)


def test_whoever_staff_reached_is_not_nudged(cast: Cast, kept: UUID) -> None:
    passes(cast, 0, 8)
    cast.clock.at = cast.local(9)
    reached(cast, kept)
    asked = len(cast.heard(LAN))
    passes(cast, 0, 10, 14)

    assert len(cast.heard(LAN)) == asked
