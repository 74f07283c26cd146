"""Alerts: what a human must look at, and when one that waits is raised."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Connection,
    Text,
    Uuid,
    all_,
    and_,
    bindparam,
    case,
    exists,
    func,
    or_,
    select,
    update,
)
from sqlalchemy import insert as insert_into

from core.care.standing import one_of
from core.database.batch import Batch, Row
from core.database.due import alerts
from core.database.shared import Instant

ONCE = ("call_back", "misunderstood", "my_data", "wrong_number", "duty_stopped")
"""Kinds of which one open alert says everything: asking again is no second call to make."""

_RESTS = timedelta(hours=12)
"""After that a second word is told to duty phones again: whoever was told the first time has forgotten it."""

UNITED = ("unfinished",)
"""Kinds of which one alert waits for a person, with all signs that were said meanwhile."""

_ABOUT = ("id", "kind", "letter", "contact_id", "person_id", "unit_code", "signs", "reasons")
_COLUMNS = (*_ABOUT, "inbound_id", "status", "raise_at")
_open = alerts.alias("open_alert")


_waiting = alerts.alias("waiting_alert")


class _Insert(Batch):
    """Alerts that are not there; of kinds in ONCE those whose contact has no open one, of kinds in UNITED those that do
    not join one that waits. An open one of ONCE that everybody was told of long ago is told anew, as what was said
    now."""

    def __init__(self) -> None:
        super().__init__(alerts, _COLUMNS)
        said = self.data.c
        told, rests_since = func.coalesce(alerts.c.escalate_at, alerts.c.again_at), said.raise_at - _RESTS
        renewed = (
            update(alerts)
            .where(alerts.c.contact_id == said.contact_id, alerts.c.kind == said.kind, one_of(alerts.c.status, "open"))
            .where(said.kind.in_(ONCE), said.status == "open", alerts.c.id != said.id)
            .where(func.greatest(alerts.c.raise_at, alerts.c.moved_at) < rests_since)
            .where(or_(told.is_(None), told < rests_since))
            .values(escalate_at=None, again_at=said.raise_at, moved_at=said.raise_at)
            .returning(alerts.c.id)
            .cte("renewed")
        )
        same = (_open.c.contact_id == said.contact_id, _open.c.kind == said.kind, _open.c.status == "open")
        once = said.kind.not_in(ONCE) | ~exists().where(*same)
        united = said.kind.not_in(UNITED) | (said.status != "waiting") | ~exists().where(*_joins(_waiting.c, said))
        fresh = select(*self.values()).where(once, united)
        made = insert_into(alerts).from_select(list(_COLUMNS), fresh.suffix_with("ON CONFLICT DO NOTHING"))
        self.statement = made.add_cte(renewed)


class _Unite(Batch):
    """Signs that join those of an alert that waits, which is raised no later for them."""

    def __init__(self) -> None:
        super().__init__(alerts, _COLUMNS)
        said = self.data.c
        joined = func.array_cat(alerts.c.signs, _without(said.signs, alerts.c.signs))
        unites = (said.kind.in_(UNITED), said.status == "waiting")
        self.statement = update(alerts).where(*unites, *_joins(alerts.c, said)).values(signs=joined)


def _without(some: ColumnElement[Any], others: ColumnElement[Any]) -> ColumnElement[Any]:
    """Those of one array that are not in the other."""
    each = func.unnest(some).column_valued("sign")
    return func.array(select(each).where(each != all_(others)).scalar_subquery())


def _joins(waiting: Any, said: Any) -> tuple[ColumnElement[bool], ...]:
    same = (waiting[name] == said[name] for name in ("contact_id", "kind", "letter"))
    return (*same, waiting.status == "waiting")


_INSERT = _Insert()
_UNITE = _Unite()
_SETTLED = Batch(alerts, ["contact_id", "kind", "letter", "status", "signs"])
_covers = _SETTLED.data.c.signs.is_(None) | alerts.c.signs.bool_op("<@")(_SETTLED.data.c.signs)
_SETTLE = (
    update(alerts)
    .values(
        status=case((_covers, _SETTLED.data.c.status), else_=alerts.c.status),
        raise_at=case((_covers, bindparam("now")), else_=alerts.c.raise_at),
        signs=case((_covers, alerts.c.signs), else_=_without(alerts.c.signs, _SETTLED.data.c.signs)),
    )
    .where(
        alerts.c.contact_id == _SETTLED.data.c.contact_id,
        alerts.c.kind == _SETTLED.data.c.kind,
        alerts.c.letter == _SETTLED.data.c.letter,
        alerts.c.status == "waiting",
    )
)
_MOVED = Batch(alerts, ["contact_id", "letter", "person_id", "unit_code"])
_anew = (alerts.c.unit_code != _MOVED.data.c.unit_code) & (alerts.c.code != "")  # phones of another unit were told
_MOVE = (
    update(alerts)
    .values(
        unit_code=_MOVED.data.c.unit_code,
        tier=case((_anew, -1), else_=alerts.c.tier),
        escalate_at=case((_anew, alerts.c.raise_at), else_=alerts.c.escalate_at),
        again_at=case((alerts.c.unit_code != _MOVED.data.c.unit_code, None), else_=alerts.c.again_at),
        person_id=func.coalesce(alerts.c.person_id, _MOVED.data.c.person_id),
    )
    .where(
        alerts.c.contact_id == _MOVED.data.c.contact_id,
        alerts.c.letter == _MOVED.data.c.letter,
        alerts.c.status.in_(("waiting", "open")),
    )
)


_unit = func.coalesce(bindparam("unit", type_=Text), alerts.c.unit_code)
_elsewhere = and_(one_of(alerts.c.status, "open"), alerts.c.unit_code != _unit)
_named = alerts.alias("named_alert")
_NAME = (
    update(alerts)
    .values(
        letter=bindparam("named", type_=Text),
        person_id=func.coalesce(alerts.c.person_id, bindparam("person", type_=Uuid)),
        unit_code=case((one_of(alerts.c.status, "open"), _unit), else_=alerts.c.unit_code),
        tier=case((and_(_elsewhere, alerts.c.code != ""), -1), else_=alerts.c.tier),
        escalate_at=case((and_(_elsewhere, alerts.c.code != ""), alerts.c.raise_at), else_=alerts.c.escalate_at),
        again_at=case((_elsewhere, None), else_=alerts.c.again_at),
    )
    .where(
        alerts.c.contact_id == bindparam("contact", type_=Uuid),
        alerts.c.letter == bindparam("unnamed", type_=Text),
        one_of(alerts.c.kind, "danger"),
        one_of(alerts.c.status, "open", "taken"),
        alerts.c.raise_at >= bindparam("since", type_=Instant),
        alerts.c.signs.op("&&")(bindparam("said", type_=ARRAY(Text))),
        ~exists().where(
            _named.c.inbound_id == alerts.c.inbound_id,
            _named.c.kind == alerts.c.kind,
            _named.c.letter == bindparam("named", type_=Text),
        ),
    )
)


def insert(connection: Connection, rows: Sequence[Row]) -> None:
    """Write alerts, open or waiting. One of a kind for a message and a person, however often it is read. Of kinds in
    UNITED, no two of `rows` may wait for the same person."""
    if rows:
        rows = [{"reasons": (), **row} for row in rows]
        if any(row["kind"] in UNITED for row in rows):
            connection.execute(_UNITE.statement, _UNITE.parameters(rows))
        connection.execute(_INSERT.statement, _INSERT.parameters(rows))


def fresh(connection: Connection, rows: Sequence[Row], once: Collection[UUID]) -> Sequence[Row]:
    """Those of `rows` that say something new: of `once` (ids) only what no open alert, nor another of them, says of
    that person already."""
    if not once:
        return rows
    people = {row["person_id"] for row in rows if row["id"] in once}
    same = (alerts.c.person_id.in_(people), alerts.c.status.in_(("open", "taken")))
    known = {_says(each) for each in connection.execute(select(alerts).where(*same)).mappings()}
    left: list[Row] = []
    for row in rows:
        if row["id"] in once and _says(row) in known:
            continue
        known |= {_says(row)} if row["id"] in once else set()
        left.append(row)
    return left


def _says(row: Any) -> tuple[Any, ...]:
    return row["person_id"], row["kind"], tuple(row["signs"]), tuple(row["reasons"])


def settle(connection: Connection, rows: Sequence[Row], now: datetime) -> None:
    """Open or withdraw the waiting alerts about a person. Each row: contact_id, kind, letter, status, and signs: which
    ones are decided (None: all). An alert that has others as well waits on, with those.
    """
    if rows:
        connection.execute(_SETTLE, {**_SETTLED.parameters(rows), "now": now})


def move(connection: Connection, rows: Sequence[Row]) -> None:
    """People said who and where they are: the alerts about them, and about nobody else on their phone, go to the unit
    that is near, if nobody took them yet. Each row: contact_id, letter, person_id, unit_code.
    """
    if rows:
        connection.execute(_MOVE, _MOVED.parameters(rows))


def name(connection: Connection, rows: Sequence[Row]) -> None:
    """Danger that was told of nobody yet is somebody's now: the alerts say so, and those that nobody took go to the
    unit that follows them. Each row: contact, unnamed (the letter that they have), named (the one that they get),
    person, unit (None: as it is), said (signs, any of them), since (when the first of them was raised).
    """
    if rows:
        connection.execute(_NAME, rows)


def raise_due(connection: Connection, now: datetime) -> int:
    """Open the alerts whose wait is over. Safe to run twice and in two places. How many."""
    due = update(alerts).where(alerts.c.status == "waiting", alerts.c.raise_at <= now).values(status="open")
    return connection.execute(due).rowcount
