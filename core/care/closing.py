"""Closing an alert says what became of a person: a human who spoke to them, or could not, has tried to reach them.

The alert and the try are written in one transaction, the caller's: a crash leaves both or neither.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection, select

from core.access.scope import Scope
from core.care import attempts, handling
from core.care.attempts import Attempt, Came, Via
from core.care.handling import By, Outcome, Result
from core.care.standing import CLAIMING
from core.conversation.effects import AlertKind
from core.database.due import alerts

_HEALTH = (*CLAIMING, AlertKind.NEW_SIGN, AlertKind.MISUNDERSTOOD)
"""Alerts for which the person is called. What else is closed, as a stranger's number, says nothing of them."""

_CAME = {
    Result.WELL: Came.REACHED,
    Result.REFERRED: Came.REACHED,
    Result.AMBULANCE: Came.REACHED,
    Result.VISITED: Came.REACHED,
    Result.NOT_REACHED: Came.NOT_REACHED,
}
"""A mistake, and what is in no word of ours, does not say that anybody spoke to them."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How an alert ended, in whose words, and by whom: staff at the console, or a duty phone."""

    result: Result
    note: str = ""
    by_kind: str = "staff"


def close(connection: Connection, scope: Scope, alert_id: UUID, by: By, ended: Ended) -> Outcome:
    """It is done; and if that says so of a person, a human tried to reach them."""
    outcome = handling.close(connection, scope, alert_id, by, handling.described(ended.result, ended.note))
    came = _CAME.get(ended.result)
    if outcome is not Outcome.DONE or came is None:
        return outcome
    about = connection.execute(
        select(alerts.c.person_id, alerts.c.unit_code).where(
            alerts.c.id == alert_id, alerts.c.person_id.is_not(None), alerts.c.kind.in_(_HEALTH)
        )
    ).one_or_none()
    if about is not None:
        via = Via.VISIT if ended.result is Result.VISITED else Via.PHONE
        who, unit = about.person_id, about.unit_code
        tried = Attempt(alert_id, who, unit, by.staff_id, by.at, via, came, ended.note, ended.by_kind)
        attempts.record(connection, tried)
    return outcome
