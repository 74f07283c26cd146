"""A day's report from one text: "37,5 ho dau hong", "ok", "khong sot, 36 do 5"."""

from __future__ import annotations

from core.conversation.fold import Folded, fold
from core.conversation.parsers import temperature
from core.conversation.parsers.aside import lettered, without_names, without_neighbours
from core.conversation.parsers.reader import read
from core.conversation.parsers.said import Said
from core.conversation.parsers.slip import Slip, may_slip, without_the_other
from core.conversation.parsers.symptoms import judge, replaces, taken_back
from core.conversation.understanding import DayReport, Reason, Unclear, Understood

_FEVER_SURE = 38.0


def parse(text: str) -> Understood[DayReport] | Unclear:
    """Temperature and signs, each None when not said. Unclear when neither was, or when either cannot be told."""
    folded = without_neighbours(without_names(fold(text)))
    if not folded.tokens:
        return Unclear(Reason.EMPTY)
    if lettered(folded):
        return Unclear(Reason.AMBIGUOUS)
    return _amended(folded) or _parse(folded)


def _amended(folded: Folded) -> Understood[DayReport] | Unclear | None:
    """What is meant by a report that takes a part of itself back; None when it does not."""
    if not may_slip(folded):
        return None
    found = taken_back(folded)
    if found is not None:
        return _instead(found)
    kept = without_the_other(folded, numbers=True)
    return _parse(fold(kept)) if kept else None


def _instead(found: Slip) -> Understood[DayReport] | Unclear:
    """Each of the two, temperature and signs, as it was said last."""
    first, last = fold(found.before), fold(found.behind)
    before, behind, said = _parse(first), _parse(last), read(last)
    replaced = not _speaks_of_signs(said) or replaces(said, read(first))
    if found.either or isinstance(behind, Unclear) or not replaced:
        return Unclear(Reason.AMBIGUOUS)
    if isinstance(before, Unclear):
        return behind
    degrees, signs, kept = behind.value.temperature, behind.value.signs, before.value
    return Understood(DayReport(degrees or kept.temperature, kept.signs if signs is None else signs))


def _parse(folded: Folded) -> Understood[DayReport] | Unclear:
    try:
        degrees = temperature.find(folded)
    except temperature.Ambiguous:
        return Unclear(Reason.OUT_OF_RANGE)
    if degrees is not None and temperature.hedged(folded):
        return Unclear(Reason.UNCERTAIN)
    return _together(degrees, read(folded))


def _together(degrees: float | None, said: Said) -> Understood[DayReport] | Unclear:
    if degrees is not None and not _speaks_of_signs(said):
        return Understood(DayReport(degrees, None))
    signs = judge(said)
    if isinstance(signs, Unclear):
        return signs
    if degrees is not None and degrees >= _FEVER_SURE and "fever" in (*said.denied, *said.gone):
        return Unclear(Reason.CONTRADICTION)
    return Understood(DayReport(degrees, signs.value))


def _speaks_of_signs(said: Said) -> bool:
    if said.present or said.denied or said.gone or said.listed:
        return True
    return said.well or said.none or said.unwell or said.affirmed or said.asked or said.unsure or said.unknown
