"""Labelled replies of our own, and the day on which they were written."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from core.conversation.limits import Limits

TODAY = date(2021, 8, 15)
LIMITS = Limits(spo2_danger=93, spo2_urgent=96, breaths_danger=((13, 31),), breaths_urgent=((13, 21),))
FILE = Path(__file__).with_name("replies.tsv")


def replies(kind: str) -> Iterator[tuple[str, object]]:
    """Each reply of a kind as typed, and the value that a person reads in it (None: ask again)."""
    for line in FILE.read_text(encoding="utf-8").splitlines():
        written, text, value = line.split("\t")
        if written == kind:
            yield text, json.loads(value)


def comparable(value: object) -> object:
    """Signs come in any order."""
    if isinstance(value, list):
        return sorted(value)
    if isinstance(value, dict):
        return {key: comparable(each) for key, each in value.items()}
    return value
