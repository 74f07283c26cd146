"""Numbers measured at home: "37,5 spo2 97 mach 80 nt 18 ha 12/8"."""

from __future__ import annotations

from collections.abc import Sequence

from core.conversation.fold import fold, words
from core.conversation.parsers import temperature
from core.conversation.parsers.measured import HIGHEST, LOWEST, Reading, What, scan
from core.conversation.parsers.reader import read
from core.conversation.understanding import Reason, Unclear, Understood, Vitals

RANGES = {
    What.TEMPERATURE: (LOWEST, HIGHEST),
    What.SPO2: (40, 100),
    What.PULSE: (20, 250),
    What.BREATHS: (5, 90),
    What.SYSTOLIC: (50, 280),
    What.DIASTOLIC: (20, 180),
}
"""What a living person can have and a meter shows, both ends included: a number beyond is a slip, to be asked again."""

_OF_PRESSURE = frozenset({What.PRESSURE, What.SYSTOLIC, What.DIASTOLIC})
_PRESSURE_WORDS = frozenset({"tren", "duoi", "tam"})  # "120 trên 80", "tâm thu": no hedge there
_SAY_NOTHING = frozenset({What.OTHER, What.HOUR})


def parse(text: str) -> Understood[Vitals] | Unclear:
    """Degrees Celsius, percent, a minute, a minute, mmHg, mmHg; None for what was not said.

    A number counts by its label or its form: 34 to 43 with a decimal is a temperature, n% is SpO2, a/b a blood
    pressure. Any other bare number makes the whole unclear, and so does one that stands for two things.
    """
    folded = fold(text)
    if not folded.tokens:
        return Unclear(Reason.EMPTY)
    readings = [reading for reading in scan(folded) if reading.what not in _SAY_NOTHING]
    if not readings:
        return Unclear(Reason.NOT_AN_ANSWER)
    if any(reading.what is What.BARE or not reading.marked for reading in readings):
        return Unclear(Reason.AMBIGUOUS)
    said = read(folded)
    of_pressure = any(reading.what in _OF_PRESSURE for reading in readings)
    if said.asked or said.unsure or temperature.hedged(folded, _PRESSURE_WORDS if of_pressure else ()):
        return Unclear(Reason.QUESTION if said.asked else Reason.UNCERTAIN)
    return _vitals(readings)


def bare(text: str, what: What) -> int | None:
    """A text that is nothing but a number, as one of that kind: "92". None where it is none."""
    readings = scan(fold(text)) if words(text).isdigit() else ()
    low, high = RANGES[what]
    if len(readings) != 1 or readings[0].what is not What.BARE or not low <= readings[0].value <= high:
        return None
    return round(readings[0].value)


def _vitals(readings: Sequence[Reading]) -> Understood[Vitals] | Unclear:
    values: dict[What, set[float]] = {what: set() for what in RANGES}
    for reading in readings:
        if reading.what is What.PRESSURE:
            values[What.SYSTOLIC].add(reading.value)
            values[What.DIASTOLIC].add(reading.second)
        elif reading.what is not What.TEMPERATURE:
            values[reading.what].add(reading.value)
    try:
        degrees = temperature.latest([reading for reading in readings if reading.what is What.TEMPERATURE])
    except temperature.Ambiguous:
        return Unclear(Reason.AMBIGUOUS)
    values[What.TEMPERATURE] = set() if degrees is None else {degrees}
    if any(len(found) > 1 for found in values.values()):
        return Unclear(Reason.AMBIGUOUS)
    if not all(low <= value <= high for what, (low, high) in RANGES.items() for value in values[what]):
        return Unclear(Reason.OUT_OF_RANGE)
    return _understood(values)


def _understood(values: dict[What, set[float]]) -> Understood[Vitals] | Unclear:
    upper, lower = _whole(values[What.SYSTOLIC]), _whole(values[What.DIASTOLIC])
    if upper is not None and lower is not None and lower >= upper:
        return Unclear(Reason.OUT_OF_RANGE)
    said = Vitals(
        temperature=next(iter(values[What.TEMPERATURE]), None),
        spo2=_whole(values[What.SPO2]),
        pulse=_whole(values[What.PULSE]),
        breaths=_whole(values[What.BREATHS]),
        systolic=upper,
        diastolic=lower,
    )
    return Unclear(Reason.NOT_AN_ANSWER) if said == Vitals() else Understood(said)


def _whole(found: set[float]) -> int | None:
    return round(next(iter(found))) if found else None
