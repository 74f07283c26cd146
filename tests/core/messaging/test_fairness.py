from __future__ import annotations

from uuid import uuid4

import pytest

from core.messaging.fairness import Due, Grant, granted, places, spared, wanted


def due(*lines: tuple[int, int]) -> list[Due]:
    """Messages by their priority and their parts."""
    return [Due(uuid4(), priority, parts) for priority, parts in lines]


WARNING, REPLY, REMINDER, NEWS = (0, 1), (1, 1), (2, 1), (3, 1)


def test_a_quarter_is_kept_for_replies() -> None:
    assert [spared(most) for most in (1, 2, 3, 4, 7, 8, 25)] == [0, 1, 1, 1, 1, 2, 6]


@pytest.mark.parametrize(
    ("in_flight", "taken", "expected"),
    [
        (8, 0, Grant(8, 6)),
        (8, 5, Grant(3, 1)),
        (8, 6, Grant(2, 0)),
        (8, 8, Grant(0, 0)),
        (2, 0, Grant(2, 1)),
        (2, 1, Grant(1, 0)),
        (1, 0, Grant(1, 1)),  # there is only one: else a reminder would never leave
    ],
)
def test_how_many_sends_may_begin(in_flight: int, taken: int, expected: Grant) -> None:
    assert places(in_flight, taken) == expected


def test_what_we_start_gets_no_more_places_than_it_may_have() -> None:
    line = due(WARNING, REPLY, REMINDER, REMINDER, NEWS)
    assert wanted(line, Grant(8, 6)) == line
    assert wanted(line, Grant(8, 1)) == line[:3]
    assert wanted(line, Grant(8, 0)) == line[:2]
    assert wanted(line, Grant(1, 1)) == line[:1]


@pytest.mark.parametrize(
    ("line", "tokens", "burst", "expected"),
    [
        ([REPLY] * 3, 5.0, 8, Grant(3, 0, 3)),
        ([REPLY] * 3, 2.0, 8, Grant(2, 0, 2)),
        ([REPLY], 0.99, 8, Grant()),
        ([REPLY], -3.0, 8, Grant()),
        ([(1, 3), REPLY], 3.0, 8, Grant(1, 0, 3)),  # a text of three parts costs three
        ([(1, 3), REPLY], 2.9, 8, Grant()),  # and nothing overtakes it
        ([(1, 6), REPLY], 2.0, 2, Grant(1, 0, 6)),  # more than there can be: leaves when all are there, owes the rest
        ([(1, 6)], 1.9, 2, Grant()),
        ([REPLY, REMINDER, REMINDER], 4.0, 8, Grant(2, 1, 2)),  # two of eight are kept
        ([REMINDER], 2.9, 8, Grant()),
        ([REMINDER], 3.0, 8, Grant(1, 1, 1)),
        ([REMINDER], 1.0, 1, Grant(1, 1, 1)),
        ([(2, 9)], 8.0, 8, Grant(1, 1, 9)),
        ([(2, 9)], 7.9, 8, Grant()),
    ],
)
def test_a_rates_tokens_are_given_in_order(
    line: list[tuple[int, int]], tokens: float, burst: int, expected: Grant
) -> None:
    assert granted(due(*line), tokens, burst) == expected
