"""What a text says of signs: there, over, denied, or not to be told."""

from __future__ import annotations

from dataclasses import dataclass, field

from core.conversation.parsers.parts import Tag
from core.conversation.signs import SIGNS


@dataclass(slots=True)
class Said:
    """What was read. Codes may repeat and are in the order said; `listed` might be meant either way.

    `doubted`: present, but by accents that say another word. `stressed`: "khó thở quá", present whatever is asked.
    `faint`: only a bare "ho" says so, which is also "họ" and "hộ". `unknown`: words not understood were there.
    """

    present: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    denied: list[str] = field(default_factory=list)
    listed: list[str] = field(default_factory=list)
    doubted: list[str] = field(default_factory=list)
    stressed: list[str] = field(default_factory=list)
    none: bool = False
    well: bool = False
    unwell: bool = False
    asked: bool = False
    unsure: bool = False
    unknown: bool = False
    affirmed: bool = False
    faint: bool = True


@dataclass(frozen=True, slots=True)
class Turned:
    """What had been said when a text turned from yesterday to today (PRESENT), or to another person (TURN_TO).

    PAST: it never turned from yesterday."""

    tag: Tag
    present: int
    denied: int
    gone: int
    none: bool
    well: bool

    @property
    def ill(self) -> bool:
        """Whether a sign had been said."""
        return self.present > 0

    @property
    def fine(self) -> bool:
        """Whether a sign, or any, had been denied."""
        return self.none or self.well or self.denied > 0


def in_order(codes: list[str]) -> tuple[str, ...]:
    """Gravest first, each once."""
    return tuple(code for code in SIGNS if code in codes) if codes else ()
