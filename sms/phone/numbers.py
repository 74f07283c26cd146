"""The hundred numbers that a simulated phone may have: 0900 000 000 to 0900 000 099, nobody's in the demo."""

from __future__ import annotations

import re
from typing import Final

_WRITTEN = re.compile(r"(?:0|\+?84)9000000([0-9]{2})")
_STEM = "+849000000"

_NEW: Final = range(50, 90)
"""Those below belong to made-up people with a story, those above to made-up units."""


def e164(written: str) -> str | None:
    """The made-up number in E.164, however it is spaced; None for any other number: it may be somebody's."""
    match = _WRITTEN.fullmatch(re.sub(r"[\s.\-]", "", written))
    return _STEM + match[1] if match else None


def local(number: str) -> str:
    """An E.164 number as a phone dials it: 0900000011."""
    return "0" + number.removeprefix("+84")


def shown(number: str) -> str:
    """An E.164 number as people write it: 0900 000 011."""
    digits = local(number)
    return f"{digits[:4]} {digits[4:7]} {digits[7:]}"


def new_numbers() -> tuple[str, ...]:
    """What a new phone may be given, in order."""
    return tuple(f"{_STEM}{n:02}" for n in _NEW)
