"""What a batch must know before its messages are read: three fixed SELECTs, however many messages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Column,
    Connection,
    DateTime,
    Row,
    Uuid,
    bindparam,
    case,
    exists,
    func,
    lateral,
    literal_column,
    or_,
    select,
    true,
)

from core.care.lost import COMES_BACK, since
from core.conversation.context import CALL_FOR_HELP, Alarmed, Check, Member, PastRecord
from core.database.due import alerts, due_checks
from core.database.following import follow_ups
from core.database.shared import Instant
from core.database.tables import members, persons, records
from core.people.same import kept
from core.places.tree import UnitTree

_STILL_NEW = timedelta(hours=1)
_SAME_DAY = timedelta(hours=12)
_IDS = bindparam("ids", type_=ARRAY(Uuid))
_NOW = bindparam("now", type_=DateTime(timezone=True))

_asked = (
    func.unnest(bindparam("ids", type_=ARRAY(Uuid)), bindparam("heard", type_=ARRAY(Instant)))
    .table_valued(Column("contact_id", Uuid), Column("heard_at", Instant))
    .render_derived(name="asked")
)
_twin, _other = persons.alias("twin"), members.alias("other")
_root = kept()
_same = (
    select(_twin.c.id)
    .where(or_(_twin.c.id == _root, _twin.c.merged_into == _root))
    .correlate(persons)
    .subquery("same_person")
)
"""Of whoever staff merged with somebody else one follow-up goes on: an answer from either's phone is one to it."""

_there_too = (
    exists()
    .where(_other.c.contact_id == members.c.contact_id, _other.c.person_id == due_checks.c.person_id)
    .correlate_except(_other)
)
_check = lateral(
    select(due_checks.c.id, due_checks.c.due_at, due_checks.c.reminded_at)
    .join(_same, _same.c.id == due_checks.c.person_id)
    .where(
        or_(due_checks.c.person_id == members.c.person_id, ~_there_too),
        # who answered in time is not silent, however late we could read it
        due_checks.c.status.not_in(("seen_ok", "seen_not_ok")),
        due_checks.c.opens_at <= _asked.c.heard_at,
        due_checks.c.closes_at > _asked.c.heard_at,
    )
    # what we asked about comes before what will be asked next: an answer stops that reminder and no other
    .order_by(due_checks.c.reminded_at.desc().nulls_last(), due_checks.c.due_at)
    .limit(1),
    name="due",
)
_follow = lateral(
    select(*(follow_ups.c[name] for name in ("person_id", "status", "end_on", "group", "unit_code")))
    .where(follow_ups.c.person_id == persons.c.id, or_(follow_ups.c.status == "under_follow_up", COMES_BACK))
    .order_by(follow_ups.c.status.desc())
    .limit(literal_column("1"))
    .correlate(persons),
    name="follow",
)
"""Whoever was lost is judged as one who is followed, also by what brings them back."""

_LOOKED_BACK = 8  # records: four days of two check-ins each
_past = (
    select(records.c.root, records.c.declared_at, records.c.signs, records.c.temperature)
    .where(
        _follow.c.person_id.is_not(None),  # of nobody else is a trend asked for
        records.c.person_id == members.c.person_id,
        # so said that the index by person alone is seen to hold them, which are few
        func.num_nonnulls(records.c.superseded_at) == literal_column("0"),
    )
    .order_by(records.c.declared_at.desc())
    .limit(literal_column(str(_LOOKED_BACK)))
    .correlate(members, _follow)
    .subquery("past")
)
_epoch = func.extract("epoch", _past.c.declared_at)
_said = func.json_build_array(_past.c.root, _epoch, _past.c.signs, _past.c.temperature)
_history = select(func.json_agg(_said).label("records")).select_from(_past).lateral("history")
_MEMBERS = (
    select(
        members.c.contact_id,
        members.c.letter,
        persons.c.id.label("person_id"),
        persons.c.full_name,
        persons.c.year_of_birth,
        persons.c.gender,
        persons.c.nationality,
        persons.c.unit_code,
        persons.c.address,
        _follow.c.unit_code.label("followed_by"),
        case((_follow.c.status == "under_follow_up", _follow.c.end_on)).label("end_on"),
        _follow.c.group,
        _check.c.id.label("check_id"),
        _check.c.due_at,
        _check.c.reminded_at,
        _history.c.records,
    )
    .select_from(_asked)
    .join(members, members.c.contact_id == _asked.c.contact_id)
    .join(persons, persons.c.id == members.c.person_id)
    .outerjoin(_follow, true())
    .outerjoin(_check, true())
    .outerjoin(_history, true())
    .order_by(members.c.contact_id, func.length(members.c.letter), members.c.letter)
)
_ALARMED = select(alerts.c.contact_id, alerts.c.letter, alerts.c.signs, alerts.c.raise_at).where(
    alerts.c.contact_id == _IDS.any_(),
    alerts.c.kind == "danger",
    # said again an hour after a nurse took it, or the next day, it is news
    ((alerts.c.status == "open") & (alerts.c.raise_at > _NOW - _SAME_DAY))
    | ((alerts.c.status == "taken") & (alerts.c.taken_at > _NOW - _STILL_NEW)),
)


def load_members(
    connection: Connection, heard: Mapping[UUID, datetime], units: UnitTree
) -> Mapping[UUID, tuple[Member, ...]]:
    """Who answers on each contact's phone, by letter, with the check-in that was open when they were `heard`."""
    found: dict[UUID, list[Member]] = defaultdict(list)
    if not heard:
        return {}
    asked = {"ids": list(heard), "heard": list(heard.values()), **since(max(heard.values()))}
    for row in connection.execute(_MEMBERS, asked):
        found[row.contact_id].append(_member(row, units))
    return {contact: tuple(people) for contact, people in found.items()}


def load_alarmed(connection: Connection, contacts: Sequence[UUID], now: datetime) -> Mapping[UUID, frozenset[Alarmed]]:
    """What staff were told of danger, by contact."""
    found: dict[UUID, frozenset[Alarmed]] = defaultdict(frozenset)
    for row in connection.execute(_ALARMED, {"ids": list(contacts), "now": now}):
        found[row.contact_id] |= {Alarmed(row.letter, sign, row.raise_at) for sign in row.signs or (CALL_FOR_HELP,)}
    return found


def _member(row: Row[Any], units: UnitTree) -> Member:
    return Member(
        person_id=row.person_id,
        letter=row.letter,
        name=row.full_name,
        year_of_birth=row.year_of_birth,
        gender=row.gender,
        nationality=row.nationality,
        unit_code=row.unit_code,
        unit=units.facts.get(row.followed_by or row.unit_code or ""),
        unit_name=units.place(row.unit_code),
        address=row.address,
        follow_up_until=row.end_on,
        group=row.group or "",
        check=Check(row.check_id, row.due_at, row.reminded_at) if row.check_id else None,
        history=tuple(_past_record(*past) for past in row.records or ()),
    )


def _past_record(root: str, at: float, signs: list[str], temperature: float | None) -> PastRecord:
    return PastRecord(UUID(root), datetime.fromtimestamp(at, UTC), tuple(signs), temperature)
