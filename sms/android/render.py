"""A message as a phone sends it: as any SMS, with numbers before choices."""

from __future__ import annotations

from sms.android import PROFILE
from sms.render import render
from sms.text import nfc

__all__ = ["body", "render"]


def body(text: str) -> str:
    """The composed text, cut at what phones send: a shortened message beats a refused one. Pure."""
    return nfc(text)[: PROFILE.max_text]
