"""The signs that somebody has: "ho va sot", "het sot con ho", "binh thuong"."""

from __future__ import annotations

from core.conversation.fold import Folded, fold
from core.conversation.parsers import slip
from core.conversation.parsers.aside import lettered, without_names, without_neighbours
from core.conversation.parsers.reader import read
from core.conversation.parsers.said import Said, in_order
from core.conversation.understanding import Reason, Signs, Unclear, Understood


def parse(text: str) -> Understood[Signs] | Unclear:
    """Read the signs of one reply. None at all only when that was said, and every word of it was understood."""
    folded = without_neighbours(without_names(fold(text)))
    if not folded.tokens:
        return Unclear(Reason.EMPTY)
    if lettered(folded):
        return Unclear(Reason.AMBIGUOUS)
    found = taken_back(folded)
    return judge(read(folded)) if found is None else _instead(found)


def taken_back(folded: Folded) -> slip.Slip | None:
    """Where a report takes back what it said. "Sốt, à không ho": this "không" denies, and takes nothing back."""
    found = slip.find(folded)
    return None if found is None or not found.sure or (found.no and not found.apart) else found


def _instead(found: slip.Slip) -> Understood[Signs] | Unclear:
    before, behind = read(fold(found.before)), read(fold(found.behind))
    return judge(behind) if not found.either and replaces(behind, before) else Unclear(Reason.AMBIGUOUS)


def replaces(behind: Said, before: Said) -> bool:
    """Whether what is said behind a slip stands for all before it: of two signs, which of them was the wrong one?"""
    signs = {*before.present, *before.listed}
    if before.unsure or before.asked or len(signs) > 1:
        return False
    denied = behind.none or behind.well or signs <= {*behind.denied, *behind.gone}
    return not signs or bool(behind.present) or denied


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
