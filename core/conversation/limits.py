"""Numbers measured at home, against the limits that doctors set: whose row is signed in `core.care.rules`."""

from __future__ import annotations

from dataclasses import dataclass

from core.conversation.form import Answers
from core.conversation.signs import FAST_BREATHING, LOW_OXYGEN

ByAge = tuple[tuple[int, int], ...]
"""(from that age in years, from so many a minute), the oldest first."""


@dataclass(frozen=True, slots=True)
class Limits:
    """`spo2_*`: below so many percent. `breaths_*`: from so many a minute at that age; no row, no limit."""

    spo2_danger: int
    spo2_urgent: int
    breaths_danger: ByAge
    breaths_urgent: ByAge

    def danger(self, answers: Answers, age: int | None) -> tuple[str, ...]:
        """What means 115 now (codes of MEASURED)."""
        return _beyond(answers, self.spo2_danger, _for(age, self.breaths_danger))

    def urgent(self, answers: Answers, age: int | None) -> tuple[str, ...]:
        """What wants a health worker now."""
        return _beyond(answers, self.spo2_urgent, _for(age, self.breaths_urgent))


NO_LIMITS = Limits(spo2_danger=0, spo2_urgent=0, breaths_danger=(), breaths_urgent=())
"""For words alone, which measure nothing."""


def age_in(year: object, year_of_birth: object) -> int | None:
    """Years of age, give or take the birthday; None if it is not known."""
    return year - year_of_birth if isinstance(year, int) and isinstance(year_of_birth, int) else None


def _beyond(answers: Answers, spo2: int, breaths: int | None) -> tuple[str, ...]:
    oxygen, rate = answers.get("spo2"), answers.get("breaths")
    low = isinstance(oxygen, int) and oxygen < spo2
    fast = isinstance(rate, int) and breaths is not None and rate >= breaths
    return (*((LOW_OXYGEN,) if low else ()), *((FAST_BREATHING,) if fast else ()))


def _for(age: int | None, rows: ByAge) -> int | None:
    """Whose age is not known is taken for an adult: the lowest limit."""
    return next((limit for since, limit in rows if age is None or age >= since), None)
