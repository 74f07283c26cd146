"""What the pages show of cases: proposals that wait for the CDC, clusters, tests, and who was near whom.

Everything through a unit's scope: who is another unit's is counted or left without a name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    Date,
    Integer,
    Row,
    Select,
    Uuid,
    and_,
    bindparam,
    case,
    func,
    select,
)

from core.access.scope import Scope
from core.care.standing import UNITS, Day, one_of
from core.care.today import Who
from core.database.following import clusters, exposures, follow_ups, level_proposals, test_results
from core.database.tables import persons

MOST = 200
"""Rows of each list."""

RECENT = timedelta(days=28)
"""How long contacts who are not followed up, and closed clusters, are shown."""


@dataclass(frozen=True, slots=True)
class ProposalRow:
    """A level that waits. `source`: from whom it follows; None: their own test, a list of staff's (`listed`), or
    somebody of another unit's."""

    id: UUID
    who: Who
    unit_code: str
    from_group: str
    to_group: str
    last_contact_on: date | None
    own_test: bool
    listed: bool
    source: Who | None


@dataclass(frozen=True, slots=True)
class ClusterRow:
    """Cases that belong together: all of the scope's that are or were followed up in it, and the F0 among them."""

    id: UUID
    name: str
    unit_code: str
    opened_on: date
    closed_on: date | None
    people: int
    ill: int


@dataclass(frozen=True, slots=True)
class SampleRow:
    """One sample."""

    id: UUID
    who: Who
    kind: str
    sampled_on: date
    result: str
    laboratory: str
    unit_code: str


@dataclass(frozen=True, slots=True)
class NearRow:
    """Somebody near somebody. `who`: the other one; None if they are not this scope's to see."""

    who: Who | None
    last_contact_on: date | None
    group: str
    unit_code: str


@dataclass(frozen=True, slots=True)
class PersonsCase:
    """One person's part of all that. `near_them`: who was near this person; `was_near`: near whom they were."""

    follow_up_id: UUID | None
    group: str
    cluster_id: UUID | None
    tests: tuple[SampleRow, ...]
    proposals: tuple[ProposalRow, ...]
    near_them: tuple[NearRow, ...]
    was_near: tuple[NearRow, ...]
    clusters: tuple[ClusterRow, ...]


_PERSON = bindparam("person", type_=Uuid)
_SINCE = bindparam("since", type_=Date)
_LIMIT = bindparam("most", type_=Integer)
_OPEN = one_of(follow_ups.c.status, "to_verify", "under_follow_up")
_source = persons.alias("source_person")
_other = persons.alias("other")


def proposals(connection: Connection, scope: Scope) -> tuple[ProposalRow, ...]:
    """What waits for the CDC, longest first."""
    return tuple(_proposal(row) for row in connection.execute(_PROPOSALS, _told(scope)))


def open_clusters(connection: Connection, scope: Scope, day: Day) -> tuple[ClusterRow, ...]:
    """Open ones, newest first, then those closed lately."""
    found = connection.execute(_CLUSTERS, _told(scope) | {"since": day.today - RECENT})
    return tuple(ClusterRow(*row) for row in found)


def pending_tests(connection: Connection, scope: Scope) -> tuple[SampleRow, ...]:
    """Samples whose result has not come, oldest first."""
    return tuple(_test(row) for row in connection.execute(_PENDING, _told(scope)))


def not_followed(connection: Connection, scope: Scope, day: Day) -> tuple[NearRow, ...]:
    """Contacts of the last weeks for whom nobody has opened a follow-up since."""
    found = connection.execute(_NOT_FOLLOWED, _told(scope) | {"since": day.today - RECENT})
    return tuple(_near(row) for row in found)


def of_person(connection: Connection, scope: Scope, person_id: UUID, day: Day) -> PersonsCase | None:
    """None where this scope does not act for the person (any more)."""
    told = _told(scope) | {"person": person_id, "since": day.today - RECENT}
    whose = connection.execute(_WHOSE, told).one_or_none()
    if whose is None:
        return None
    return PersonsCase(
        whose.id,
        whose.group or "",
        whose.cluster_id,
        tests=tuple(_test(row) for row in connection.execute(_TESTS, told)),
        proposals=tuple(_proposal(row) for row in connection.execute(_OWN_PROPOSALS, told)),
        near_them=tuple(_near(row) for row in connection.execute(_NEAR_THEM, told)),
        was_near=tuple(_near(row) for row in connection.execute(_WAS_NEAR, told)),
        clusters=tuple(c for c in open_clusters(connection, scope, day) if c.closed_on is None),
    )


def acts_for(connection: Connection, scope: Scope, person_id: UUID) -> str | None:
    """The unit that follows this person up, if it is one of the scope's; else None."""
    return connection.scalar(_ACTS, _told(scope) | {"person": person_id})


def _told(scope: Scope) -> dict[str, Any]:
    return {"units": list(scope.codes), "most": MOST}


def _proposal(row: Row[Any]) -> ProposalRow:
    return ProposalRow(
        row.id,
        Who(row.person_id, row.full_name, row.year_of_birth, row.gender),
        row.unit_code,
        row.from_group,
        row.to_group,
        row.last_contact_on,
        own_test=row.exposure_id is None and not row.listed,
        listed=row.listed,
        source=Who(row.source_id, row.source_name, row.source_born, row.source_gender) if row.source_id else None,
    )


def _test(row: Row[Any]) -> SampleRow:
    who = Who(row.person_id, row.full_name, row.year_of_birth, row.gender)
    return SampleRow(row.id, who, row.kind, row.sampled_on, row.result, row.laboratory, row.unit_code)


