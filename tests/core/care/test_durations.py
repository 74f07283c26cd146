"""How many days: by the dated table, counted from the last contact; where it states none, nothing is guessed."""

from __future__ import annotations

from datetime import date

import pytest

from core.care import durations
from core.care.durations import GROUPS, days_of, plan_of
from core.care.follow_up_terms import Impossible, Problem, Settled, Terms, settle


@pytest.mark.parametrize(
    ("group", "vaccinated", "day", "place", "days", "watch", "tests"),
    [
        ("F1", None, date(2020, 3, 12), "home", 14, 0, ()),
        ("F1", None, date(2021, 5, 4), "facility", 14, 0, ()),
        ("F1", None, date(2021, 5, 5), "facility", 21, 7, ()),
        ("F1", None, date(2021, 6, 27), "home", 28, 0, ()),
        ("F1", None, date(2021, 6, 27), "facility", 21, 7, ()),
        ("F1", None, date(2021, 7, 14), "home", 14, 14, ()),
        ("F1", False, date(2022, 1, 1), "home", 14, 14, ()),
        ("F1", None, date(2022, 1, 1), "home", 14, 14, ()),
        ("F1", True, date(2021, 12, 15), "home", 14, 14, ()),
        ("F1", True, date(2021, 12, 16), "home", 7, 0, (1, 7)),
        ("F1", True, date(2022, 4, 1), "home", 0, 0, ()),
        ("F2", None, date(2021, 12, 31), "home", 14, 0, ()),
        ("F0", None, date(2026, 11, 21), "home", 14, 0, ()),
        ("area", None, date(2026, 11, 21), "home", 0, 0, ()),
    ],
)
def test_the_row_in_force(
    group: str, vaccinated: bool | None, day: date, place: str, days: int, watch: int, tests: tuple[int, ...]
) -> None:
    row = plan_of(group, vaccinated, day, place)

    assert (row.days, row.watch_days, row.test_days) == (days, watch, tests)


def test_every_group_has_a_row_and_every_row_its_document() -> None:
    assert {row.group for row in durations.load()} == set(GROUPS)
    assert all(row.document and row.approved_by and row.checks_per_day in (1, 2, 3) for row in durations.load())


def test_there_was_no_rule_before_the_first() -> None:
    with pytest.raises(LookupError, match="F1"):
        plan_of("F1", None, date(2020, 3, 11))


@pytest.mark.parametrize(
    ("start", "contact", "end", "watch_from"),
    [
        (date(2021, 8, 1), date(2021, 7, 30), date(2021, 8, 27), date(2021, 8, 14)),
        (date(2021, 8, 1), None, date(2021, 8, 29), date(2021, 8, 16)),
    ],
)
def test_days_count_from_the_last_contact_where_it_is_known(
    start: date, contact: date | None, end: date, watch_from: date
) -> None:
    plan = days_of(plan_of("F1", None, start), start, contact)

    assert plan is not None
    assert (plan.end_on, plan.watch_from, plan.document) == (end, watch_from, "5599/BYT-MT")


def test_the_29th_of_february_is_a_day_like_any_other() -> None:
    settled = settle(Terms("F0", last_contact_on=date(2024, 2, 29)), date(2024, 3, 1))

    assert isinstance(settled, Settled)
    assert settled.end_on == date(2024, 3, 14)


TODAY = date(2026, 11, 21)
END = date(2026, 12, 5)


@pytest.mark.parametrize(
    ("terms", "problem"),
    [
        (Terms("F9"), Problem.GROUP),
        (Terms("F0", place="moon"), Problem.PLACE),
        (Terms("F0", last_contact_on=date(2026, 11, 22)), Problem.CONTACT_LATER),
        (Terms("F1"), Problem.NO_RULE),
        (Terms("F0", last_contact_on=date(2026, 11, 1)), Problem.OVER),
        (Terms("F1", end_on=date(2026, 11, 20)), Problem.END_BEFORE_START),
        (Terms("F1", end_on=date(2027, 11, 20)), Problem.TOO_LONG),
        (Terms("F1", end_on=END, hours=(8, 22)), Problem.QUIET_HOUR),
        (Terms("F1", end_on=END, hours=(8, 24)), Problem.HOURS),
        (Terms("F1", end_on=END, hours=(7, 10, 13, 16)), Problem.HOURS),
    ],
)
def test_what_cannot_be_is_named(terms: Terms, problem: Problem) -> None:
    found = settle(terms, TODAY)

    assert isinstance(found, Impossible)
    assert found.problem is problem


def test_a_stated_end_needs_no_rule_and_names_no_rule() -> None:
    settled = settle(Terms("F1", end_on=END, document="QĐ 12", hours=(17, 7, 7)), TODAY)

    assert isinstance(settled, Settled)
    assert (settled.end_on, settled.document, settled.hours) == (END, "QĐ 12", (7, 17))


def test_who_chose_no_hours_is_asked_at_the_usual_ones() -> None:
    settled = settle(Terms("F0"), TODAY)

    assert isinstance(settled, Settled)
    assert (settled.hours, settled.end_on) == ((8, 16), date(2026, 12, 5))
