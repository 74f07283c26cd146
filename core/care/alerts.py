"""Alerts: what a human must look at, and when one that waits is raised."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, exists, func, select, update
from sqlalchemy import insert as insert_into

from core.database.batch import Batch, Row
from core.database.tables import alerts

ONCE = ("call_back", "misunderstood", "my_data", "wrong_number")
"""Kinds of which one open alert says everything: asking again is no second call to make."""

_COLUMNS = ("id", "kind", "letter", "contact_id", "person_id", "unit_code", "signs", "inbound_id", "status", "raise_at")
_open = alerts.alias("open_alert")


class _Insert(Batch):
    """Alerts that are not there, and of kinds in ONCE those whose contact has no open one."""

    def __init__(self) -> None:
        super().__init__(alerts, _COLUMNS)
        said = self.data.c
        same = (_open.c.contact_id == said.contact_id, _open.c.kind == said.kind, _open.c.status == "open")
        fresh = select(*self.values()).where(said.kind.not_in(ONCE) | ~exists().where(*same))
        self.statement = insert_into(alerts).from_select(list(_COLUMNS), fresh.suffix_with("ON CONFLICT DO NOTHING"))


_INSERT = _Insert()
_SETTLED = Batch(alerts, ["contact_id", "kind", "letter", "status"])
_SETTLE = (
    update(alerts)
    .values(status=_SETTLED.data.c.status, raise_at=bindparam("now"))
    .where(
        alerts.c.contact_id == _SETTLED.data.c.contact_id,
        alerts.c.kind == _SETTLED.data.c.kind,
        alerts.c.letter == _SETTLED.data.c.letter,
        alerts.c.status == "waiting",
    )
)
_MOVED = Batch(alerts, ["contact_id", "letter", "person_id", "unit_code"])
_MOVE = (
    update(alerts)
    .values(
        unit_code=_MOVED.data.c.unit_code,
        person_id=func.coalesce(alerts.c.person_id, _MOVED.data.c.person_id),
    )
    .where(
        alerts.c.contact_id == _MOVED.data.c.contact_id,
        alerts.c.letter == _MOVED.data.c.letter,
        alerts.c.status.in_(("waiting", "open")),
    )
)


def insert(connection: Connection, rows: Sequence[Row]) -> None:
    """Write alerts, open or waiting. One of a kind for a message and a person, however often it is read."""
    if rows:
        connection.execute(_INSERT.statement, _INSERT.parameters(rows))


def settle(connection: Connection, rows: Sequence[Row], now: datetime) -> None:
    """Open or withdraw the waiting alerts about a person. Each row: contact_id, kind, letter, status."""
    if rows:
        connection.execute(_SETTLE, {**_SETTLED.parameters(rows), "now": now})


def move(connection: Connection, rows: Sequence[Row]) -> None:
    """People said who and where they are: the alerts about them, and about nobody else on their phone, go to the unit
    that is near, if nobody took them yet. Each row: contact_id, letter, person_id, unit_code.
    """
    if rows:
        connection.execute(_MOVE, _MOVED.parameters(rows))


def raise_due(connection: Connection, now: datetime) -> int:
    """Open the alerts whose wait is over. Safe to run twice and in two places. How many."""
    due = update(alerts).where(alerts.c.status == "waiting", alerts.c.raise_at <= now).values(status="open")
    return connection.execute(due).rowcount
