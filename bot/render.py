"""Words as a chat carries them: accents as written, choices as buttons, or as numbers where they are too many."""

from __future__ import annotations

import unicodedata

from core.conversation.understanding import Choice
from core.conversation.wording import numbered
from core.messaging.channel import Render, Rendered


def renderer(buttons: int) -> Render:
    """The render of a chat where so many choices can be tapped; 0: none can, and all are numbered in the text.

    All or none: a person who sees five buttons does not look for a sixth choice in the text.
    """

    def render(text: str, choices: tuple[Choice, ...], *, accents: bool) -> Rendered:
        """Pure. Accents cost a chat nothing, so `accents` changes nothing."""
        tapped = tuple(choice for choice in choices if not choice.written)
        if len(tapped) > buttons:
            return Rendered(text + numbered(choices), 1)
        return Rendered(text + numbered(tuple(choice for choice in choices if choice.written)), 1, tapped)

    return render


def fitted(text: str, longest: int) -> str:
    """Composed (NFC), and cut at so many characters: a shortened message beats a refused one."""
    return unicodedata.normalize("NFC", text)[:longest]
