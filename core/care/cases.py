"""What is known of a case: test results, who was near whom, and the cluster that it belongs to.

A positive PCR and a named contact change nobody's level: they propose one (`core.care.proposals`). Everything is the
caller's transaction: a crash leaves nothing or all of what one person entered.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, Uuid, and_, bindparam, insert, select, update
from uuid_utils.compat import uuid7

from core.access.scope import Scope
from core.care import events, proposals
from core.care.events import Event, Kind
from core.care.find import find
from core.care.handling import NOTE, By, Outcome
from core.care.standing import UNITS, one_of
from core.clock import VIETNAM
from core.conversation.fold import fold, words
from core.database.following import clusters, exposures, follow_ups, test_results
from core.database.tables import persons
from core.people import persons as people

LONGEST = 100
"""Characters of a laboratory's or a cluster's name."""

_OLDEST = timedelta(days=366)


class Sample(StrEnum):
    """Kinds of tests."""

    PCR = "pcr"
    ANTIGEN = "antigen"


class Result(StrEnum):
    """What a test says. A pending one is answered later."""

    PENDING = "pending"
    POSITIVE = "positive"
    NEGATIVE = "negative"
    INVALID = "invalid"


@dataclass(frozen=True, slots=True)
class NewTest:
    """One sample of one person."""

    person_id: UUID
    kind: Sample
    sampled_on: date
    result: Result
    laboratory: str = ""


@dataclass(frozen=True, slots=True)
class Near:
    """Somebody who was near a case, last on that day: a person we know, or the name of a new one."""

    source_id: UUID
    last_contact_on: date
    person_id: UUID | None = None
    name: str = ""
    year_of_birth: int | None = None
    note: str = ""


_PERSON = bindparam("person", type_=Uuid)
_OPEN = one_of(follow_ups.c.status, "to_verify", "under_follow_up")
_OURS = (
    select(
        persons.c.id,
        persons.c.unit_code.label("home"),
        follow_ups.c.id.label("follow_up_id"),
        follow_ups.c.unit_code,
        follow_ups.c.group,
        follow_ups.c.cluster_id,
    )
    .select_from(persons)
    .outerjoin(follow_ups, and_(follow_ups.c.person_id == persons.c.id, _OPEN))
    .where(persons.c.id == _PERSON)
)
_TEST = select(test_results).where(test_results.c.id == bindparam("test", type_=Uuid)).with_for_update()
_POSITIVE = (
    select(test_results.c.id)
    .where(test_results.c.person_id == _PERSON, test_results.c.kind == Sample.PCR, test_results.c.result == "positive")
    .limit(1)
)
_SAME = select(exposures.c.id).where(
    exposures.c.person_id == _PERSON,
    exposures.c.source_person_id == bindparam("source", type_=Uuid),
    exposures.c.last_contact_on == bindparam("day"),
)
_CLUSTER = select(clusters).where(
    clusters.c.id == bindparam("cluster", type_=Uuid), clusters.c.unit_code == UNITS.any_()
)


def record_result(connection: Connection, scope: Scope, test: NewTest, by: By) -> Outcome:
    """Write a result down. A positive PCR of somebody who is not F0 proposes that they are.

    WRONG: sampled in the future or over a year ago. UNKNOWN: the person is not this scope's to act for.
    """
    whose = _ours(connection, scope, test.person_id)
    if whose is None:
        return Outcome.UNKNOWN
    if not _past(test.sampled_on, by):
        return Outcome.WRONG
    unit = whose.unit_code or whose.home or scope.unit_code
    row = {
        "id": uuid7(),
        "person_id": test.person_id,
        "follow_up_id": whose.follow_up_id,
        "unit_code": unit,
        "kind": test.kind.value,
        "sampled_on": test.sampled_on,
        "result": test.result.value,
        "laboratory": _short(test.laboratory),
        "at": by.at,
        "by": by.staff_id,
    }
    connection.execute(insert(test_results).values(row))
    _tell_of(connection, scope, whose, by, row)
    return Outcome.DONE


def answer_test(connection: Connection, scope: Scope, test_id: UUID, result: Result, by: By) -> Outcome:
    """A pending test's result has come, or another was entered by mistake: what stood there is in the history.

    TOO_LATE: it says so already.
    """
    known = connection.execute(_TEST, {"test": test_id}).one_or_none()
    whose = _ours(connection, scope, known.person_id) if known else None
    if known is None or whose is None:
        return Outcome.UNKNOWN
    if known.result == result:
        return Outcome.TOO_LATE
    connection.execute(update(test_results).where(test_results.c.id == test_id).values(result=result.value))
    _tell_of(connection, scope, whose, by, dict(known._mapping) | {"result": result.value, "before": known.result})
    if known.result == Result.POSITIVE and connection.scalar(_POSITIVE, {"person": known.person_id}) is None:
        proposals.withdraw_ill(connection, known.person_id, by.at)
    return Outcome.DONE


def name_contact(connection: Connection, scope: Scope, near: Near, by: By) -> Outcome:
    """Somebody was near this case, or near somebody who was. If the case's level says so, theirs is proposed.

    Both must be the scope's. A person of whom nothing is known yet is made, under the case's unit; whoever is to be
    followed up is enrolled besides. The same pair on the same day is there once. WRONG: a day to come, oneself, nobody.
    """
    source = _ours(connection, scope, near.source_id)
    if source is None:
        return Outcome.UNKNOWN
    if not _past(near.last_contact_on, by) or near.person_id == near.source_id:
        return Outcome.WRONG
    if near.person_id is None and len(_short(near.name)) < 2:
        return Outcome.WRONG
    contact = near.person_id or _made(connection, near, source.unit_code or source.home or scope.unit_code, by)
    whose = _ours(connection, scope, contact)
    if whose is None:
        return Outcome.UNKNOWN
    pair = {"person": contact, "source": near.source_id, "day": near.last_contact_on}
    if connection.scalar(_SAME, pair):
        return Outcome.TOO_LATE
    connection.execute(insert(exposures).values(_exposure(near, contact, source, by)))
    day = near.last_contact_on.isoformat()
    _note(connection, source, (scope, by), Kind.EXPOSED, {"contact": str(contact), "last_contact_on": day})
    _note(connection, whose, (scope, by), Kind.EXPOSED, {"source": str(near.source_id), "last_contact_on": day})
    if source.group:
        proposals.propose_near(connection, near.source_id, source.group, by.at)
    return Outcome.DONE


def called(connection: Connection, scope: Scope, name: str, year_of_birth: int | None) -> tuple[UUID, ...]:
    """Those of the scope who are called just so, and were born in that year if one is given."""
    wanted = words(name)
    found = (each for each in find(connection, scope, name) if words(each.name) == wanted)
    return tuple(each.person_id for each in found if year_of_birth in (None, each.year_of_birth))


def make_cluster(connection: Connection, scope: Scope, name: str, by: By) -> UUID | None:
    """Cases that belong together; None without a name."""
    if not _short(name):
        return None
    made = uuid7()
    today = by.at.astimezone(VIETNAM).date()
    row = {"id": made, "name": _short(name), "unit_code": scope.unit_code, "opened_on": today}
    connection.execute(insert(clusters).values(row | {"created_at": by.at, "created_by": by.staff_id}))
    return made


def put_in_cluster(connection: Connection, scope: Scope, person_id: UUID, cluster_id: UUID | None, by: By) -> Outcome:
    """This person's open follow-up belongs to that cluster, or with None to none. TOO_LATE: the cluster is closed."""
    whose = _ours(connection, scope, person_id)
    if whose is None or whose.follow_up_id is None:
        return Outcome.UNKNOWN
    if cluster_id is not None:
        found = connection.execute(_CLUSTER, {"cluster": cluster_id, "units": list(scope.codes)}).one_or_none()
        if found is None:
            return Outcome.UNKNOWN
        if found.closed_on:
            return Outcome.TOO_LATE
    changed = update(follow_ups).where(follow_ups.c.id == whose.follow_up_id).values(cluster_id=cluster_id)
    connection.execute(changed)
    detail = {"cluster": str(cluster_id) if cluster_id else None, "before": str(whose.cluster_id or "")}
    _note(connection, whose, (scope, by), Kind.CLUSTER, detail)
    return Outcome.DONE


