"""The day's lists as a health unit sees them: one function a list, each one SELECT, however many people.

`core.care.standing` says who is on which list. What a row shows stands here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Connection,
    Integer,
    Row,
    Select,
    Uuid,
    bindparam,
    case,
    func,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by

from core.access.scope import Scope
from core.care.contacting import phone_of
from core.care.line_alerts import said_by
from core.care.standing import (
    ANSWERED,
    DAILY,
    NOW,
    OPEN_ALERT,
    UNITS,
    Day,
    lately,
    parameters,
    today_in,
)
from core.conversation.effects import AlertKind
from core.database.due import alert_notices, alerts, due_checks
from core.database.following import follow_ups
from core.database.tables import addresses, contacts, inbox, members, persons, records
from core.people.same import kept

T = TypeVar("T")

_IDS = bindparam("ids", type_=ARRAY(Uuid))
_LIMIT = bindparam("limit", type_=Integer)
_MERGED = select(persons.c.id).where(persons.c.merged_into == _IDS.any_())
_ROOT = kept()
"""Two persons whom staff merged are one in a list: rows of both are looked through, and linked to the one kept."""

_WHO = (
    _ROOT.label("person_id"),
    persons.c.full_name.label("name"),
    persons.c.year_of_birth,
    persons.c.gender,
)


@dataclass(frozen=True, slots=True)
class Who:
    """A person in a list. `name` may be "": then only a phone is known."""

    person_id: UUID
    name: str
    year_of_birth: int | None
    gender: str | None


@dataclass(frozen=True, slots=True)
class AlertRow:
    """An alert that nobody has closed. `who` is None when it is not known who of the phone's people wrote."""

    id: UUID
    kind: AlertKind
    signs: tuple[str, ...]
    unit_code: str
    since: datetime
    taken_by: UUID | None
    taken_at: datetime | None
    who: Who | None
    household: tuple[str, ...]
    text: str
    channel: str
    phone: str
    unreachable: bool = False  # what we answered did not arrive
    code: str = ""
    reasons: tuple[str, ...] = ()
    told: tuple[tuple[int, datetime | None], ...] = ()
    """Units by text, from its own on upwards, and when; None: none of their duty phones could be told."""
    volunteer: str = ""  # who said it of somebody else, where it is not known of whom
    unanswered: bool = False  # all were told that there are, and nobody took it


@dataclass(frozen=True, slots=True)
class SaidRow:
    """Somebody who sent a record today: what it says, its receipt's code, and whether its sender confirmed it."""

    who: Who
    unit_code: str
    form: str
    code: str
    at: datetime
    channel: str
    signs: tuple[str, ...]
    temperature: float | None
    level: str
    confirmed: bool
    on_behalf: bool
    phone: str


@dataclass(frozen=True, slots=True)
class SilentRow:
    """Somebody who was due and has not answered since `due_at`. `last_at`: their last record, of any day."""

    who: Who
    unit_code: str
    due_at: datetime
    last_at: datetime | None
    stopped: bool
    unreachable: bool
    phone: str


def open_alerts(connection: Connection, scope: Scope, day: Day, limit: int) -> tuple[AlertRow, ...]:
    """What nobody took yet first, the gravest first, the longest waiting first."""
    rows = connection.execute(_ALERTS, parameters(scope, day) | {"limit": limit})
    return tuple(_alert(row) for row in rows)


def with_signs(connection: Connection, scope: Scope, day: Day, people: Sequence[UUID]) -> tuple[SaidRow, ...]:
    """Today's gravest record of each of these people, in their order."""
    return _in_order(connection, _SIGNS, parameters(scope, day), people, _said)


def silent(connection: Connection, scope: Scope, day: Day, people: Sequence[UUID]) -> tuple[SilentRow, ...]:
    """The newest due time that each of these people let pass, in their order."""
    return _in_order(connection, _SILENT, parameters(scope, day), people, _silent)


