"""Whether somebody may be declared for. One gate, through which every record of a volunteer goes."""

from __future__ import annotations

from core.conversation.turn import Turn


class NotAllowed(Exception):
    """Nothing may be written down of the person of that letter: they have not agreed, or live there no more."""

    def __init__(self, letter: str) -> None:
        super().__init__("not allowed")  # no letter, no name: this may be logged
        self.letter = letter


def check(turn: Turn, letter: str) -> None:
    """Raises NotAllowed. On their own phone people say what they like."""
    if not may(turn, letter):
        raise NotAllowed(letter)


def may(turn: Turn, letter: str) -> bool:
    """Whether a record about the person of that letter may be begun or written."""
    home = turn.context.home
    return home is None or letter not in home.without | home.gone
