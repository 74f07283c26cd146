"""XONG says whether somebody was spoken to: that is a try to reach them, and who was reached is not looked for."""

from __future__ import annotations

import pytest
from sqlalchemy import insert, update

from core.care import duty
from core.database.due import alerts, contact_attempts, ladder_steps
from core.pipeline.notify import notify
from core.reminders.climb import climb
from core.reminders.enqueue import enqueue
from tests.cast import HOA, NURSE, STATION, Cast
from tests.core.pipeline.test_duty import alert_row, on_duty, told


@pytest.mark.parametrize(
    ("said", "tries"),
    [
        ("da chuyen vien", [("reached", "phone")]),
        ("da den tan nha", [("reached", "visit")]),
        ("goi khong duoc", [("not_reached", "phone")]),
        ("bao nham", []),
        ("", []),
    ],
)
def test_what_is_said_of_an_alert_is_said_of_the_person(ill: Cast, said: str, tries: list[tuple[str, str]]) -> None:
    notify(ill.services)
    code = told(ill)
    ill.writes(f"NHAN {code}", f"XONG {code} {said}", f"XONG {code} {said}", who=NURSE)

    found = ill.rows(contact_attempts)
    assert [(row["outcome"], row["via"]) for row in found] == tries
    with ill.engine.connect() as connection:
        (phone,) = duty.at(connection, [NURSE])
    assert all((row["by_kind"], row["by"], row["unit_code"]) == ("duty", phone.id, STATION) for row in found)
    assert all(row["note"] == said for row in found)


def test_an_alert_about_nobody_known_is_a_try_to_reach_nobody(ill: Cast) -> None:
    notify(ill.services)
    code = told(ill)
    with ill.engine.begin() as connection:
        connection.execute(update(alerts).values(person_id=None))
    ill.writes(f"XONG {code} da gap", who=NURSE)

    assert ill.rows(contact_attempts) == []


@pytest.mark.parametrize(("said", "climbed"), [("da gap, khoe", 0), ("khong lien lac duoc", 1)])
def test_whoever_was_reached_is_not_asked_once_more(cast: Cast, said: str, climbed: int) -> None:
    cast.clock.at = cast.local(7)
    person = cast.enrols(HOA, 8)
    on_duty(cast, NURSE)
    cast.clock.at = cast.local(8)
    enqueue(cast.services)
    cast.leaves()
    cast.clock.at = cast.local(9)
    with cast.engine.begin() as connection:
        connection.execute(insert(alerts).values(alert_row(person_id=person, raise_at=cast.clock.at)))
    notify(cast.services)
    cast.writes(f"XONG {told(cast)} {said}", who=NURSE)
    cast.clock.at = cast.local(10, 30)
    climb(cast.services)

    assert len(cast.rows(ladder_steps, step="nudge", outcome="done")) == climbed
