"""The page of the day, as a nurse reads it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import insert, select, update

from core.care import attempts
from core.clock import VIETNAM
from core.database.due import alerts
from core.database.tables import addresses, spending
from tests.console.conftest import Browser, post
from tests.console.ward import HERE, NEIGHBOUR, NEXT, NURSE, OFFICER, Ward, clock

HOME, FRAGMENT = "/console/", "/console/today.fragment"
EVIL = "<script>alert(1)</script>"


def section(client: FlaskClient, key: str) -> str:
    """The words of one list, tags and spaces gone."""
    page = client.get(HOME).text
    found = re.search(rf'<section class="list" data-key="{key}".*?</section>', page, re.DOTALL)
    assert found is not None
    return words(found[0])


def words(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def alert_row(ward: Ward, alert: UUID) -> dict[str, object]:
    with ward.engine.connect() as connection:
        return dict(connection.execute(select(alerts).where(alerts.c.id == alert)).mappings().one())


def test_an_empty_day_says_so_in_every_list(nurse: FlaskClient) -> None:
    page = words(nurse.get(HOME).text)

    assert "Trạm Y tế xã Bát Xát" in page
    assert "Thứ Bảy, 21 tháng 11, 2026" in page
    assert "Đang theo dõi hôm nay: 0 người" in page
    for said in ("Không có cảnh báo nào chờ", "chưa ai báo có dấu hiệu", "Không ai đến hẹn mà chưa trả lời"):
        assert said in page


@pytest.mark.parametrize(("login", "unit", "told"), [(NURSE, HERE, True), (NURSE, NEXT, False), (OFFICER, "", True)])
def test_it_says_when_most_of_the_money_is_spent(
    browser: Browser, ward: Ward, login: str, unit: str, told: bool
) -> None:
    client = browser(login)
    before = client.get(FRAGMENT).headers["ETag"]
    row = {"unit_code": unit, "day": ward.now.astimezone(VIETNAM).date(), "amount": 900, "warned_at": ward.now}
    with ward.engine.begin() as connection:
        connection.execute(insert(spending).values(row))

    assert ("gần hết tiền tin nhắn" in words(client.get(HOME).text)) is told
    assert (client.get(FRAGMENT, headers={"If-None-Match": before}).status_code == 200) is told


def test_an_alert_says_why_who_what_since_when_and_whom_to_call(nurse: FlaskClient, ward: Ward) -> None:
    ward.alert(ward.person("Sùng Thị Mẩy"), text="tôi khó thở từ sáng")

    said = section(nurse, "alerts")

    for part in ("Dấu hiệu nguy hiểm", "khó thở", "Sùng Thị Mẩy", "“tôi khó thở từ sáng”", "Từ 11:30", "0900 000 001"):
        assert part.strip("“”") in said
    assert 'href="tel:+84900000001"' in nurse.get(HOME).text


def test_an_alert_of_a_number_without_a_name(nurse: FlaskClient, ward: Ward) -> None:
    ward.alert(None, "call_back", "goi cho toi")

    assert "Số chưa rõ tên" in section(nurse, "alerts")


def test_an_alert_of_a_household_names_its_people(nurse: FlaskClient, ward: Ward) -> None:
    phone = ward.phone()
    for name in ("Bà Mẫu", "Cháu Mẫu"):
        ward.person(name, phone=phone)
    ward.alert(None, contact_id=phone)

    said = section(nurse, "alerts")
    assert "Chưa rõ ai trong máy của" in said
    assert "Bà Mẫu" in said


def test_somebody_who_writes_by_chat_has_no_number_to_call(nurse: FlaskClient, ward: Ward) -> None:
    phone = ward.phone("8234567890123", channel="zalo")
    ward.alert(None, contact_id=phone)

    assert "không có số" in section(nurse, "alerts")
    assert "tel:" not in nurse.get(HOME).text


def test_what_nobody_took_comes_first_then_the_gravest_then_the_longest_waiting(nurse: FlaskClient, ward: Ward) -> None:
    ward.alert(None, "my_data", "một", raise_at=clock("07:00"))
    ward.alert(None, "danger", "hai", raise_at=clock("11:00"))
    ward.alert(None, "danger", "ba", raise_at=clock("10:00"))
    ward.alert(None, "danger", "bốn", raise_at=clock("06:00"), status="taken", taken_at=clock("06:05"))

    said = section(nurse, "alerts")
    assert [said.index(word) for word in ("ba Từ", "hai Từ", "một Từ", "bốn Từ")] == sorted(
        said.index(word) for word in ("ba Từ", "hai Từ", "một Từ", "bốn Từ")
    )


@pytest.mark.parametrize("status", ["waiting", "closed", "withdrawn"])
def test_what_is_not_raised_or_is_over_is_no_alert(nurse: FlaskClient, ward: Ward, status: str) -> None:
    ward.alert(None, status=status)

    assert "Không có cảnh báo nào chờ" in section(nurse, "alerts")


def test_signs_with_temperature_receipt_and_channel(nurse: FlaskClient, ward: Ward) -> None:
    person = ward.person("Giàng Thị Ví Dụ")
    ward.record(person, signs=["cough", "fever"], temperature=38.2, level="urgent", confirmed_at=None)

    said = section(nurse, "signs")
    for part in ("Giàng Thị Ví Dụ", "cần gấp", "sốt, ho, 38,2 °C", "10:00 SMS", "598 066 111", "chưa xác nhận"):
        assert part in said.replace(" ,", ",")


def test_the_silent_with_what_may_be_why(nurse: FlaskClient, ward: Ward) -> None:
    person = ward.person("Lý Văn Giả Định")
    ward.due(person, ward.follow(person), "08:00")
    ward.record(person, declared_at=clock("09:30", 20))
    with ward.engine.begin() as connection:
        connection.execute(addresses.update().values(stopped_at=ward.now, unreachable_at=ward.now))

    said = section(nurse, "silent")
    for part in ("Lý Văn Giả Định", "08:00", "20/11 09:30", "đã nhắn STOP", "tin không tới máy"):
        assert part in said


def test_who_declared_for_whom(nurse: FlaskClient, ward: Ward) -> None:
    person = ward.person("Nông Văn Thử")
    ward.record(person, "declaration", on_behalf=True, answers={"phone": "+84900000077"})

    said = section(nurse, "declared")
    for part in ("Nông Văn Thử", "khai hộ", "598 066 111", "0900 000 077"):
        assert part in said
    assert "chưa xác nhận" not in said


def test_the_well(nurse: FlaskClient, ward: Ward) -> None:
    person = ward.person("Hoàng Thị Lưu")
    ward.record(person, temperature=36.6)
    ward.due(person, ward.follow(person), "08:00", "seen_ok")

    assert "36,6 °C" in section(nurse, "seen")
    assert "1 /1 đã trả lời, khỏe" in words(nurse.get(HOME).text)


def test_a_newer_version_stands_for_the_older(nurse: FlaskClient, ward: Ward) -> None:
    person = ward.person("Người Sửa")
    first = ward.record(person, "declaration", signs=["cough"], level="signs", superseded_at=clock("10:05"))
    ward.record(person, "declaration", root=first, version=2, declared_at=clock("10:05"))

    assert "Hôm nay chưa ai báo có dấu hiệu" in section(nurse, "signs")
    assert section(nurse, "declared").count("Người Sửa") == 1


def test_what_people_type_is_shown_and_never_run(nurse: FlaskClient, ward: Ward) -> None:
    person = ward.person(EVIL)
    ward.alert(person, text=f'{EVIL}" onmouseover="x')
    other = ward.person(f"{EVIL} hai")
    ward.record(other, "declaration", code="123")

    pages = [nurse.get(path).text for path in (HOME, FRAGMENT, f"/console/person/{person}")]
    pages.append(post(nurse, "/console/find", q=EVIL).text)

    for page in pages:
        assert "alert(1)" in page
        assert EVIL not in page
        assert 'onmouseover="x' not in page


def test_more_people_than_fit_are_counted(nurse: FlaskClient, ward: Ward, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("console.today.SHOWN", 2)
    for _ in range(5):
        ward.record(ward.person(), "declaration")
        ward.alert(None)

    assert "và 3 người nữa" in section(nurse, "declared")
    assert "và 3 cảnh báo nữa" in section(nurse, "alerts")


def test_the_page_costs_the_same_statements_for_one_and_for_many(
    nurse: FlaskClient, ward: Ward, statements: Callable[[], int]
) -> None:
    def somebody() -> None:
        person = ward.person()
        ward.due(person, ward.follow(person), "08:00")
        ward.record(ward.person(), "declaration")
        ward.record(ward.person(), level="signs", signs=["cough"])
        ward.record(ward.person())
        ward.alert(ward.person(), status="taken", taken_at=ward.now, taken_by=ward.staff[NURSE])

    somebody()
    statements()
    nurse.get(HOME)
    for_one = statements()
    for _ in range(5):
        somebody()
    statements()
    nurse.get(HOME)

    assert statements() == for_one <= 13


# --- scope ----------------------------------------------------------------------------------------


def test_another_communes_nurse_sees_nothing_of_it(browser: Browser, ward: Ward) -> None:
    person = ward.person("Người Bát Xát")
    ward.due(person, ward.follow(person), "08:00")
    ward.record(person, "declaration", level="signs", signs=["cough"])
    alert = ward.alert(person)
    neighbour = browser(NEIGHBOUR)

    page = neighbour.get(HOME).text
    assert "Người Bát Xát" not in page
    assert "Đang theo dõi hôm nay: 0 người" in words(page)
    assert neighbour.get(f"/console/person/{person}").status_code == 404
    for asked in ("Người Bát Xát", "598066111"):
        assert "Không thấy ai" in post(neighbour, "/console/find", q=asked).text
    assert post(neighbour, f"/console/alerts/{alert}/take").status_code == 404
    assert post(neighbour, f"/console/alerts/{alert}/close", result="well").status_code == 404
    assert alert_row(ward, alert)["status"] == "open"


def test_the_province_sees_its_communes_each_row_with_its_unit(browser: Browser, ward: Ward) -> None:
    ward.record(ward.person("Người Một"), "declaration")
    ward.record(ward.person("Người Hai", NEXT), "declaration", unit_code=NEXT)
    ward.record(ward.person("Người Ba", "CDC01"), "declaration", unit_code="CDC01")

    said = section(browser(OFFICER), "declared")

    assert "Trạm Y tế xã Bát Xát" in said
    assert "Trạm Y tế xã Cốc San" in said
    assert "Người Ba" not in said


def test_in_a_commune_no_row_repeats_its_unit(nurse: FlaskClient, ward: Ward) -> None:
    ward.record(ward.person(), "declaration")

    assert "Trạm Y tế" not in section(nurse, "declared")


# --- alerts ---------------------------------------------------------------------------------------


def test_taking_an_alert_and_closing_it_with_a_result(nurse: FlaskClient, ward: Ward) -> None:
    person = ward.person()
    alert = ward.alert(person)

    assert post(nurse, f"/console/alerts/{alert}/take").status_code == 303
    assert "Y tá nga.batxat đã nhận lúc 12:00" in section(nurse, "alerts")
    ward.now += timedelta(minutes=20)
    assert post(nurse, f"/console/alerts/{alert}/close", result="referred", note="đi  viện").status_code == 303

    row = alert_row(ward, alert)
    assert (row["status"], row["result"]) == ("closed", "referred: đi viện")
    assert (row["taken_by"], row["taken_at"]) == (ward.staff[NURSE], clock("12:00"))
    assert row["closed_at"] == clock("12:20")
    page = nurse.get(HOME).text
    assert "Đã xong một cảnh báo" in page
    assert "Không có cảnh báo nào chờ" in words(page)
    with ward.engine.connect() as connection:
        (tried,) = attempts.of_person(connection, person)
    assert (tried.outcome, tried.note, tried.by) == ("reached", "đi viện", ward.staff[NURSE]), "they were spoken to"


def test_closing_what_nobody_took_takes_it(nurse: FlaskClient, ward: Ward) -> None:
    alert = ward.alert(None)

    post(nurse, f"/console/alerts/{alert}/close", result="mistake")

    row = alert_row(ward, alert)
    assert (row["result"], row["taken_by"]) == ("mistake", ward.staff[NURSE])


def test_of_two_who_take_an_alert_the_first_has_it(browser: Browser, nurse: FlaskClient, ward: Ward) -> None:
    alert = ward.alert(None)
    post(nurse, f"/console/alerts/{alert}/take")
    officer = browser(OFFICER)

    assert post(officer, f"/console/alerts/{alert}/take").status_code == 303
    assert "Đồng nghiệp đã làm trước" in officer.get(HOME).text
    assert alert_row(ward, alert)["taken_by"] == ward.staff[NURSE]


@pytest.mark.parametrize("result", ["", "gone", "well: x"])
def test_an_alert_is_not_closed_without_a_result(nurse: FlaskClient, ward: Ward, result: str) -> None:
    alert = ward.alert(None)

    assert post(nurse, f"/console/alerts/{alert}/close", result=result).status_code == 400
    assert alert_row(ward, alert)["status"] == "open"


def test_an_alert_says_when_our_answer_cannot_arrive(nurse: FlaskClient, ward: Ward) -> None:
    """Who was told to call 115 may not have got it: the nurse calls at once."""
    person = ward.person("Người Tắt Máy")
    ward.alert(person, "danger", "kho tho qua")
    assert "tin không tới máy" not in words(nurse.get("/console/").text)
    with ward.engine.begin() as connection:
        connection.execute(update(addresses).values(unreachable_at=clock("09:00")))
    assert "tin không tới máy" in words(nurse.get("/console/").text)
