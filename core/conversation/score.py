"""How a self-assessment is judged: items met, what they weigh, and what that means. Pure arithmetic on answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class By(StrEnum):
    """What the number of a score is."""

    COUNT = "count"  # items met
    PERCENT = "percent"  # of what all items weigh, 0 to 100
    POINTS = "points"  # what the items met weigh


@dataclass(frozen=True, slots=True)
class Band:
    """What a score means. `at`: its bound, the least that is enough (the most, where fewer is better). `whole`: only
    if every critical item is met. `days`: until the next assessment."""

    value: str
    label: str
    advice: str
    at: float
    days: int
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Score:
    """`items`: each with its points (1 unless they are weighed). `critical`: those that must be met.

    `bands`: the best first; the last one holds whatever is left. `fewer`: fewer is better, as with risks.
    """

    by: By
    items: Mapping[str, float]
    critical: tuple[str, ...]
    bands: tuple[Band, ...]
    fewer: bool = False

    @property
    def of(self) -> str:
        """What is written behind the number: "/16", "%"."""
        return "%" if self.by is By.PERCENT else f"/{sum(self.items.values()):g}"

    def number(self, answers: Mapping[str, object]) -> float:
        """The score itself; an item counts if its answer is yes."""
        met = sum(points for item, points in self.items.items() if answers.get(item) is True)
        if self.by is By.PERCENT:
            return round(100 * met / sum(self.items.values()), 1)
        return met

    def missing(self, answers: Mapping[str, object]) -> tuple[str, ...]:
        """The critical items that are not met (that are there, where items are risks)."""
        return tuple(item for item in self.critical if answers.get(item) is not (not self.fewer))

    def band(self, answers: Mapping[str, object]) -> Band:
        """The best band that fits."""
        number, missing = self.number(answers), self.missing(answers)
        for band in self.bands[:-1]:
            enough = number <= band.at if self.fewer else number >= band.at
            if enough and not (band.whole and missing):
                return band
        return self.bands[-1]
