"""One rule says who may be reminded now, and why the others are not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from core.messaging.route import Address, Barred
from core.reminders.may import Facts, Why, may, moment

NOW = datetime(2026, 11, 21, 1, 30, tzinfo=UTC)  # half past eight in Vietnam
DUE = Facts(
    follow_up="under_follow_up",
    watch_from=None,
    check="not_performed",
    remind_at=NOW - timedelta(minutes=30),
    closes_at=NOW + timedelta(hours=7),
    reminded_at=None,
    way=Address("phone", "+84900000001"),
)


def test_it_works() -> None:
    assert may(DUE, moment(NOW)).now


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"follow_up": ""}, Why.NOT_FOLLOWED),
        ({"follow_up": "to_verify"}, Why.UNVERIFIED),
        ({"follow_up": "lost_to_follow_up"}, Why.LOST),
        ({"follow_up": "completed"}, Why.ENDED),
        ({"follow_up": "cancelled"}, Why.ENDED),
        ({"watch_from": date(2026, 11, 21)}, Why.WATCHED),
        ({"watch_from": date(2026, 11, 22)}, Why.DUE),
        ({"check": "", "closes_at": None}, Why.UNPLANNED),
        ({"check": "seen_ok"}, Why.ANSWERED),
        ({"check": "seen_not_ok"}, Why.ANSWERED),
        ({"reminded_at": NOW}, Why.ASKED),
        ({"check": "non_reporting"}, Why.PASSED),
        ({"closes_at": NOW}, Why.PASSED),
        ({"way": None}, Why.NO_PHONE),
        *(({"way": barred}, Why(barred)) for barred in Barred),
        ({"remind_at": NOW + timedelta(seconds=1)}, Why.LATER),
        ({"remind_at": NOW}, Why.DUE),
    ],
)
def test_the_first_reason_against_it_is_said(changed: dict[str, object], why: Why) -> None:
    assert may(replace(DUE, **changed), moment(NOW)).why is why  # type: ignore[arg-type]


def test_at_night_it_says_when() -> None:
    night = NOW.replace(hour=15)  # half past ten in the evening
    late = replace(DUE, closes_at=night + timedelta(hours=12))

    verdict = may(late, moment(night))

    assert (verdict.why, verdict.at) == (Why.QUIET, datetime(2026, 11, 21, 23, 0, tzinfo=UTC))


def test_what_is_to_come_says_when() -> None:
    at = NOW + timedelta(hours=2)
    assert may(replace(DUE, remind_at=at), moment(NOW)).at == at
