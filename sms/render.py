"""Words as an SMS: choices as numbers, and no accents unless asked for (one GSM-7 part instead of two)."""

from __future__ import annotations

from core.conversation.understanding import Choice
from core.conversation.wording import numbered
from core.messaging.channel import Rendered
from sms.text import measure, unaccent


def render(text: str, choices: tuple[Choice, ...], *, accents: bool) -> Rendered:
    """The text to send and its parts. Pure."""
    whole = text + numbered(choices)
    sent = whole if accents else unaccent(whole)
    return Rendered(sent, measure(sent).parts)
