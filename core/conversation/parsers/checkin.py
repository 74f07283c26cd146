"""A day's report from one text: "37,5 ho dau hong", "ok", "khong sot, 36 do 5"."""

from __future__ import annotations

from core.conversation.fold import fold
from core.conversation.parsers import temperature
from core.conversation.parsers.reader import read
from core.conversation.parsers.said import Said
from core.conversation.parsers.symptoms import judge
from core.conversation.understanding import DayReport, Reason, Unclear, Understood

_FEVER_SURE = 38.0


def parse(text: str) -> Understood[DayReport] | Unclear:
    """Temperature and signs, each None when not said. Unclear when neither was, or when either cannot be told."""
    if not fold(text).tokens:
        return Unclear(Reason.EMPTY)
    try:
        degrees = temperature.find(text)
    except temperature.Ambiguous:
        return Unclear(Reason.OUT_OF_RANGE)
    if degrees is not None and temperature.hedged(text):
        return Unclear(Reason.UNCERTAIN)
    return _together(degrees, read(text))


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
    told = (said.present, said.gone, said.denied, said.listed, said.none, said.well, said.unwell, said.affirmed)
    return any(told) or said.asked or said.unsure or said.unknown
