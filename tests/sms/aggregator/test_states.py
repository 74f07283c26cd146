"""A report's value and what it means."""

from __future__ import annotations

import pytest

from sms.aggregator.settings import State
from sms.aggregator.states import state_of

STATES = {
    "0": State.DELIVERED,
    "1-63": State.SENT,
    "64-": State.FAILED,
    "70": State.UNREACHABLE,
    "5:0": State.DELIVERED,
    "5:*": State.FAILED,
    "5:1*": State.OPTED_OUT,
}


@pytest.mark.parametrize(
    ("value", "state"),
    [
        ("0", State.DELIVERED),
        ("1", State.SENT),
        ("63", State.SENT),
        ("64", State.FAILED),
        ("999999", State.FAILED),
        ("70", State.UNREACHABLE),
        ("5:0", State.DELIVERED),
        ("5:7", State.FAILED),
        ("5:12", State.OPTED_OUT),
        ("-1", None),
        ("", None),
        ("pondering", None),
        ("1" * 30, None),
        ("٣", None),
    ],
)
def test_the_nearest_line_counts(value: str, state: State | None) -> None:
    assert state_of(STATES, value) == state
