"""Opening for who was merged, and for who waits to be verified elsewhere: nobody is followed twice."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, update

from core.care import follow_up_import
from core.care.follow_up_import import Into, Report
from core.care.follow_up_rows import Source
from core.care.follow_up_sheet import read
from core.database.due import due_checks
from core.database.following import follow_up_events, follow_ups
from core.database.tables import members, persons
from tests.cast import HOA, LAN, NEXT_STATION, Cast
from tests.core.care.test_verifying import declares_a_risk


@pytest.fixture
def twins(cast: Cast) -> tuple[UUID, UUID]:
    """May of Hoa's phone, who is followed, was merged into May of Lan's phone, who is not."""
    gone, kept = cast.enrols(HOA), cast.enrols(LAN, name="May Sung Thi")
    with cast.engine.begin() as connection:
        for table in (due_checks, follow_up_events, follow_ups):
            connection.execute(delete(table).where(table.c.person_id == kept))
        connection.execute(update(persons).where(persons.c.id == gone).values(merged_into=kept))
    return gone, kept


def test_who_is_followed_under_the_other_name_is_followed(cast: Cast, twins: tuple[UUID, UUID]) -> None:
    cast.enrols(HOA)

    assert [row["person_id"] for row in cast.rows(follow_ups)] == [twins[0]]


def test_who_is_followed_anew_answers_where_they_are_asked(cast: Cast, twins: tuple[UUID, UUID]) -> None:
    with cast.engine.begin() as connection:
        connection.execute(update(follow_ups).values(status="completed"))
    cast.enrols(HOA)

    (row,) = cast.rows(follow_ups, status="under_follow_up")
    assert (row["person_id"], row["contact_id"]) == (twins[1], cast.contact(HOA))
    assert cast.rows(members, contact_id=cast.contact(HOA), person_id=twins[1])


def test_a_list_does_not_verify_for_another_unit(cast: Cast) -> None:
    declares_a_risk(cast)
    before: dict[str, Any] = dict(cast.rows(follow_ups)[0])
    sheet = BytesIO("Họ và tên;Năm sinh;SĐT;Nhóm;Ngày cuối\r\nNguyễn Thị Lan;1984;0900000001;F1;5/12/2026".encode())
    into = Into(NEXT_STATION, Source("import"), cast.clock.at)
    rows = read(sheet, "list.csv", NEXT_STATION, cast.today())
    found = list(follow_up_import.take_in(cast.engine, follow_up_import.lines_of(cast.services), rows, into))

    assert found == [Report(already=[2])]
    assert [dict(row) for row in cast.rows(follow_ups)] == [before]
