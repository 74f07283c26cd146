"""All that one health unit may know of one person: who they are, and what happened, newest first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    Uuid,
    and_,
    bindparam,
    case,
    func,
    literal,
    null,
    or_,
    select,
)

from core.access.scope import Scope
from core.care.contacting import phone_of
from core.care.standing import OPEN_ALERT, UNITS, one_of
from core.conversation.effects import AlertKind
from core.database.due import alerts, due_checks
from core.database.following import follow_ups, transfers
from core.database.tables import addresses, inbox, members, persons, records

LONGEST = 200
"""Rows of each kind; a follow-up of 28 days with two check-ins a day has 56."""

_PERSON = bindparam("person", type_=Uuid)
_merged = persons.alias("merged")


def of(person: ColumnElement[Any]) -> ColumnElement[bool]:
    """Rows of the person asked about, and of whoever staff said to be the same."""
    return or_(person == _PERSON, person.in_(select(_merged.c.id).where(_merged.c.merged_into == _PERSON)))


@dataclass(frozen=True, slots=True)
class FollowUp:
    """An open follow-up: its group (F0 to F3, arrival, area), the place, its first and last day."""

    group: str
    place: str
    start_on: date
    end_on: date


@dataclass(frozen=True, slots=True)
class Known:
    """Who a person is. `moved`: they live under another unit now, so address and phone are that unit's to see."""

    id: UUID
    name: str
    year_of_birth: int | None
    gender: str | None
    nationality: str
    unit_code: str
    address: str
    phone: str
    moved: bool
    follow_up: FollowUp | None


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a record. `text`: the message that made it. `answers`: by question, as stored."""

    root: UUID
    version: int
    form: str
    code: str
    at: datetime
    channel: str
    unit_code: str
    signs: tuple[str, ...]
    temperature: float | None
    level: str
    confirmed: bool
    on_behalf: bool
    superseded: bool
    answers: Mapping[str, object]
    text: str


@dataclass(frozen=True, slots=True)
class DueCheck:
    """One due check-in and what became of it."""

    due_at: datetime
    status: str
    reminded_at: datetime | None


@dataclass(frozen=True, slots=True)
class PastAlert:
    """One alert of any state that staff could see."""

    kind: AlertKind
    signs: tuple[str, ...]
    status: str
    since: datetime
    taken_by: UUID | None
    closed_at: datetime | None
    result: str
    text: str


@dataclass(frozen=True, slots=True)
class Way:
    """One address where the person can be written to, or no more: they said STOP there, or nothing arrives since then.
    `phone` is E.164, "" in a chat.
    """

    channel: str
    phone: str
    heard_at: datetime | None
    stopped_at: datetime | None
    unreachable_at: datetime | None


@dataclass(frozen=True, slots=True)
class Dossier:
    """A person and what happened, also to whoever was merged into them, newest first. `ways`: none where the person is
    another unit's now."""

    who: Known
    ways: tuple[Way, ...]
    versions: tuple[Version, ...]
    checks: tuple[DueCheck, ...]
    alerts: tuple[PastAlert, ...]


def dossier(connection: Connection, scope: Scope, person_id: UUID, now: datetime) -> Dossier | None:
    """None when nothing of this person belongs to the scope: they may exist, which is not told."""
    told = {"person": person_id, "units": list(scope.codes), "now": now}
    row = connection.execute(_KNOWN, told).one_or_none()
    if row is None:
        return None
    return Dossier(
        who=_known(row),
        ways=() if row.moved else tuple(Way(*way) for way in connection.execute(_WAYS, told)),
        versions=tuple(_version(version) for version in connection.execute(_VERSIONS, told)),
        checks=tuple(DueCheck(*check) for check in connection.execute(_CHECKS, told)),
        alerts=tuple(_past(alert) for alert in connection.execute(_PAST_ALERTS, told)),
    )


def visible() -> ColumnElement[bool]:
    """Persons who live under the scope's units, are followed up, declared or raised an alert there, or went
    from there to another unit: of those only what was before is shown."""
    return or_(
        persons.c.unit_code == UNITS.any_(),
        _exists(records.c.person_id, records.c.unit_code == UNITS.any_()),
        _exists(
            follow_ups.c.person_id,
            and_(follow_ups.c.unit_code == UNITS.any_(), one_of(follow_ups.c.status, "to_verify", "under_follow_up")),
        ),
        _exists(alerts.c.person_id, OPEN_ALERT),
        _exists(transfers.c.person_id, and_(transfers.c.from_unit == UNITS.any_(), transfers.c.status == "accepted")),
    )


