"""What a button carries: which question it belongs to, and the answer. "kb:3f9a1c:yes"

A button stays on the screen when its question has passed. The mark of the question (`Session.mark`) comes back with
the tap, so that a stale button answers nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from core.conversation.understanding import Choice

LONGEST: Final = 64
"""Bytes of a payload: what Telegram takes, the narrowest of our channels."""

_PAYLOAD = re.compile(r"kb:([0-9a-f]{6}):(.+)", re.DOTALL)


def payloads(choices: Iterable[Choice], mark: str) -> tuple[Choice, ...]:
    """Choices whose values are payloads. A payload that would be too long carries no mark: a rare, long value that is
    understood in any case beats a button that the provider refuses."""
    return tuple(Choice(_payload(mark, choice.value), choice.label) for choice in choices)


def _payload(mark: str, value: str) -> str:
    whole = f"kb:{mark}:{value}"
    return whole if mark and len(whole.encode()) <= LONGEST else value


def tapped(payload: str) -> tuple[str, str]:
    """The answer and the mark of its question. A text without a mark, also one that a person typed, is the answer."""
    found = _PAYLOAD.fullmatch(payload)
    return (found[2], found[1]) if found else (payload, "")
