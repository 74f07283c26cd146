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
    func,
    lateral,
    literal_column,
    select,
    true,
)

from core.conversation.context import CALL_FOR_HELP, Check, Member, PastRecord
from core.database.due import alerts, due_checks
from core.database.following import follow_ups
from core.database.shared import Instant
from core.database.tables import members, persons, records
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
_check = lateral(
    select(due_checks.c.id, due_checks.c.due_at, due_checks.c.reminded_at)
    .where(
        due_checks.c.person_id == members.c.person_id,
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
_LOOKED_BACK = 8  # records: four days of two check-ins each
_past = (
    select(records.c.root, records.c.declared_at, records.c.signs, records.c.temperature)
    .where(
        follow_ups.c.person_id.is_not(None),  # of nobody else is a trend asked for
        records.c.person_id == members.c.person_id,
        records.c.superseded_at.is_(None),
    )
    .order_by(records.c.declared_at.desc())
    .limit(literal_column(str(_LOOKED_BACK)))
    .correlate(members, follow_ups)
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
        follow_ups.c.end_on,
        follow_ups.c.group,
        _check.c.id.label("check_id"),
        _check.c.due_at,
        _check.c.reminded_at,
        _history.c.records,
    )
    .select_from(_asked)
    .join(members, members.c.contact_id == _asked.c.contact_id)
    .join(persons, persons.c.id == members.c.person_id)
    .outerjoin(
        follow_ups,
        (follow_ups.c.person_id == persons.c.id) & (follow_ups.c.status == "under_follow_up"),
    )
    .outerjoin(_check, true())
    .outerjoin(_history, true())
    .order_by(members.c.contact_id, func.length(members.c.letter), members.c.letter)
)
_ALARMED = select(alerts.c.contact_id, alerts.c.letter, alerts.c.signs).where(
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
    for row in connection.execute(_MEMBERS, {"ids": list(heard), "heard": list(heard.values())}):
        found[row.contact_id].append(_member(row, units))
    return {contact: tuple(people) for contact, people in found.items()}


def load_alarmed(
    connection: Connection, contacts: Sequence[UUID], now: datetime
) -> Mapping[UUID, frozenset[tuple[str, str]]]:
    """What staff were told of danger, by contact: the letter of the person, and the sign."""
    found: dict[UUID, frozenset[tuple[str, str]]] = defaultdict(frozenset)
    for row in connection.execute(_ALARMED, {"ids": list(contacts), "now": now}):
        found[row.contact_id] |= {(row.letter, sign) for sign in row.signs or (CALL_FOR_HELP,)}
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
        unit_name=units.place(row.unit_code),
        address=row.address,
        follow_up_until=row.end_on,
        group=row.group or "",
        check=Check(row.check_id, row.due_at, row.reminded_at) if row.check_id else None,
        history=tuple(_past_record(*past) for past in row.records or ()),
    )


def _past_record(root: str, at: float, signs: list[str], temperature: float | None) -> PastRecord:
    return PastRecord(UUID(root), datetime.fromtimestamp(at, UTC), tuple(signs), temperature)