def declared(connection: Connection, scope: Scope, day: Day, people: Sequence[UUID]) -> tuple[SaidRow, ...]:
    """Today's newest declaration of each of these people, in their order."""
    return _in_order(connection, _DECLARED, parameters(scope, day), people, _said)


def seen(connection: Connection, scope: Scope, day: Day, people: Sequence[UUID]) -> tuple[SaidRow, ...]:
    """Today's newest check-in of each of these people, in their order."""
    return _in_order(connection, _SEEN, parameters(scope, day), people, _said)


def _in_order(
    connection: Connection,
    statement: Select[Any],
    told: dict[str, Any],
    people: Sequence[UUID],
    read: Callable[[Row[Any]], T],
) -> tuple[T, ...]:
    if not people:
        return ()
    found = {row.person_id: row for row in connection.execute(statement, told | {"ids": list(people)})}
    return tuple(read(found[person]) for person in people if person in found)


def _who(row: Row[Any]) -> Who:
    return Who(row.person_id, row.name, row.year_of_birth, row.gender)


def _alert(row: Row[Any]) -> AlertRow:
    return AlertRow(
        id=row.id,
        kind=AlertKind(row.kind),
        signs=tuple(row.signs),
        unit_code=row.unit_code,
        since=row.raise_at,
        taken_by=row.taken_by,
        taken_at=row.taken_at,
        who=_who(row) if row.person_id else None,
        household=tuple(row.household or ()),
        text=row.text or "",
        channel=row.channel or "",
        phone=row.phone or "",
        unreachable=bool(row.unreachable),
        code=row.code,
        reasons=tuple(row.reasons),
        told=tuple((tier, datetime.fromtimestamp(at, UTC) if at else None) for tier, at in row.told or ()),
        volunteer=row.volunteer or "",
        unanswered=bool(row.code) and row.escalate_at is None and row.taken_by is None,
    )


def _said(row: Row[Any]) -> SaidRow:
    return SaidRow(
        who=_who(row),
        unit_code=row.unit_code,
        form=row.form,
        code=row.code,
        at=row.declared_at,
        channel=row.channel,
        signs=tuple(row.signs),
        temperature=row.temperature,
        level=row.level,
        confirmed=row.confirmed_at is not None,
        on_behalf=row.on_behalf,
        phone=row.phone or "",
    )


def _silent(row: Row[Any]) -> SilentRow:
    return SilentRow(
        who=_who(row),
        unit_code=row.unit_code,
        due_at=row.due_at,
        last_at=row.last_at,
        stopped=row.stopped_at is not None,
        unreachable=row.unreachable_at is not None,
        phone=row.phone or "",
    )


def _alerts() -> Select[Any]:
    grave = {
        AlertKind.DANGER: 0,
        AlertKind.URGENT: 1,
        AlertKind.LEFT_PLACE: 2,
        AlertKind.NEW_SIGN: 3,
        AlertKind.SEEN_ILL: 4,
        AlertKind.UNFINISHED: 5,
    }
    gravity = case(
        {kind.value: rank for kind, rank in (grave | {AlertKind.RISK: 6}).items()}, value=alerts.c.kind, else_=7
    )
    their = persons.alias("their")
    household = (
        select(func.array_agg(their.c.full_name))
        .join(members, members.c.person_id == their.c.id)
        .where(members.c.contact_id == alerts.c.contact_id, their.c.full_name != "", their.c.unit_code == UNITS.any_())
        .scalar_subquery()
    )
    shut = select(func.bool_and(addresses.c.unreachable_at.is_not(None)))
    cut_off = shut.where(addresses.c.contact_id == alerts.c.contact_id).scalar_subquery().label("unreachable")
    names = ("id", "kind", "signs", "unit_code", "raise_at", "taken_by", "taken_at", "code", "reasons", "escalate_at")
    of_alert = (alerts.c[name] for name in names)
    shown = (*of_alert, *_WHO, inbox.c.text, inbox.c.channel, household.label("household"), cut_off, _told())
    helper = said_by(alerts.c.contact_id, alerts.c.letter).label("volunteer")
    return (
        select(*shown, phone_of(alerts.c.contact_id).label("phone"), helper)
        .outerjoin(persons, persons.c.id == alerts.c.person_id)
        .outerjoin(inbox, inbox.c.id == alerts.c.inbound_id)
        .where(OPEN_ALERT)
        .order_by(alerts.c.taken_at.is_not(None), gravity, alerts.c.raise_at, alerts.c.id)
        .limit(_LIMIT)
    )


