"""Duty phones: who is told of an alert, when the unit above is, and what NHAN and XONG do."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert, select, update

from core.access.scope import Scope
from core.care import duty, handling
from core.care.duty import NewDuty
from core.care.handling import By
from core.database.due import alert_notices
from core.database.due import alerts as rows
from core.database.tables import addresses
from core.pipeline.notify import notify
from core.pipeline.receive import receive
from tests.cast import CDC, CENTRE, HOA, LAN, NEXT_STATION, NURSE, STATION, STRANGER, Cast

COLLEAGUE = "+84900000042"


def on_duty(
    cast: Cast, phone: str, unit: str = STATION, name: str = "Dieu duong", hours: tuple[int, int] = (0, 24)
) -> None:
    with cast.engine.begin() as connection:
        duty.add(connection, NewDuty(unit, "phone", phone, name, hours), cast.clock.at)


def alert(cast: Cast) -> dict[str, Any]:
    (row,) = cast.rows(rows)
    return dict(row)


def told(cast: Cast, phone: str = NURSE) -> str:
    """The code in the newest text to that phone."""
    return cast.heard(phone)[-1].split()[1]


def alert_units(cast: Cast) -> list[str]:
    return [row["unit_code"] for row in cast.rows(rows) if row["kind"] == "danger"]


def reply(cast: Cast, phone: str, text: str) -> str:
    cast.writes(text, who=phone)
    return cast.heard(phone)[-1]


def test_danger_is_told_with_a_code_a_place_and_an_urgency_and_nothing_else(ill: Cast) -> None:
    assert notify(ill.services) == 1

    row = alert(ill)
    (text,) = ill.heard(NURSE)
    code = row["code"]
    assert text == f"KhaiBao {code} NGUY HIEM: thon Ban Qua. Nhan NHAN {code} de nhan viec."
    assert (len(code), row["tier"], row["escalate_at"]) == (4, 0, ill.clock.at + timedelta(minutes=5))
    assert ill.heard(CDC) == []


def test_asked_again_it_tells_nobody_twice(ill: Cast) -> None:
    assert [notify(ill.services), notify(ill.services)] == [1, 0]
    assert len(ill.heard(NURSE)) == 1


def test_it_goes_up_while_nobody_takes_it_and_then_stays(ill: Cast) -> None:
    notify(ill.services)
    ill.later(minutes=4, seconds=59)
    assert notify(ill.services) == 0
    ill.later(seconds=1)
    assert notify(ill.services) == 1
    assert "Tuyen duoi chua ai nhan" in ill.heard(CDC)[-1]
    assert "thon Ban Qua, xa Bat Xat" in ill.heard(CDC)[-1]
    ill.later(minutes=5)
    assert notify(ill.services) == 1

    assert (alert(ill)["escalate_at"], alert(ill)["status"]) == (None, "open")
    assert notify(ill.services) == 0
    assert (len(ill.heard(NURSE)), len(ill.heard(CDC))) == (1, 1)


def test_who_takes_it_first_has_it_and_gets_name_and_number(ill: Cast) -> None:
    on_duty(ill, COLLEAGUE, name="Dong nghiep")
    notify(ill.services)
    code = told(ill)

    assert reply(ill, NURSE, f"NHAN {code}").startswith(f"{code}: Sung Thi May, 1953, 0900 000 002: kho tho.")
    assert reply(ill, COLLEAGUE, f"nhan {code} a") == f"Viec {code} da co Dieu duong nhan luc 08:00 21/11."
    ill.later(minutes=6)
    assert notify(ill.services) == 0


def test_of_two_in_one_batch_the_first_has_it(ill: Cast) -> None:
    on_duty(ill, COLLEAGUE, name="Dong nghiep")
    notify(ill.services)
    code = told(ill)
    receive(ill.services, [ill.message(f"NHAN {code}", NURSE), ill.message(f"NHAN {code}", COLLEAGUE)])

    assert "0900 000 002" in ill.heard(NURSE)[-1]
    assert "da co Dieu duong nhan" in ill.heard(COLLEAGUE)[-1]


def test_asked_again_the_same_phone_is_told_again(ill: Cast) -> None:
    notify(ill.services)
    first = reply(ill, NURSE, f"NHAN {told(ill)}")

    assert reply(ill, NURSE, f"NHAN {alert(ill)['code']}") == first


@pytest.mark.parametrize(
    ("said", "result"),
    [
        ("da gap, khoe", "well"),
        ("chuyển viện rồi", "referred"),
        ("goi 115", "ambulance"),
        ("da den nha", "visited"),
        ("goi khong duoc", "not_reached"),
        ("khong lien lac duoc", "not_reached"),
        ("bao nham", "mistake"),
        ("", "other"),
        ("benh nhan kho tho, da goi cap cuu", "ambulance"),
        ("38 do 5", "other"),
        ("38,5 chuyen vien", "referred"),
    ],
)
def test_it_is_closed_by_text_with_its_result(ill: Cast, said: str, result: str) -> None:
    notify(ill.services)
    code = told(ill)
    cast_alerts = len(ill.rows(rows))
    assert reply(ill, NURSE, f"XONG {code} {said}").startswith(f"Da dong viec {code}: ")

    row = alert(ill)
    assert (row["status"], row["result"]) == ("closed", f"{result}: {said}" if said else result)
    assert len(ill.rows(rows)) == cast_alerts


@pytest.mark.parametrize("who", [LAN, STRANGER])
def test_a_stranger_learns_nothing(ill: Cast, who: str) -> None:
    on_duty(ill, COLLEAGUE, NEXT_STATION)
    notify(ill.services)
    code = told(ill)
    other = "1000" if code != "1000" else "1001"

    for word in ("NHAN", "XONG"):
        answer = reply(ill, who, f"{word} {code}")
        assert answer == reply(ill, who, f"{word} {other}").replace(other, code)
        assert answer == reply(ill, COLLEAGUE, f"{word} {code}")
    assert alert(ill)["status"] == "open"


def test_a_unit_that_was_not_told_yet_may_not_take_it(ill: Cast) -> None:
    notify(ill.services)
    assert "Khong co viec" in reply(ill, CDC, f"NHAN {told(ill)}")
    ill.later(minutes=5)
    notify(ill.services)

    assert "0900 000 002" in reply(ill, CDC, f"NHAN {told(ill)}")


def test_without_a_code_it_lists_what_waits(ill: Cast) -> None:
    assert reply(ill, NURSE, "NHAN") == "Khong co viec nao dang cho."
    notify(ill.services)
    code = alert(ill)["code"]

    assert reply(ill, NURSE, "NHAN") == f"Dang cho: {code} NGUY HIEM thon Ban Qua. Nhan NHAN va ma de nhan viec."
    assert "Ma viec co 4 so" in reply(ill, NURSE, f"NHAN {code[:3]}")
    reply(ill, NURSE, f"NHAN {code}")
    assert f"Dang nhan: {code}" in reply(ill, NURSE, "XONG")


def test_a_form_of_whoever_is_on_duty_goes_on(ill: Cast) -> None:
    notify(ill.services)
    code = told(ill)
    ill.writes("KHAI", "dong y", who=NURSE)
    question = ill.heard(NURSE)[-1]
    ill.writes(f"NHAN {code}", who=NURSE)

    assert "0900 000 002" in ill.heard(NURSE)[-2]
    assert ill.heard(NURSE)[-1] == question


def test_a_unit_without_a_phone_on_duty_goes_straight_up(cast: Cast) -> None:
    cast.enrols(HOA)
    on_duty(cast, NURSE, hours=(18, 6))
    on_duty(cast, CDC, CENTRE)
    cast.writes("kho tho qua", who=HOA)
    notify(cast.services)

    assert (len(cast.heard(NURSE)), len(cast.heard(CDC)), alert(cast)["tier"]) == (0, 1, 1)


@pytest.mark.parametrize(("hour", "heard"), [(17, 0), (18, 1), (23, 1), (0, 1), (5, 1), (6, 0)])
def test_on_duty_across_midnight(cast: Cast, hour: int, heard: int) -> None:
    cast.enrols(HOA)
    on_duty(cast, NURSE, hours=(18, 6))
    cast.clock.at = cast.local(hour, days=1)
    cast.writes("kho tho qua", who=HOA)
    notify(cast.services)

    assert len(cast.heard(NURSE)) == heard


@pytest.mark.parametrize("fault", ["stopped_at", "unreachable_at"])
def test_a_phone_that_cannot_be_told_is_written_down_and_the_next_is_told_at_once(ill: Cast, fault: str) -> None:
    ill.writes("?", who=NURSE)
    before = len(ill.heard(NURSE))
    with ill.engine.begin() as connection:
        connection.execute(update(addresses).where(addresses.c.address == NURSE).values({fault: ill.clock.at}))
    notify(ill.services)

    assert (len(ill.heard(NURSE)) - before, len(ill.heard(CDC)), alert(ill)["tier"]) == (0, 1, 1)
    assert sorted((n["tier"], n["message_id"] is None) for n in _notices(ill)) == [(0, True), (1, False)]


def _notices(cast: Cast) -> list[Any]:
    with cast.engine.connect() as connection:
        return list(connection.execute(select(alert_notices)).mappings())


def test_closed_on_the_console_meanwhile_its_code_is_nobodys(ill: Cast) -> None:
    notify(ill.services)
    code = told(ill)
    with ill.engine.begin() as connection:
        handling.close(connection, Scope(STATION, (STATION,)), alert(ill)["id"], By(uuid4(), ill.clock.at), "well")

    assert "Khong co viec" in reply(ill, NURSE, f"NHAN {code}")


def test_somebody_without_a_phone_is_an_alert_as_well(cast: Cast) -> None:
    on_duty(cast, NURSE)
    with cast.engine.begin() as connection:
        connection.execute(insert(rows).values(alert_row(kind="left_place", signs=[])))
    notify(cast.services)
    code = told(cast)

    assert f"KhaiBao {code} KHAN: xa Bat Xat" in cast.heard(NURSE)[-1]
    assert reply(cast, NURSE, f"NHAN {code}").startswith(
        f"{code}: chua ro ten, khong co so dien thoai: khong o noi cach ly."
    )


def test_at_night_it_is_told_all_the_same(ill: Cast) -> None:
    ill.clock.at = ill.local(23)
    notify(ill.services)

    assert len(ill.heard(NURSE)) == 1


def test_an_alert_that_moves_is_told_to_the_unit_that_is_near(cast: Cast) -> None:
    on_duty(cast, NURSE)
    on_duty(cast, CDC, CENTRE)
    cast.writes("kho tho", who=LAN)
    notify(cast.services)
    assert (len(cast.heard(NURSE)), len(cast.heard(CDC))) == (0, 1)
    cast.declares()
    notify(cast.services)

    assert (len(cast.heard(NURSE)), alert_units(cast)) == (1, [STATION])


def alert_row(**changes: Any) -> dict[str, Any]:
    known: UUID = uuid4()
    return {
        "id": known,
        "code": "",
        "kind": "danger",
        "unit_code": STATION,
        "signs": [],
        "inbound_id": known,
        "status": "open",
        "raise_at": "2026-11-21T01:00:00Z",
    } | changes
