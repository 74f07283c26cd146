"""A message as Telegram carries it: its text, and choices as rows of buttons."""

from __future__ import annotations

from typing import Final
from unicodedata import normalize

from bot.render import renderer
from bot.telegram import PROFILE
from core.conversation.understanding import Choice
from core.conversation.wording import numbered
from core.messaging.buttons import LONGEST
from core.messaging.channel import OutboundMessage

render = renderer(PROFILE.buttons)

_SHORT: Final = 16  # characters: two such labels stand side by side on a narrow telephone

Row = tuple[Choice, ...]


def laid_out(message: OutboundMessage) -> tuple[str, tuple[Row, ...]]:
    """The text, cut at what Telegram takes: a shortened message beats a refused one; and rows of buttons. Pure.

    Telegram refuses a message with a payload of over 64 bytes: then all choices are numbered in the text.
    """
    if any(len(choice.value.encode()) > LONGEST for choice in message.choices):
        return _shortened(message.text + numbered(message.choices)), ()
    return _shortened(message.text), _rows(message.choices)


def _rows(choices: tuple[Choice, ...]) -> tuple[Row, ...]:
    """Two a row if all labels are short, else one a row: columns of one width are read most easily."""
    wide = 2 if all(len(choice.label) <= _SHORT for choice in choices) else 1
    return tuple(choices[at : at + wide] for at in range(0, len(choices), wide))


def _shortened(text: str) -> str:
    """Composed, and counted in UTF-16, in which Telegram counts: no half of a smiley is left at the end."""
    return normalize("NFC", text).encode("utf-16-le")[: 2 * PROFILE.max_text].decode("utf-16-le", "ignore")
