"""A message as an aggregator carries it: as any SMS, with numbers before choices."""

from __future__ import annotations

from sms.render import render
from sms.text import nfc

__all__ = ["body", "render"]


def body(text: str, longest: int) -> str:
    """The composed text, cut at what the provider takes: a shortened message beats a refused one. Pure."""
    return nfc(text)[:longest]
