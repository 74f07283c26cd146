"""Levels (F0 to F3) follow from other people's results: they are proposed by rule, and count once the CDC says so.

Nobody's level is changed in silence. A proposal is made for everybody under follow-up who was near somebody whose level
rose; whoever confirms it looks at the contact's date. Confirming may make the next proposals: an F3 of an F2 who is F1
now becomes F2. What a crash leaves is nothing or all of one decision: everything is the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Connection, Row, Uuid, bindparam, delete, select, update

from core.access.scope import Scope
from core.care import due, durations, events
from core.care.events import Event, Kind
from core.care.handling import NOTE, By, Outcome
from core.care.proposals import LEVELS, propose_near, rank
from core.care.standing import UNITS, one_of
from core.clock import VIETNAM
from core.database.due import due_checks
from core.database.following import follow_ups, level_proposals

DECIDING = frozenset({"provincial_cdc", "area_centre"})
"""The types of units whose staff confirm a level."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the days depend on: the group that somebody gets, and the day that counts from. `vaccinated`: None if it is
    not known. `end_on`: the last day as the CDC states it; None: as the rules say.
    """

    group: str
    vaccinated: bool | None
    place: str
    since: date
    today: date
    end_on: date | None = None


PlanOf = Callable[[Asked], durations.Plan | None]
"""What the dated rules make of that; None where they state no days and nobody else did."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What the CDC says to a proposal. `last_contact_on`: the contact's date if the proposal's is wrong. `end_on`: the
    last day, where it is not for the rules to say."""

    proposal_id: UUID
    last_contact_on: date | None = None
    note: str = ""
    end_on: date | None = None


@dataclass(frozen=True, slots=True)
class ByHand:
    """A level that follows from nothing we know. `reason` is never empty; `since`: the day it counts from."""

    follow_up_id: UUID
    group: str
    since: date
    reason: str
    end_on: date | None = None


@dataclass(frozen=True, slots=True)
class _Change:
    """A follow-up, the level it gets, the day it counts from, and what is written down about it."""

    follow: Row[Any]
    group: str
    since: date
    days: durations.Plan
    detail: dict[str, Any]


_OPEN = one_of(follow_ups.c.status, "to_verify", "under_follow_up")
_PROPOSED = one_of(level_proposals.c.status, "proposed")
_ID = bindparam("wanted", type_=Uuid)
_PEOPLE = bindparam("people", type_=ARRAY(Uuid)).any_()
_FOLLOW = (
    "place",
    "id",
    "person_id",
    "contact_id",
    "unit_code",
    "group",
    "vaccinated",
    "start_on",
    "end_on",
    "hours",
    "status",
)
_CHOSEN = (
    select(level_proposals)
    .where(level_proposals.c.id == _ID, _PROPOSED, level_proposals.c.unit_code == UNITS.any_())
    .with_for_update()
)
_THERE = select(level_proposals.c.id).where(level_proposals.c.id == _ID, level_proposals.c.unit_code == UNITS.any_())
_ABOUT = select(level_proposals.c.follow_up_id).where(level_proposals.c.id == _ID)
_OF_PROPOSAL = (
    select(*(follow_ups.c[name] for name in _FOLLOW))
    .where(follow_ups.c.id == _ID, _OPEN)
    .with_for_update(key_share=True)
)
_IN_SCOPE = _OF_PROPOSAL.where(follow_ups.c.unit_code == UNITS.any_())
_PASSED = (
    update(level_proposals)
    .where(
        level_proposals.c.follow_up_id == _ID,
        _PROPOSED,
        level_proposals.c.to_group.in_(bindparam("reached", expanding=True)),
    )
    .values(status="void", decided_at=bindparam("now"))
)
_UNPLAN = delete(due_checks).where(
    due_checks.c.follow_up_id == _ID,
    one_of(due_checks.c.status, "not_performed"),
    due_checks.c.reminded_at.is_(None),
    due_checks.c.due_at >= bindparam("after"),
)


def dated(asked: Asked) -> durations.Plan | None:
    """By the dated table. A last day that was stated stands for the table's, and nothing is watched behind it."""
    row = durations.plan_of(asked.group, asked.vaccinated, asked.today, asked.place)
    if asked.end_on is None:
        return durations.days_of(row, asked.since, asked.since)
    return durations.Plan(asked.end_on, None, row.test_days, durations.hours_of(row, asked.today), row.document)


def confirm(connection: Connection, scope: Scope, decision: Decision, by: By, plan: PlanOf = dated) -> Outcome:
    """It is so: level and days change, what follows from it is proposed. Of two at once the first decides.

    WRONG: the contact's date is missing or in the future, or the days would be over already. TOO_LATE: decided, or the
    follow-up ended or is as near already. UNKNOWN also for units that do not decide about levels.
    """
    about = connection.scalar(_ABOUT, {"wanted": decision.proposal_id})  # held first, as whoever moves it does
    follow = connection.execute(_OF_PROPOSAL, {"wanted": about}).one_or_none()
    chosen = _choose(connection, scope, decision.proposal_id)
    if isinstance(chosen, Outcome):
        return chosen
    if follow is None or rank(follow.group) <= rank(chosen.to_group):
        _settle(connection, chosen.id, "void", by, {"note": _short(decision.note)})
        return Outcome.TOO_LATE
    since = decision.last_contact_on or chosen.last_contact_on
    days = _days(follow, chosen.to_group, since, (decision.end_on, by, plan)) if since else None
    if since is None or days is None:
        return Outcome.WRONG
    _settle(connection, chosen.id, "confirmed", by, {"note": _short(decision.note), "last_contact_on": since})
    detail = {"proposal": str(chosen.id), "told": _iso(chosen.last_contact_on), "note": _short(decision.note)}
    _change(connection, _Change(follow, chosen.to_group, since, days, detail), scope, by)
    return Outcome.DONE


