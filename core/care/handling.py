"""What staff and duty phones do with alerts: take one, so that nobody else calls too, and close it with its result."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, func, select, update

from core.access.scope import Scope
from core.database.due import alerts


class Result(StrEnum):
    """How an alert ended. Stored as it is, with the note behind a colon if there is one."""

    WELL = "well"  # spoken to, nothing serious
    REFERRED = "referred"  # spoken to, sent to a clinic or hospital
    AMBULANCE = "ambulance"  # 115 was called
    VISITED = "visited"
    NOT_REACHED = "not_reached"  # tried several times
    MISTAKE = "mistake"
    OTHER = "other"


class Outcome(StrEnum):
    """What became of a button that was pressed."""

    DONE = "done"
    TOO_LATE = "too_late"  # a colleague was quicker
    UNKNOWN = "unknown"  # no such alert, or none of this scope's
    WRONG = "wrong"  # it cannot be so: a day in the future, a reason that is missing, a room that is full


@dataclass(frozen=True, slots=True)
class By:
    """Who, a staff member or a duty phone, and when, in domain time."""

    staff_id: UUID
    at: datetime


NOTE = 500
"""Characters of a note."""


def take(connection: Connection, scope: Scope, alert_id: UUID, by: By) -> Outcome:
    """They see to it. Of two at once, the first has it."""
    taken = (
        update(alerts)
        .where(*_in_scope(scope, alert_id), alerts.c.status == "open")
        .values(status="taken", taken_by=by.staff_id, taken_at=by.at)
    )
    return _outcome(connection, scope, alert_id, connection.execute(taken).rowcount)


def close(connection: Connection, scope: Scope, alert_id: UUID, by: By, result: str) -> Outcome:
    """It is done. One that nobody took was taken by whoever closes it."""
    closed = (
        update(alerts)
        .where(*_in_scope(scope, alert_id), alerts.c.status.in_(("open", "taken")))
        .values(
            status="closed",
            closed_at=by.at,
            result=result,
            taken_by=func.coalesce(alerts.c.taken_by, by.staff_id),
            taken_at=func.coalesce(alerts.c.taken_at, by.at),
        )
    )
    return _outcome(connection, scope, alert_id, connection.execute(closed).rowcount)


def described(result: Result, note: str) -> str:
    """A result as stored."""
    short = " ".join(note.split())[:NOTE]
    return f"{result}: {short}" if short else str(result)


def _in_scope(scope: Scope, alert_id: UUID) -> tuple[ColumnElement[bool], ...]:
    return alerts.c.id == alert_id, alerts.c.unit_code.in_(scope.codes)


def _outcome(connection: Connection, scope: Scope, alert_id: UUID, changed: int) -> Outcome:
    if changed:
        return Outcome.DONE
    there = connection.scalar(select(alerts.c.id).where(*_in_scope(scope, alert_id)))
    return Outcome.TOO_LATE if there else Outcome.UNKNOWN
