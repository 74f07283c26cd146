"""A volunteer declares for a household: whose record it is, and never anybody else's."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import select

from core.access.scope import Scope
from core.database.due import alerts, due_checks
from core.database.households import assignments, consents, household_visits, needs
from core.database.tables import persons, records
from core.people import households
from core.people import volunteers as helpers
from core.people.households import NewHome
from core.pipeline.receive import receive
from core.reminders.volunteers import tell_of_volunteers
from tests.cast import HOA, LAN, STATION, STRANGER, TU, Cast

MAY, PAO = "Sung Thi May", "Sung A Pao"


class Village:
    """Tu helps two households: Hoa's phone answers for May and Pao, and Lan lives alone."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self.may, self.pao = cast.enrols(HOA, name=MAY), cast.enrols(HOA, name=PAO)
        self.lan = cast.enrols(LAN, name="Nguyen Thi Lan")
        self.own = cast.enrols(TU, name="Ly Van Tu")
        cast.later(hours=8, minutes=5)
        with cast.engine.begin() as connection:
            now = cast.clock.at
            self.tu = helpers.make(connection, cast.contact(TU), "Ly Van Tu", STATION, now)
            self.home = households.make(
                connection, NewHome(STATION, "nhà bà Mẩy", contact_id=cast.contact(HOA)), None, now
            )
            self.other = households.make(connection, NewHome(STATION, "nhà chị Lan"), None, now)
            households.join(connection, self.home, [self.may, self.pao], now)
            households.join(connection, self.other, [self.lan], now)
            for home in (self.home, self.other):
                helpers.assign(connection, self.tu, home, None, now)

    def agree(self, *texts: str) -> None:
        self.says("DANH SACH", "1", "DONG Y MIENG A B", "XONG")

    def says(self, *texts: str) -> list[str]:
        """What Tu hears to them."""
        before = len(self.cast.heard(TU))
        self.cast.writes(*texts, who=TU)
        return self.cast.heard(TU)[before:]

    def stop(self) -> None:
        """A nurse presses "Cho thôi"."""
        with self.cast.engine.begin() as connection:
            done = helpers.stop(connection, Scope(STATION, (STATION,)), self.tu, self.cast.clock.at)
            assert done is helpers.Outcome.DONE

    def looked_after(self) -> set[tuple[UUID, UUID]]:
        """Volunteer and household, of each assignment that holds."""
        now = select(assignments.c.volunteer_id, assignments.c.household_id).where(assignments.c.to_at.is_(None))
        with self.cast.engine.connect() as connection:
            return {(row.volunteer_id, row.household_id) for row in connection.execute(now)}

    def of(self, person: UUID) -> list[list[str]]:
        """The signs of each record about somebody."""
        return [list(row["signs"]) for row in self.cast.rows(records, person_id=person)]


@pytest.fixture
def village(cast: Cast) -> Village:
    return Village(cast)


def test_it_works(village: Village) -> None:
    village.agree()
    (list_,) = village.says("DANH SACH")
    assert list_.startswith("Hom nay 2 nha: 2 chua tra loi (!)")
    (opened,) = village.says("1")
    assert opened.startswith("nha ba May: A May, B Pao. ")
    (receipt,) = village.says("A OK B SOT 38")
    assert receipt.startswith("Da nhan: A May: ")

    assert village.of(village.may) == [[]]
    assert village.of(village.pao) == [["fever"]]
    assert village.of(village.own) == []
    row = village.cast.rows(records, person_id=village.pao)[0]
    assert (row["on_behalf"], row["entered_by"], row["unit_code"]) == (True, village.tu, STATION)
    assert row["contact_id"] == village.cast.contact(TU)
    seen = {r["person_id"]: r["status"] for r in village.cast.rows(due_checks) if r["status"].startswith("seen")}
    assert seen == {village.may: "seen_ok", village.pao: "seen_not_ok"}


def test_what_is_said_behind_it_is_about_whoever_writes(village: Village) -> None:
    village.agree()
    village.says("DANH SACH", "1", "A OK", "XONG", "SK sot 38,5 ho")

    assert village.of(village.own) == [["fever", "cough"]]
    assert village.of(village.may) == [[]]


def test_half_an_hour_of_silence_ends_it(village: Village) -> None:
    village.agree()
    village.says("DANH SACH", "1", "A OK")
    village.cast.later(minutes=31)
    said = village.says("XEM")

    assert said[0].startswith("Da thoi khai cho nha ba May.")
    assert "serving" not in village.cast.session(TU)


