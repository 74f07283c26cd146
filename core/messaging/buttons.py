"""What a button carries: which question it belongs to, and the answer. "kb:3f9a1c:yes"

A button stays on the screen when its question has passed. The mark of the question (`Session.mark`) comes back with
the tap, so that a stale button answers nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import count
from typing import Any, Final

from core.conversation.understanding import Choice

LONGEST: Final = 64
"""Bytes of a payload: what Telegram takes, the narrowest of our channels."""

_PAYLOAD = re.compile(r"kb:([0-9a-f]{6}):(.+)", re.DOTALL)


def payloads(choices: Iterable[Choice], mark: str) -> tuple[Choice, ...]:
    """Choices whose values are payloads. A payload that would be too long carries no mark: a rare, long value that is
    understood in any case beats a button that the provider refuses."""
    return tuple(replace(choice, value=payload(mark, choice.value)) for choice in choices)


def payload(mark: str, value: str) -> str:
    """What the button of that answer to that question carries."""
    whole = f"kb:{mark}:{value}"
    return whole if mark and len(whole.encode()) <= LONGEST else value


def shown(choices: Iterable[Choice]) -> tuple[Choice, ...]:
    """As buttons say it: with the numbers that the texts speak of, and that can be typed as well ("1 Có")."""
    numbers = count(1)
    return tuple(c if c.tapped else replace(c, label=f"{next(numbers)} {c.label}") for c in choices)


def stored(choices: Iterable[Choice]) -> list[list[object]]:
    """As JSON: value, label, and whether it is only a button."""
    return [[c.value, c.label, *([True] if c.tapped else [])] for c in choices]


def loaded(rows: Iterable[Sequence[Any]]) -> tuple[Choice, ...]:
    """The reverse of `stored`."""
    return tuple(Choice(*row) for row in rows)


def tapped(carried: str) -> tuple[str, str]:
    """The answer and the mark of its question. A text without a mark, also one that a person typed, is the answer."""
    found = _PAYLOAD.fullmatch(carried)
    return (found[2], found[1]) if found else (carried, "")
