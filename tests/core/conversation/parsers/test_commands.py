"""What asks for something, and what only begins or sounds like it."""

from __future__ import annotations

import pytest

from core.conversation.parsers import command
from core.conversation.parsers.command import Command
from core.conversation.understanding import Understood

ORDERS = {
    "gặp ngay": Command.HUMAN,
    "gap co y ta": Command.HUMAN,
    "GAP nhé": Command.HUMAN,
    "gọi mẹ cháu với": Command.HUMAN,
    "xem 4127": Command.STATUS,
    "giup me toi khai bao": Command.DECLARE,
    "xin số điện thoại trạm y tế": Command.HUMAN,
    "hết oxy rồi": Command.EMERGENCY,
    "hàng xóm không cách ly": Command.REPORT,
    "đã nhận được tờ khai chưa": Command.STATUS,
    "don't text me anymore": Command.STOP,
    "quit": Command.CANCEL,
    "khu vực phong tỏa": Command.AREA,
}
NO_ORDERS = (
    "giup viec",
    "tôi làm giúp việc",
    "khai thac da",
    "khai giang nam hoc",
    "gap ban be",
    "gặp mẹ",
    "gap nguoi benh hom qua",
    "toi co gap f0",
    "khong gap ai",
    "hôm qua gặp bác sĩ",
    "toi da gap bac si",
    "toi noi chuyen voi nguoi benh",
    "tôi là nhân viên y tế",
    "nhan vien van phong",
    "toi da khai bao y te roi",
    "khai roi",
    "khai báo rồi ạ",
    "english teacher",
    "stop at Dubai",
    "cuu chien binh",
    "mẹ tôi nằm khoa cấp cứu",
    "me toi da di cap cuu",
    "tôi ở khu vực phong tỏa",
    "toi o vung do",
    "khu vuc 3",
    "toi khong cach ly nua",
    "toi khong khai bao y te duoc",
    "toi moi tu vung dich ve",
    "tinh trang tot",
    "ket qua am tinh",
    "so dien thoai cua toi la 0900000012",
    "toi khong muon nhan tien",
    "nong chet mat",
    "xem phim",
    "anh Khai",
    "Anh Khai bi sot",
    "chú Khai",
)


@pytest.mark.parametrize("text", ORDERS)
def test_it_is_an_order(text: str) -> None:
    said = command.parse(text)
    assert isinstance(said, Understood) and said.value is ORDERS[text]


@pytest.mark.parametrize("text", NO_ORDERS)
def test_it_is_none(text: str) -> None:
    assert not isinstance(command.parse(text), Understood)


WITH_ACCENTS = {
    "chu co dau": True,
    "TIN CO DAU": True,
    "cho tôi chữ có dấu ạ": True,
    "tiếng việt có dấu": True,
    "tin khong dau": False,
    "viết không dấu": False,
    "bỏ dấu": False,
}


@pytest.mark.parametrize("text", WITH_ACCENTS)
def test_accents_are_asked_for_or_left_out(text: str) -> None:
    assert command.parse(text) == Understood(Command.ACCENTS)
    assert command.wants_accents(text) is WITH_ACCENTS[text]


@pytest.mark.parametrize("text", ["co dau", "có dấu", "khong dau", "bo dau", "bo dau bung", "ba co dau hong"])
def test_accents_are_not_asked_for_by_somebody_in_pain(text: str) -> None:
    assert not isinstance(command.parse(text), Understood)