def test_first_person_is_not_taken_for_the_household(village: Village) -> None:
    village.agree()
    village.says("DANH SACH", "2", "DONG Y MIENG A")
    said, told = village.says("toi sot 38,5")

    assert told.startswith("Da bao Tram Y te")
    assert said.startswith("Chua ghi gi: dang khai cho nha chi Lan")
    assert village.of(village.lan) == village.of(village.own) == []


def test_a_command_about_oneself_leaves_the_household(village: Village) -> None:
    village.agree()
    village.says("DANH SACH", "1")
    said = village.says("XEM", "sot 39")

    assert said[0].startswith("Da thoi khai")
    assert village.of(village.own) == [["fever"]]
    assert village.of(village.may) == []


def test_stop_leaves_it_and_stops(village: Village) -> None:
    village.agree()
    village.says("DANH SACH", "1")
    village.says("STOP", "SK sot 39")
    assert village.of(village.own) == [["fever"]]


def test_read_hours_late_it_is_still_about_the_household(village: Village) -> None:
    village.agree()
    village.says("DANH SACH", "1")
    message = village.cast.message("A SOT 38", TU)
    village.cast.later(hours=5)
    receive(village.cast.services, [message])

    assert village.of(village.may) == [["fever"]]
    assert village.of(village.own) == []


def test_written_before_it_is_not_about_the_household(village: Village) -> None:
    village.agree()
    message = village.cast.message("SK sot 38,5", TU)
    village.cast.later(minutes=1)
    village.says("DANH SACH", "2", "DONG Y MIENG A")
    receive(village.cast.services, [message])
    village.says("A ho")

    assert village.of(village.own) == [["fever"]]
    assert village.of(village.lan) == [["cough"]]


def test_a_whole_visit_in_one_batch(village: Village) -> None:
    village.agree()
    texts = ["DANH SACH", "1", "B SOT 38", "XONG", "SK ho"]
    receive(village.cast.services, [village.cast.message(text, TU) for text in texts])

    assert village.of(village.pao) == [["fever"]]
    assert village.of(village.own) == [["cough"]]


def test_nobody_is_declared_for_without_having_agreed(village: Village) -> None:
    opened = village.says("DANH SACH", "1")
    assert "A May?, B Pao?" in opened[1]
    for text in ("A OK", "A OK B OK", "sot", "B SOT 38", "SK", "A"):
        village.says(text)
    assert village.of(village.may) == village.of(village.pao) == village.of(village.own) == []

    village.says("DONG Y MIENG A")
    (said,) = village.says("A OK B SOT 38")
    assert "B Pao: chua ghi vi chua dong y" in said
    assert (village.of(village.may), village.of(village.pao)) == ([[]], [])
    (spoken,) = village.cast.rows(consents, purpose="declare_for")
    assert (spoken["person_id"], spoken["basis"], spoken["volunteer_id"]) == (village.may, "spoken", village.tu)


def test_danger_is_told_without_consent(village: Village) -> None:
    said = village.says("DANH SACH", "1", "B kho tho")

    assert any(text.startswith("GOI 115 NGAY") for text in said)
    (alert,) = village.cast.rows(alerts, kind="danger")
    assert (alert["person_id"], alert["unit_code"]) == (village.pao, STATION)
    assert village.of(village.pao) == []


def test_danger_of_one_is_news_though_another_letter_had_it(village: Village) -> None:
    """Tu's own A was in danger; so is A of the household."""
    village.says("kho tho")
    village.says("DANH SACH", "1", "A kho tho", "XONG", "DANH SACH", "2", "A kho tho")

    about = [row["person_id"] for row in village.cast.rows(alerts, kind="danger")]
    assert set(about) == {village.own, village.may, village.lan}


def test_a_doubt_about_the_household_is_not_settled_by_what_they_say_of_themselves(village: Village) -> None:
    village.agree()
    village.says("DANH SACH", "1", "A khong sot, ho, kho tho", "XONG", "SK khong kho tho, khoe")
    waiting = [row for row in village.cast.rows(alerts, kind="danger") if row["status"] != "withdrawn"]
    assert len(waiting) == 1
    assert waiting[0]["person_id"] in (None, village.may)


def test_danger_of_nobody_named_is_asked_about(village: Village) -> None:
    village.agree()
    said = village.says("DANH SACH", "1", "kho tho qua")
    assert any(text.startswith("GOI 115 NGAY") for text in said)
    assert said[-1] == "Day la suc khoe cua ai? 1 May 2 Pao"
    (alert,) = village.cast.rows(alerts, kind="danger")
    assert (alert["person_id"], alert["status"], alert["contact_id"]) == (None, "open", village.cast.contact(TU))
    village.says("2")
    assert village.of(village.pao) == [["shortness_of_breath"]]
    assert village.of(village.own) == []