def close_cluster(connection: Connection, scope: Scope, cluster_id: UUID, by: By) -> Outcome:
    """No case joins it any more; those in it stay."""
    given = {"cluster": cluster_id, "units": list(scope.codes)}
    found = connection.execute(_CLUSTER.with_for_update(), given).one_or_none()
    if found is None:
        return Outcome.UNKNOWN
    if found.closed_on:
        return Outcome.TOO_LATE
    today = by.at.astimezone(VIETNAM).date()
    connection.execute(update(clusters).where(clusters.c.id == cluster_id).values(closed_on=today))
    return Outcome.DONE


def _ours(connection: Connection, scope: Scope, person_id: UUID) -> Row[Any] | None:
    """The person if this scope's staff act for them: by their open follow-up, or, without one, by where they live."""
    found = connection.execute(_OURS, {"person": person_id}).one_or_none()
    if found is None or (found.unit_code or found.home) not in scope.codes:
        return None
    return found


def _tell_of(connection: Connection, scope: Scope, whose: Row[Any], by: By, row: dict[str, Any]) -> None:
    """A result in the follow-up's history; and what follows from a positive PCR."""
    detail = {name: str(row[name]) for name in ("kind", "sampled_on", "result", "before") if name in row}
    _note(connection, whose, (scope, by), Kind.RESULT, detail | {"test": str(row["id"])})
    if row["kind"] == Sample.PCR and row["result"] == Result.POSITIVE:
        proposals.propose_ill(connection, row["person_id"], row["sampled_on"], by.at)


def _note(connection: Connection, whose: Row[Any], hand: tuple[Scope, By], kind: Kind, detail: dict[str, Any]) -> None:
    """Nothing where nobody is followed up."""
    if whose.follow_up_id:
        scope, by = hand
        event = Event(whose.follow_up_id, whose.id, by.at, by.staff_id, scope.unit_code, kind, detail)
        events.append(connection, [event])


def _made(connection: Connection, near: Near, unit_code: str, by: By) -> UUID:
    made = uuid7()
    folded = fold(_short(near.name)).text
    row = {"full_name": _short(near.name), "folded_name": folded, "sort_key": people.sort_key(folded)}
    rest = {"year_of_birth": near.year_of_birth, "gender": None, "nationality": "VN", "address": ""}
    people.save(connection, [{"id": made, "unit_code": unit_code, "created_at": by.at} | row | rest])
    return made


def _exposure(near: Near, contact: UUID, source: Row[Any], by: By) -> dict[str, Any]:
    return {
        "id": uuid7(),
        "person_id": contact,
        "source_person_id": near.source_id,
        "last_contact_on": near.last_contact_on,
        "cluster_id": source.cluster_id,
        "note": " ".join(near.note.split())[:NOTE],
        "at": by.at,
        "by": by.staff_id,
    }


def _past(day: date, by: By) -> bool:
    today = by.at.astimezone(VIETNAM).date()
    return today - _OLDEST <= day <= today


def _short(text: str) -> str:
    return " ".join(text.split())[:LONGEST]