def _told() -> ColumnElement[Any]:
    """By tier: the first moment at which a duty phone was told."""
    reached = func.min(alert_notices.c.at).filter(alert_notices.c.message_id.is_not(None))
    tiers = (
        select(alert_notices.c.tier, func.extract("epoch", reached).label("at"))
        .where(alert_notices.c.alert_id == alerts.c.id)
        .group_by(alert_notices.c.tier)
        .correlate(alerts)
        .subquery("tiers")
    )
    pairs = func.json_agg(aggregate_order_by(func.json_build_array(tiers.c.tier, tiers.c.at), tiers.c.tier))
    return select(pairs).select_from(tiers).correlate(alerts).scalar_subquery().label("told")


def _said_by(*wanted: ColumnElement[bool], first: Sequence[ColumnElement[Any]] = ()) -> Select[Any]:
    """Of each person one of today's records, never one that a newer version stands for."""
    names = ("unit_code", "form", "code", "declared_at", "channel", "signs", "temperature", "level", "confirmed_at")
    of_record = (*(records.c[name] for name in names), records.c.on_behalf)
    given = func.nullif(records.c.answers["phone"].astext, "")
    return (
        select(*_WHO, *of_record, func.coalesce(given, phone_of(records.c.contact_id)).label("phone"))
        .distinct(_ROOT)
        .join(persons, persons.c.id == records.c.person_id)
        .where(
            or_(records.c.person_id == _IDS.any_(), records.c.person_id.in_(_MERGED)),
            today_in(records.c.unit_code, records.c.declared_at),
            records.c.superseded_at.is_(None),
            *wanted,
        )
        .order_by(_ROOT, *first, records.c.declared_at.desc(), records.c.number.desc())
    )


def _silent_since() -> Select[Any]:
    past = records.alias("past")
    last_at = (
        select(func.max(past.c.declared_at))
        .where(past.c.person_id == persons.c.id, past.c.unit_code == UNITS.any_())
        .scalar_subquery()
    )
    here = (addresses.c.channel == contacts.c.channel) & (addresses.c.address == contacts.c.address)
    shown = (follow_ups.c.unit_code, due_checks.c.due_at, addresses.c.stopped_at, addresses.c.unreachable_at)
    return (
        select(*_WHO, *shown, last_at.label("last_at"), phone_of(due_checks.c.contact_id).label("phone"))
        .distinct(_ROOT)
        .join(persons, persons.c.id == due_checks.c.person_id)
        .join(follow_ups, follow_ups.c.id == due_checks.c.follow_up_id)
        .outerjoin(contacts, contacts.c.id == due_checks.c.contact_id)  # some have no phone
        .outerjoin(addresses, here)
        .where(
            or_(due_checks.c.person_id == _IDS.any_(), due_checks.c.person_id.in_(_MERGED)),
            lately(follow_ups.c.unit_code, due_checks.c.due_at),
            due_checks.c.due_at <= NOW,
            ~ANSWERED,
        )
        .order_by(_ROOT, due_checks.c.due_at.desc())
    )


_ALERTS = _alerts()
_SIGNS = _said_by(records.c.level != "none", first=[(records.c.level == "urgent").desc()])
_DECLARED = _said_by(records.c.form.not_in(DAILY))
_SEEN = _said_by(records.c.form.in_(DAILY))
_SILENT = _silent_since()
