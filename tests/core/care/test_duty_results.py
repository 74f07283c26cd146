"""What "XONG 4127 ..." says of how an alert ended: what is denied is not so, and is kept as it was said."""

from __future__ import annotations

import pytest

from core.care.duty_results import result_of
from core.care.handling import Result


@pytest.mark.parametrize(
    ("said", "result"),
    [
        ("da gap, khoe", Result.WELL),
        ("Đã gặp, không sao", Result.WELL),
        ("khong nang, on dinh", Result.WELL),
        ("da goi, het sot, binh thuong", Result.WELL),
        ("khong phai di vien, khoe roi", Result.WELL),
        ("da goi 115", Result.AMBULANCE),
        ("da gap, chua on dinh, chuyen vien", Result.REFERRED),
        ("den nha, khong khoe", Result.VISITED),
        ("khong goi duoc", Result.NOT_REACHED),
        ("nham so", Result.MISTAKE),
        ("khong phai nguoi nay", Result.MISTAKE),
    ],
)
def test_how_it_ended(said: str, result: Result) -> None:
    assert result_of(said) is result


@pytest.mark.parametrize(
    "said",
    [
        "khong khoe",
        "ko khỏe lắm",
        "chua on dinh",
        "khong on",
        "khong duoc khoe",
        "da gap, khong khoe",
        "da goi, con sot cao",
        "chua goi 115",
        "khong can goi 115",
        "khong can chuyen vien",
        "khong phai chuyen vien",
        "chua den nha",
        "khong nham",
    ],
)
def test_what_is_denied_is_kept_in_its_words_alone(said: str) -> None:
    assert result_of(said) is Result.OTHER