def test_an_assignment_that_ends_meanwhile_ends_it(village: Village) -> None:
    village.agree()
    village.says("DANH SACH", "1")
    with village.cast.engine.begin() as connection:
        helpers.unassign(connection, village.tu, village.home, village.cast.clock.at)
    said, told = village.says("A SOT 38")

    assert said.startswith("Chua ghi gi: nha do khong con giao")
    assert told.startswith("Da bao Tram Y te xa Bat Xat la co nguoi om")
    assert village.of(village.may) == village.of(village.own) == []


def test_who_was_stopped_is_not_written_down_for_the_household(village: Village) -> None:
    """A nurse ends it while they are there: what they write next may be of the household, and they are told."""
    village.agree()
    village.says("DANH SACH", "1")
    village.stop()
    said, told = village.says("SK sot 38")
    assert said.startswith("Chua ghi gi: bac khong con lam tinh nguyen vien")
    assert told.startswith("Da bao Tram Y te xa Bat Xat la co nguoi om")
    assert village.of(village.own) == village.of(village.may) == []
    assert [row["person_id"] for row in village.cast.rows(alerts)] == [None]

    for _ in range(2):
        tell_of_volunteers(village.cast.services)
    assert sum(text.startswith("Tu nay Ly Van Tu") for text in village.cast.heard(TU)) == 1

    village.says("B SOT 39")
    assert village.of(village.own) == []
    village.says("SK sot 38")
    assert (village.of(village.own), village.of(village.may)) == ([["fever"]], [])


def test_a_letter_of_somebody_who_moved_out_goes_to_nobody(village: Village) -> None:
    village.agree()
    village.says("DANH SACH", "1")
    with village.cast.engine.begin() as connection:
        households.leave(connection, village.home, village.may, village.cast.clock.at)
    village.says("A SOT 38")
    assert village.of(village.may) == village.of(village.pao) == village.of(village.own) == []
    village.says("B SOT 38")
    assert village.of(village.pao) == [["fever"]]


def test_who_moves_out_in_the_middle_of_a_question_is_not_asked_on(village: Village) -> None:
    village.agree()
    village.says("DANH SACH", "1", "A")
    village.says("SK", "A")
    with village.cast.engine.begin() as connection:
        households.leave(connection, village.home, village.may, village.cast.clock.at)
    village.says("khong co gi", "36,5", "khong")
    assert village.of(village.may) == village.of(village.own) == []
    assert len(village.cast.rows(persons)) == 4


def test_two_at_one_household_and_its_own_people(village: Village) -> None:
    cast = village.cast
    with cast.engine.begin() as connection:
        cast.enrols(STRANGER, name="Vang A Sua")
        second = helpers.make(connection, cast.contact(STRANGER), "Vang A Sua", STATION, cast.clock.at)
        helpers.assign(connection, second, village.home, None, cast.clock.at)
    village.agree()
    cast.writes("DANH SACH", "1", "DONG Y MIENG A", "A ho", who=STRANGER)
    village.says("DANH SACH", "1", "A OK")
    cast.writes("A SOT 38 B OK", who=HOA)

    assert village.of(village.may) == [["cough"], [], ["fever"]]
    by = [row["entered_by"] for row in cast.rows(records, person_id=village.may)]
    assert by == [second, village.tu, None]


def test_a_repeated_message_does_nothing_twice(village: Village) -> None:
    cast = village.cast
    village.says("DANH SACH", "1")
    for text, table in (("DONG Y MIENG A", consents), ("THAM ba khoe", household_visits), ("CAN GAO", needs)):
        again = cast.message(text, TU, sid=f"same {text}")
        for _ in range(2):
            receive(cast.services, [again])
        assert len(cast.rows(table)) == 1, text
    assert [row["kind"] for row in cast.rows(needs)] == ["food"]


def test_the_next_silent_household(village: Village) -> None:
    village.agree()
    village.says("DANH SACH", "1", "A OK B OK")
    (said, *_) = village.says("TIEP")
    assert said.startswith("nha chi Lan")
    village.says("DONG Y MIENG A", "A OK")
    (said,) = village.says("TIEP")
    assert said.startswith("Khong con nha nao")


@pytest.mark.parametrize("text", ["DANH SACH", "TIM may", "1", "TIEP", "DONG Y MIENG A", "THAM", "CAN GAO"])
def test_a_stranger_learns_nothing(village: Village, text: str) -> None:
    village.cast.writes(text, who=STRANGER)
    assert not any("May" in said or "nha" in said.split() for said in village.cast.heard(STRANGER))
    assert village.cast.rows(needs) == village.cast.rows(household_visits) == []
