"""Texts leave and nothing comes back: the line is dead, and nobody who was asked through it is silent."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import pytest
from sqlalchemy import update

from core.database.due import ladder_steps
from core.database.following import follow_ups
from core.database.tables import outbox
from core.reminders import hearing, ladder
from tests.cast import LAN, STRANGER, TU, Cast
from tests.core.reminders.test_ladder import agree, home, phone
from tests.core.reminders.test_lost import passes

MANY = ladder.load()[0].deaf_from


def followed(cast: Cast, count: int) -> list[str]:
    """So many people, each on a phone of their own."""
    cast.clock.at = cast.local(7)
    phones = [f"+84900000{n:03d}" for n in range(100, 100 + count)]
    for who in phones:
        cast.enrols(who, 8)
    return phones


def statuses(cast: Cast) -> set[str]:
    return {row["status"] for row in cast.rows(follow_ups)}


def gone_through(cast: Cast, channel: str, *phones: str) -> None:
    """As if a gateway that only sends had carried what they, or all, were asked: people write to another number."""
    asked = update(outbox).where(outbox.c.kind == "reminder")
    with cast.engine.begin() as connection:
        connection.execute((asked.where(outbox.c.address.in_(phones)) if phones else asked).values(channel=channel))


def days(cast: Cast, span: Sequence[int], heard_at: int | None = None, who: str = TU, through: str = "phone") -> None:
    """Such days; somebody else writes at that hour of each."""
    for day in span:
        for hour in (8, 10, 14, 20):
            passes(cast, day, hour)
            gone_through(cast, through)
            if hour == heard_at:
                cast.clock.at = cast.local(hour, 30, days=day)
                cast.writes("troi mua qua", who=who)


def test_where_nothing_is_heard_of_anybody_nobody_is_lost(cast: Cast) -> None:
    followed(cast, MANY)
    days(cast, range(6))

    assert statuses(cast) == {"under_follow_up"}


@pytest.mark.parametrize(
    ("through", "status"),
    [("phone", "lost_to_follow_up"), ("kannel", "lost_to_follow_up"), ("telegram", "under_follow_up")],
)
def test_one_who_writes_an_sms_shows_that_the_others_are_silent(cast: Cast, through: str, status: str) -> None:
    """Through whichever gateway they were asked: it may be one that only sends. Of Telegram it shows nothing."""
    followed(cast, MANY)
    days(cast, range(5), heard_at=14, through=through)

    assert statuses(cast) == {status}


def test_who_wrote_before_they_were_asked_shows_nothing(cast: Cast) -> None:
    """The line broke after that."""
    followed(cast, MANY)
    for day in range(5):
        cast.clock.at = cast.local(7, 30, days=day)
        cast.writes("troi mua qua", who=TU)
        passes(cast, day)

    assert statuses(cast) == {"under_follow_up"}


def test_a_few_who_are_silent_are_lost(cast: Cast) -> None:
    """Of so few it may well be that nobody answers."""
    followed(cast, MANY - 1)
    days(cast, range(5))

    assert statuses(cast) == {"lost_to_follow_up"}


def test_days_on_which_the_line_was_dead_do_not_count(cast: Cast) -> None:
    followed(cast, MANY)
    days(cast, range(2), heard_at=14)
    days(cast, range(2, 4))
    passes(cast, 4)
    assert statuses(cast) == {"under_follow_up"}

    days(cast, [4], heard_at=14)
    days(cast, range(5, 7))
    assert statuses(cast) == {"lost_to_follow_up"}


def told(cast: Cast, who: str) -> UUID:
    """Lan answers for the household of one of them, who agreed that she is told."""
    cast.clock.at = cast.local(7)
    person = cast.enrols(who, 8, name="Tran Thi Hoa")
    home(cast, person, phone(cast, LAN))
    agree(cast, person, "tell_household")
    agree(cast, person, "tell_volunteer")
    return person


@pytest.mark.parametrize(("others", "outcome", "heard"), [(MANY, "deaf", 0), (MANY - 2, "done", 1)])
def test_no_household_hears_of_a_silence_that_may_be_ours(cast: Cast, others: int, outcome: str, heard: int) -> None:
    person = told(cast, STRANGER)
    followed(cast, others)
    passes(cast, 0, 8, 10, 14)

    (step,) = cast.rows(ladder_steps, person_id=person, step="household")
    assert (step["outcome"], len(cast.heard(LAN))) == (outcome, heard)


@pytest.mark.parametrize("through", ["phone", "kannel"])
def test_the_household_is_told_where_others_are_heard(cast: Cast, through: str) -> None:
    person = told(cast, STRANGER)
    followed(cast, MANY)
    days(cast, [0], heard_at=10, through=through)

    steps = {row["step"]: row["outcome"] for row in cast.rows(ladder_steps, person_id=person)}
    assert (steps["household"], steps["volunteer"]) == ("done", "household_told")


def test_many_who_were_asked_through_two_gateways_are_many(cast: Cast) -> None:
    person = told(cast, STRANGER)
    phones = followed(cast, MANY)
    passes(cast, 0, 8)
    gone_through(cast, "kannel", *phones[: MANY // 2])
    with cast.engine.connect() as connection:
        silent = hearing.silences(connection, cast.local(10, 5), cast.services.sms)
    assert {name: each.total_seconds() for name, each in silent.items()} == {"kannel": 7200, "phone": 7200}

    passes(cast, 0, 14)
    assert {row["outcome"] for row in cast.rows(ladder_steps, person_id=person, step="household")} == {"deaf"}


def test_a_gateway_that_only_sends_is_no_alarm(cast: Cast) -> None:
    followed(cast, MANY)
    days(cast, [0], heard_at=10, through="kannel")

    with cast.engine.connect() as connection:
        assert not any(hearing.silences(connection, cast.local(10, 35), cast.services.sms).values())
        assert hearing.silences(connection, cast.local(10, 35), [])["kannel"]


def test_since_when_a_channel_hears_nobody_is_told_by_day(cast: Cast) -> None:
    followed(cast, MANY)

    def silent(hour: int, minute: int = 0, day: int = 0) -> dict[str, float]:
        with cast.engine.connect() as connection:
            found = hearing.silences(connection, cast.local(hour, minute, day), cast.services.sms)
        return {name: silence.total_seconds() for name, silence in found.items()}

    assert silent(8) == {}
    passes(cast, 0, 8)
    assert silent(10, 5) == {"phone": 7200}
    cast.clock.at = cast.local(10)
    cast.writes("troi mua qua", who=TU)
    assert silent(12, 5) == {"phone": 0}, "it hears, and nobody was asked since"

    passes(cast, 0, 11)
    assert silent(16) == {"phone": 17700}
    assert silent(23) == {"phone": 0}, "people sleep"
    assert silent(7, 30, 1) == {"phone": 0}, "they were asked yesterday"


def test_a_few_who_are_silent_are_no_alarm(cast: Cast) -> None:
    followed(cast, MANY - 1)
    passes(cast, 0, 8)

    with cast.engine.connect() as connection:
        assert not any(hearing.silences(connection, cast.local(14), cast.services.sms).values())
