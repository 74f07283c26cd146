"""What we start does not ring at night, and nothing of yesterday is sent today."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from core.database.due import due_checks
from core.database.tables import outbox
from core.messaging import outbox as line
from core.messaging.channel import InboundMessage, Sent, TryLater
from core.messaging.quiet import is_quiet
from core.pipeline.receive import receive
from core.reminders.enqueue import enqueue
from tests.cast import HOA, LAN, Cast
from tests.core.reminders.school import ask, fate, says

LEASE = timedelta(seconds=60)


def send(cast: Cast, *, away: bool = False) -> list[str]:
    """What the worker sends now; if the provider is away, it puts it back."""
    now = cast.clock.at
    with cast.engine.begin() as connection:
        line.expire(connection, now)
        taken = line.claim(connection, "phone", now, 100, LEASE, bulk=0 if is_quiet(now) else 100)
        result = TryLater("503") if away else Sent()
        line.settle(connection, [line.Outcome(leased, result) for leased in taken], now)
    return [leased.message.address for leased in taken]


@pytest.fixture
def hoa(cast: Cast) -> Cast:
    """Hoa is asked at 8 and at 20 o'clock."""
    cast.clock.at = cast.local(7)
    cast.enrols(HOA, 8, 20, name="Tran Thi Hoa")
    return cast


def late(cast: Cast) -> None:
    """The clock was away: the reminder of 20:00 is put in line at 20:59, and the provider is away."""
    cast.clock.at = cast.local(20, 59)
    assert enqueue(cast.services) == 1
    assert send(cast, away=True) == [HOA]


def test_a_reminder_that_could_not_leave_before_nine_ends_with_its_day(hoa: Cast) -> None:
    late(hoa)
    for hour, minute in ((21, 30), (23, 59)):
        hoa.clock.at = hoa.local(hour, minute)
        assert send(hoa) == []
        assert [row["status"] for row in hoa.outbox(HOA)] == ["queued"]
    hoa.clock.at = hoa.local(0, days=1)
    assert send(hoa) == []
    assert [row["status"] for row in hoa.outbox(HOA)] == ["expired"]


def test_it_leaves_in_the_morning_if_its_check_is_still_open(hoa: Cast) -> None:
    late(hoa)
    with hoa.engine.begin() as connection:
        connection.execute(update(due_checks).values(closes_at=hoa.local(9, days=1)))
        connection.execute(update(outbox).values(expires_at=hoa.local(9, days=1)))
    hoa.clock.at = hoa.local(5, 59, days=1)
    assert send(hoa) == []
    hoa.clock.at = hoa.local(6, days=1)
    assert send(hoa) == [HOA]


@pytest.mark.parametrize("hour", [21, 23])
def test_nobody_is_marked_as_asked_at_night(hoa: Cast, hour: int) -> None:
    hoa.clock.at = hoa.local(hour)
    assert enqueue(hoa.services) == 0
    assert [row["reminded_at"] for row in hoa.rows(due_checks)] == [None] * 4


def test_the_days_reminder_ends_at_midnight_in_vietnam(hoa: Cast) -> None:
    hoa.clock.at = hoa.local(20)
    enqueue(hoa.services)
    (row,) = hoa.outbox(HOA)
    assert row["expires_at"] == hoa.local(0, days=1)
    hoa.clock.at = hoa.local(23, 59) + timedelta(seconds=59)
    with hoa.engine.begin() as connection:
        assert line.expire(connection, hoa.clock.at) == 0
        assert line.expire(connection, hoa.clock.at + timedelta(seconds=1)) == 1


def test_replies_warnings_and_codes_leave_at_any_hour(cast: Cast) -> None:
    cast.clock.at = cast.local(23)
    cast.writes("kho tho qua")
    assert send(cast) == [LAN]
    told = InboundMessage("web", "1", "browser", f"LIEN KET {HOA.replace('+84', '0')}", cast.clock.at)
    receive(cast.services, [told])
    assert HOA in send(cast)


def test_a_visit_of_the_night_is_asked_about_in_the_morning(school: Cast) -> None:
    school.clock.at = school.local(22, 30)
    says(school)
    assert ask(school) == 0
    school.clock.at = school.local(6, days=1)
    assert ask(school) == 1
    assert "22:30 21/11" in school.heard(LAN)[-1]
    assert fate(school) == "open"


@pytest.mark.parametrize("hour", [21, 5, 0])
def test_nobody_is_enrolled_to_be_asked_at_night(cast: Cast, hour: int) -> None:
    with pytest.raises(ValueError, match="quiet hours"):
        cast.enrols(HOA, 8, hour)
