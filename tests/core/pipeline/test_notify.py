"""How alerts are told: to whom once more, at which hours, with which codes, and what one fault does to the others."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert, select, text, update

from core.access.scope import Scope
from core.care import alert_codes, alerts, transfers
from core.care.handling import By
from core.care.transfers import Answer, Offer
from core.database.due import alert_notices
from core.database.due import alerts as rows
from core.database.following import transfers as offers
from core.database.tables import addresses, contacts, outbox
from core.pipeline.fallback import fall_back
from core.pipeline.notify import notify
from tests.cast import CDC, CENTRE, HOA, LAN, NEXT_STATION, NURSE, STATION, Cast
from tests.conftest import CELL
from tests.core.pipeline.test_duty import COLLEAGUE, alert, alert_row, on_duty, reply, told


def test_nobody_at_all_leaves_it_on_the_list_until_somebody_comes_on_duty(cast: Cast) -> None:
    cast.writes("kho tho qua", who=HOA)

    assert [notify(cast.services), notify(cast.services)] == [1, 0]
    assert (alert(cast)["status"], alert(cast)["escalate_at"], alert(cast)["code"]) == ("open", None, "")
    on_duty(cast, CDC, CENTRE)
    cast.later(minutes=1)
    notify(cast.services)

    assert "NGUY HIEM" in cast.heard(CDC)[-1]


def test_whoever_comes_on_duty_is_told_of_what_came_before(cast: Cast) -> None:
    cast.enrols(HOA)
    on_duty(cast, NURSE, hours=(9, 17))
    cast.writes("kho tho qua", who=HOA)
    notify(cast.services)
    assert cast.heard(NURSE) == []
    cast.clock.at = cast.local(9, 1)
    notify(cast.services)

    assert (len(cast.heard(NURSE)), alert(cast)["tier"]) == (1, 0)


def test_danger_that_nobody_takes_is_told_from_the_station_on_once_more_and_ever_more_seldom(ill: Cast) -> None:
    for _ in range(24 * 60):
        notify(ill.services)
        ill.later(minutes=1)

    nurse, centre = len(ill.heard(NURSE)), len(ill.heard(CDC))
    assert 4 <= nurse <= 8
    assert centre in (nurse, nurse - 1)
    assert len({row["id"] for row in ill.outbox(NURSE)}) == nurse


def test_what_may_wait_is_told_once_and_then_rests(cast: Cast) -> None:
    on_duty(cast, NURSE)
    _there(cast, kind="report")
    for _ in range(24):
        notify(cast.services)
        cast.later(hours=1)

    assert (len(cast.heard(NURSE)), alert(cast)["again_at"]) == (1, None)


@pytest.mark.parametrize("days", [1, 3])
def test_who_asks_for_a_human_again_days_later_is_told_of_again(cast: Cast, days: int) -> None:
    cast.enrols(HOA)
    on_duty(cast, NURSE)
    cast.writes("GOI", who=HOA)
    for _ in range(12):
        notify(cast.services)
        cast.later(hours=1)
    cast.clock.at = cast.local(9, days=days)
    notify(cast.services)
    assert len(cast.heard(NURSE)) == 1
    cast.writes("GOI", "GOI", who=HOA)
    for _ in range(6):
        notify(cast.services)
        cast.later(hours=1)
    assert (len(cast.heard(NURSE)), len(cast.rows(rows))) == (2, 1)


def test_after_an_upgrade_old_alerts_are_not_all_texted_at_once(cast: Cast) -> None:
    on_duty(cast, NURSE)
    _there(cast, raise_at=cast.clock.at - timedelta(days=3))
    _there(cast, raise_at=cast.clock.at - timedelta(hours=3))
    notify(cast.services)

    assert [row["code"] == "" for row in sorted(cast.rows(rows), key=lambda row: row["raise_at"])] == [True, False]
    assert len(cast.heard(NURSE)) == 1


@pytest.mark.parametrize(
    ("kind", "heard", "said"),
    [("danger", 1, "danger"), ("urgent", 1, "danger"), ("new_sign", 0, "info"), ("report", 0, "info")],
)
def test_only_what_cannot_wait_breaks_the_night(cast: Cast, kind: str, heard: int, said: str) -> None:
    on_duty(cast, NURSE)
    cast.clock.at = cast.local(23)
    _there(cast, kind=kind, raise_at=cast.clock.at)
    notify(cast.services)
    assert len(cast.heard(NURSE)) == heard
    cast.clock.at = cast.local(7, 1, days=1)
    notify(cast.services)

    assert cast.outbox(NURSE)[0]["kind"] == said


def test_an_alert_that_comes_back_to_a_unit_is_told_there_once_more(ill: Cast) -> None:
    on_duty(ill, COLLEAGUE, NEXT_STATION)
    for unit in (STATION, NEXT_STATION, STATION):
        with ill.engine.begin() as connection:
            moved = {"contact_id": ill.contact(HOA), "letter": alert(ill)["letter"]}
            alerts.move(connection, [{**moved, "person_id": None, "unit_code": unit}])
        notify(ill.services)

    assert (len(ill.heard(NURSE)), len(ill.heard(COLLEAGUE))) == (2, 1)


def test_with_a_transfer_an_alert_however_old_is_the_new_units_alone(ill: Cast) -> None:
    on_duty(ill, COLLEAGUE, NEXT_STATION)
    notify(ill.services)
    reply(ill, NURSE, f"NHAN {told(ill)}")
    ill.later(days=3)
    by, tree = By(uuid4(), ill.clock.at), ill.services.units()
    with ill.engine.begin() as connection:
        person = alert(ill)["person_id"]
        transfers.offer(connection, Scope(STATION, (STATION,)), Offer(person, NEXT_STATION), by, tree)
        (offer,) = connection.scalars(select(offers.c.id))
        transfers.answer(connection, Scope(NEXT_STATION, (NEXT_STATION,)), Answer(offer, accepted=True), by)
    assert notify(ill.services) == 1

    code = told(ill, COLLEAGUE)
    assert reply(ill, NURSE, "NHAN") == "Khong co viec nao dang cho."
    assert "Khong co viec" in reply(ill, NURSE, f"NHAN {code}")
    ill.later(minutes=5)
    assert notify(ill.services) == 1  # and goes up from there
    assert "0900 000 002" in reply(ill, COLLEAGUE, f"NHAN {code}")


def test_whoever_could_not_be_told_first_and_then_is_counts_as_told(cast: Cast) -> None:
    cast.enrols(HOA)
    on_duty(cast, NURSE)
    cast.writes("STOP", who=NURSE)
    cast.writes("kho tho qua", who=HOA)
    notify(cast.services)
    cast.writes("BAT DAU", who=NURSE)
    cast.later(minutes=2)
    notify(cast.services)

    (danger,) = cast.rows(rows, kind="danger")
    with cast.engine.connect() as connection:
        told_by = select(alert_notices.c.message_id).where(alert_notices.c.alert_id == danger["id"])
        (message,) = connection.scalars(told_by)
    assert message in {row["id"] for row in cast.outbox(NURSE)}


@pytest.mark.parametrize(("kind", "up"), [("new_sign", (7, 0)), ("danger", (20, 55))])
def test_the_night_is_no_waiting_for_what_does_not_break_it(cast: Cast, kind: str, up: tuple[int, int]) -> None:
    on_duty(cast, NURSE)
    cast.clock.at = cast.local(20, 50)
    _there(cast, kind=kind)
    notify(cast.services)

    assert alert(cast)["escalate_at"] == cast.local(*up, days=0 if kind == "danger" else 1)


def test_one_phone_that_cannot_be_texted_does_not_hold_up_the_others(ill: Cast) -> None:
    on_duty(ill, COLLEAGUE, NEXT_STATION)
    ill.writes("?", who=COLLEAGUE)
    with ill.engine.begin() as connection:
        broken = update(contacts).where(contacts.c.id == ill.contact(COLLEAGUE))
        connection.execute(broken.values(language="xx"))
    at_fault = _there(ill, unit_code=NEXT_STATION, raise_at=ill.clock.at - timedelta(minutes=9))

    assert notify(ill.services) == 2
    assert len(ill.heard(NURSE)) == 1
    assert next(row["again_at"] for row in ill.rows(rows, id=at_fault)) > ill.clock.at
    assert notify(ill.services) == 0


def test_when_codes_are_used_up_danger_still_has_some_and_the_rest_is_said(
    cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    on_duty(cast, NURSE)
    _spend_codes(cast, 8000)
    _there(cast, kind="report")
    danger = _there(cast)
    notify(cast.services)

    assert [(row["id"] == danger) for row in cast.rows(rows, unit_code=STATION) if row["code"]] == [True]
    assert "no code is left" in caplog.text
    assert len(cast.heard(NURSE)) == 1


def test_a_code_is_given_back_some_days_after_its_alert_is_closed(ill: Cast) -> None:
    notify(ill.services)
    reply(ill, NURSE, f"XONG {told(ill)}")
    for days, kept in ((2, True), (4, False)):
        with ill.engine.begin() as connection:
            alert_codes.give_back(connection, ill.clock.at + timedelta(days=days), 100)
        assert (alert(ill)["code"] != "") is kept


def test_an_open_alert_that_everybody_forgot_gives_its_code_back(ill: Cast) -> None:
    notify(ill.services)
    ill.later(days=15)
    with ill.engine.begin() as connection:
        assert alert_codes.give_back(connection, ill.clock.at, 100) == 1

    assert notify(ill.services) == 0


def test_what_fails_at_a_duty_phone_does_not_go_to_another_address_of_its_owner(ill: Cast) -> None:
    notify(ill.services)
    private = {"channel": "web", "address": "private", "contact_id": ill.contact(NURSE), "heard_at": ill.clock.at}
    with ill.engine.begin() as connection:
        connection.execute(insert(addresses).values(private))
        connection.execute(update(outbox).where(outbox.c.address == NURSE).values(status="failed"))
    fall_back(ill.services)

    assert [row["address"] for row in ill.rows(outbox, contact_id=ill.contact(NURSE))] == [NURSE]


def test_stop_takes_a_duty_phone_off_duty_and_says_so_to_it_and_to_the_unit(ill: Cast) -> None:
    on_duty(ill, COLLEAGUE, name="Dong nghiep")
    assert "la may truc cua Tram Y te xa Bat Xat" in reply(ill, NURSE, "STOP")
    (stopped,) = ill.rows(rows, kind="duty_stopped")
    assert (stopped["unit_code"], stopped["status"]) == (STATION, "open")
    notify(ill.services)
    assert len(ill.heard(NURSE)) == 2
    assert len(ill.heard(COLLEAGUE)) == 2

    assert "nhan tin bao tro lai" in reply(ill, NURSE, "BAT DAU")
    assert [row["status"] for row in ill.rows(rows, kind="duty_stopped")] == ["closed"]


def test_a_duty_phone_that_is_a_strangers_now_is_told_nothing_more_and_the_unit_hears_of_it(ill: Cast) -> None:
    on_duty(ill, COLLEAGUE, name="Dong nghiep")
    notify(ill.services)
    code = told(ill)
    answer = reply(ill, NURSE, "NHAM SO")
    assert "May truc" not in answer
    assert "may truc" not in answer

    assert "Khong co viec" in reply(ill, NURSE, f"NHAN {code}")
    assert [row["unit_code"] for row in ill.rows(rows, kind="duty_stopped")] == [STATION]
    heard = len(ill.heard(NURSE))
    ill.later(hours=2)
    notify(ill.services)
    assert len(ill.heard(NURSE)) == heard


def test_stop_of_anybody_else_is_no_alert(ill: Cast) -> None:
    assert "may truc" not in reply(ill, LAN, "STOP")
    assert ill.rows(rows, kind="duty_stopped") == []


def _there(cast: Cast, **changes: Any) -> UUID:
    row = alert_row(**{"raise_at": cast.clock.at} | changes)
    with cast.engine.begin() as connection:
        connection.execute(insert(rows).values(row))
    known: UUID = row["id"]
    return known


def _spend_codes(cast: Cast, count: int) -> None:
    """So many alerts of another unit, taken, each with a code."""
    taken = "INSERT INTO {}.alerts (id, code, kind, unit_code, signs, inbound_id, status, raise_at) SELECT {}"
    values = "gen_random_uuid(), n::text, 'report', :unit, '{}', gen_random_uuid(), 'taken', :at"
    with cast.engine.begin() as connection:
        statement = taken.format(CELL, f"{values} FROM generate_series(1000, 999 + cast(:count AS int)) n")
        connection.execute(text(statement), {"unit": CENTRE, "at": cast.clock.at, "count": count})
