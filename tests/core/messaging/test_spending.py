"""What messages cost is counted once, by unit and day; a unit that has spent all starts nothing more that day."""

from __future__ import annotations

import logging
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import insert, select, text

from core.database.shared import units
from core.database.tables import outbox, spending
from core.messaging.channel import MessageKind, OutcomeUnknown, Refused, SendError, Sent, TryLater
from core.messaging.outbox import Leased, Outcome, claim, settle
from core.messaging.spending import Limits, Purse, held_units, is_warned, limits, set_budget, warn
from core.messaging.statements import HEAD
from tests.conftest import CELL
from tests.core.messaging.line import HOA, LAN, LEASE, NOW, Line

PRICE = 350
CENTRE = "CDC15"
REMINDER, RECEIPT = MessageKind.REMINDER, MessageKind.RECEIPT


def take(line: Line, held: tuple[str, ...] = (), now: datetime = NOW) -> list[Leased]:
    with line.engine.begin() as connection:
        return claim(connection, "phone", now, 10, LEASE, bulk=10, held_units=held)


def end(line: Line, *leased: Leased, result: Sent | SendError | None = None, now: datetime = NOW) -> None:
    with line.engine.begin() as connection:
        settle(connection, [Outcome(each, result or Sent()) for each in leased], now, PRICE)


def spent(line: Line) -> list[tuple[str, date, int, int]]:
    columns = (spending.c.unit_code, spending.c.day, spending.c.parts, spending.c.amount)
    with line.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(select(*columns).order_by(*columns))]


def held(line: Line, given: Limits, now: datetime = NOW) -> tuple[str, ...]:
    with line.engine.connect() as connection:
        return held_units(connection, given, now)


def test_parts_and_dong_by_unit_and_day(line: Line) -> None:
    line.lives(LAN, "TYT1")
    line.put(parts=2)
    line.put(to=HOA, parts=3)
    end(line, *take(line))
    line.put()
    end(line, *take(line), now=NOW + timedelta(hours=16, minutes=59))
    line.put()
    end(line, *take(line), now=NOW + timedelta(hours=17))
    first, second = date(2026, 11, 21), date(2026, 11, 22)
    assert spent(line) == [("", first, 3, 1050), ("TYT1", first, 3, 1050), ("TYT1", second, 1, 350)]


def test_settled_twice_is_paid_once(line: Line) -> None:
    line.put()
    leased = take(line)
    for _ in range(3):
        end(line, *leased)
    assert [row[2:] for row in spent(line)] == [(1, 350)]


@pytest.mark.parametrize("result", [Refused("30007"), TryLater("503"), OutcomeUnknown("timeout")])
def test_what_no_provider_took_costs_nothing(line: Line, result: SendError) -> None:
    line.put()
    end(line, *take(line), result=result)
    assert spent(line) == []


def test_a_slow_owner_whose_message_went_to_another_pays_nothing(line: Line) -> None:
    line.put()
    slow = take(line)
    line.lapse()
    end(line, *take(line))
    end(line, *slow)
    assert [row[2:] for row in spent(line)] == [(1, 350)]


def test_at_the_whole_what_we_start_waits_and_replies_leave(line: Line) -> None:
    for who in (LAN, HOA):
        line.lives(who, "TYT1" if who == LAN else "TYT2")
        line.put(REMINDER, to=who)
    end(line, *take(line))
    reminder, free = line.put(REMINDER), line.put(REMINDER, to=HOA)
    given = Limits(0, {"TYT1": 350, "TYT2": 351})
    assert held(line, given) == ("TYT1",)
    assert [each.message.id for each in take(line, held(line, given))] == [free]
    reply = line.put(RECEIPT)
    (leased,) = take(line, held(line, given))
    assert leased.message.id == reply
    end(line, leased)
    tomorrow = NOW + timedelta(hours=17)
    assert held(line, given, tomorrow) == ()
    assert line.status(reminder) == "queued"


_CROWD = f"""
WITH people AS (
    INSERT INTO {CELL}.contacts (id, channel, address, seen_at, unit_code)
    SELECT gen_random_uuid(), 'phone', '+849001' || lpad(n::text, 5, '0'), :now, :unit
    FROM generate_series(1, :most) AS n RETURNING id, address
)
INSERT INTO {CELL}.outbox (id, contact_id, seq, channel, address, kind, priority, text, parts, created_at, due_at,
                    expires_at, attempts)
SELECT gen_random_uuid(), id, seq, 'phone', address, 'reminder', 2, 'Hôm nay thế nào?', 1, :now,
       :now + due * interval '1 hour', :now + interval '20 hours', tried
FROM people, (VALUES (1, 1, 1), (2, -1, 0)) AS message (seq, due, tried) WHERE seq > 1 OR :blocked
"""


