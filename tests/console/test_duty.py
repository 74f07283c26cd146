"""What staff see of duty phones: which ones there are, and who was told of an alert."""

from __future__ import annotations

from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import insert, update

from core.care import duty
from core.care.duty import NewDuty
from core.database.due import alert_notices
from core.database.tables import addresses
from tests.console.test_today import section, words
from tests.console.ward import HERE, NEXT, Ward, clock


def on_duty(ward: Ward, unit: str, name: str) -> None:
    with ward.engine.begin() as connection:
        duty.add(connection, NewDuty(unit, "phone", "+84900000041", name, (0, 24)), ward.now)


def test_staff_see_the_phones_of_their_scope(ward: Ward, nurse: FlaskClient) -> None:
    on_duty(ward, HERE, "Trực đêm (bịa)")
    on_duty(ward, NEXT, "Của xã bên (bịa)")
    page = words(nurse.get("/console/duty").text)

    assert "Trực đêm (bịa) +84900000041 0:00 – 24:00 đang trực" in page
    assert "Của xã bên" not in page


@pytest.mark.parametrize(
    ("channel", "known", "said"),
    [
        ("phone", {}, "+84900000041 0:00"),
        ("phone", {"stopped_at": clock("07:00")}, "đã nhắn STOP"),
        ("phone", {"unreachable_at": clock("07:00")}, "tin không tới máy này"),
        ("zalo", None, "kênh nhắn tin này đang tắt"),
    ],
)
def test_a_phone_that_cannot_be_told_says_so(
    ward: Ward, nurse: FlaskClient, channel: str, known: dict[str, object] | None, said: str
) -> None:
    phone = "+84900000041"
    with ward.engine.begin() as connection:
        duty.add(connection, NewDuty(HERE, channel, phone, "Trực đêm (bịa)", (0, 24)), ward.now)
    if known is not None:
        ward.phone(phone, channel)
    if known:
        with ward.engine.begin() as connection:
            connection.execute(update(addresses).where(addresses.c.address == phone).values(known))

    assert said in words(nurse.get("/console/duty").text)


def test_an_alert_says_why_who_was_told_when_and_that_nobody_answered(ward: Ward, nurse: FlaskClient) -> None:
    alert = ward.alert(ward.person(), "urgent", code="4127", reasons=["high_fever", "new_sign"], tier=1)
    told = [
        {"alert_id": alert, "duty_id": uuid4(), "told": told, "tier": tier, "message_id": message, "at": clock(at)}
        for told, tier, message, at in ((1, 0, uuid4(), "08:02"), (1, 0, None, "08:02"), (2, 1, uuid4(), "08:07"))
    ]
    with ward.engine.begin() as connection:
        connection.execute(insert(alert_notices), told)

    shown = section(nurse, "alerts")
    assert "Vì : sốt cao, dấu hiệu mới so với lần trước" in shown.replace("Vì:", "Vì :")
    assert "4127 · Đã nhắn trực: Trạm Y tế xã Bát Xát 08:02 , CDC Lào Cai 08:07" in shown
    assert "chưa ai trả lời" in shown


def test_a_duty_phone_that_took_it_is_named(ward: Ward, nurse: FlaskClient) -> None:
    on_duty(ward, HERE, "Trực đêm (bịa)")
    with ward.engine.connect() as connection:
        (phone,) = duty.listed(connection)
    ward.alert(ward.person(), status="taken", taken_by=phone.id, taken_at=clock("08:05"))

    assert "Trực đêm (bịa) đã nhận lúc 08:05" in section(nurse, "alerts")