def reject(connection: Connection, scope: Scope, decision: Decision, by: By) -> Outcome:
    """It is not so, and is not proposed again for the same contact. WRONG without a word why."""
    if not decision.note.strip():
        return Outcome.WRONG
    chosen = _choose(connection, scope, decision.proposal_id)
    if isinstance(chosen, Outcome):
        return chosen
    _settle(connection, chosen.id, "rejected", by, {"note": _short(decision.note)})
    detail = {"rejected": chosen.to_group, "proposal": str(chosen.id), "note": _short(decision.note)}
    whose = chosen.follow_up_id, chosen.person_id
    events.append(connection, [Event(*whose, by.at, by.staff_id, scope.unit_code, Kind.LEVEL, detail)])
    return Outcome.DONE


def set_by_hand(connection: Connection, scope: Scope, wanted: ByHand, by: By, plan: PlanOf = dated) -> Outcome:
    """A level without a proposal, up or down, with its reason. Outcomes as of `confirm`."""
    if scope.kind not in DECIDING:
        return Outcome.UNKNOWN
    if wanted.group not in LEVELS or not wanted.reason.strip():
        return Outcome.WRONG
    given = {"wanted": wanted.follow_up_id, "units": list(scope.codes)}
    follow = connection.execute(_IN_SCOPE, given).one_or_none()
    if follow is None:
        return Outcome.UNKNOWN
    days = _days(follow, wanted.group, wanted.since, (wanted.end_on, by, plan))
    if days is None:
        return Outcome.WRONG
    detail = {"by_hand": True, "note": _short(wanted.reason)}
    _change(connection, _Change(follow, wanted.group, wanted.since, days, detail), scope, by)
    return Outcome.DONE


def _choose(connection: Connection, scope: Scope, proposal_id: UUID) -> Row[Any] | Outcome:
    """The open proposal, held; or why not."""
    if scope.kind not in DECIDING:
        return Outcome.UNKNOWN
    given = {"wanted": proposal_id, "units": list(scope.codes)}
    chosen = connection.execute(_CHOSEN, given).one_or_none()
    if chosen is not None:
        return chosen
    return Outcome.TOO_LATE if connection.scalar(_THERE, given) else Outcome.UNKNOWN


def _days(follow: Row[Any], group: str, since: date, asked: tuple[date | None, By, PlanOf]) -> durations.Plan | None:
    """Days such as can be: counted from no day to come, and not over before they begin. None: there are none."""
    end_on, by, plan = asked
    today = by.at.astimezone(VIETNAM).date()
    if since > today:
        return None
    days = plan(Asked(group, follow.vaccinated, follow.place, since, today, end_on))
    return days if days and days.end_on >= today else None


def _change(connection: Connection, change: _Change, scope: Scope, by: By) -> None:
    follow, days = change.follow, change.days
    new = {
        "group": change.group,
        "last_contact_on": change.since,
        "end_on": days.end_on,
        "last_day_told_at": None,
        "watch_from": days.watch_from,
        "test_days": list(days.test_days),
        "document": days.document,
    }
    if follow.status == "under_follow_up" and days.end_on != follow.end_on:
        new["days_changed_at"] = by.at
    more = rank(change.group) < rank(follow.group) and len(follow.hours) < len(days.hours)
    if more:  # who is as ill as that is asked as often; as many hours of their own choice stay
        new["hours"] = list(days.hours)
    connection.execute(update(follow_ups).where(follow_ups.c.id == follow.id).values(new))
    reached = _from(change.group)
    connection.execute(_PASSED, {"wanted": follow.id, "reached": reached, "now": by.at})
    if follow.status == "under_follow_up":
        _plan_anew(connection, dict(follow._mapping) | new, by.at, hours=more)
    before = {"from": follow.group, "to": change.group, "end_before": _iso(follow.end_on)}
    after = {"since": _iso(change.since), "end": _iso(days.end_on), "document": days.document}
    told = Event(
        follow.id, follow.person_id, by.at, by.staff_id, scope.unit_code, Kind.LEVEL, before | after | change.detail
    )
    events.append(connection, [told])
    propose_near(connection, follow.person_id, change.group, by.at)


def _plan_anew(connection: Connection, follow: dict[str, Any], now: datetime, *, hours: bool) -> None:
    """Due rows of today and tomorrow by the new last day: none behind it, none missing before it. `hours`: by other
    hours as well."""
    after = datetime.combine(follow["end_on"] + timedelta(days=1), time(), VIETNAM)
    connection.execute(_UNPLAN, {"wanted": follow["id"], "after": max(after, now)})
    (due.replan if hours else due.plan_for)(connection, [follow], now)


def _settle(connection: Connection, proposal_id: UUID, status: str, by: By, more: dict[str, Any]) -> None:
    decided = {"status": status, "decided_at": by.at, "decided_by": by.staff_id}
    connection.execute(update(level_proposals).where(level_proposals.c.id == proposal_id).values(decided | more))


def _from(group: str) -> Collection[str]:
    """This level and those behind it: proposals for which somebody needs no more."""
    return list(LEVELS[rank(group) :])


def _short(note: str) -> str:
    return " ".join(note.split())[:NOTE]


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
