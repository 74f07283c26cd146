"""Names, addresses and counts: kept as typed, or refused."""

from __future__ import annotations

import pytest

from core.conversation.parsers import free_text, name, number
from core.conversation.understanding import Reason, Unclear, Understood

NAMES = {
    "Nguyễn Văn An": "Nguyễn Văn An",
    "  nguyen   van an ": "Nguyen Van An",
    "NGUYỄN THỊ LAN": "Nguyễn Thị Lan",
    "Tên tôi là Trần Thị Bích": "Trần Thị Bích",
    "toi ten tran thi bich": "Tran Thi Bich",
    "em là Lan": "Lan",
    "Em tên là Lê Thị Hồng ạ": "Lê Thị Hồng",
    "họ tên: Lê Văn Khải": "Lê Văn Khải",
    "Ho va ten: Le Van Tam": "Le Van Tam",
    "dạ cháu là Giàng A Páo ạ": "Giàng A Páo",
    "Lò Văn Khoẻ": "Lò Văn Khoẻ",
    "Hồ Thị Kỷ": "Hồ Thị Kỷ",
    "Vàng A Sử": "Vàng A Sử",
    "K'Brơi": "K'Brơi",
    "John Smith": "John Smith",
    "Ho Van Dung": "Ho Van Dung",
    "Đỗ Thị Hỏi": "Đỗ Thị Hỏi",
    "Tôn Nữ Thị Ninh": "Tôn Nữ Thị Ninh",
    "ba Sung Thi Pa": "Sung Thi Pa",
    "BA SUNG THI PA": "Sung Thi Pa",
    "bà nội Sùng Thị Pá": "Sùng Thị Pá",
    "Bà Sùng Thị Pá": "Sùng Thị Pá",
    "anh Nguyen Van Nam": "Nguyen Van Nam",
    "Ba Le": "Ba Le",
    "ba thi kim anh": "Ba Thi Kim Anh",
    "chu van an": "Chu Van An",
    "Ông Cao Thắng": "Ông Cao Thắng",
    "Ma Seo Vang": "Ma Seo Vang",
    "ma seo a vang": "Ma Seo A Vang",
    "An Giang": "An Giang",
    "em Lan": "em Lan",
}
NOT_NAMES = (
    "",
    "?",
    "12345",
    "Lan 1948",
    "0912345678",
    "a",
    "không",
    "khong co",
    "ok",
    "help",
    "co",
    "sot",
    "ho",
    "ban hoi de lam gi?",
    "toi khong muon noi",
    "tại sao phải khai tên",
    "em bị sốt",
    "mẹ tôi đang khó thở",
    "khong biet",
    "con duong dai qua nhieu tu khong the la ten nguoi duoc",
    "36.5",
    "bao gio duoc ve",
    "kho tho",
    "sai het",
    "ha noi",
    "Hà Nội",
    "Sapa",
    "I don't understand",
    "con trai",
)


@pytest.mark.parametrize("text", NAMES)
def test_a_name_is_tidied_and_otherwise_as_typed(text: str) -> None:
    assert name.parse(text) == Understood(NAMES[text])


@pytest.mark.parametrize("text", NOT_NAMES)
def test_what_is_no_name_is_refused(text: str) -> None:
    assert isinstance(name.parse(text), Unclear)


def test_names_are_compared_without_accents() -> None:
    assert name.folded("Đỗ Thị  Hoà") == "do thi hoa"


def test_words_are_kept_in_one_line() -> None:
    assert free_text.parse("  Số 5,\n ngõ 12   Trần Phú ") == Understood("Số 5, ngõ 12 Trần Phú")


@pytest.mark.parametrize(
    ("text", "reason"), [("", Reason.EMPTY), (" ?! ", Reason.EMPTY), ("a" * 501, Reason.OUT_OF_RANGE)]
)
def test_words_without_content_or_without_end_are_refused(text: str, reason: Reason) -> None:
    assert free_text.parse(text) == Unclear(reason)


COUNTS = {
    "3": 3.0,
    "3 người ạ": 3.0,
    "ba": 3.0,
    "ba nguoi": 3.0,
    "mười hai": 12.0,
    "97%": 97.0,
    "spo 97": 97.0,
    "khong": 0.0,
    "khong co ai a": 0.0,
}
NOT_COUNTS = {
    "": Reason.EMPTY,
    "101": Reason.OUT_OF_RANGE,
    "3 hoac 4": Reason.UNCERTAIN,
    "khoang 3": Reason.UNCERTAIN,
    "may": Reason.UNCERTAIN,
    "3 5": Reason.AMBIGUOUS,
    "nhà": Reason.NOT_AN_ANSWER,
    "khong biet": Reason.NOT_AN_ANSWER,
}


@pytest.mark.parametrize("text", COUNTS)
def test_a_count_is_read(text: str) -> None:
    assert number.parse(text, 0, 100) == Understood(COUNTS[text])


@pytest.mark.parametrize("text", NOT_COUNTS)
def test_a_count_is_asked_again(text: str) -> None:
    assert number.parse(text, 0, 100) == Unclear(NOT_COUNTS[text])


def test_none_is_no_measurement() -> None:
    assert isinstance(number.parse("khong", 40, 100), Unclear)
