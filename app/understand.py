"""`khaibao understand`: the parsers alone, line by line, to measure them against labelled replies."""

from __future__ import annotations

from datetime import date
from typing import BinaryIO

import orjson

from core.conversation.parsers.understand import understand


def read_lines(kind: str, today: date, source: BinaryIO, target: BinaryIO) -> None:
    """One reply a line in UTF-8; for each `{"text", "status", "value"}` at once, so that a pipe can converse.

    A line that is not UTF-8 is answered as it can be read, never dropped: the lines out count the lines in.
    """
    for line in source:
        text = line.decode("utf-8", errors="replace").rstrip("\r\n")
        value = understand(kind, text, today)
        status = "unclear" if value is None else "understood"
        answer = {"text": text, "status": status, "value": value}
        target.write(orjson.dumps(answer, option=orjson.OPT_APPEND_NEWLINE))
        target.flush()
