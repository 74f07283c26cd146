"""A declared risk is a follow-up to verify, by a deadline; never a second one."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import update

from core.care.follow_up_risk import Risk, open_to_verify
from core.database.due import due_checks
from core.database.following import follow_up_events, follow_ups
from tests.cast import HOA, LAN, MORNING, STATION, Cast

RISK = (
    "NGUY CO",
    "dong y",
    "1",
    "cho Coc Ly",
    "19/11/2026",
    "Nguyen Van B",
    "khong",
    "Nguyen Thi Lan",
    "1984",
    "nu",
    "xa bat xat, lao cai",
    "thon na ang",
)


def only(cast: Cast) -> dict[str, Any]:
    (row,) = cast.rows(follow_ups)
    return dict(row)


def test_it_waits_to_be_verified_and_nobody_is_asked_yet(cast: Cast) -> None:
    cast.writes(*RISK, "ok")

    row = only(cast)
    (record,) = cast.records()
    assert (row["status"], row["source"], row["source_id"]) == ("to_verify", "risk", record["root"])
    assert (row["group"], row["last_contact_on"], row["unit_code"]) == ("F1", date(2026, 11, 19), STATION)
    assert row["end_on"] == date(2026, 12, 3)
    assert timedelta(hours=24) <= row["verify_by"] - MORNING < timedelta(hours=24, minutes=30)
    assert row["contact_id"] == cast.contact(LAN)
    assert cast.rows(due_checks) == []
    assert [(e["kind"], e["by"]) for e in cast.rows(follow_up_events)] == [("opened", None)]


@pytest.mark.parametrize(("said", "group"), [("2", "arrival"), ("3", "F2"), ("1 3", "F1")])
def test_the_group_follows_from_what_was_declared(cast: Cast, said: str, group: str) -> None:
    texts = [text for text in RISK if said != "2" or text != "Nguyen Van B"]
    texts[2] = said
    cast.writes(*texts, "ok")

    assert only(cast)["group"] == group


def test_no_risk_opens_nothing(cast: Cast) -> None:
    cast.writes("NGUY CO", "dong y", "khong", *RISK[6:], "ok")

    assert len(cast.records()) == 1
    assert cast.rows(follow_ups) == []


@pytest.mark.parametrize("status", ["to_verify", "under_follow_up"])
def test_who_has_an_open_one_gets_no_second(cast: Cast, status: str) -> None:
    cast.writes(*RISK, "ok")
    with cast.engine.begin() as connection:
        connection.execute(update(follow_ups).values(status=status))
    (first,) = cast.rows(follow_ups)
    again = Risk(uuid4(), first["person_id"], cast.contact(), STATION, {"contact_area": True})
    with cast.engine.begin() as connection:
        open_to_verify(connection, [again, again], cast.clock.at)

    assert len(cast.rows(follow_ups)) == len(cast.rows(follow_up_events)) == 1


@pytest.mark.parametrize("day", ["2026-12-24", "29/2", None])
def test_a_contact_in_the_future_or_on_no_day_is_not_known(cast: Cast, day: str | None) -> None:
    person = cast.enrols(HOA)
    with cast.engine.begin() as connection:
        connection.execute(update(follow_ups).values(status="cancelled"))
        answers = {"contact_patient": True, "last_contact_on": day}
        open_to_verify(connection, [Risk(uuid4(), person, cast.contact(HOA), STATION, answers)], cast.clock.at)

    newest = cast.rows(follow_ups)[-1]
    assert (newest["last_contact_on"], newest["end_on"]) == (None, date(2026, 12, 5))
