"""Becoming a volunteer, consent asked by text, households found, handed over and given back."""

from __future__ import annotations

from uuid import uuid4

import pytest
from sqlalchemy import update

from core.access.scope import Scope
from core.database.households import handovers, volunteers
from core.database.households import households as home_rows
from core.database.tables import persons
from core.people import consents, helping, households, join
from core.people import volunteers as helpers
from core.people.households import NewHome
from core.people.volunteers import Decided
from core.reminders import silent
from core.reminders.volunteers import ask_of_households, tell_of_volunteers
from tests.cast import DECLARED, HOA, LAN, NEXT_STATION, STATION, STRANGER, TU, Cast
from tests.core.pipeline.test_volunteers import Village


@pytest.fixture
def village(cast: Cast) -> Village:
    return Village(cast)


def test_consent_is_asked_on_their_own_phone(village: Village) -> None:
    cast = village.cast
    (asked,) = village.says("DANH SACH", "1", "HOI DONG Y")[3:]
    assert asked.startswith("Dang hoi qua may cua ho: A May, B Pao.")
    before = len(cast.heard(HOA))
    tell_of_volunteers(cast.services)
    (question,) = cast.heard(HOA)[before:]
    assert question.startswith("Tinh nguyen vien Ly Van Tu xin khai bao suc khoe ho May. Tra loi DONG Y")
    cast.writes("DONG Y", who=HOA)
    tell_of_volunteers(cast.services)
    assert "ho Pao" in cast.heard(HOA)[-1]
    cast.writes("khong dong y", who=HOA)

    village.says("A OK", "B OK")
    assert (village.of(village.may), village.of(village.pao)) == ([[]], [])
    tell_of_volunteers(cast.services)
    assert cast.heard(HOA)[-1].startswith("Khi May khong tra loi, co bao tinh nguyen vien")

    cast.writes("RUT", who=HOA)
    village.says("A SOT 38")
    assert village.of(village.may) == [[]]


def test_a_household_found_by_name_is_theirs_once_they_agree(village: Village) -> None:
    cast = village.cast
    with cast.engine.begin() as connection:
        helpers.unassign(connection, village.tu, village.home, cast.clock.at)
    found, asked = village.says("TIM MAY", "1")
    assert found == "Nha nao? Xin chon so. 1 nha ba May"
    assert asked.startswith("Da hoi nha do qua may cua ho.")
    tell_of_volunteers(cast.services)
    cast.writes("DONG Y", who=HOA)
    (list_,) = village.says("DANH SACH")
    assert "nha ba May" in list_


def test_it_finds_nothing_of_another_unit(village: Village) -> None:
    with village.cast.engine.begin() as connection:
        households.make(connection, NewHome(NEXT_STATION, "nhà ông Sẩu"), None, village.cast.clock.at)
    (said,) = village.says("TIM SAU")
    assert said.startswith("Khong thay nha nao")


def test_who_wants_to_help_waits_for_the_unit(cast: Cast) -> None:
    cast.writes("TINH NGUYEN Ly Van Tu, xa Bat Xat, Lao Cai", "DANH SACH", "TINH NGUYEN", who=TU)
    (row,) = cast.rows(volunteers)
    assert (row["name"], row["unit_code"], row["status"]) == ("Ly Van Tu", STATION, "waiting")
    assert "chua tra loi" in cast.heard(TU)[-1]
    with cast.engine.begin() as connection:
        elsewhere = Scope(NEXT_STATION, (NEXT_STATION,))
        yes = Decided(True, None, cast.clock.at)
        assert helpers.decide(connection, elsewhere, row["id"], yes) is helpers.Outcome.UNKNOWN
        assert helpers.decide(connection, Scope(STATION, (STATION,)), row["id"], yes) is helpers.Outcome.DONE
    tell_of_volunteers(cast.services)
    tell_of_volunteers(cast.services)
    assert cast.heard(TU)[-1].startswith("Tram y te da nhan Ly Van Tu lam tinh nguyen vien.")
    assert sum(text.startswith("Tram y te da nhan") for text in cast.heard(TU)) == 1


