"""The four digits by which duty phones speak of an alert: 9,000 for a cell, drawn when it is first told, held while the
alert may still be spoken of, and then given back.

An alert whose code was given back rests on the pages; a text about the old code is answered as if there were none.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, bindparam, func, literal_column, or_, select, update

from core.care.standing import one_of
from core.database.due import alerts
from core.database.shared import Instant

log = logging.getLogger(__name__)

ALL: Final = range(1000, 10_000)  # no zero in front, which people drop
RESERVED: Final = 1000
"""So many are left to danger and what is as urgent."""

_AFTER = timedelta(days=3)  # a text that comes late, or was answered twice, hits no other alert
_FORGOTTEN = timedelta(days=14)  # nobody will take or close it by text any more

_given = alerts.c.code != literal_column("''")  # as the index has it
_since = func.greatest(alerts.c.raise_at, alerts.c.moved_at)
_USED = select(alerts.c.code).where(_given)
_OLD = (
    select(alerts.c.id)
    .where(
        _given,
        or_(
            alerts.c.closed_at < bindparam("closed", type_=Instant),
            one_of(alerts.c.status, "open", "taken") & (_since < bindparam("forgotten", type_=Instant)),
        ),
    )
    .limit(bindparam("most"))
    .with_for_update(key_share=True, skip_locked=True)
)
_GIVE_BACK = update(alerts).where(alerts.c.id.in_(_OLD)).values(code="", escalate_at=None, again_at=None)


def draw(connection: Connection, urgent: Sequence[bool]) -> list[str]:
    """A code for each of these alerts, in no order that could be guessed; "" where none is left. Two transactions may
    draw the same one: the index refuses it to the later."""
    if not urgent:
        return []
    used = set(connection.scalars(_USED))
    free = [code for each in ALL if (code := str(each)) not in used]
    drawn = secrets.SystemRandom().sample(free, min(len(urgent), len(free)))
    found = []
    for left, grave in zip(range(len(free), len(free) - len(urgent), -1), urgent, strict=True):
        found.append(drawn.pop() if drawn and (grave or left > RESERVED) else "")
    if "" in found:
        log.error("alerts: no code is left", extra={"untold": found.count(""), "used": len(used)})
    return found


def give_back(connection: Connection, now: datetime, limit: int) -> int:
    """Free the codes of at most `limit` alerts that were closed some days ago, or that nobody closed for weeks; of how
    many. Safe to run twice and in two places."""
    told = {"closed": now - _AFTER, "forgotten": now - _FORGOTTEN, "most": limit}
    return connection.execute(_GIVE_BACK, told).rowcount
