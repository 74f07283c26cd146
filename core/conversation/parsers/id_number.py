"""An identity number, and how it is shown."""

from __future__ import annotations


def mask(value: str) -> str:
    """Only the last three characters: the rest tells sex, year and province of birth."""
    return "*" * (len(value) - 3) + value[-3:]
