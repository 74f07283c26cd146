"""What a batch must know before its messages are read: three fixed SELECTs, however many messages, and
one more about those whom staff merged."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from operator import eq
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Column,
    ColumnElement,
    Connection,
    DateTime,
    FromClause,
    Row,
    Select,
    Uuid,
    and_,
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

from core.care.lost import comes_back, since
from core.conversation.context import CALL_FOR_HELP, Alarmed, Check, Member, PastRecord
from core.database.due import alerts, due_checks
from core.database.following import follow_ups
from core.database.shared import Instant
from core.database.tables import members, persons, records
from core.people.same import Same, is_same
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
_LOOKED_BACK = 8  # records: four days of two check-ins each


def _there_too(person_id: ColumnElement[UUID]) -> ColumnElement[bool]:
    return (
        exists()
        .where(_other.c.contact_id == members.c.contact_id, _other.c.person_id == person_id)
        .correlate_except(_other)
    )


def _check(same: Same) -> FromClause:
    return lateral(
        select(due_checks.c.id, due_checks.c.due_at, due_checks.c.reminded_at)
        .where(
            same(due_checks.c.person_id, persons.c.id),
            or_(due_checks.c.person_id == members.c.person_id, ~_there_too(due_checks.c.person_id)),
            # who answered in time is not silent, however late we could read it
            due_checks.c.status.not_in(("seen_ok", "seen_not_ok")),
            due_checks.c.opens_at <= _asked.c.heard_at,
            due_checks.c.closes_at > _asked.c.heard_at,
        )
        # what we asked about comes before what will be asked next: an answer stops that reminder and no other
        .order_by(due_checks.c.reminded_at.desc().nulls_last(), due_checks.c.due_at)
        .limit(1)
        .correlate(persons, members, _asked),
        name="due",
    )


def _follow(same: Same) -> FromClause:
    """Whoever was lost is judged as one who is followed, also by what brings them back. On a phone where both of a pair
    answer, the days are those of the one who is asked."""
    own = follow_ups.c.person_id == persons.c.id
    asked = and_(follow_ups.c.status == "under_follow_up", or_(own, ~_there_too(follow_ups.c.person_id)))
    return lateral(
        select(*(follow_ups.c[name] for name in ("person_id", "group", "unit_code")))
        .add_columns(case((asked, follow_ups.c.end_on)).label("end_on"))
        .where(
            same(follow_ups.c.person_id, persons.c.id),
            or_(follow_ups.c.status == "under_follow_up", comes_back(same)),
        )
        .order_by(follow_ups.c.status.desc(), own.desc())
        .limit(literal_column("1"))
        .correlate(persons, members),
        name="follow",
    )


def _history(same: Same, follow: FromClause) -> FromClause:
    past = (
        select(records.c.root, records.c.declared_at, records.c.signs, records.c.temperature)
        .where(
            follow.c.person_id.is_not(None),  # of nobody else is a trend asked for
            same(records.c.person_id, members.c.person_id),
            # so said that the index by person alone is seen to hold them, which are few
            func.num_nonnulls(records.c.superseded_at) == literal_column("0"),
        )
        .order_by(records.c.declared_at.desc())
        .limit(literal_column(str(_LOOKED_BACK)))
        .correlate(members, follow)
        .subquery("past")
    )
    epoch = func.extract("epoch", past.c.declared_at)
    said = func.json_build_array(past.c.root, epoch, past.c.signs, past.c.temperature)
    return select(func.json_agg(said).label("records")).select_from(past).lateral("history")


def _members(same: Same) -> Select[Any]:
    """Who answers on the phones that are asked about. Of whoever staff merged with somebody else one follow-up goes on:
    what comes from either's phone is about it (`same`)."""
    check, follow = _check(same), _follow(same)
    history = _history(same, follow)
    return (
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
            or_(persons.c.merged_into.is_not(None), exists().where(_twin.c.merged_into == persons.c.id)).label(
                "merged"
            ),
            follow.c.unit_code.label("followed_by"),
            follow.c.end_on,
            follow.c.group,
            check.c.id.label("check_id"),
            check.c.due_at,
            check.c.reminded_at,
            history.c.records,
        )
        .select_from(_asked)
        .join(members, members.c.contact_id == _asked.c.contact_id)
        .join(persons, persons.c.id == members.c.person_id)
        .outerjoin(follow, true())
        .outerjoin(check, true())
        .outerjoin(history, true())
        .order_by(members.c.contact_id, func.length(members.c.letter), members.c.letter)
    )


_ALONE, _MERGED = _members(eq), _members(is_same)
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
    """Who answers on each contact's phone, by letter, with the check-in that was open when they were `heard`. One
    SELECT, and another one for the phones of whom staff merged with somebody else, if any is."""
    found: dict[UUID, list[Member]] = defaultdict(list)
    if not heard:
        return {}
    rows = connection.execute(_ALONE, _told(heard)).all()
    if merged := {row.contact_id: heard[row.contact_id] for row in rows if row.merged}:
        rows = [row for row in rows if row.contact_id not in merged]
        rows += connection.execute(_MERGED, _told(merged)).all()
    for row in rows:
        found[row.contact_id].append(_member(row, units))
    return {contact: tuple(people) for contact, people in found.items()}


def load_alarmed(connection: Connection, contacts: Sequence[UUID], now: datetime) -> Mapping[UUID, frozenset[Alarmed]]:
    """What staff were told of danger, by contact."""
    found: dict[UUID, frozenset[Alarmed]] = defaultdict(frozenset)
    for row in connection.execute(_ALARMED, {"ids": list(contacts), "now": now}):
        found[row.contact_id] |= {Alarmed(row.letter, sign, row.raise_at) for sign in row.signs or (CALL_FOR_HELP,)}
    return found


def _told(heard: Mapping[UUID, datetime]) -> dict[str, Any]:
    return {"ids": list(heard), "heard": list(heard.values()), **since(max(heard.values()))}


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
