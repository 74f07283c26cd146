"""The simulator carries words as any SMS does."""

from __future__ import annotations

from sms.render import render

__all__ = ["render"]
