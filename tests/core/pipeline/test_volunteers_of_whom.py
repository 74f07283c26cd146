"""Of whom a volunteer's text is, and signs that reach the unit whatever else may not be written down."""

from __future__ import annotations

import pytest

from core.conversation.effects import SOMEBODY
from core.database.due import alerts
from core.database.households import household_visits, needs
from core.database.tables import addresses
from core.people import households
from core.people import volunteers as helpers
from core.pipeline.receive import receive
from tests.cast import TU, Cast
from tests.core.pipeline.test_volunteers import Village


@pytest.fixture
def village(cast: Cast) -> Village:
    return Village(cast)


def test_a_report_after_the_silence_is_nobodys_until_it_is_said_whose(village: Village) -> None:
    village.agree()
    village.says("DANH SACH", "1", "A OK")
    village.cast.later(minutes=31)
    (asked,) = village.says("B sot 38,5")
    assert asked == "Tin vua roi bac noi ve nha nao? 1 nha ba May 2 Nha minh"
    assert village.of(village.pao) == village.of(village.own) == []
    village.says("1")
    assert (village.of(village.pao), village.of(village.own)) == ([["fever"]], [])

    village.cast.later(minutes=31)
    village.says("sot 38,5", "nha minh")
    assert (village.of(village.pao), village.of(village.own)) == ([["fever"]], [["fever"]])


def test_danger_after_the_silence_is_told_before_it_is_asked_whose(village: Village) -> None:
    village.agree()
    village.says("DANH SACH", "1", "A OK")
    village.cast.later(minutes=31)
    said = village.says("kho tho qua")
    assert said[0].startswith("GOI 115 NGAY") or said[1].startswith("GOI 115 NGAY")
    assert [row["status"] for row in village.cast.rows(alerts, kind="danger")] == ["open"]


def test_what_comes_late_from_a_household_that_was_left_is_asked_about(village: Village) -> None:
    village.agree()
    village.says("DANH SACH", "1")
    late = village.cast.message("sot 39, ho", TU)
    village.cast.later(minutes=1)
    village.says("TIEP")
    receive(village.cast.services, [late])
    assert village.cast.heard(TU)[-1].startswith("Tin vua roi bac noi ve nha nao? 1 nha ba May")
    assert village.of(village.own) == village.of(village.lan) == village.of(village.may) == []
    assert [row["status"] for row in village.cast.rows(alerts, kind="unfinished")] == ["waiting"]

    village.says("1", "A")
    assert village.of(village.may) == [["fever", "cough"]]
    assert village.of(village.own) == []


def test_what_comes_late_behind_xong_is_asked_about(village: Village) -> None:
    village.agree()
    village.says("DANH SACH", "1")
    late = village.cast.message("A SOT 39", TU)
    village.cast.later(minutes=1)
    village.says("XONG")
    receive(village.cast.services, [late])
    assert village.of(village.own) == village.of(village.may) == []
    village.says("2")
    assert village.of(village.may) == []


def test_signs_are_told_without_consent(village: Village) -> None:
    said = village.says("DANH SACH", "1", "B SOT 38 HO", "B SOT 38 HO", "A OK")

    assert said[3].startswith("Da bao Tram Y te xa Bat Xat")
    assert said[-1].startswith("Chua ghi gi: A May chua dong y")
    (alert,) = village.cast.rows(alerts)
    assert (alert["kind"], alert["status"], alert["person_id"]) in {
        ("new_sign", "open", village.pao),
        ("seen_ill", "open", village.pao),
    }
    assert alert["signs"] == ["fever", "cough"]
    assert village.of(village.pao) == village.of(village.own) == []


def test_signs_of_several_are_told_of_each(village: Village) -> None:
    village.says("DANH SACH", "1", "A ho B SOT 39,2")
    assert {row["person_id"] for row in village.cast.rows(alerts)} == {village.may, village.pao}
    village.says("DONG Y MIENG A")
    village.says("A OK B dau hong")
    assert ["sore_throat"] in [row["signs"] for row in village.cast.rows(alerts, person_id=village.pao)]
    assert village.of(village.pao) == []


def test_signs_of_somebody_who_is_picked_are_told(village: Village) -> None:
    said = village.says("DANH SACH", "1", "ho, dau hong", "2")
    assert said[-1].startswith("Da bao Tram Y te xa Bat Xat de giup B Pao")
    told = [row for row in village.cast.rows(alerts) if row["status"] == "open"]
    assert [(row["person_id"], row["signs"]) for row in told] == [(village.pao, ["cough", "sore_throat"])]


