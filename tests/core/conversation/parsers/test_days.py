"""Days gone by and days to come, and why a reply names none for sure. Today is Sunday 15 August 2021."""

from __future__ import annotations

from datetime import date

import pytest

from core.conversation.parsers import birth, day, upcoming
from core.conversation.understanding import Reason, Unclear, Understood
from tests.core.conversation.parsers.cast import TODAY

WEDNESDAY = date(2021, 8, 18)

GONE = {
    "tu hom qua den nay": "2021-08-14",
    "thứ 3 ngày 10/8": "2021-08-10",
    "thứ 6 tuần trước nữa": "2021-07-30",
    "chu nhat vua roi": "2021-08-08",
    "chủ nhật hôm nay": "2021-08-15",
    "tháng 7 ngày 20": "2021-07-20",
    "14 tây": "2021-08-14",
    "Aug 10": "2021-08-10",
    "10th of August": "2021-08-10",
    "two weeks ago": "2021-08-01",
    "3/8 năm nay": "2021-08-03",
}
NOT_GONE = {
    "chủ nhật": Reason.AMBIGUOUS,
    "thứ 2 ngày 10/8": Reason.CONTRADICTION,
    "hôm qua 13/8": Reason.CONTRADICTION,
    "hai ba ngay truoc": Reason.UNCERTAIN,
    "trước hôm qua": Reason.UNCERTAIN,
    "sau ngay 10/8": Reason.UNCERTAIN,
    "thu 2 thang truoc": Reason.AMBIGUOUS,
    "ngày kia": Reason.UNCERTAIN,
    "thứ 8": Reason.AMBIGUOUS,
}
COMING = {
    "hom nay": "2021-08-15",
    "mai": "2021-08-16",
    "ngày mai ạ": "2021-08-16",
    "sang mai": "2021-08-16",
    "mot": "2021-08-17",
    "ngày mốt": "2021-08-17",
    "ngay kia": "2021-08-17",
    "day after tomorrow": "2021-08-17",
    "thu 5 nay": "2021-08-19",
    "thứ 5 tuần sau": "2021-08-19",
    "thu 5": "2021-08-19",
    "chủ nhật tuần sau": "2021-08-22",
    "thu 5 vua roi": "2021-08-12",
    "hom qua": "2021-08-14",
    "2 ngày trước": "2021-08-13",
    "3 ngay nua": "2021-08-18",
    "mot tuan nua": "2021-08-22",
    "in 3 days": "2021-08-18",
    "20/12": "2021-12-20",
    "20/12/2021": "2021-12-20",
    "20 December": "2021-12-20",
    "20/7": "2021-07-20",
    "1/7": "2022-07-01",
    "ngay 20": "2021-08-20",
    "ngày 5 tháng sau": "2021-09-05",
    "ngày 20 tháng này": "2021-08-20",
    "mai 16/8": "2021-08-16",
    "20/12 luc 7h30": "2021-12-20",
}
NOT_COMING = {
    "": Reason.EMPTY,
    "ngay 10": Reason.AMBIGUOUS,
    "chu nhat": Reason.AMBIGUOUS,
    "tuần sau": Reason.AMBIGUOUS,
    "tháng sau": Reason.AMBIGUOUS,
    "ngay 5 thang sau": Reason.AMBIGUOUS,
    "mai mốt": Reason.UNCERTAIN,
    "khoảng 20/12": Reason.UNCERTAIN,
    "chua biet": Reason.UNCERTAIN,
    "sau ngày 20/12": Reason.UNCERTAIN,
    "mùng 5 âm": Reason.UNCERTAIN,
    "mai 17/8": Reason.CONTRADICTION,
    "31/11": Reason.IMPOSSIBLE,
    "20/12/2022": Reason.OUT_OF_RANGE,
    "400 ngay nua": Reason.OUT_OF_RANGE,
    "Ha Noi": Reason.NOT_AN_ANSWER,
}
BORN = {
    "194O": "1940",
    "l949": "1949",
    "1 9 4 9": "1949",
    "i am 72 years old": "1949",
    "July 12, 1948": "1948-07-12",
    "5 may 1950": "1950-05-05",
    "12t7 1948": "1948-07-12",
    "sinh năm chín mươi lăm": "1995",
    "tháng mười năm năm mươi": "1950",
    "trên căn cước là 1950": "1950",
    "chắc chắn 1950": "1950",
    "1948, 74 tuổi": "1948",
    "20 ngày tuổi": "2021",
}
NOT_BORN = {
    "bảy tám tuổi": Reason.UNCERTAIN,
    "70 may tuoi": Reason.UNCERTAIN,
    "60 tuổi, 20/10/1950": Reason.CONTRADICTION,
    "sn 18": Reason.AMBIGUOUS,
    "15/8/21": Reason.AMBIGUOUS,
}


@pytest.mark.parametrize("text", GONE)
def test_a_day_that_has_passed(text: str) -> None:
    assert day.parse(text, TODAY) == Understood(date.fromisoformat(GONE[text]))


@pytest.mark.parametrize("text", NOT_GONE)
def test_a_day_that_is_asked_again(text: str) -> None:
    assert day.parse(text, TODAY) == Unclear(NOT_GONE[text])


def test_a_weekday_of_this_week_may_lie_ahead() -> None:
    assert day.parse("thứ sáu tuần này", WEDNESDAY) == Unclear(Reason.OUT_OF_RANGE)
    assert day.parse("thứ hai tuần này", WEDNESDAY) == Understood(date(2021, 8, 16))
    assert day.parse("thứ sáu", WEDNESDAY) == Understood(date(2021, 8, 13))
    assert upcoming.parse("thứ sáu tuần này", WEDNESDAY) == Understood(date(2021, 8, 20))


@pytest.mark.parametrize("text", COMING)
def test_a_day_of_travel(text: str) -> None:
    assert upcoming.parse(text, TODAY) == Understood(date.fromisoformat(COMING[text]))


@pytest.mark.parametrize("text", NOT_COMING)
def test_a_day_of_travel_that_is_asked_again(text: str) -> None:
    assert upcoming.parse(text, TODAY) == Unclear(NOT_COMING[text])


def test_each_written_day_around_today_is_that_day_of_travel() -> None:
    for away in range(-upcoming.BACK, upcoming.AHEAD + 1):
        meant = date.fromordinal(TODAY.toordinal() + away)
        assert upcoming.parse(f"{meant.day}/{meant.month}", TODAY) == Understood(meant)


@pytest.mark.parametrize("text", BORN)
def test_a_birth(text: str) -> None:
    assert birth.parse(text, TODAY) == Understood(BORN[text])


@pytest.mark.parametrize("text", NOT_BORN)
def test_a_birth_that_is_asked_again(text: str) -> None:
    assert birth.parse(text, TODAY) == Unclear(NOT_BORN[text])
