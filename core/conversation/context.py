"""Facts that a batch's fixed SELECTs load for one contact before its messages are read."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from core.conversation.limits import Limits
from core.conversation.parsers.visit import Direction

CALL_FOR_HELP = "call_for_help"
"""Stands in `Context.alarmed` for an alert that names no sign: "cap cuu"."""


class Alarmed(NamedTuple):
    """Danger that staff were told of: about whom (the letter, as alerts keep it), which sign, and when."""

    letter: str
    sign: str
    at: datetime


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


@dataclass(frozen=True, slots=True)
class PastRecord:
    """What somebody under follow-up said before: the newest version, named by its first one."""

    root: UUID
    at: datetime
    signs: tuple[str, ...]
    temperature: float | None


def given_name(name: str) -> str:
    """The last word of a Vietnamese name: what people are called by. What stands in brackets behind it is no name."""
    return name.partition(" (")[0].rpartition(" ")[2]


@dataclass(frozen=True, slots=True)
class Member:
    """A person who answers on this contact's phone, under one letter."""

    person_id: UUID
    letter: str
    name: str = ""
    year_of_birth: int | None = None
    gender: str | None = None
    nationality: str = "VN"
    unit_code: str | None = None  # where they live
    unit_name: str = ""
    unit: UnitFacts | None = None  # that is told of them: of their follow-up, else where they live
    address: str = ""
    follow_up_until: date | None = None
    group: str = ""  # of the follow-up, also of one that ended as lost: F0 is ill, the others were exposed
    check: Check | None = None
    history: tuple[PastRecord, ...] = ()  # newest first; of those under follow-up

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


class State(StrEnum):
    """How a household is today, the most urgent first."""

    NURSE = "nurse"  # somebody there waits for a health worker
    SILENT = "silent"  # somebody was due and has not answered
    WAITING = "waiting"  # nothing was due yet
    ANSWERED = "answered"


@dataclass(frozen=True, slots=True)
class Home:
    """A household that a volunteer looks after, with as little as they need. Letters are given by the order in which
    people joined and never go to somebody else: `gone` are those of people who left. `without`: letters of those who
    have not agreed that this volunteer declares for them; `refused`: who said no, or not any more, and nothing since.
    """

    id: UUID
    label: str
    unit: UnitFacts
    state: State = State.WAITING
    members: tuple[Member, ...] = ()
    gone: frozenset[str] = frozenset()
    without: frozenset[str] = frozenset()
    refused: frozenset[str] = frozenset()

    def has(self, letter: str) -> bool:
        """Whether somebody there goes by that letter, or did."""
        return letter in self.gone or any(member.letter == letter for member in self.members)


@dataclass(frozen=True, slots=True)
class Duty:
    """What a volunteer is, and looks after: `active`, or still waiting for the unit's word."""

    id: UUID
    name: str
    unit_code: str
    active: bool
    homes: tuple[Home, ...] = ()

    def home(self, id_: UUID | None) -> Home | None:
        """The household, if it is theirs now."""
        return next((home for home in self.homes if home.id == id_), None)


@dataclass(frozen=True, slots=True)
class AskedConsent:
    """A question of ours that a yes or a no would answer now: whether somebody else may declare for a person, or be
    told of their silence. `told_at`: when it was put in line."""

    id: UUID
    told_at: datetime


@dataclass(frozen=True, slots=True)
class AskedPresence:
    """A sign of presence that was asked for here and may still be given: late behind `expires_at`. `letter`: of whom,
    "" for somebody of the household who answers on another phone (`kind` "household"). `home`: the point to compare
    with, if staff entered one."""

    id: UUID
    kind: str
    letter: str
    expires_at: datetime
    home: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """Everything known of a contact when one of its messages is read. `code` is the next receipt's."""

    contact_id: UUID
    unit: UnitFacts
    code: str
    rules: Rules
    members: tuple[Member, ...] = ()
    alarmed: frozenset[Alarmed] = frozenset()  # danger that staff were told of just now
    visit: AskedVisit | None = None
    callable: bool = True  # whether staff have a number to call
    on_duty: bool = False  # a unit's duty phone, as far as a message that might be about an alert needs to know
    duty: Duty | None = None  # of a volunteer, if the message may be about their work
    home: Home | None = None  # whose people `members` are; None: those of this phone
    consent: AskedConsent | None = None
    presence: tuple[AskedPresence, ...] = ()

    def at(self, home: Home | None) -> Context:
        """The same, about the people of that household; nothing that only the phone's own people were asked."""
        if home is None:
            return self
        mark = _mark(home.id)
        told = frozenset(
            a._replace(letter=a.letter.removesuffix(mark)) for a in self.alarmed if a.letter.endswith(mark)
        )
        there = replace(self, members=home.members, unit=home.unit, alarmed=told, home=home)
        return replace(there, visit=None, consent=None, presence=())

    def back(self, after: Context) -> Context:
        """The phone's own facts again, with what a step about a household changed in `after`."""
        if after.home is None or self.duty is None:
            return after
        home = replace(after.home, members=after.members)
        homes = tuple(home if each.id == home.id else each for each in self.duty.homes)
        others = {told for told in self.alarmed if not told.letter.endswith(_mark(home.id))}
        theirs = {told._replace(letter=after.whose(told.letter)) for told in after.alarmed}
        return replace(self, duty=replace(self.duty, homes=homes), alarmed=frozenset(others | theirs), code=after.code)

    def whose(self, letter: str) -> str:
        """A letter as alerts keep it: those of a household are not those of the volunteer's own phone."""
        return f"{letter}{_mark(self.home.id)}" if self.home else letter

    def unit_of(self, letter: str) -> UnitFacts:
        """Whom people read that we told of somebody here."""
        member = self.member(letter)
        return (member.unit if member else None) or self.unit

    def told(self, member: Member | None) -> str:
        """The code of the unit that is told of somebody here."""
        if member and member.unit:
            return member.unit.code
        return (member.unit_code if member else None) or self.unit.code

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
        return member.letter in others and not member.follow_up_until and self.home is None

    def named(self) -> tuple[Member, ...]:
        """Members whose name is known."""
        return tuple(m for m in self.members if m.name)

    def free_letter(self) -> str:
        """The letter for a person who is new here."""
        return free_letter((*(m.letter for m in self.members), *(self.home.gone if self.home else ())))


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


def letter_at(place: int) -> str:
    """The letter of the person at that place, from 0."""
    return _LETTERS[place]


def _mark(home: UUID) -> str:
    return f"@{home.hex}"


_LETTERS = tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ") + tuple(f"A{n}" for n in range(1, 1000))
