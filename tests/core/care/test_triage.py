"""How urgent a record is, and by which day's rules."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest

from core.care import rules
from core.care import triage as tables
from core.care.rules import RuleSet, in_force
from core.care.triage import About, Level, Reason, Row, Triaged, triage
from core.clock import VIETNAM
from core.conversation.context import PastRecord
from core.conversation.effects import AlertKind
from core.conversation.form import Answers
from core.conversation.signs import DANGER, SIGNS

TODAY = in_force(date(2026, 11, 21))
NONE, SEEN, URGENT = Level.NONE, Level.SIGNS, Level.URGENT
NOW = datetime(2026, 11, 21, 8, 5, tzinfo=VIETNAM)


def level_of(answers: Answers, given: RuleSet = TODAY, group: str = "") -> Level:
    return triage(answers, given, About(NOW, group)).level


def past(*signs: str, heat: float | None = None, hours: float = 16) -> PastRecord:
    return PastRecord(uuid4(), NOW - timedelta(hours=hours), signs, heat)


def of_group(answers: Answers, *before: PastRecord, group: str = "F1", earlier: PastRecord | None = None) -> Triaged:
    return triage(answers, TODAY, About(NOW, group, before=before, earlier=earlier))


@pytest.mark.parametrize(
    ("answers", "level"),
    [
        ({}, NONE),
        ({"signs": ()}, NONE),
        ({"temperature": 36.6, "signs": ()}, NONE),
        ({"temperature": 37.4}, NONE),
        ({"temperature": 37.5}, SEEN),
        ({"temperature": 38.5}, SEEN),
        ({"temperature": 38.6}, URGENT),
        ({"temperature": 41.0, "signs": ()}, URGENT),
        ({"temperature": None, "signs": ("cough",)}, SEEN),
        ({"signs": ("cough", "sore_throat")}, SEEN),
        ({"signs": ("pneumonia",)}, URGENT),
        ({"signs": ("loss_of_taste_or_smell",)}, URGENT),
        ({"signs": ("cough", "shortness_of_breath")}, URGENT),
        ({"signs": ("shortness_of_breath",), "signs_gone": ("shortness_of_breath",)}, SEEN),
        ({"signs": ("chest_pain", "cough"), "signs_gone": ("chest_pain",)}, SEEN),
        ({"signs": ("chest_pain", "pneumonia"), "signs_gone": ("pneumonia",)}, URGENT),
        ({"contact_patient": True, "travelled": True, "signs": ()}, NONE),
        ({"at_home": False, "signs": ()}, NONE),
    ],
)
def test_levels(answers: Answers, level: Level) -> None:
    assert level_of(answers) is level


@pytest.mark.parametrize(
    ("at_home", "group", "level"),
    [(False, "F1", SEEN), (False, "area", SEEN), (False, "", NONE), (True, "F1", NONE), (None, "F1", NONE)],
)
def test_who_is_to_stay_and_is_away_is_looked_at(at_home: bool | None, group: str, level: Level) -> None:
    assert level_of({"at_home": at_home, "signs": ()}, group=group) is level


def test_leaving_the_place_is_told_at_once() -> None:
    found = of_group({"at_home": False, "signs": ("cough",)}, past("cough"))

    assert (found.level, found.alert) == (SEEN, AlertKind.LEFT_PLACE)
    assert found.reasons == (Reason.LEFT_PLACE, Reason.SIGN)


@pytest.mark.parametrize(
    ("group", "before", "alert"),
    [
        ("F1", [], AlertKind.NEW_SIGN),
        ("F2", [past()], AlertKind.NEW_SIGN),
        ("F1", [past("fatigue"), past("cough", hours=24)], AlertKind.NEW_SIGN),
        ("F1", [past("cough", "fatigue")], None),
        ("F0", [past()], None),
        ("area", [past()], None),
        ("", [], None),
    ],
)
def test_a_sign_that_was_not_there_is_told_of_the_exposed(
    group: str, before: list[PastRecord], alert: AlertKind | None
) -> None:
    found = of_group({"signs": ("cough",)}, *before, group=group)

    assert (found.level, found.alert) == (SEEN, alert)
    assert (Reason.NEW_SIGN in found.reasons) == (alert is not None)


def test_a_correction_tells_only_what_its_first_version_did_not_say() -> None:
    first = past("cough")

    assert of_group({"signs": ("cough",)}, past(), earlier=first).alert is None
    assert of_group({"signs": ("cough", "headache")}, past(), earlier=first).alert is AlertKind.NEW_SIGN


def test_a_sign_that_is_over_is_not_new() -> None:
    assert of_group({"signs": ("cough",), "signs_gone": ("cough",)}, past()).alert is None


@pytest.mark.parametrize(
    ("before", "now", "rising"),
    [
        ([37.2, 36.8], 37.6, True),
        ([37.6, 36.8], 37.6, True),
        ([37.2, 36.9], 37.6, False),  # 0.7
        ([37.2, 36.0], 37.4, False),  # no fever yet
        ([37.8, 36.8], 37.6, False),  # lower again
        ([36.6], 38.0, False),  # two are no line
        ([None, 37.2, None, 36.8], 37.6, True),  # not measured in between
    ],
)
def test_a_temperature_that_rises_from_one_to_the_next(before: list[float | None], now: float, rising: bool) -> None:
    records = [past("fever", heat=heat, hours=12 * n) for n, heat in enumerate(before, start=1)]
    found = of_group({"temperature": now, "signs": ("fever",)}, *records)

    assert (found.level is URGENT) == rising == (Reason.RISING_TEMPERATURE in found.reasons)


@pytest.mark.parametrize(
    ("days", "urgent"), [((1, 2), True), ((1,), False), ((2,), False), ((1, 3), False), ((), False)]
)
def test_a_fever_on_three_days_in_a_row(days: tuple[int, ...], urgent: bool) -> None:
    found = of_group({"temperature": 37.6, "signs": ()}, *(past("fever", heat=37.9, hours=24 * n) for n in days))

    assert (found.level is URGENT) == urgent == (Reason.FEVER_FOR_DAYS in found.reasons)


@pytest.mark.parametrize(
    ("answers", "alert"),
    [
        ({"temperature": 38.0, "contact_patient": True, "signs": ()}, AlertKind.RISK),
        ({"signs": ("fever",), "contact_area": True}, AlertKind.RISK),
        ({"signs": ("cough",), "contact_area": True}, None),
        ({"temperature": 38.0, "contact_patient": False, "signs": ()}, None),
    ],
)
def test_a_fever_with_a_contact_is_to_be_verified(answers: Answers, alert: AlertKind | None) -> None:
    assert triage(answers, TODAY, About(NOW)).alert is alert


def test_the_gravest_of_several_is_raised_and_all_are_told() -> None:
    found = of_group({"temperature": 39.0, "signs": ("cough",), "at_home": False}, past())

    assert (found.level, found.alert) == (URGENT, AlertKind.URGENT)
    assert found.reasons == (Reason.HIGH_FEVER, Reason.LEFT_PLACE, Reason.NEW_SIGN, Reason.FEVER, Reason.SIGN)


def test_the_table_is_dated_says_who_approved_it_and_has_a_row_for_every_reason() -> None:
    table = tables.in_force(NOW.date())

    assert table.document and table.approved_by
    assert {row.reason for row in table.rows} == set(Reason)
    assert all(isinstance(row, Row) and (row.alert or row.level is SEEN) for row in table.rows)


@pytest.mark.parametrize("sign", sorted(DANGER))
def test_danger_is_urgent_whatever_the_rules_of_the_day(sign: str) -> None:
    bare = replace(TODAY, urgent_signs=frozenset())

    assert level_of({"signs": (sign,), "temperature": 36.5}, bare) is URGENT


def test_one_more_sign_or_degree_never_makes_it_less_urgent() -> None:
    order = list(Level)
    for sign in SIGNS:
        levels = [
            order.index(level_of({"signs": tuple(signs), "temperature": 34 + n / 10}))
            for signs in ([], [sign])
            for n in range(91)
        ]
        assert levels[:91] == sorted(levels[:91])
        assert all(with_it >= without for without, with_it in zip(levels[:91], levels[91:], strict=True))


def test_todays_rules_name_their_document() -> None:
    assert TODAY.document
    assert TODAY.urgent_signs <= set(SIGNS)
    assert 37.0 <= TODAY.fever < TODAY.high_fever <= 40.0
    assert TODAY.window_days in {14, 21}


def test_the_newest_day_that_has_come_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    known = [replace(TODAY, valid_from=date(2026, month, 1), document=str(month)) for month in (12, 3, 1)]
    found = _by_day(monkeypatch, tuple(known))

    assert [found(date(2026, m, d)) for m, d in ((1, 1), (2, 28), (3, 1), (11, 30), (12, 1))] == [
        *("1", "1", "3", "3", "12"),
    ]
    with pytest.raises(LookupError):
        found(date(2025, 12, 31))


def test_rules_come_newest_first() -> None:
    days = [rule.valid_from for rule in rules.load()]

    assert days == sorted(days, reverse=True)
    assert in_force(days[-1]) is rules.load()[-1]


class _ByDay:
    def __call__(self, day: date) -> str:
        return in_force.__wrapped__(day).document


def _by_day(monkeypatch: pytest.MonkeyPatch, known: tuple[RuleSet, ...]) -> _ByDay:
    monkeypatch.setattr(rules, "load", lambda: known)
    return _ByDay()
