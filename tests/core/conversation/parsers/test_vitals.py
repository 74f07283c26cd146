"""Numbers measured at home, in the many ways in which people label them."""

from __future__ import annotations

import pytest

from core.conversation.parsers import checkin, vitals
from core.conversation.parsers.measured import What
from core.conversation.understanding import DayReport, Reason, Signs, Unclear, Understood, Vitals

READ = {
    "SpO2 97": Vitals(spo2=97),
    "spo2: 97%": Vitals(spo2=97),
    "SPO₂ 97": Vitals(spo2=97),
    "spo297": Vitals(spo2=97),
    "sp02 96": Vitals(spo2=96),
    "oxy 97%": Vitals(spo2=97),
    "o2 95": Vitals(spo2=95),
    "97%": Vitals(spo2=97),
    "95 phần trăm": Vitals(spo2=95),
    "nồng độ oxy trong máu là 96%": Vitals(spo2=96),
    "oxy của mẹ em chỉ còn 88": Vitals(spo2=88),
    "spo2 tụt xuống 89": Vitals(spo2=89),
    "mach 80": Vitals(pulse=80),
    "M80": Vitals(pulse=80),
    "mạch tám mươi": Vitals(pulse=80),
    "nhip tim 80": Vitals(pulse=80),
    "tim đập 100": Vitals(pulse=100),
    "nhịp tim 102 lần 1 phút": Vitals(pulse=102),
    "nt 18": Vitals(breaths=18),
    "nhip tho 18": Vitals(breaths=18),
    "tho 20 lan": Vitals(breaths=20),
    "thở nhanh 35 lần": Vitals(breaths=35),
    "thở 22l/p, mạch 80l/p": Vitals(pulse=80, breaths=22),
    "ha 120/80": Vitals(systolic=120, diastolic=80),
    "120/80": Vitals(systolic=120, diastolic=80),
    "huyet ap 12/8": Vitals(systolic=120, diastolic=80),
    "HA 12,5/8": Vitals(systolic=125, diastolic=80),
    "huyết áp 130-80": Vitals(systolic=130, diastolic=80),
    "huyết áp 120 trên 80": Vitals(systolic=120, diastolic=80),
    "ha tren 120 duoi 80": Vitals(systolic=120, diastolic=80),
    "tâm thu 120 tâm trương 80": Vitals(systolic=120, diastolic=80),
    "37,5": Vitals(temperature=37.5),
    "T 37,5": Vitals(temperature=37.5),
    "T37": Vitals(temperature=37.0),
    "nhiet do 37 do": Vitals(temperature=37.0),
    "sáng 37,2 chiều 37,5 spo2 97": Vitals(temperature=37.5, spo2=97),
    "7h sáng spo2 97, mạch 80": Vitals(spo2=97, pulse=80),
    "ngày 15/8 mạch 80": Vitals(pulse=80),
    "T37 M80 SpO2 98 NT18 HA 120/80": Vitals(37.0, 98, 80, 18, 120, 80),
    "nhiệt độ 37 độ, spo2 96, mạch 78, nhịp thở 20, huyết áp 130/85": Vitals(37.0, 96, 78, 20, 130, 85),
    "HR 80 RR 18 BP 120/80 SpO2 97% T 36.8": Vitals(36.8, 97, 80, 18, 120, 80),
    "oxy bình thường, mạch 80": Vitals(pulse=80),
}
NOT_READ = {
    "": Reason.EMPTY,
    "khong": Reason.NOT_AN_ANSWER,
    "ho met": Reason.NOT_AN_ANSWER,
    "mạch bình thường": Reason.NOT_AN_ANSWER,
    "ko đo được spo2": Reason.NOT_AN_ANSWER,
    "15/8": Reason.NOT_AN_ANSWER,
    "nặng 50 kg": Reason.NOT_AN_ANSWER,
    "37": Reason.AMBIGUOUS,
    "80": Reason.AMBIGUOUS,
    "37,5 97 80": Reason.AMBIGUOUS,
    "spo2 97 mach 80 37": Reason.AMBIGUOUS,
    "mạch 80 mạch 90": Reason.AMBIGUOUS,
    "spo2 95-97": Reason.AMBIGUOUS,
    "37,2 37,8": Reason.AMBIGUOUS,
    "spo2 30": Reason.OUT_OF_RANGE,
    "spo2 101": Reason.OUT_OF_RANGE,
    "mach 10": Reason.OUT_OF_RANGE,
    "mach 300": Reason.OUT_OF_RANGE,
    "tho 100": Reason.OUT_OF_RANGE,
    "ha 400/80": Reason.OUT_OF_RANGE,
    "ha 80/120": Reason.OUT_OF_RANGE,
    "spo2 khoảng 95": Reason.UNCERTAIN,
    "hình như mạch 80": Reason.UNCERTAIN,
    "spo2 97 có sao không": Reason.QUESTION,
}


@pytest.mark.parametrize("text", READ)
def test_labelled_numbers_are_read(text: str) -> None:
    assert vitals.parse(text) == Understood(READ[text])


@pytest.mark.parametrize("text", NOT_READ)
def test_what_may_be_something_else_is_asked_again(text: str) -> None:
    assert vitals.parse(text) == Unclear(NOT_READ[text])


def test_signs_and_numbers_of_one_text_are_read_by_both() -> None:
    text = "37,5 spo2 95 mach 80 ho met"
    assert vitals.parse(text) == Understood(Vitals(temperature=37.5, spo2=95, pulse=80))
    assert checkin.parse(text) == Understood(DayReport(37.5, Signs(("cough", "fatigue"))))


@pytest.mark.parametrize("text", ["mach 38", "spo2 97", "nt 36", "M 37", "ha 120/80", "nặng 40 kg", "38 tuổi"])
def test_another_number_is_no_temperature(text: str) -> None:
    assert isinstance(checkin.parse(text), Unclear)


@pytest.mark.parametrize("text", ["mạch bình thường", "huyết áp vẫn ổn định", "nặng 50 kg", "oxy bình thường"])
def test_a_normal_pulse_is_not_no_sign(text: str) -> None:
    assert isinstance(checkin.parse(text), Unclear)


@pytest.mark.parametrize(
    ("text", "what", "value"),
    [
        ("92", What.SPO2, 92),
        (" 92. ", What.SPO2, 92),
        ("38", What.SPO2, None),
        ("30", What.SPO2, None),
        ("300", What.PULSE, None),
        ("92 ho", What.SPO2, None),
        ("ho", What.SPO2, None),
        ("92 93", What.SPO2, None),
    ],
)
def test_a_bare_number_may_take_the_place_of_a_known_one(text: str, what: What, value: int | None) -> None:
    assert vitals.bare(text, what) == value
