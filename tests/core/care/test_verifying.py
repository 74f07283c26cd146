"""Who declared a risk is verified, by staff or by being on a list; if by nobody, that ends as well, and is told."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

from sqlalchemy import insert

from core.care import follow_up, follow_up_acts, follow_up_import, follow_up_lists, follow_up_sheet
from core.care.follow_up_acts import NewCase
from core.care.follow_up_import import Into, Report
from core.care.follow_up_lists import State
from core.care.follow_up_opening import Opened, Outcome
from core.care.follow_up_rows import Source
from core.care.follow_up_terms import Terms
from core.care.handling import By
from core.care.standing import day_of
from core.database.following import follow_up_events, follow_ups
from core.database.tables import persons
from tests.cast import LAN, STATION, Cast
from tests.core.care.test_follow_up_acts import HERE, NURSE


def declares_a_risk(cast: Cast) -> None:
    """Lan did, and waits to be verified."""
    cast.declares(LAN)
    (lan,) = cast.rows(persons)
    row = {"id": lan["id"], "person_id": lan["id"], "contact_id": cast.contact(LAN), "unit_code": STATION}
    terms = {"group": "F1", "place": "home", "hours": [8, 16], "start_on": cast.today()}
    state = {"status": "to_verify", "source": "risk", "verify_by": cast.clock.at + timedelta(days=1)}
    end = {"end_on": cast.today() + timedelta(days=14), "opened_at": cast.clock.at}
    with cast.engine.begin() as connection:
        connection.execute(insert(follow_ups).values(**row, **terms, **state, **end))


def test_whoever_is_opened_by_staff_is_verified_by_that(cast: Cast) -> None:
    declares_a_risk(cast)
    (lan,) = cast.rows(persons)
    terms = Terms("F0", hours=(7, 17))
    with cast.engine.begin() as connection:
        made = follow_up_acts.open_one(
            connection, HERE, NewCase(lan["id"], None, terms, STATION), By(NURSE, cast.clock.at)
        )
        again = follow_up_acts.open_one(
            connection, HERE, NewCase(lan["id"], None, terms, STATION), By(NURSE, cast.clock.at)
        )

    assert (made, again) == (Opened(Outcome.VERIFIED, lan["id"]), Opened(Outcome.ALREADY, lan["id"]))
    (row,) = cast.rows(follow_ups)
    assert (row["status"], row["group"], row["hours"], row["verify_by"]) == ("under_follow_up", "F0", [7, 17], None)
    assert [when for when, _ in cast.due(LAN)] == ["21 17:00", "22 07:00", "22 17:00"]
    (event,) = cast.rows(follow_up_events)
    assert (event["kind"], event["by"], event["unit_code"]) == ("verified", NURSE, STATION)


def test_whoever_is_on_a_list_is_verified_by_that_once(cast: Cast) -> None:
    declares_a_risk(cast)
    sheet = "Họ và tên;Năm sinh;SĐT;Nhóm;Ngày cuối\r\nNguyễn Thị Lan;1984;0900000001;F1;5/12/2026".encode()
    found: list[Report] = []
    for _ in range(2):
        read = follow_up_sheet.read(BytesIO(sheet), "list.csv", STATION, cast.today())
        into = Into(STATION, Source("import"), cast.clock.at)
        found += follow_up_import.take_in(cast.engine, follow_up_import.lines_of(cast.services), read, into)

    assert found == [Report(verified=[2]), Report(already=[2])]
    assert [row["status"] for row in cast.rows(follow_ups)] == ["under_follow_up"]
    assert len(cast.rows(persons)) == 1


def test_what_nobody_verified_is_listed_as_overdue_and_then_ended_with_its_reason(cast: Cast) -> None:
    declares_a_risk(cast)
    seen = []
    for days in (0, 2, 14, 16):
        cast.clock.at = cast.local(8, days=days)
        with cast.engine.begin() as connection:
            follow_up.give_up(connection, cast.clock.at)
        day = day_of(cast.clock.at)
        with cast.engine.connect() as connection:
            counts = follow_up_lists.count(connection, HERE, day)
            closed = follow_up_lists.listed(connection, HERE, day, State.CLOSED)
        seen.append((counts.verify, counts.overdue, [(one.status, one.end_reason) for one in closed]))

    assert seen == [(1, 0, []), (1, 1, []), (1, 1, []), (0, 0, [("cancelled", "unverified")])]
    assert [event["kind"] for event in cast.rows(follow_up_events)] == ["cancelled"]
