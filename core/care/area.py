"""One decision that puts all who live in a commune or a hamlet under follow-up.

The clock opens the follow-ups page by page, each a transaction; `opened_to` says where the next page begins, so that a
crash costs at most a page. When all have one, it looks again every so often: people who come to live there later are
followed as well. Whoever staff took out is not followed again by the same decision: the id of a follow-up follows from
the decision and the person. Who died or left is by none (`core.care.gone`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Connection, Date, DateTime, Row, Uuid, bindparam, exists, insert, or_, select, update
from uuid_utils.compat import uuid7

from core.access.scope import Scope
from core.care import due, events, follow_up_end, follow_up_rows
from core.care.events import Event, Kind
from core.care.follow_up_end import Ending
from core.care.follow_up_rows import Source
from core.care.follow_up_terms import Problem, Settled, wrong_end, wrong_hours
from core.care.gone import gone
from core.care.hamlets import in_hamlet
from core.care.handling import By, Outcome
from core.care.held_back import FREE
from core.care.opening_page import CALL
from core.care.standing import one_of
from core.clock import VIETNAM
from core.conversation.ids import derived
from core.database.following import area_decisions, follow_ups
from core.database.tables import contacts, members, persons

AGAIN = timedelta(minutes=5)
"""How long until it looks for people who came since."""


@dataclass(frozen=True, slots=True)
class Area:
    """What is decided. `hamlet` empty: all of the commune. Days are the first and the last; hours local."""

    unit_code: str
    document: str
    from_on: date
    until_on: date
    hours: tuple[int, ...]
    hamlet: str = ""


def decide(connection: Connection, scope: Scope, area: Area, by: By) -> UUID | Problem | None:
    """Write a decision down; the clock carries it out. None outside the scope."""
    if area.unit_code not in scope.codes:
        return None
    today = by.at.astimezone(VIETNAM).date()
    wrong = wrong_end(area.until_on, max(area.from_on, today)) or wrong_hours(area.hours, today)
    if wrong or not area.hours:
        return wrong or Problem.HOURS
    row = {name: getattr(area, name) for name in ("unit_code", "document", "from_on", "until_on", "hamlet")}
    made = {"id": uuid7(), "hours": sorted(set(area.hours)), "created_at": by.at, "created_by": by.staff_id}
    connection.execute(insert(area_decisions).values(row | made))
    return UUID(str(made["id"]))


def stop(connection: Connection, scope: Scope, decision_id: UUID, by: By) -> Outcome:
    """End a decision before its last day; the clock releases its people."""
    mine = area_decisions.c.id == decision_id, area_decisions.c.unit_code.in_(scope.codes)
    ended = update(area_decisions).where(*mine, area_decisions.c.ended_at.is_(None)).values(ended_at=by.at)
    if connection.execute(ended).rowcount:
        return Outcome.DONE
    return Outcome.TOO_LATE if connection.scalar(select(area_decisions.c.id).where(*mine)) else Outcome.UNKNOWN


def open_page(connection: Connection, now: datetime, limit: int = 500) -> int:
    """Look at the next `limit` people of decisions that run, those first that wait longest; how many. Call again while
    it is `limit`.

    Safe to run twice and in two places: a decision that somebody holds is left out.
    """
    today = now.astimezone(VIETNAM).date()
    looked_at = 0
    while looked_at < limit:
        decision = connection.execute(_NEXT, {"today": today, "before": now - AGAIN}).first()
        if decision is None:
            break
        looked_at += _page(connection, decision, now, limit - looked_at)
    return looked_at


def _page(connection: Connection, decision: Row[Any], now: datetime, limit: int) -> int:
    told = {"unit": decision.unit_code, "behind": decision.opened_to or UUID(int=0), "most": limit}
    people = connection.execute(_PEOPLE, told).all()
    away = gone(connection, [one.id for one in people])
    there = [one for one in people if one.id not in away and _lives_in(one, decision.hamlet)]
    _open(connection, decision, there, now)
    done = len(people) < limit
    where = {"opened_to": None if done else people[-1].id, "opened_at": now if done else decision.opened_at}
    connection.execute(update(area_decisions).where(area_decisions.c.id == decision.id).values(where))
    return len(people)


def release_page(connection: Connection, now: datetime, limit: int = 500) -> int:
    """Release at most `limit` people of decisions that were ended; how many. Call again while it is `limit`. Who became
    a case or a contact meanwhile is followed for days of their own, and whom something holds back waits for that."""
    held = connection.execute(_OF_ENDED, {"most": limit}).all()
    follow_up_end.end(connection, held, Ending("completed", Kind.RELEASED, reason="document"), now)
    return len(held)


def _lives_in(person: Row[Any], hamlet: str) -> bool:
    return in_hamlet(hamlet, person.hamlet, person.address)


def _open(connection: Connection, decision: Row[Any], people: list[Row[Any]], now: datetime) -> None:
    settled = Settled(
        group="area",
        place="home",
        start_on=max(decision.from_on, now.astimezone(VIETNAM).date()),
        end_on=decision.until_on,
        watch_from=None,
        last_contact_on=None,
        vaccinated=None,
        test_days=(),
        hours=tuple(decision.hours),
        document=decision.document,
    )
    phones = {r.person_id: r.contact_id for r in connection.execute(_PHONES, {"ids": [p.id for p in people]})}
    made = [
        follow_up_rows.row(derived(decision.id, f"area:{p.id}"), p.id, phones.get(p.id), decision.unit_code, settled)
        for p in people
    ]
    rows = follow_up_rows.sourced(made, Source("area", decision.id, decision.created_by), now)
    written = follow_up_rows.insert(connection, rows)
    fresh = [row for row in rows if row["id"] in written]
    due.plan_for(connection, fresh, now)
    detail = {"source": "area", "group": "area", "end_on": settled.end_on.isoformat(), "document": settled.document}
    events.append(
        connection,
        [Event(r["id"], r["person_id"], now, None, decision.unit_code, Kind.OPENED, detail) for r in fresh],
    )


_NEXT = (
    select(area_decisions)
    .where(
        area_decisions.c.ended_at.is_(None),
        bindparam("today", type_=Date).between(area_decisions.c.from_on, area_decisions.c.until_on),
        or_(
            area_decisions.c.opened_at.is_(None),
            area_decisions.c.opened_to.is_not(None),
            area_decisions.c.opened_at < bindparam("before", type_=DateTime(timezone=True)),
        ),
    )
    .order_by(area_decisions.c.opened_at.asc().nulls_first(), area_decisions.c.created_at)
    .limit(1)
    .with_for_update(skip_locked=True)
)
_OPEN = one_of(follow_ups.c.status, "to_verify", "under_follow_up")
_twin = persons.alias("twin")
FOLLOWED = (
    exists().where(follow_ups.c.person_id == persons.c.id, _OPEN),
    exists().where(follow_ups.c.person_id == _twin.c.id, _twin.c.merged_into == persons.c.id, _OPEN),
)
"""Of a row of `persons` that stands for itself: whether they are followed, or to be verified, by their own name or by
that of somebody merged into them: either."""

_PEOPLE = (
    select(persons.c.id, persons.c.hamlet, persons.c.address)
    .where(
        persons.c.unit_code == bindparam("unit"),
        persons.c.merged_into.is_(None),
        persons.c.id > bindparam("behind", type_=Uuid),
        *(~followed for followed in FOLLOWED),
    )
    .order_by(persons.c.id)
    .limit(bindparam("most"))
)
_PHONES = (
    select(members.c.person_id, members.c.contact_id)
    .distinct(members.c.person_id)
    .join(contacts, contacts.c.id == members.c.contact_id)
    .where(members.c.person_id == bindparam("ids", type_=ARRAY(Uuid)).any_(), contacts.c.channel != CALL)
    .order_by(members.c.person_id, contacts.c.seen_at.desc(), members.c.contact_id)
)
_OF_ENDED = (
    select(follow_ups.c.id, follow_ups.c.person_id, follow_ups.c.unit_code)
    .join(area_decisions, area_decisions.c.id == follow_ups.c.source_id)
    .where(
        area_decisions.c.ended_at.is_not(None),
        one_of(follow_ups.c.status, "under_follow_up"),
        follow_ups.c.group == "area",
        FREE,
    )
    .limit(bindparam("most"))
    .with_for_update(of=follow_ups, key_share=True, skip_locked=True)
)