def _exists(person: ColumnElement[Any], condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return select(literal(1)).where(person == persons.c.id, condition).correlate(persons).exists()


def _known(row: Row[Any]) -> Known:
    open_ = FollowUp(row.group, row.place, row.start_on, row.end_on) if row.group else None
    return Known(
        id=row.id,
        name=row.full_name,
        year_of_birth=row.year_of_birth,
        gender=row.gender,
        nationality=row.nationality,
        unit_code=row.unit_code or "",
        address=row.address or "",
        phone=row.phone or "",
        moved=row.moved,
        follow_up=open_,
    )


def _version(row: Row[Any]) -> Version:
    return Version(
        root=row.root,
        version=row.version,
        form=row.form,
        code=row.code,
        at=row.declared_at,
        channel=row.channel,
        unit_code=row.unit_code,
        signs=tuple(row.signs),
        temperature=row.temperature,
        level=row.level,
        confirmed=row.confirmed_at is not None,
        on_behalf=row.on_behalf,
        superseded=row.superseded_at is not None,
        answers=row.answers,
        text=row.text or "",
    )


def _past(row: Row[Any]) -> PastAlert:
    return PastAlert(
        kind=AlertKind(row.kind),
        signs=tuple(row.signs),
        status=row.status,
        since=row.raise_at,
        taken_by=row.taken_by,
        closed_at=row.closed_at,
        result=row.result,
        text=row.text or "",
    )


def _who() -> Select[Any]:
    here = or_(persons.c.unit_code == UNITS.any_(), persons.c.unit_code.is_(None))
    own = members.c.person_id == persons.c.id
    number = phone_of(members.c.contact_id)
    phone = select(func.min(number)).where(own).correlate(persons).scalar_subquery()
    open_ = and_(
        follow_ups.c.person_id == persons.c.id,
        one_of(follow_ups.c.status, "under_follow_up"),
        follow_ups.c.unit_code == UNITS.any_(),
    )
    plain = ("id", "full_name", "year_of_birth", "gender", "nationality", "unit_code")
    return (
        select(
            *(persons.c[name] for name in plain),
            case((here, persons.c.address), else_=null()).label("address"),
            case((here, phone), else_=null()).label("phone"),
            (~here).label("moved"),
            *(follow_ups.c[name] for name in ("group", "place", "start_on", "end_on")),
        )
        .select_from(persons)
        .outerjoin(follow_ups, open_)
        .where(persons.c.id == _PERSON, visible())
    )


def _ways() -> Select[Any]:
    phone = case((addresses.c.address.startswith("+"), addresses.c.address), else_="")
    states = (addresses.c[name] for name in ("heard_at", "stopped_at", "unreachable_at"))
    return (
        select(addresses.c.channel, phone, *states)
        .join(members, members.c.contact_id == addresses.c.contact_id)
        .where(of(members.c.person_id))
        .order_by(addresses.c.heard_at.desc().nulls_last(), addresses.c.channel)
        .limit(LONGEST)
    )


def _versions() -> Select[Any]:
    return (
        select(records, inbox.c.text)
        .outerjoin(inbox, inbox.c.id == records.c.inbound_id)
        .where(of(records.c.person_id), records.c.unit_code == UNITS.any_())
        .order_by(records.c.declared_at.desc(), records.c.number.desc())
        .limit(LONGEST)
    )


def _checks() -> Select[Any]:
    return (
        select(due_checks.c.due_at, due_checks.c.status, due_checks.c.reminded_at)
        .where(of(due_checks.c.person_id), due_checks.c.unit_code == UNITS.any_())
        .where(or_(due_checks.c.opens_at <= bindparam("now"), due_checks.c.status != "not_performed"))
        .order_by(due_checks.c.due_at.desc())
        .limit(LONGEST)
    )


def _past_alerts() -> Select[Any]:
    return (
        select(alerts, inbox.c.text)
        .outerjoin(inbox, inbox.c.id == alerts.c.inbound_id)
        .where(of(alerts.c.person_id), alerts.c.unit_code == UNITS.any_())
        .where(one_of(alerts.c.status, "open", "taken", "closed"))
        .order_by(alerts.c.raise_at.desc())
        .limit(LONGEST)
    )


_KNOWN = _who()
_VERSIONS = _versions()
_WAYS = _ways()
_CHECKS = _checks()
_PAST_ALERTS = _past_alerts()
