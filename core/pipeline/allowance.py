"""How much we answer one contact: enough for every person and every family, and no loop with a machine that answers
whatever it gets. What they write is read and kept in any case, and a warning is always sent.

One instant per contact says until when what may be answered is used up (a generic cell rate algorithm): each part moves
it on, and it may be so far ahead of now. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from core.messaging.channel import MessageKind

AHEAD: Final = timedelta(hours=4)
"""How far: what somebody may be answered at once after a quiet time."""

PAUSE: Final = timedelta(minutes=30)
"""How much further it is moved when it is used up: then there is silence for a while, and not a word now and then."""

SMS_PART: Final = timedelta(minutes=2)
"""Of an SMS: 120 parts at once, 30 an hour. Entering the country takes some 40; each one costs us money."""

CHAT_MESSAGE: Final = timedelta(seconds=12)
"""Of a chat: 1,200 at once, for a volunteer's whole day."""

Row = Mapping[str, Any]


def allowed(rows: Sequence[Row], until: datetime | None, now: datetime, sms: frozenset[str]) -> tuple[int, datetime]:
    """How many of these replies may be sent, the first ones, and the contact's new instant.

    `rows`: outbox rows of one step. `until`: the instant so far; None: they were never answered. `sms`: the channels
    whose texts cost by the part. Warnings count, and are to be sent whatever is said here.
    """
    used = max(until or now, now)
    for n, row in enumerate(rows):
        cost = SMS_PART * row["parts"] if row["channel"] in sms else CHAT_MESSAGE
        if used + cost > now + AHEAD and row["kind"] != MessageKind.DANGER:
            return n, used
        used += cost
    return len(rows), used
