"""How an assessment is judged: the bands of the school and of the workplace, and what lies on their bounds."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.conversation.score import Band, By, Score

SCHOOL_ITEMS = tuple(f"item_{n}" for n in range(1, 17))
GOOD, FAIR, CLOSED = (
    Band("good", "an toàn", "Được mở.", 12, 30, whole=True),
    Band("fair", "tạm được", "Được mở, kiểm tra lại.", 8, 7, whole=True),
    Band("closed", "không an toàn", "Xin đóng cửa.", 0, 1),
)
SCHOOL = Score(By.COUNT, dict.fromkeys(SCHOOL_ITEMS, 1), ("item_1", "item_2"), (GOOD, FAIR, CLOSED))
"""16 criteria: 12 with the critical ones met are good, 8 to 11 with those may open, 7 or fewer are closed."""

VERY_LOW, LOW, MEDIUM, HIGH, VERY_HIGH = (
    Band("very_low", "rất thấp", ".", 15, 30),
    Band("low", "thấp", ".", 30, 14),
    Band("medium", "trung bình", ".", 50, 7),
    Band("high", "cao", ".", 80, 3),
    Band("very_high", "rất cao", ".", 0, 1),
)
WORK = Score(
    By.PERCENT,
    {"crowded": 50, "canteen": 35, "bus": 14, "shift": 1},
    (),
    (VERY_LOW, LOW, MEDIUM, HIGH, VERY_HIGH),
    fewer=True,
)
"""Percent of risk: at most 15 very low, 16-30 low, 31-50 medium, 51-80 high, above 80 very high."""


def met(*items: str) -> dict[str, object]:
    """Answers in which these items are met and no other is."""
    return {**dict.fromkeys(SCHOOL_ITEMS, False), **dict.fromkeys(items, True)}


@pytest.mark.parametrize(
    ("items", "band"),
    [
        (SCHOOL_ITEMS, GOOD),
        (SCHOOL_ITEMS[:12], GOOD),
        (SCHOOL_ITEMS[:11], FAIR),
        (SCHOOL_ITEMS[:8], FAIR),
        (SCHOOL_ITEMS[:7], CLOSED),
        ((), CLOSED),
        (SCHOOL_ITEMS[1:], CLOSED),
        (SCHOOL_ITEMS[2:], CLOSED),
    ],
    ids=["all", "12", "11", "8", "7", "none", "15, one critical not met", "14, no critical met"],
)
def test_a_school(items: tuple[str, ...], band: Band) -> None:
    assert SCHOOL.number(met(*items)) == len(items)
    assert SCHOOL.band(met(*items)) == band


@pytest.mark.parametrize(
    ("risks", "percent", "band"),
    [
        ((), 0, VERY_LOW),
        (("bus", "shift"), 15, VERY_LOW),
        (("canteen",), 35, MEDIUM),
        (("crowded",), 50, MEDIUM),
        (("crowded", "shift"), 51, HIGH),
        (("crowded", "bus", "shift"), 65, HIGH),
        (("crowded", "canteen"), 85, VERY_HIGH),
        (("crowded", "canteen", "bus", "shift"), 100, VERY_HIGH),
    ],
)
def test_a_workplace(risks: tuple[str, ...], percent: float, band: Band) -> None:
    answers = {**dict.fromkeys(WORK.items, False), **dict.fromkeys(risks, True)}
    assert WORK.number(answers) == percent
    assert WORK.band(answers) == band


@pytest.mark.parametrize(
    ("percent", "band"), [(15, VERY_LOW), (15.1, LOW), (30, LOW), (30.1, MEDIUM), (80.1, VERY_HIGH)]
)
def test_between_two_bands_there_is_no_gap(percent: float, band: Band) -> None:
    score = replace(WORK, items={"risk": percent, "rest": 100 - percent})
    assert score.band({"risk": True, "rest": False}) == band


def test_points_are_what_the_items_weigh() -> None:
    score = Score(By.POINTS, {"masks": 2, "air": 0.5, "space": 1}, (), (GOOD, CLOSED))
    assert score.number({"masks": True, "air": True, "space": False}) == 2.5


@pytest.mark.parametrize("answer", [False, None, "yes", 1, "1"])
def test_only_a_yes_counts(answer: object) -> None:
    answers = {**met(*SCHOOL_ITEMS), "item_1": answer}
    assert SCHOOL.number(answers) == 15
    assert SCHOOL.missing(answers) == ("item_1",)


def test_what_was_not_answered_is_not_met() -> None:
    assert SCHOOL.number({}) == 0
    assert SCHOOL.missing({}) == ("item_1", "item_2")


@pytest.mark.parametrize(
    ("answer", "missing"),
    [(True, ("crowded",)), (False, ()), (None, ("crowded",))],
    ids=["the risk is there", "it is not", "nobody said"],
)
def test_a_critical_risk_is_to_be_denied(answer: object, missing: tuple[str, ...]) -> None:
    score = replace(WORK, critical=("crowded",))
    assert score.missing({"crowded": answer}) == missing


def test_a_whole_band_wants_every_critical_risk_denied() -> None:
    score = replace(WORK, critical=("shift",), bands=(replace(VERY_LOW, whole=True), LOW, VERY_HIGH))
    answers = dict.fromkeys(WORK.items, False)
    assert score.band(answers).value == "very_low"
    assert score.band({**answers, "shift": True}).value == "low"


def test_percent_is_rounded_to_a_tenth() -> None:
    score = Score(By.PERCENT, {"a": 1, "b": 1, "c": 1}, (), (GOOD, CLOSED))
    assert score.number({"a": True}) == 33.3
    assert score.number({"a": True, "b": True}) == 66.7


def test_the_last_band_holds_whatever_is_left() -> None:
    only = Score(By.COUNT, {"a": 1}, ("a",), (replace(GOOD, at=99),))
    assert only.band({}).value == "good"
