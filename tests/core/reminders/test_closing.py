"""What nobody answered is closed."""

from __future__ import annotations

from core.care import due
from core.database.due import due_checks
from tests.cast import HOA, LAN, TU, Cast


def test_what_is_over_is_closed_a_page_at_a_time_past_what_somebody_answers_now(cast: Cast) -> None:
    cast.clock.at = cast.local(7)
    cast.enrols(HOA, 8, 16)
    for who in (LAN, TU):
        cast.enrols(who, 8)
    cast.clock.at = cast.local(0, days=1)
    with cast.engine.begin() as staff, cast.engine.begin() as clock:
        answered = min(cast.rows(due_checks, contact_id=cast.contact(TU)), key=lambda row: row["due_at"])
        due.answer(staff, [{"id": answered["id"], "status": "seen_ok", "record_id": None}])
        assert [due.close(clock, cast.clock.at, 2) for _ in range(3)] == [2, 1, 0]

    assert cast.due(TU)[0] == ("21 08:00", "seen_ok")
