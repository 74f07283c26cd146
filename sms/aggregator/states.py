"""A report's state by the provider's value: as written, in a range of numbers (`1-63`, `64-`), by its start (`5:*`)."""

from __future__ import annotations

from collections.abc import Mapping

from sms.aggregator.settings import State


def state_of(states: Mapping[str, State], value: str) -> State | None:
    """The state; None if the table does not have the value. What is written out goes before a range, and that before
    a start."""
    if value in states:
        return states[value]
    for key, state in states.items():
        if _in_range(key, value):
            return state
    starts = [key for key in states if key.endswith("*") and value.startswith(key[:-1])]
    return states[max(starts, key=len)] if starts else None


def _in_range(key: str, value: str) -> bool:
    low, dash, high = key.partition("-")
    if not dash or not low.isdecimal() or not (value.isascii() and value.isdecimal()) or len(value) > 9:
        return False
    return int(low) <= int(value) and (not high.isdecimal() or int(value) <= int(high))
