"""May somebody be reminded now, and if not, why not, or when. Pure; the sender and the screens ask the same.

A reminder is about one due check-in of one person, and goes to the phone that answers for them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from core.clock import VIETNAM
from core.messaging.quiet import is_quiet, may_leave_at
from core.messaging.route import Address, Barred


class Why(StrEnum):
    """Why somebody is reminded now, or is not; in the order in which it is asked."""

    NOT_FOLLOWED = "not_followed"  # nobody follows them
    UNVERIFIED = "unverified"  # staff have not looked at it yet
    LOST = "lost"  # unseen for so long that the follow-up ended
    ENDED = "ended"
    WATCHED = "watched"  # they only watch themselves by now
    UNPLANNED = "unplanned"  # no check-in of theirs is to come
    ANSWERED = "answered"
    ASKED = "asked"  # already, and no answer came yet
    PASSED = "passed"  # it is too late to answer
    NO_PHONE = "no_phone"
    NOT_THERE = "not_there"  # they do not answer on the phone where they were to be asked any more
    STOPPED = "stopped"
    UNREACHABLE = "unreachable"
    WINDOW = "window"  # they have not written for too long where we may not begin by ourselves
    OFF = "off"  # what they write through is not switched on
    LATER = "later"  # their time comes
    QUIET = "quiet"  # it came, but not at this hour
    DUE = "due"


_FOLLOW_UPS = {
    "under_follow_up": None,
    "to_verify": Why.UNVERIFIED,
    "lost_to_follow_up": Why.LOST,
    "completed": Why.ENDED,
    "cancelled": Why.ENDED,
}
_BARRED = {barred: Why(barred.value) for barred in Barred}


@dataclass(frozen=True, slots=True)
class Moment:
    """Now, and what follows from it alone: made once for many. `waking`: when something may leave, now or later."""

    now: datetime
    today: date
    quiet: bool
    waking: datetime


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one person and the check-in that comes next, or is open.

    `follow_up`: its status, "" without one; `watch_from`: its first day of watching only; `check`: the check-in's
    status, "" if none is planned. `way`: where their phone is written to, or why nowhere; None: they have none.
    `there`: they are among the people who answer on it.
    """

    follow_up: str
    watch_from: date | None
    check: str
    remind_at: datetime | None
    closes_at: datetime | None
    reminded_at: datetime | None
    way: Address | Barred | None
    there: bool = True


@dataclass(frozen=True, slots=True)
class Verdict:
    """`why` is `DUE` if they may be reminded now. `at`: when they will be (`LATER`, `QUIET`), or were (`ASKED`)."""

    why: Why
    at: datetime | None = None

    @property
    def now(self) -> bool:
        """Whether to remind them now."""
        return self.why is Why.DUE


_DUE = Verdict(Why.DUE)


def moment(now: datetime) -> Moment:
    """The moment of an instant."""
    return Moment(now, now.astimezone(VIETNAM).date(), is_quiet(now), may_leave_at(now))


def may(facts: Facts, at: Moment) -> Verdict:
    """Whether this person may be reminded of this check-in at that moment; if not, the first reason against it."""
    against = _follow_up(facts, at) or _check(facts, at) or _way(facts)
    if against is not None:
        return against
    if facts.remind_at is not None and facts.remind_at > at.now:
        return Verdict(Why.LATER, facts.remind_at)
    return Verdict(Why.QUIET, at.waking) if at.quiet else _DUE


def _follow_up(facts: Facts, at: Moment) -> Verdict | None:
    against = _FOLLOW_UPS.get(facts.follow_up, Why.NOT_FOLLOWED)
    if against is None and facts.watch_from is not None and facts.watch_from <= at.today:
        against = Why.WATCHED
    return Verdict(against) if against else None


def _check(facts: Facts, at: Moment) -> Verdict | None:
    if facts.check == "" or facts.closes_at is None:
        return Verdict(Why.UNPLANNED)
    if facts.check in ("seen_ok", "seen_not_ok"):
        return Verdict(Why.ANSWERED)
    if facts.reminded_at is not None:
        return Verdict(Why.ASKED, facts.reminded_at)
    return Verdict(Why.PASSED) if facts.check != "not_performed" or facts.closes_at <= at.now else None


def _way(facts: Facts) -> Verdict | None:
    if facts.way is None:
        return Verdict(Why.NO_PHONE)
    if not facts.there:
        return Verdict(Why.NOT_THERE)
    return Verdict(_BARRED[facts.way]) if isinstance(facts.way, Barred) else None
