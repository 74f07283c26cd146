"""Facts that a batch's fixed SELECTs load for one contact before its messages are read."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from core.conversation.limits import Limits
from core.conversation.parsers.visit import Direction

CALL_FOR_HELP = "call_for_help"
"""Stands in `Context.alarmed` for an alert that names no sign: "cap cuu"."""


@dataclass(frozen=True, slots=True)
class UnitFacts:
    """The health unit that answers for a contact: theirs, or the province's while theirs is not known."""

    code: str
    name: str  # short, with accents: "Trạm Y tế xã Bát Xát"
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """A due check-in that an answer now would settle. `reminded_at`: when we asked, if we did."""

    id: UUID
    due_at: datetime
    reminded_at: datetime | None


def given_name(name: str) -> str:
    """The last word of a Vietnamese name: what people are called by."""
    return name.rpartition(" ")[2]


@dataclass(frozen=True, slots=True)
class Member:
    """A person who answers on this contact's phone, under one letter."""

    person_id: UUID
    letter: str
    name: str = ""
    year_of_birth: int | None = None
    gender: str | None = None
    nationality: str = "VN"
    unit_code: str | None = None
    unit_name: str = ""
    address: str = ""
    follow_up_until: date | None = None
    group: str = ""  # of the follow-up: F0 is ill, the others were exposed
    check: Check | None = None

    @property
    def called(self) -> str:
        """ "B My": how one of several on a phone is called. In full only where somebody is declared: it is shared."""
        return f"{self.letter} {given_name(self.name)}" if self.name else self.letter


@dataclass(frozen=True, slots=True)
class AskedVisit:
    """A visit that a guard told of. At `asked_at` it was asked here whether that is so; it was not answered yet."""

    id: UUID
    venue_code: str
    direction: Direction
    at: datetime
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class Rules:
    """What doctors or law may change, as in force today (`core.care.rules`)."""

    window_days: int
    fever: float
    doubt_minutes: int
    unfinished_minutes: int
    session_hours: int
    limits: Limits
    visit_days: int
    quiet_hours: tuple[int, int]

    @property
    def waking_hours(self) -> tuple[int, ...]:
        """The hours of a local day at which we may begin something, in their order."""
        return tuple(hour for hour in range(24) if not in_quiet_hours(hour, self.quiet_hours))


@dataclass(frozen=True, slots=True)
class Context:
    """Everything known of a contact when one of its messages is read. `code` is the next receipt's."""

    contact_id: UUID
    unit: UnitFacts
    code: str
    rules: Rules
    members: tuple[Member, ...] = ()
    alarmed: frozenset[tuple[str, str]] = frozenset()  # (letter, sign) of danger that staff were told of just now
    visit: AskedVisit | None = None
    callable: bool = True  # whether staff have a number to call
    on_duty: bool = False  # a unit's duty phone, as far as a message that might be about an alert needs to know

    def asked_after(self, at: datetime) -> bool:
        """Whether something was asked here by itself after that: a bare yes or no is about that, then."""
        reminded = (m.check.reminded_at for m in self.members if m.check)
        visited = self.visit.asked_at if self.visit else None
        return any(asked is not None and asked > at for asked in (*reminded, visited))

    def member(self, letter: str) -> Member | None:
        """Who goes by that letter here."""
        return next((m for m in self.members if m.letter == letter), None)

    def alone(self, others: Collection[str]) -> Member | None:
        """The one person who answers here, if there is just one: not somebody whom the phone's owner declared."""
        member = self.members[0] if len(self.members) == 1 else None
        return None if member and self.is_other(member, others) else member

    def is_other(self, member: Member, others: Collection[str]) -> bool:
        """Whether somebody else declared them here (`Session.others`). Whoever is under follow-up answers the
        reminders here."""
        return member.letter in others and not member.follow_up_until

    def named(self) -> tuple[Member, ...]:
        """Members whose name is known."""
        return tuple(m for m in self.members if m.name)

    def free_letter(self) -> str:
        """The letter for a person who is new here."""
        return free_letter(m.letter for m in self.members)


def in_quiet_hours(hour: int, quiet: tuple[int, int]) -> bool:
    """Whether a whole hour of a local day is one of the quiet ones: from the first on, until the second; across
    midnight if the first is the greater, and never if they are the same.
    """
    start, end = quiet
    return start <= hour < end if start <= end else hour >= start or hour < end


def free_letter(used: Iterable[str]) -> str:
    """The first letter that nobody on a phone goes by."""
    taken = set(used)
    return next(letter for letter in _LETTERS if letter not in taken)


_LETTERS = tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ") + tuple(f"A{n}" for n in range(1, 1000))
