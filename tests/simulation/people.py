"""The people of a simulated outbreak: each has a habit that says what they write, and when. All made up, by a seed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from random import Random

DAYS = 21
DANGER = "kho tho"
"""In each text that nobody may wait for."""


class Habit(StrEnum):
    """How somebody answers."""

    FAITHFUL = "faithful"  # within the hour
    LATE = "late"  # hours later, after a nudge
    FORGETFUL = "forgetful"  # every third reminder is forgotten
    SILENT = "silent"  # never
    FALLS_ILL = "falls_ill"  # faithful, then a fever that rises
    IN_DANGER = "in_danger"  # faithful, then cannot breathe
    OPTS_OUT = "opts_out"  # faithful, then STOP
    NEW_NUMBER = "new_number"  # faithful, then somebody else has the number


_SHARES = (
    (Habit.FAITHFUL, 55),
    (Habit.LATE, 12),
    (Habit.FORGETFUL, 12),
    (Habit.SILENT, 6),
    (Habit.FALLS_ILL, 6),
    (Habit.IN_DANGER, 3),
    (Habit.OPTS_OUT, 3),
    (Habit.NEW_NUMBER, 3),
)
_WELL = ("SK OK", "khoe", "36,6 khoe", "SK 36.8 khong sao", "ok", "SK khoe", "bt", "37 do, binh thuong")
_ILL = ("SK 37,9 ho", "38,2 ho dau hong", "SK 38,7 ho met")
_DANGER = ("kho tho qua", "toi kho tho lam", "SK 39 kho tho")


@dataclass(frozen=True, slots=True)
class Said:
    """A text that somebody sends at that time."""

    at: datetime
    address: str
    text: str


@dataclass(slots=True)
class Somebody:
    """One phone with one person. `turns_on`: the day (from 0) on which their habit shows."""

    address: str
    name: str
    hours: tuple[int, ...]
    habit: Habit
    turns_on: int
    ended: bool = False

    def answers(self, asked_at: datetime, day: int, chance: Random) -> Iterator[Said]:
        """What they write because they were asked then."""
        text, wait = self._reply(day, chance)
        if text:
            yield Said(asked_at + wait, self.address, text)

    def _reply(self, day: int, chance: Random) -> tuple[str, timedelta]:
        soon, turned = timedelta(minutes=chance.randint(1, 55)), day >= self.turns_on
        if self.habit is Habit.SILENT or self.ended:
            return "", soon
        if self.habit is Habit.FORGETFUL and chance.random() < 1 / 3:
            return "", soon
        if self.habit is Habit.LATE:
            return chance.choice(_WELL), timedelta(minutes=chance.randint(130, 300))
        if turned and self.habit is Habit.FALLS_ILL:
            return _ILL[min(day - self.turns_on, len(_ILL) - 1)], soon
        if turned and self.habit in _LAST_WORDS:
            self.ended = True
            return chance.choice(_LAST_WORDS[self.habit]), soon
        return chance.choice(_WELL), soon


_LAST_WORDS = {Habit.IN_DANGER: _DANGER, Habit.OPTS_OUT: ("STOP",), Habit.NEW_NUMBER: ("NHAM SO",)}
"""After these they write no more: in hospital, unwilling, or somebody else."""


def crowd(count: int, chance: Random, days: int = DAYS, first: int = 0) -> list[Somebody]:
    """So many people, with habits in these shares that show within so many days; one of each habit at least. `first`:
    of their telephone numbers."""
    habits, weights = zip(*_SHARES, strict=True)
    one_each = dict(enumerate(Habit))
    return [
        Somebody(
            address=f"+849{first + n:08d}",
            name=f"Nguoi Bia {first + n}",
            hours=(8, 16) if n % 5 < 3 else (8,),
            habit=one_each.get(n) or chance.choices(habits, weights)[0],
            turns_on=chance.randint(1, days - 4),
        )
        for n in range(count)
    ]
