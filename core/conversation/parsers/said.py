"""What a text says of signs: there, over, denied, or not to be told."""

from __future__ import annotations

from dataclasses import dataclass, field

from core.conversation.parsers.tags import Tag
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

    def end(self, count: int) -> None:
        """The first so many signs are over."""
        self.gone.extend(self.present[:count])
        del self.present[:count]


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


def conclude(said: Said, turned: Turned | None, two: bool) -> None:
    """Put together what was said before a turn and behind it: "hôm qua sốt, nay khỏe" is over; "vợ ho, còn tôi
    không": of whom is it asked? `two`: the text speaks of who writes and of somebody else."""
    fine = said.none or said.well
    if two and said.present and (fine or said.denied or said.gone):
        said.unsure = True
    if turned is None:
        return
    ill = len(said.present) > turned.present
    if turned.tag is Tag.PAST:
        said.unsure = said.unsure or not (said.present or said.gone)
    elif turned.tag is Tag.PAST_ONLY:
        said.unsure = said.unsure or bool(said.present) or not said.gone
    elif turned.tag is Tag.PRESENT:
        said.gone[: turned.gone] = [code for code in said.gone[: turned.gone] if code not in said.present]
        said.end(turned.present if fine else 0)
        said.present[: turned.present] = [code for code in said.present[: turned.present] if code not in said.gone]
        said.denied[: turned.denied] = [code for code in said.denied[: turned.denied] if code not in said.present]
        said.unwell = said.unwell and not fine
    elif turned.ill is not turned.fine and turned.ill is not ill:
        said.unsure = said.unsure or ill or fine or len(said.denied) > turned.denied
    said.none, said.well = said.none or turned.none, said.well or turned.well