def test_a_household_is_handed_over_once_the_other_takes_it(village: Village) -> None:
    cast = village.cast
    with cast.engine.begin() as connection:
        cast.writes("xin chao", who=STRANGER)
        other = helpers.make(connection, cast.contact(STRANGER), "Vang A Sua", STATION, cast.clock.at)
    said = village.says("DANH SACH", "1", f"BAN GIAO 0{STRANGER[3:]}", f"BAN GIAO 0{LAN[3:]}")
    assert said[-1] == said[-2], "nobody learns who helps"
    tell_of_volunteers(cast.services)
    assert "ban giao nha ba May" in cast.heard(STRANGER)[-1]
    cast.writes("NHAN NHA", who=STRANGER)

    assert village.looked_after() == {(other, village.home), (village.tu, village.other)}
    assert [row["accepted"] for row in cast.rows(handovers)] == [True]


def test_who_resigns_gives_their_households_back(village: Village) -> None:
    village.says("NGHI TINH NGUYEN")
    assert village.looked_after() == set()
    village.says("DANH SACH")
    assert village.cast.session(TU).get("serving") is None


def test_who_said_no_is_not_talked_over(village: Village) -> None:
    cast = village.cast
    village.says("DANH SACH", "1", "HOI DONG Y")
    tell_of_volunteers(cast.services)
    cast.writes("khong dong y", who=HOA)
    said = village.says("DONG Y MIENG A", "A OK")
    assert said[0].startswith("A May da noi khong nen chua ghi.")
    assert said[1].startswith("A May da noi khong nen chua ghi.")
    assert village.of(village.may) == []
    with cast.engine.begin() as connection:  # written by a process that did not know
        consents.spoken(connection, uuid4(), village.tu, village.may, cast.clock.at)
    village.says("A OK")
    assert village.of(village.may) == []


@pytest.mark.parametrize("no", ["khong dong y", "RUT"])
def test_a_no_ends_what_was_heard_and_only_their_own_yes_takes_it_back(village: Village, no: str) -> None:
    cast = village.cast
    village.agree()
    village.says("DANH SACH", "1", "A OK")
    with cast.engine.begin() as connection:
        (may, *_) = consents.to_ask(connection, village.home, village.tu, [village.may], cast.clock.at)
        consents.ask(connection, uuid4(), village.tu, may, cast.clock.at)
    tell_of_volunteers(cast.services)
    cast.writes(no, who=HOA)
    village.says("DONG Y MIENG A", "A HO")
    assert village.of(village.may) == [[]]

    cast.later(days=8)
    village.says("DANH SACH", "1", "HOI DONG Y")
    for _ in range(2):  # Pao is asked on the same phone, one after the other
        tell_of_volunteers(cast.services)
        cast.writes("DONG Y", who=HOA)
    village.says("A HO")
    assert village.of(village.may)[-1] == ["cough"]


def test_what_they_agreed_to_ends_with_the_assignment(village: Village) -> None:
    village.agree()
    village.says("DANH SACH", "1", "A OK", "XONG")
    with village.cast.engine.begin() as connection:
        helpers.unassign(connection, village.tu, village.home, village.cast.clock.at)
        helpers.assign(connection, village.tu, village.home, None, village.cast.clock.at)
    village.says("DANH SACH", "1", "A HO")
    assert village.of(village.may) == [[]]


def test_nobody_is_asked_on_a_neighbours_phone(village: Village) -> None:
    cast = village.cast
    cast.writes("KHAI HO", *(text.replace("Lan", "Mai") for text in DECLARED[1:]), "KHONG", "ok", who=STRANGER)
    (mai,) = cast.rows(persons, full_name="Nguyen Thi Mai")
    with cast.engine.begin() as connection:
        home = households.make(connection, NewHome(STATION, "nhà bà Mai"), None, cast.clock.at)
        households.join(connection, home, [mai["id"]], cast.clock.at)
        asked = consents.to_ask(connection, home, village.tu, [mai["id"]], cast.clock.at)
    assert [who.contact_id for who in asked] == [None]


def test_a_household_of_a_phone_takes_no_one_of_another_unit(village: Village) -> None:
    cast = village.cast
    far = cast.enrols(HOA, name="Vang A Xa", unit=NEXT_STATION)
    with cast.engine.begin() as connection:
        assert far not in households.of_phone(connection, cast.contact(HOA), STATION)
        connection.execute(update(persons).where(persons.c.id == village.may).values(unit_code=NEXT_STATION))
        households.part(connection, [village.may, village.pao], cast.clock.at)
        assert households.living(connection, village.home) == (village.pao,)


