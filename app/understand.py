"""`khaibao understand`: the parsers alone, line by line, to measure them against labelled replies."""

from __future__ import annotations

from datetime import date
from typing import BinaryIO

import orjson
from core.conversation.parsers.understand import understand

from core.conversation.understanding import DayReport, Signs, Understood


def read_lines(kind: str, today: date, source: BinaryIO, target: BinaryIO) -> None:
    """One reply a line in UTF-8; for each `{"text", "status", "value"}` at once, so that a pipe can converse.

    A line that is not UTF-8 is answered as unclear, never dropped: the lines out count the lines in.
    """
    for line in source:
        text = line.decode("utf-8", errors="replace").rstrip("\r\n")
        reading = understand(kind, text, today)
        answer: dict[str, object] = {"text": text, "status": "unclear", "value": None}
        if isinstance(reading, Understood):
            answer |= {"status": "understood", "value": _plain(reading.value)}
        target.write(orjson.dumps(answer, option=orjson.OPT_APPEND_NEWLINE))
        target.flush()


def _plain(value: object) -> object:
    """Only what is present is a symptom; what is gone is said apart, in a declaration."""
    if isinstance(value, Signs):
        return list(value.present)
    if isinstance(value, DayReport):
        signs = None if value.signs is None else list(value.signs.present)
        return {"temperature": value.temperature, "symptoms": signs}
    return value
