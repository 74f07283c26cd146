"""Becoming a volunteer, consent asked by text, households found, handed over and given back."""

from __future__ import annotations

import pytest

from core.access.scope import Scope
from core.database.households import handovers, volunteers
from core.people import households
from core.people import volunteers as helpers
from core.people.households import NewHome
from core.people.volunteers import Decided
from core.reminders.volunteers import tell_of_volunteers
from tests.cast import HOA, LAN, NEXT_STATION, STATION, STRANGER, TU, Cast
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