def test_two_phones_that_both_help_become_one_with_all_households(village: Village) -> None:
    cast = village.cast
    cast.writes("xin chao", who=STRANGER)
    with cast.engine.begin() as connection:
        other = helpers.make(connection, cast.contact(STRANGER), "Ly Van Tu", STATION, cast.clock.at)
        helpers.unassign(connection, village.tu, village.other, cast.clock.at)
        helpers.assign(connection, other, village.other, None, cast.clock.at)
        consents.spoken(connection, uuid4(), other, village.lan, cast.clock.at)
    with cast.engine.begin() as connection:
        join.join(connection, cast.contact(TU), cast.contact(STRANGER), cast.contact(TU), cast.clock.at)
    assert village.looked_after() == {(village.tu, village.home), (village.tu, village.other)}
    village.says("DANH SACH", "2", "A HO")
    assert village.of(village.lan) == [["cough"]]


def test_a_household_is_told_only_of_who_agrees(village: Village) -> None:
    """May is asked on Hoa's phone; Tu answers for her household."""
    cast = village.cast
    with cast.engine.begin() as connection:
        change = update(home_rows).where(home_rows.c.id == village.home).values(contact_id=cast.contact(TU))
        connection.execute(change)
    cast.later(hours=2)
    assert ask_of_households(cast.services) == 2
    assert ask_of_households(cast.services) == 0
    tell_of_volunteers(cast.services)
    assert cast.heard(HOA)[-1].startswith("Khi May khong tra loi tin nhan, co nho nguoi nha hoi tham khong?")
    cast.writes("DONG Y", who=HOA)
    asked_at = {village.may: cast.contact(HOA)}
    with cast.engine.connect() as connection:
        assert silent.household(connection, asked_at) == {village.may: cast.contact(TU)}
    cast.writes("RUT", who=HOA)
    with cast.engine.connect() as connection:
        assert silent.household(connection, asked_at) == {}


@pytest.mark.parametrize("taken", ["unassign", "stop", "resign"])
def test_an_offer_ends_when_the_household_is_the_givers_no_more(village: Village, taken: str) -> None:
    cast = village.cast
    cast.writes("xin chao", who=STRANGER)
    with cast.engine.begin() as connection:
        helpers.make(connection, cast.contact(STRANGER), "Vang A Sua", STATION, cast.clock.at)
    village.says("DANH SACH", "1", f"BAN GIAO 0{STRANGER[3:]}")
    tell_of_volunteers(cast.services)
    with cast.engine.begin() as connection:
        if taken == "unassign":
            helpers.unassign(connection, village.tu, village.home, cast.clock.at)
        elif taken == "resign":
            helpers.resign(connection, village.tu, cast.clock.at)
    if taken == "stop":
        village.stop()
    held = village.looked_after()
    cast.writes("NHAN NHA", who=STRANGER)
    assert cast.heard(STRANGER)[-1].startswith("Chua co nha nao")
    assert village.looked_after() == held
    assert [row["accepted"] for row in cast.rows(handovers)] == [False]


def test_a_wish_for_a_household_reaches_staff_also_where_nobody_can_be_asked(village: Village) -> None:
    cast = village.cast
    with cast.engine.begin() as connection:
        old = households.make(connection, NewHome(STATION, "nhà ông Cụ"), None, cast.clock.at)
        helpers.unassign(connection, village.tu, village.home, cast.clock.at)

    def wished() -> list[str]:
        with cast.engine.connect() as connection:
            return [each.label for each in helping.wanted(connection, Scope(STATION, (STATION,)))]

    said = village.says("TIM CU", "1")
    assert said[-1].startswith("Nha do khong co may de hoi. Tram y te se xem")
    village.says("TIM CU", "1")
    assert wished() == ["nhà ông Cụ"]
    with cast.engine.begin() as connection:
        helpers.assign(connection, village.tu, old, None, cast.clock.at)
        helpers.unassign(connection, village.tu, old, cast.clock.at)
    assert wished() == []

    village.says("TIM MAY", "1")
    cast.writes("STOP", who=HOA)
    tell_of_volunteers(cast.services)
    assert wished() == ["nhà bà Mẩy"], "nobody there can be asked any more"
    cast.writes("RUT", who=HOA)
    village.cast.later(minutes=1)
    assert wished() == []