@pytest.mark.parametrize(
    ("text", "signs"),
    [("THAM em Pao sot 39", ["fever"]), ("CAN gao, em Pao ho", ["cough"]), ("THAM B, mo cua. B SOT 38", ["fever"])],
)
def test_a_report_beside_a_visit_or_a_need_is_triaged(village: Village, text: str, signs: list[str]) -> None:
    village.agree()
    village.says("DANH SACH", "1", text)
    assert village.of(village.pao) == [signs]
    assert village.of(village.own) == []
    assert len(village.cast.rows(household_visits)) + len(village.cast.rows(needs)) == 1


def test_a_report_beside_a_visit_is_told_without_consent(village: Village) -> None:
    village.says("DANH SACH", "1", "THAM em Pao sot 39")
    assert [(row["person_id"], row["signs"]) for row in village.cast.rows(alerts)] == [(village.pao, ["fever"])]
    assert [row["note"] for row in village.cast.rows(household_visits)] == [""]
    village.says("CAN thuoc ha sot")
    assert len(village.cast.rows(alerts)) == 1
    assert [row["kind"] for row in village.cast.rows(needs)] == ["medicine"]


def test_a_small_letter_may_be_a_word(village: Village) -> None:
    village.agree()
    (asked,) = village.says("DANH SACH", "1", "b sot 38")[2:]
    assert asked == "Day la suc khoe cua ai? 1 May 2 Pao"
    assert village.of(village.pao) == []
    village.says("1", "b: ho", "a ok b dau hong")
    assert village.of(village.may) == [["fever"], []]
    assert village.of(village.pao) == [["cough"], ["sore_throat"]]


@pytest.mark.parametrize(("text", "kind"), [("STOP", None), ("GOI", "call_back"), ("SOT 38", "seen_ill")])
def test_what_is_asked_of_us_is_done_though_the_household_was_taken_away(
    village: Village, text: str, kind: str | None
) -> None:
    village.agree()
    village.says("DANH SACH", "1")
    with village.cast.engine.begin() as connection:
        helpers.unassign(connection, village.tu, village.home, village.cast.clock.at)
    village.says(text)
    assert [row["kind"] for row in village.cast.rows(alerts)] == ([kind] if kind else [])
    stopped = village.cast.rows(addresses, address=TU)[0]["stopped_at"]
    assert (stopped is not None) == (text == "STOP")


@pytest.mark.parametrize("before", [("KHAI",), ("KHAI", "dong y"), ("DANH SACH", "1")])
def test_a_withdrawal_is_heard_in_a_form_and_at_work(village: Village, before: tuple[str, ...]) -> None:
    village.says(*before)
    assert "Da rut moi dong y" in " ".join(village.says("RUT"))


def test_danger_of_nobody_yet_is_not_the_volunteers(village: Village) -> None:
    """Whoever answers alone on that phone is the volunteer: they say it of somebody else."""
    village.agree()
    village.says("DANH SACH", "1", "A OK")
    village.cast.later(minutes=31)
    village.says("kho tho qua")
    assert [row["person_id"] for row in village.cast.rows(alerts, kind="danger")] == [None]


def test_signs_of_nobody_yet_are_not_the_volunteers(village: Village) -> None:
    village.agree()
    village.says("DANH SACH", "1", "A OK")
    village.cast.later(minutes=31)
    village.says("B sot 38,5")
    assert [(row["person_id"], row["status"]) for row in village.cast.rows(alerts)] == [(None, "waiting")]
    village.says("nha minh")
    assert [row["status"] for row in village.cast.rows(alerts, letter=SOMEBODY)] == ["withdrawn"]


def test_signs_of_a_household_that_was_taken_away_are_not_the_volunteers(village: Village) -> None:
    village.says("DANH SACH", "1")
    with village.cast.engine.begin() as connection:
        helpers.unassign(connection, village.tu, village.home, village.cast.clock.at)
    village.says("SOT 39,5")
    assert [(row["kind"] in {"seen_ill", "urgent"}, row["person_id"]) for row in village.cast.rows(alerts)] == [
        (True, None)
    ]


def test_whoever_left_a_household_is_not_the_one_who_stayed(village: Village) -> None:
    village.agree()
    with village.cast.engine.begin() as connection:
        households.leave(connection, village.home, village.pao, village.cast.clock.at)
    village.says("DANH SACH", "1", "B kho tho")
    assert [row["person_id"] for row in village.cast.rows(alerts, kind="danger")] == [None]
    village.says("toi kho tho")
    assert village.may not in {row["person_id"] for row in village.cast.rows(alerts, kind="danger")}
