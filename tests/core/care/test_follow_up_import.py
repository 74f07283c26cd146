"""A list of people to be followed: good rows go in, bad ones are named, and twice is once."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import pytest
from openpyxl import Workbook
from sqlalchemy import update

from core.access.scope import Scope
from core.care import follow_up_import, follow_up_sheet
from core.care import proposals as levels
from core.care.case_lists import proposals
from core.care.follow_up_end import complete
from core.care.follow_up_import import PAGE, Into, Perhaps, Report
from core.care.follow_up_rows import Source
from core.care.follow_up_sheet import Fault, SheetError, Why
from core.care.follow_up_terms import Problem
from core.database.due import due_checks
from core.database.following import follow_ups, level_proposals
from core.database.shared import directory
from core.database.tables import addresses, members, persons
from tests.cast import STATION, Cast

HEAD = "Họ và tên;Năm sinh;Giới tính;SĐT;Nhóm;Tiếp xúc lần cuối;Đã tiêm;Thôn;Địa chỉ;Nơi theo dõi;Giờ;Ngày cuối;Văn bản"
GOOD = "Sùng Thị May;1953;nữ;0162 900 0001;F1;19/11/2026;có;thôn Bản Qua;số 5;tại nhà;7 17;5/12/2026;QĐ 12"


def load(cast: Cast, *rows: str, head: str = HEAD, dry: bool = False, name: str = "list.csv") -> Report:
    return loaded(cast, "\ufeff".encode() + "\r\n".join((head, *rows)).encode(), name, dry=dry)


def loaded(cast: Cast, content: bytes, name: str, *, dry: bool = False) -> Report:
    whole = Report()
    read = follow_up_sheet.read(BytesIO(content), name, STATION, cast.today())
    into = Into(STATION, Source("import"), cast.clock.at, dry)
    lines = follow_up_import.lines_of(cast.services, dry=dry)
    for report in follow_up_import.take_in(cast.engine, lines, read, into):
        for part in ("opened", "verified", "already", "faults", "impossible", "perhaps", "gone", "proposed"):
            getattr(whole, part).extend(getattr(report, part))
    return whole


def test_a_row_becomes_a_person_who_is_followed(cast: Cast) -> None:
    assert load(cast, GOOD) == Report(opened=[2])

    (row,), (person,), (phone,) = cast.rows(follow_ups), cast.rows(persons), cast.rows(addresses)
    assert (row["source"], row["status"], row["group"], row["hours"]) == ("import", "under_follow_up", "F1", [7, 17])
    assert (row["last_contact_on"].isoformat(), row["end_on"].isoformat()) == ("2026-11-19", "2026-12-05")
    assert (row["vaccinated"], row["document"], row["place"]) == (True, "QĐ 12", "home")
    assert (person["full_name"], person["gender"], person["hamlet"]) == ("Sùng Thị May", "female", "thôn Bản Qua")
    assert phone["address"] == "+84329000001"
    assert len(cast.rows(due_checks)) == 3


def test_the_same_file_again_doubles_nobody(cast: Cast) -> None:
    again = GOOD.replace("Sùng Thị May", "SUNG THI MAY")
    assert load(cast, GOOD, again) == Report(opened=[2], already=[3])
    assert load(cast, GOOD) == Report(already=[2])
    assert len(cast.rows(persons)) == len(cast.rows(follow_ups)) == len(cast.rows(members)) == 1


def test_a_family_on_one_phone_and_people_without(cast: Cast) -> None:
    child, alone = GOOD.replace("Sùng Thị May;1953", "Sùng A Tú;2015"), GOOD.replace("0162 900 0001", "")
    assert load(cast, GOOD, child, alone) == Report(opened=[2, 3], already=[4])
    assert load(cast, alone) == Report(already=[2])
    assert sorted(row["letter"] for row in cast.rows(members)) == ["A", "B"]


def test_who_was_noted_as_dead_is_not_followed_again_by_a_list(cast: Cast) -> None:
    load(cast, GOOD)
    end = update(follow_ups).values(status="cancelled", ended_at=cast.clock.at, end_reason="died")
    with cast.engine.begin() as connection:
        connection.execute(end)
    (person,) = cast.rows(persons)
    cast.clock.at += timedelta(days=1)

    assert load(cast, GOOD, GOOD.replace("0162 900 0001", "")) == Report(gone=[(2, person["id"]), (3, person["id"])])
    assert len(cast.rows(follow_ups)) == 1


def test_nobody_who_is_not_followed_by_it_is_put_on_the_phone_of_a_list(cast: Cast) -> None:
    load(cast, GOOD)
    elsewhere = GOOD.replace("0001", "0007")
    assert load(cast, elsewhere) == Report(already=[2])
    with cast.engine.begin() as connection:
        connection.execute(update(follow_ups).values(status="cancelled", ended_at=cast.clock.at, end_reason="died"))
    cast.clock.at += timedelta(days=1)
    (person,) = cast.rows(persons)

    assert load(cast, elsewhere) == Report(gone=[(2, person["id"])])
    assert [row["contact_id"] for row in cast.rows(members)] == [cast.contact("+84329000001")]


def test_a_list_that_says_a_nearer_level_proposes_it(cast: Cast) -> None:
    load(cast, GOOD.replace("F1;19/11/2026", "vùng dịch;"))
    assert load(cast, GOOD) == load(cast, GOOD) == Report(proposed=[2])

    (proposal,), (row,) = cast.rows(level_proposals), cast.rows(follow_ups)
    assert (proposal["from_group"], proposal["to_group"], proposal["status"]) == ("area", "F1", "proposed")
    assert (proposal["last_contact_on"].isoformat(), proposal["unit_code"]) == ("2026-11-19", STATION)
    assert row["group"] == "area"
    cast.clock.at += timedelta(days=30)
    with cast.engine.begin() as connection:
        assert complete(connection, cast.clock.at) == 0  # nobody is released over it
        (shown,) = proposals(connection, Scope(STATION, (STATION,)))
    assert (shown.listed, shown.own_test, shown.source, shown.to_group) == (True, False, None, "F1")


def rejects(cast: Cast, status: str = "rejected") -> None:
    with cast.engine.begin() as connection:
        connection.execute(update(level_proposals).values(status=status, decided_at=cast.clock.at))


def test_what_the_cdc_decided_is_not_proposed_again_by_the_same_list(cast: Cast) -> None:
    load(cast, GOOD.replace("F1;19/11/2026", "vùng dịch;"))
    load(cast, GOOD)
    rejects(cast)
    assert load(cast, GOOD) == Report(already=[2])
    assert load(cast, GOOD.replace("19/11/2026", "")).proposed == []
    assert load(cast, GOOD.replace("19/11/2026", "20/11/2026")) == Report(proposed=[2])  # another contact


def test_the_second_row_of_a_page_may_say_the_nearer_level(cast: Cast) -> None:
    assert load(cast, GOOD.replace("F1;", "F2;"), GOOD) == Report(opened=[2], proposed=[3])


def test_a_test_that_was_wrong_takes_nothing_back_that_a_list_says(cast: Cast) -> None:
    load(cast, GOOD)
    assert load(cast, GOOD.replace("F1;", "F0;")) == Report(proposed=[2])
    (person,) = cast.rows(persons)
    with cast.engine.begin() as connection:
        assert levels.propose_ill(connection, person["id"], cast.today(), cast.clock.at) == 1
        levels.withdraw_ill(connection, person["id"], cast.clock.at)
    assert {row["listed"]: row["status"] for row in cast.rows(level_proposals)} == {True: "proposed", False: "void"}


ALONE = GOOD.replace("0162 900 0001", "")


@pytest.mark.parametrize(
    ("first", "then", "people"),
    [
        (ALONE, ALONE.replace("thôn Bản Qua", "thôn Na Áng"), 2),  # two real people without phones
        (ALONE, ALONE.replace("số 5", "số 7"), 2),
        (ALONE, ALONE.replace("nữ", "nam"), 2),
        (GOOD, GOOD.replace("0001", "0007").replace("số 5", "số 7"), 2),
        (ALONE, GOOD.replace("thôn Bản Qua", "Bản Qua").replace("số 5", "SO 5"), 1),  # one, who got a phone
        (GOOD, ALONE, 1),
        (GOOD, GOOD.replace("0001", "0007"), 1),
    ],
)
def test_people_of_one_name_and_year_are_told_apart_by_where_they_live(
    cast: Cast, first: str, then: str, people: int
) -> None:
    load(cast, first)
    found = load(cast, then)

    assert found == (Report(opened=[2]) if people == 2 else Report(already=[2]))
    assert len(cast.rows(persons)) == len(cast.rows(follow_ups)) == people


def test_who_gets_a_phone_is_asked_there_from_now_on(cast: Cast) -> None:
    load(cast, ALONE)
    assert {row["contact_id"] for row in cast.rows(due_checks)} == {None}
    load(cast, GOOD)

    (row,) = cast.rows(follow_ups)
    assert row["contact_id"] == cast.contact("+84329000001")
    assert {check["contact_id"] for check in cast.rows(due_checks)} == {row["contact_id"]}


@pytest.mark.parametrize(
    ("then", "column"),
    [
        (ALONE.replace("thôn Bản Qua;số 5", ";"), "hamlet"),
        (ALONE.replace("số 5", ""), "address"),
        (ALONE.replace("số 5", "nhà văn hóa"), "phone"),
        (GOOD.replace("số 5", ""), "address"),
    ],
)
def test_where_it_cannot_be_told_nothing_is_guessed(cast: Cast, then: str, column: str) -> None:
    load(cast, ALONE)
    (person,) = cast.rows(persons)

    assert load(cast, then) == Report(perhaps=[Perhaps(2, person["id"], column)])
    assert len(cast.rows(persons)) == len(cast.rows(follow_ups)) == 1
    bare = ALONE.replace("thôn Bản Qua;số 5", ";").replace("1953", "1960")
    twice = load(cast, bare, bare)
    assert (twice.opened, [each.line for each in twice.perhaps]) == ([2], [3])


@pytest.mark.parametrize(
    ("old", "new", "column", "why"),
    [
        ("Sùng Thị May", "", "Họ và tên", Why.MISSING),
        ("1953", "53", "Năm sinh", Why.YEAR),
        ("1953", "2053", "Năm sinh", Why.YEAR),
        ("nữ", "hai", "Giới tính", Why.GENDER),
        ("0162 900 0001", "12345", "SĐT", Why.PHONE),
        ("F1", "F7", "Nhóm", Why.GROUP),
        ("F1", "", "Nhóm", Why.MISSING),
        ("19/11/2026", "29/2/2026", "Tiếp xúc lần cuối", Why.DAY),
        (";có;", ";hình như;", "Đã tiêm", Why.YES_NO),
        ("tại nhà", "mặt trăng", "Nơi theo dõi", Why.PLACE),
        ("7 17", "sáng", "Giờ", Why.HOURS),
    ],
)
def test_a_bad_row_is_named_and_the_others_go_in(cast: Cast, old: str, new: str, column: str, why: Why) -> None:
    other = GOOD.replace("Sùng Thị May", "Sùng A Tú")

    assert load(cast, GOOD.replace(old, new), other) == Report(opened=[3], faults=[Fault(2, column, why)])


def test_terms_that_cannot_be_are_named(cast: Cast) -> None:
    rows = [GOOD.replace("5/12/2026", ""), GOOD.replace("5/12/2026", "1/11/2026"), GOOD.replace("7 17", "7 22")]
    found = load(cast, *rows)

    assert [(line, each.problem) for line, each in found.impossible] == [
        (2, Problem.NO_RULE),
        (3, Problem.END_BEFORE_START),
        (4, Problem.QUIET_HOUR),
    ]
    assert cast.rows(persons) == []


def test_a_trial_keeps_nothing(cast: Cast) -> None:
    assert load(cast, GOOD, dry=True) == Report(opened=[2])
    assert cast.rows(persons) == cast.rows(directory) == cast.rows(addresses) == []


def test_a_spreadsheet_with_english_headings(cast: Cast) -> None:
    book, file = Workbook(), BytesIO()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Name", "Year of birth", "Phone", "Group", "Last contact", "Vaccinated"])
    sheet.append(["Lù Văn Tú", 1985, 900000002, "F0", cast.clock.at.replace(tzinfo=None), "no"])
    book.save(file)

    assert loaded(cast, file.getvalue(), "List.XLSX") == Report(opened=[2])
    assert cast.rows(addresses)[0]["address"] == "+84900000002"


def test_pages_are_transactions_of_their_own(cast: Cast) -> None:
    names = ("Sùng Thị May", "Sùng A Tú", "Lù Văn Chung", "Vàng Thị Lan")
    rows = [GOOD.replace("Sùng Thị May;1953", f"{names[n % 4]};{1950 + n // 4}") for n in range(PAGE + 1)]

    assert len(load(cast, *rows).opened) == PAGE + 1


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"", "a.csv", "empty"),
        (b"a,b\r\n1,2", "a.csv", "no column for name, year, group"),
        ("Họ tên".encode("utf-16"), "a.csv", "not UTF-8"),
        (b"no zip", "a.xlsx", "no XLSX"),
    ],
)
def test_a_file_that_is_no_list_is_refused(cast: Cast, content: bytes, name: str, said: str) -> None:
    with pytest.raises(SheetError, match=said):
        loaded(cast, content, name)