def _near(row: Row[Any]) -> NearRow:
    who = Who(row.other_id, row.full_name, row.year_of_birth, row.gender) if row.ours else None
    return NearRow(who, row.last_contact_on, row.group or "", row.unit_code or "")


def _who(table: Any) -> Sequence[ColumnElement[Any]]:
    return table.c.full_name, table.c.year_of_birth, table.c.gender


def _proposed(*wanted: ColumnElement[bool]) -> Select[Any]:
    names = ("id", "person_id", "unit_code", "from_group", "to_group", "last_contact_on", "exposure_id", "listed")
    ours = _source.c.unit_code == UNITS.any_()
    return (
        select(
            *(level_proposals.c[name] for name in names),
            *_who(persons),
            _source.c.id.label("source_id"),
            _source.c.full_name.label("source_name"),
            _source.c.year_of_birth.label("source_born"),
            _source.c.gender.label("source_gender"),
        )
        .select_from(level_proposals)
        .join(persons, persons.c.id == level_proposals.c.person_id)
        .outerjoin(exposures, exposures.c.id == level_proposals.c.exposure_id)
        .outerjoin(_source, and_(_source.c.id == exposures.c.source_person_id, ours))
        .where(one_of(level_proposals.c.status, "proposed"), level_proposals.c.unit_code == UNITS.any_(), *wanted)
        .order_by(level_proposals.c.at, level_proposals.c.id)
        .limit(_LIMIT)
    )


def _tested(*wanted: ColumnElement[bool]) -> Select[Any]:
    names = ("id", "person_id", "kind", "sampled_on", "result", "laboratory", "unit_code")
    return (
        select(*(test_results.c[name] for name in names), *_who(persons))
        .join(persons, persons.c.id == test_results.c.person_id)
        .where(*wanted)
        .limit(_LIMIT)
    )


def _nearby(theirs: ColumnElement[UUID], *wanted: ColumnElement[bool]) -> Select[Any]:
    """`theirs`: the column of an exposure that names the other one."""
    ours = func.coalesce(func.coalesce(follow_ups.c.unit_code, _other.c.unit_code) == UNITS.any_(), False)
    return (
        select(
            _other.c.id.label("other_id"),
            *_who(_other),
            exposures.c.last_contact_on,
            follow_ups.c.group,
            func.coalesce(follow_ups.c.unit_code, _other.c.unit_code).label("unit_code"),
            ours.label("ours"),
        )
        .select_from(exposures)
        .join(_other, _other.c.id == theirs)
        .outerjoin(follow_ups, and_(follow_ups.c.person_id == _other.c.id, _OPEN))
        .where(*wanted)
        .order_by(exposures.c.last_contact_on.desc(), exposures.c.id)
        .limit(_LIMIT)
    )


def _of_whom() -> Select[Any]:
    acts = func.coalesce(follow_ups.c.unit_code, persons.c.unit_code)
    return (
        select(follow_ups.c.id, follow_ups.c.group, follow_ups.c.cluster_id)
        .select_from(persons)
        .outerjoin(follow_ups, and_(follow_ups.c.person_id == persons.c.id, _OPEN))
        .where(persons.c.id == _PERSON, acts == UNITS.any_())
    )


def _clustered() -> Select[Any]:
    ours = and_(follow_ups.c.cluster_id == clusters.c.id, follow_ups.c.unit_code == UNITS.any_())
    people = func.count(follow_ups.c.person_id.distinct())
    names = ("id", "name", "unit_code", "opened_on", "closed_on")
    return (
        select(
            *(clusters.c[name] for name in names),
            people,
            func.count(case((follow_ups.c.group == "F0", follow_ups.c.person_id)).distinct()),
        )
        .outerjoin(follow_ups, ours)
        .where(clusters.c.unit_code == UNITS.any_())
        .where(clusters.c.closed_on.is_(None) | (clusters.c.closed_on >= _SINCE))
        .group_by(clusters.c.id)
        .order_by(clusters.c.closed_on.desc().nulls_first(), clusters.c.opened_on.desc(), clusters.c.id)
        .limit(_LIMIT)
    )


def _unfollowed() -> Select[Any]:
    since = (
        select(follow_ups.c.id)
        .where(follow_ups.c.person_id == exposures.c.person_id, follow_ups.c.start_on >= exposures.c.last_contact_on)
        .correlate(exposures)
        .exists()
    )
    recent = exposures.c.last_contact_on >= _SINCE
    return _nearby(exposures.c.person_id, recent, ~since, _other.c.unit_code == UNITS.any_(), follow_ups.c.id.is_(None))


_PROPOSALS = _proposed()
_OWN_PROPOSALS = _proposed(level_proposals.c.person_id == _PERSON)
_PENDING = _tested(test_results.c.result == "pending", test_results.c.unit_code == UNITS.any_()).order_by(
    test_results.c.sampled_on, test_results.c.id
)
_TESTS = _tested(test_results.c.person_id == _PERSON).order_by(test_results.c.sampled_on.desc(), test_results.c.id)
_NEAR_THEM = _nearby(exposures.c.person_id, exposures.c.source_person_id == _PERSON)
_WAS_NEAR = _nearby(exposures.c.source_person_id, exposures.c.person_id == _PERSON)
_NOT_FOLLOWED = _unfollowed()
_WHOSE = _of_whom()
_CLUSTERS = _clustered()
_ACTS = select(follow_ups.c.unit_code).where(
    follow_ups.c.person_id == _PERSON, _OPEN, follow_ups.c.unit_code == UNITS.any_()
)
