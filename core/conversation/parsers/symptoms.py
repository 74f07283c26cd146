"""The signs that somebody has: "ho va sot", "het sot con ho", "binh thuong"."""

from __future__ import annotations

from core.conversation.fold import fold
from core.conversation.parsers.reader import read
from core.conversation.parsers.said import Said, in_order
from core.conversation.understanding import Reason, Signs, Unclear, Understood


def parse(text: str) -> Understood[Signs] | Unclear:
    """Read the signs of one reply. None at all only when that was said, and every word of it was understood."""
    return judge(read(text)) if fold(text).tokens else Unclear(Reason.EMPTY)


def judge(said: Said) -> Understood[Signs] | Unclear:
    """Turn what was read into signs, or into why not."""
    trouble = _trouble(said)
    if trouble is not None:
        return Unclear(trouble)
    if said.present:
        return Understood(Signs(in_order(said.present), in_order(said.gone)))
    denied = said.none or said.well or said.denied or said.gone
    if denied and not said.unwell and not said.unknown and not said.affirmed:
        return Understood(Signs((), in_order(said.gone)))
    return Unclear(Reason.AMBIGUOUS if said.affirmed else Reason.NOT_AN_ANSWER)


def _trouble(said: Said) -> Reason | None:
    if said.asked:
        return Reason.QUESTION
    if said.unsure:
        return Reason.UNCERTAIN
    # "sot k ho co": each answer may stand before its sign or behind it
    if said.listed or (said.present and said.denied and said.affirmed):
        return Reason.NEGATED_LIST
    if set(said.present) & {*said.denied, *said.gone}:
        return Reason.CONTRADICTION
    if said.present and said.faint and said.unknown:
        return Reason.NOT_AN_ANSWER
    return None
