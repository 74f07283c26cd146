"""How urgent a record is, and by which day's rules."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from core.care import rules
from core.care.rules import RuleSet, in_force
from core.care.triage import Level, triage
from core.conversation.form import Answers
from core.conversation.signs import DANGER, SIGNS

TODAY = in_force(date(2026, 11, 21))
NONE, SEEN, URGENT = Level.NONE, Level.SIGNS, Level.URGENT


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
    assert triage(answers, TODAY) is level


@pytest.mark.parametrize(
    ("at_home", "confined", "level"),
    [(False, True, SEEN), (False, False, NONE), (True, True, NONE), (None, True, NONE)],
)
def test_who_is_to_stay_and_is_away_is_looked_at(at_home: bool | None, confined: bool, level: Level) -> None:
    assert triage({"at_home": at_home, "signs": ()}, TODAY, confined=confined) is level


@pytest.mark.parametrize("sign", sorted(DANGER))
def test_danger_is_urgent_whatever_the_rules_of_the_day(sign: str) -> None:
    bare = replace(TODAY, urgent_signs=frozenset())

    assert triage({"signs": (sign,), "temperature": 36.5}, bare) is URGENT


def test_one_more_sign_or_degree_never_makes_it_less_urgent() -> None:
    order = list(Level)
    for sign in SIGNS:
        levels = [
            order.index(triage({"signs": tuple(signs), "temperature": 34 + n / 10}, TODAY))
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