@pytest.mark.parametrize("blocked", [True, False])
def test_a_whole_head_that_cannot_leave_stops_nobody_behind_it(line: Line, blocked: bool) -> None:
    """Each waits behind one that has to be tried again; or each was just written to."""
    with line.engine.begin() as connection:
        crowd = {"now": NOW, "unit": "TYT2", "most": HEAD, "blocked": blocked}
        connection.execute(text(_CROWD), crowd)
        resting = list(connection.scalars(select(outbox.c.address).distinct())) if not blocked else []
    free = {line.put(REMINDER, to=f"+849000001{n:02}") for n in range(5)}
    with line.engine.begin() as connection:
        taken = claim(connection, "phone", NOW, 9, LEASE, bulk=9, held_units=["TYT1"], resting=resting)
    assert {each.message.id for each in taken} == free


def test_two_workers_overshoot_by_what_is_in_flight(line: Line) -> None:
    """Each claims three at a time, of a budget for five; what is claimed when it is spent still leaves."""
    for n in range(20):
        line.put(REMINDER, to=f"+849000001{n:02}")
    given = Limits(5 * PRICE, centre=CENTRE)
    under_way: list[list[Leased]] = []
    for _ in range(8):
        with line.engine.begin() as connection:
            closed = held_units(connection, given, NOW)
            under_way.append(claim(connection, "phone", NOW, 3, LEASE, bulk=3, held_units=closed))
        if len(under_way) > 1:
            end(line, *under_way.pop(0))
    end(line, *under_way.pop())
    ((_, _, parts, _),) = spent(line)
    assert 5 <= parts <= 5 + 3 + 3


def test_nobodys_people_are_the_centres(line: Line) -> None:
    line.put()
    end(line, *take(line))
    assert held(line, Limits(350, centre=CENTRE)) == ("", CENTRE)
    assert held(line, Limits(350, {CENTRE: 0}, CENTRE)) == ()
    assert held(line, Limits()) == ()


def test_one_warning_a_day_that_names_the_unit_alone(line: Line, caplog: pytest.LogCaptureFixture) -> None:
    line.lives(LAN, "TYT1")
    given = Limits(1000, centre=CENTRE)
    with caplog.at_level(logging.WARNING), line.engine.begin() as connection:
        for n in (1, 2, 3):
            line.put()
            end(line, *take(line))
            assert warn(connection, given, NOW) == (1 if n == 3 else 0)
        assert warn(connection, given, NOW) == 0
        assert is_warned(connection, ["TYT1"], NOW)
        assert not is_warned(connection, ["TYT2", ""], NOW)
        assert not is_warned(connection, ["TYT1"], NOW + timedelta(days=1))
    assert [record.getMessage() for record in caplog.records] == [
        "spending: unit TYT1 has spent 105 % of its budget of today"
    ]


def test_budgets_are_the_installations_but_for_a_units_own(line: Line) -> None:
    with line.engine.begin() as connection:
        connection.execute(insert(units).values(_unit("TYT1")))
        set_budget(connection, "TYT1", 5000)
        set_budget(connection, "TYT1", 7000)
        given = limits(connection, 1000, CENTRE)
        assert (given.of("TYT1"), given.of("TYT2"), given.any) == (7000, 1000, True)
        assert not Limits(0, {"TYT1": 0}).any
        set_budget(connection, "TYT1", None)
        assert limits(connection, 1000, CENTRE).of("TYT1") == 1000


def test_a_worker_reads_what_was_spent_at_each_claim(line: Line) -> None:
    purse = Purse(350, lambda: CENTRE)
    with line.engine.connect() as connection:
        assert purse(connection, NOW) == ()
    line.put()
    end(line, *take(line))
    with line.engine.connect() as connection:
        assert purse(connection, NOW) == ("", CENTRE)


def _unit(code: str) -> dict[str, object]:
    named = dict.fromkeys(("name", "short_name", "sort_key"), code)
    return {**named, "code": code, "data_version": "1", "type": "commune_station", "level": 3, "valid_from": NOW.date()}
